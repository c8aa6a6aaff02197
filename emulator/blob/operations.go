package blob

import (
	"net/http"
	"slices"
	"strings"

	"github.com/vipswap/vipswap/emulator/blob/internal/signature"
)

// An operation is one row of the Blob service API.
type operation struct {
	name    string // as the reference calls it; also in the log
	method  string // GET serves HEAD too, unless HEAD has a row of its own
	level   level
	restype string // value of ?restype=
	comp    string // value of ?comp=
	service string // a service SAS needs one of these permissions; "": it never suffices
	account string // likewise an account SAS
	public  access // public access that lets everyone do it; "": none does
	handle  func(*Server, *request) (*response, error)
}

// operations is the one table of what this endpoint does. Sources: Microsoft's
// pages of the operations, of "Create an account SAS" and of "Create a service
// SAS" for the permissions.
func operations() []operation {
	const (
		own  = accessPrivate
		get  = http.MethodGet
		head = http.MethodHead
		put  = http.MethodPut
		del  = http.MethodDelete
	)
	return []operation{
		{"List Containers", get, accountLevel, "", "list", "", "l", own, (*Server).listContainers},
		{"Get Blob Service Properties", get, accountLevel, "service", "properties", "", "r", own, (*Server).getServiceProperties},
		{"Set Blob Service Properties", put, accountLevel, "service", "properties", "", "w", own, (*Server).setServiceProperties},

		{"Create Container", put, containerLevel, "container", "", "", "wc", own, (*Server).createContainer},
		{"Get Container Properties", get, containerLevel, "container", "", "", "r", accessContainer, (*Server).getContainerProperties},
		{"Delete Container", del, containerLevel, "container", "", "", "d", own, (*Server).deleteContainer},
		{"Get Container Metadata", get, containerLevel, "container", "metadata", "", "r", accessContainer, (*Server).getContainerProperties},
		{"Set Container Metadata", put, containerLevel, "container", "metadata", "", "w", own, (*Server).setContainerMetadata},
		{"Get Container ACL", get, containerLevel, "container", "acl", "", "", own, (*Server).getContainerACL},
		{"Set Container ACL", put, containerLevel, "container", "acl", "", "", own, (*Server).setContainerACL},
		{"Lease Container", put, containerLevel, "container", "lease", "", "wd", own, (*Server).leaseContainer},
		{"List Blobs", get, containerLevel, "container", "list", "l", "l", accessContainer, (*Server).listBlobs},

		{"Put Blob", put, blobLevel, "", "", "wc", "wc", own, (*Server).putBlob},
		{"Get Blob", get, blobLevel, "", "", "r", "r", accessBlob, (*Server).getBlob},
		{"Get Blob Properties", head, blobLevel, "", "", "r", "r", accessBlob, (*Server).getBlobProperties},
		{"Delete Blob", del, blobLevel, "", "", "d", "d", own, (*Server).deleteBlob},
		{"Set Blob Properties", put, blobLevel, "", "properties", "w", "w", own, (*Server).setBlobProperties},
		{"Get Blob Metadata", get, blobLevel, "", "metadata", "r", "r", accessBlob, (*Server).getBlobMetadata},
		{"Set Blob Metadata", put, blobLevel, "", "metadata", "w", "w", own, (*Server).setBlobMetadata},
		{"Lease Blob", put, blobLevel, "", "lease", "wd", "wd", own, (*Server).leaseBlob},
		{"Put Block", put, blobLevel, "", "block", "wc", "wc", own, (*Server).putBlock},
		{"Put Block List", put, blobLevel, "", "blocklist", "wc", "wc", own, (*Server).putBlockList},
		{"Get Block List", get, blobLevel, "", "blocklist", "r", "r", accessBlob, (*Server).getBlockList},
	}
}

// An Operation describes a row of the table, for documentation.
type Operation struct {
	Name   string // as the reference calls it
	Method string
	Path   string // for example "/{container}/{blob}"
	Query  string // for example "restype=container&comp=acl", "" for none
}

// Operations lists what the endpoint supports, in the order of the table.
func Operations() []Operation {
	paths := [...]string{accountLevel: "/", containerLevel: "/{container}", blobLevel: "/{container}/{blob}"}
	var list []Operation
	for _, op := range operations() {
		var query []string
		if op.restype != "" {
			query = append(query, "restype="+op.restype)
		}
		if op.comp != "" {
			query = append(query, "comp="+op.comp)
		}
		list = append(list, Operation{op.name, op.method, paths[op.level], strings.Join(query, "&")})
	}
	return list
}

// checkSAS refuses a SAS that does not allow the operation.
func (o operation) checkSAS(sas signature.SAS) error {
	wanted := o.service
	if sas.Account() {
		wanted = o.account
		if !strings.Contains(sas.Services(), "b") {
			return refuse(authorizationService)
		}
		resourceType := [...]string{accountLevel: "s", containerLevel: "c", blobLevel: "o"}[o.level]
		if !strings.Contains(sas.ResourceTypes(), resourceType) {
			return refuse(authorizationResourceType)
		}
	}
	if !signature.Allows(sas.Permissions, wanted) {
		return refuse(authorizationPermission)
	}
	return nil
}

// A routeKey is what tells operations apart.
type routeKey struct {
	method  string
	level   level
	restype string
	comp    string
}

// routes finds operations.
type routes map[routeKey]operation

// newRoutes turns the table around.
func newRoutes(table []operation) routes {
	r := routes{}
	for _, op := range table {
		r[routeKey{op.method, op.level, op.restype, op.comp}] = op
	}
	for _, op := range table {
		head := routeKey{http.MethodHead, op.level, op.restype, op.comp}
		if _, taken := r[head]; op.method == http.MethodGet && !taken {
			r[head] = op
		}
	}
	return r
}

// find returns the operation that a request asks for, or the refusal that says
// what in the request no operation has.
func (r routes) find(q *request) (operation, error) {
	wanted := routeKey{
		method:  q.Method,
		level:   q.location.level(),
		restype: strings.ToLower(q.query.Get("restype")),
		comp:    strings.ToLower(q.query.Get("comp")),
	}
	op, ok := r[wanted]
	if !ok {
		return operation{}, r.missing(wanted)
	}
	if q.Method == http.MethodPut && !q.hasLength() {
		return op, refuse(missingContentLength)
	}
	return op, nil
}

// hasLength tells whether the request says how long its body is. HTTP/2 needs
// no header for that.
func (q *request) hasLength() bool {
	return q.ContentLength > 0 || q.ContentLength == 0 && (q.ProtoMajor > 1 || q.Header.Get("Content-Length") != "")
}

// missing says why there is no operation under a key.
func (r routes) missing(wanted routeKey) error {
	var methods []string
	for k := range r {
		if k.level == wanted.level && k.restype == wanted.restype && k.comp == wanted.comp {
			methods = append(methods, k.method)
		}
	}
	reason := "no operation on this " + wanted.level.String() + " that is supported here has the value"
	switch {
	case len(methods) > 0:
		slices.Sort(methods)
		refused := refuse(unsupportedHTTPVerb)
		refused.header = http.Header{"Allow": {strings.Join(methods, ", ")}}
		return refused
	case wanted.comp != "":
		return refuseParameter(invalidQueryParameterValue, "comp", wanted.comp, reason)
	case wanted.restype != "":
		return refuseParameter(invalidQueryParameterValue, "restype", wanted.restype, reason)
	case wanted.level == containerLevel:
		return refuse(missingRequiredQueryParameter, "QueryParameterName", "restype")
	}
	return refuse(missingRequiredQueryParameter, "QueryParameterName", "comp")
}
