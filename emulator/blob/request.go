package blob

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/vipswap/vipswap/emulator/faults"
)

// A request is one request on its way through the server.
type request struct {
	*http.Request
	id        string
	wall      time.Time // by the server's clock
	version   string    // of the service that the client was written for, "" for unknown
	query     url.Values
	location  location
	operation operation
	account   Account   // set once the request is authenticated
	grant     grant     // likewise
	now       time.Time // by the account's clock
	struck    []faults.Strike
}

// parse reads the address and the version.
func (q *request) parse() error {
	var err error
	if q.query, err = url.ParseQuery(q.URL.RawQuery); err != nil {
		return refuse(invalidURI, "Reason", "the query is not well formed")
	}
	q.version = q.Header.Get("x-ms-version")
	if q.version == "" {
		q.version = q.query.Get("sv")
	}
	if _, err := time.Parse(time.DateOnly, q.version); err != nil && q.version != "" {
		return refuseHeader(invalidHeaderValue, "x-ms-version", q.version, "a version is a date, such as 2018-03-28")
	}
	q.location, err = locate(q.Host, q.URL.EscapedPath(), strings.EqualFold(q.query.Get("restype"), "container"))
	return err
}

// Names of headers and query parameters that ask for what this endpoint does not
// do. They are refused, because a client would take silence for consent.
var (
	unsupportedHeaders = []string{
		"x-ms-copy-source", "x-ms-encryption-key", "x-ms-encryption-scope", "x-ms-tags",
		"x-ms-immutability-policy-until-date", "x-ms-legal-hold", "x-ms-structured-body",
	}
	unsupportedParameters = []string{"snapshot", "prevsnapshot", "versionid"}
)

// refuseUnsupported refuses a request for features that are not there.
func (q *request) refuseUnsupported() error {
	has := func(name string) bool { return q.Header.Get(name) != "" }
	if i := slices.IndexFunc(unsupportedHeaders, has); i >= 0 {
		name := unsupportedHeaders[i]
		return refuse(unsupportedHeader, "HeaderName", name, "Reason", "this emulator does not do what the header asks for")
	}
	if i := slices.IndexFunc(unsupportedParameters, q.query.Has); i >= 0 {
		name := unsupportedParameters[i]
		return refuse(unsupportedQueryParameter, "QueryParameterName", name, "Reason", "this emulator keeps no snapshots and no versions")
	}
	return nil
}

// required returns a header that the request must have.
func (q *request) required(name string) (string, error) {
	value := q.Header.Get(name)
	if value == "" {
		return "", refuse(missingRequiredHeader, "HeaderName", name)
	}
	return value, nil
}

// leaseID returns the lease that the request names, "" for none.
func (q *request) leaseID() string { return strings.ToLower(q.Header.Get("x-ms-lease-id")) }

// endpoint is the address of the account's blob service as this client sees it.
func (q *request) endpoint() string {
	scheme := "http"
	if q.TLS != nil {
		scheme = "https"
	}
	endpoint := scheme + "://" + q.Host + "/"
	if !q.location.hostStyle {
		endpoint += q.location.account + "/"
	}
	return endpoint
}

// commonHeaders sets the headers that every answer has.
func (q *request) commonHeaders(h http.Header) {
	h.Set("Server", "Windows-Azure-Blob/1.0 Microsoft-HTTPAPI/2.0")
	h.Set("x-ms-request-id", q.id)
	h.Set("Date", q.wall.Format(http.TimeFormat))
	if v := q.Header.Get("x-ms-version"); v != "" {
		h.Set("x-ms-version", v)
	}
	if id := q.Header.Get("x-ms-client-request-id"); id != "" && len(id) <= 1024 {
		h.Set("x-ms-client-request-id", id)
	}
}
