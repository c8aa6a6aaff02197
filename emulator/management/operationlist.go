package management

import (
	"encoding/base64"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/management/wire"
)

var operationListOperations = []operation{
	{"List Subscription Operations", "GET", "/operations", "", "2011-06-01", 200, (*Server).listOperations, "Microsoft's page; clients"},
}

// operationsPage is how many operations are told in one answer; the real number
// is not documented.
const operationsPage = 100

// operationsDocument is List Subscription Operations.
type operationsDocument struct {
	_                 wire.Root        `wire:"SubscriptionOperationCollection"`
	Operations        []listedElements `wire:"SubscriptionOperations>SubscriptionOperation"`
	ContinuationToken string           `wire:"ContinuationToken,omitempty"`
}

type listedElements struct {
	OperationID   string             `wire:"OperationId"`
	ObjectID      string             `wire:"OperationObjectId"`
	Name          string             `wire:"OperationName"`
	Parameters    []parameterElement `wire:"OperationParameters>OperationParameter"`
	Caller        callerElements     `wire:"OperationCaller"`
	Status        statusElements     `wire:"OperationStatus"`
	StartedTime   time.Time          `wire:"OperationStartedTime"`
	CompletedTime time.Time          `wire:"OperationCompletedTime,omitempty"`
}

// parameterElement has a namespace of its own inside, unlike all else.
type parameterElement struct {
	Name  string `wire:"Name,ns=http://schemas.datacontract.org/2004/07/Microsoft.WindowsAzure.ServiceManagement"`
	Value string `wire:"Value,ns=http://schemas.datacontract.org/2004/07/Microsoft.WindowsAzure.ServiceManagement"`
}

type callerElements struct {
	UsedServiceManagementAPI          bool   `wire:"UsedServiceManagementApi"`
	UserEmailAddress                  string `wire:"UserEmailAddress,omitempty"`
	SubscriptionCertificateThumbprint string `wire:"SubscriptionCertificateThumbprint,omitempty"`
	ClientIP                          string `wire:"ClientIP,omitempty"`
}

type statusElements struct {
	ID             string         `wire:"ID"`
	Status         string         `wire:"Status"`
	HTTPStatusCode int            `wire:"HttpStatusCode,omitempty"`
	Error          *errorElements `wire:"Error"`
}

// listOperations tells which changes were asked for in a period.
func (s *Server) listOperations(r *request) (answer, error) {
	q, err := r.operationQuery()
	if err != nil {
		return answer{}, err
	}
	var doc operationsDocument
	err = r.look(func(st *cloud.State) (bool, *cloud.Error) {
		found, more, err := st.ListOperations(q)
		if err != nil {
			return false, err
		}
		doc = operationsDocument{}
		unfinished := false
		for _, op := range found {
			doc.Operations = append(doc.Operations, listedOperation(r.universe.ID(), op))
			unfinished = unfinished || op.Status == cloud.InProgress
		}
		if more {
			doc.ContinuationToken = continuation(found[len(found)-1].Seq)
		}
		return unfinished, nil
	})
	return answer{body: doc}, err
}

// operationQuery reads the parameters of the query.
func (r *request) operationQuery() (cloud.OperationQuery, error) {
	q := cloud.OperationQuery{Most: operationsPage, Object: r.objectFilter()}
	var ok, ok2 bool
	q.From, ok = parseTime(r.query.Get("starttime"))
	q.To, ok2 = parseTime(r.query.Get("endtime"))
	if !ok || !ok2 {
		return q, cloud.NewError(cloud.MissingOrInvalidRequiredQueryParameter)
	}
	if word := r.query.Get("operationresultfilter"); word != "" {
		result, err := wire.Enum(word, cloud.Succeeded, cloud.Failed, cloud.InProgress)
		if err != nil {
			return q, cloud.Errorf(cloud.BadRequest, "The operation result '%s' is invalid; it must be Succeeded, Failed or InProgress.", word)
		}
		q.Result = result
	}
	if token := r.query.Get("continuationtoken"); token != "" {
		if q.After, ok = continued(token); !ok {
			return q, cloud.Errorf(cloud.BadRequest, "The continuation token is invalid.")
		}
	}
	return q, nil
}

// objectFilter returns the path of the object that is asked about: the filter
// may be a whole address or begin with the subscription.
func (r *request) objectFilter() string {
	filter := r.query.Get("objectidfilter")
	if _, rest, ok := strings.Cut(filter, "://"); ok {
		_, rest, _ = strings.Cut(rest, "/")
		filter = rest
	}
	if filter = strings.Trim(filter, "/"); filter == "" {
		return ""
	}
	return "/" + filter
}

// continuation writes the token to go on after an operation.
func continuation(seq uint64) string {
	return base64.URLEncoding.EncodeToString(strconv.AppendUint(nil, seq, 10))
}

func continued(token string) (uint64, bool) {
	text, err := base64.URLEncoding.DecodeString(token)
	if err != nil {
		return 0, false
	}
	seq, err := strconv.ParseUint(string(text), 10, 64)
	return seq, err == nil
}

func listedOperation(subscription string, op *cloud.Operation) listedElements {
	state := operationOf(op)
	e := listedElements{
		OperationID: state.ID, ObjectID: "/" + subscription, Name: strings.ReplaceAll(string(op.Kind), " ", ""),
		Status:      statusElements{state.ID, state.Status, state.HTTPStatusCode, state.Error},
		StartedTime: op.Started, CompletedTime: op.Completed,
	}
	if by := op.Request; by != nil {
		e.ObjectID = by.Object
		e.Caller = callerElements{UsedServiceManagementAPI: true, SubscriptionCertificateThumbprint: by.Certificate, ClientIP: by.ClientIP}
		if by.Certificate == "" {
			e.Caller.UserEmailAddress = serviceAdministrator
		}
		e.Parameters = parametersOf(by.Object)
	}
	return e
}

// asked is what is remembered of the request with the operation that it begins.
// The object of a request that makes something in a collection is the new thing.
func (r *request) asked() *cloud.Request {
	by := &cloud.Request{Object: r.http.URL.Path, Certificate: r.client.shown, Agent: r.http.UserAgent()}
	if r.created != "" {
		by.Object += "/" + r.created
	}
	if host, _, err := net.SplitHostPort(r.http.RemoteAddr); err == nil {
		by.ClientIP = host
	}
	return by
}

// parameterNames are the parameters of an operation, by the word of the path
// that they come after.
var parameterNames = map[string]string{
	"hostedservices": "serviceName", "deployments": "deploymentName", "deploymentslots": "slot", "roleinstances": "roleInstanceName",
	"storageservices": "storageServiceName", "affinitygroups": "affinityGroupName", "reservedips": "reservedIPName",
	"certificates": "thumbprint", "extensions": "extensionId", "dnsservers": "dnsServerName", "virtualips": "virtualIPName", "profiles": "profileName",
}

// parametersOf reads the parameters of an operation from the path of its object.
// Bodies are not kept.
func parametersOf(object string) []parameterElement {
	words := strings.Split(strings.Trim(object, "/"), "/")
	all := []parameterElement{{"subscriptionID", words[0]}}
	for i, word := range words[:len(words)-1] {
		if name, ok := parameterNames[word]; ok && i > 0 {
			all = append(all, parameterElement{name, words[i+1]})
		}
	}
	return all
}
