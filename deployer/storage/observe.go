package storage

import (
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"github.com/vipswap/vipswap/deployer/calls"
)

// tries counts how often a request was sent; it travels with the request.
type tries int

// observing tells an observer of every call. It is asked once for each, before
// what sends it again.
type observing struct{ observer calls.Observer }

// Do sends the request on and tells what came of it.
func (o observing) Do(req *policy.Request) (*http.Response, error) {
	var sent tries
	req.SetOperationValue(&sent)
	began := time.Now()
	resp, err := req.Next()
	raw := req.Raw()
	seen := calls.Call{
		Service: calls.Blob, Method: raw.Method, Path: raw.URL.EscapedPath(), Operation: operationOf(raw),
		Tries: int(sent), Took: time.Since(began),
	}
	switch {
	case resp != nil:
		seen.Status, seen.RequestID, seen.Error = resp.StatusCode, resp.Header.Get("x-ms-request-id"), codeOf(resp)
	case err != nil:
		seen.Error = bare(err).Error()
	}
	o.observer.Called(seen)
	return resp, err
}

// codeOf returns the service's code of a refusal, "" of a success.
func codeOf(resp *http.Response) string {
	if resp.StatusCode < 300 {
		return ""
	}
	return resp.Header.Get("x-ms-error-code")
}

// counting counts each time that a request is sent.
type counting struct{}

// Do counts the request and sends it on.
func (counting) Do(req *policy.Request) (*http.Response, error) {
	var sent *tries
	if req.OperationValue(&sent) {
		*sent++
	}
	return req.Next()
}

// operations are the names that Microsoft's reference has for requests, by method
// and the query's restype and comp.
var operations = map[string]string{
	"HEAD":                "Get Blob Properties",
	"GET":                 "Get Blob",
	"PUT":                 "Put Blob",
	"DELETE":              "Delete Blob",
	"PUT block":           "Put Block",
	"PUT blocklist":       "Put Block List",
	"PUT lease":           "Lease Blob",
	"PUT container":       "Create Container",
	"GET container list":  "List Blobs",
	"HEAD container":      "Get Container Properties",
	"DELETE container":    "Delete Container",
	"PUT container lease": "Lease Container",
}

// operationOf names a request, at least by its method.
func operationOf(r *http.Request) string {
	what := r.Method
	query := r.URL.Query()
	for _, name := range []string{"restype", "comp"} {
		if v := query.Get(name); v != "" {
			what += " " + v
		}
	}
	if name, known := operations[what]; known {
		return name
	}
	return what
}
