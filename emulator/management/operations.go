package management

import (
	"net/http"
	"slices"
	"strings"

	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/management/wire"
)

// operation is one row of the Service Management API.
type operation struct {
	name   string // as the reference calls it; also in the log
	method string
	path   string // below the subscription; "" is the subscription itself
	comp   string // value of ?comp=, where it tells operations apart
	since  wire.Version
	status int // on success; 202 is asynchronous
	handle func(*Server, *request) (answer, error)
	source string // where the facts come from
}

// Async reports whether the operation goes on after it was answered.
func (op operation) async() bool { return op.status == http.StatusAccepted }

// operations is the whole API, group by group. A path belongs to the first row
// that it fits, so "/subscriptions" stands before "/{subscription}"; otherwise
// the order matters only for speed: what clients poll comes first.
var operations = slices.Concat(
	operationStatusOperations,
	deploymentOperations,
	roleInstanceOperations,
	serviceOperations,
	subscriptionOperations,
	storageOperations,
	serviceCertificateOperations,
	managementCertificateOperations,
	extensionOperations,
	migrationOperations,
	neighbourOperations, // the last
)

// An Operation describes one supported operation, for documents.
type Operation struct {
	Name    string
	Method  string
	Path    string // with {subscription} in front
	Comp    string
	Since   string // first x-ms-version that the reference documents it for
	Status  int    // HTTP status on success
	Async   bool
	Sources string
}

// Operations lists the supported operations in the order of the table.
func Operations() []Operation {
	list := make([]Operation, len(operations))
	for i, op := range operations {
		list[i] = Operation{
			Name: op.name, Method: op.method, Path: op.fullPath(), Comp: op.comp,
			Since: string(op.since), Status: op.status, Async: op.async(), Sources: op.source,
		}
	}
	return list
}

func (op operation) fullPath() string {
	if strings.HasPrefix(op.path, "/subscriptions") {
		return op.path
	}
	return "/{subscription}" + op.path
}

var operationStatusOperations = []operation{
	{"Get Operation Status", "GET", "/operations/{operation}", "", "2009-10-01", 200, (*Server).getOperation, "Microsoft's page; recorded traffic"},
}

// operationDocument is the state of an operation.
type operationDocument struct {
	_              wire.Root      `wire:"Operation"`
	ID             string         `wire:"ID"`
	Status         string         `wire:"Status"`
	HTTPStatusCode int            `wire:"HttpStatusCode,omitempty"`
	Error          *errorElements `wire:"Error"`
}

type errorElements struct {
	Code    string `wire:"Code"`
	Message string `wire:"Message"`
}

// getOperation tells how an operation stands. Its id is written with dashes
// here, unlike in the header (recorded).
func (s *Server) getOperation(r *request) (answer, error) {
	var doc operationDocument
	var encoded []byte
	var key documentKey
	counted := false
	err := r.look(func(st *cloud.State) (bool, *cloud.Error) {
		op, err := st.Operation(r.vars["operation"])
		if err != nil {
			return false, err
		}
		if !counted {
			st.Polled(op)
			counted = true
		}
		key = documentKey{universe: r.universe, revision: st.Era(), operation: op.ID, version: r.version, second: op.Completed.Unix()}
		if encoded, _ = s.documents.get(key); encoded == nil {
			doc = operationOf(op)
		}
		return op.Status == cloud.InProgress, nil
	})
	if err == nil && encoded == nil {
		encoded, err = s.encode(key, doc)
	}
	return answer{encoded: encoded}, err
}

func operationOf(op *cloud.Operation) operationDocument {
	doc := operationDocument{ID: dashed(op.ID), Status: string(op.Status), HTTPStatusCode: op.HTTPStatus()}
	if op.Err != nil {
		doc.Error = &errorElements{string(op.Err.Code), op.Err.Message}
	}
	return doc
}

// dashed writes 32 hex digits in the form of a GUID.
func dashed(id string) string {
	if len(id) != 32 {
		return id
	}
	return id[:8] + "-" + id[8:12] + "-" + id[12:16] + "-" + id[16:20] + "-" + id[20:]
}
