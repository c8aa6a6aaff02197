package management

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"net/http"
	"strconv"

	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/management/wire"
)

// answer is what a handler returns on success. Its status is the one in the
// operation's row, but for rare exceptions.
type answer struct {
	status   int    // other than the operation's own, or 0
	body     any    // document to be written, or nil
	encoded  []byte // or the document, written already
	location string // Location header, or ""
	plain    bool   // encoded is text and no document
}

var textContentType = []string{"text/plain"}

// announce sets the headers that an answer has because of what its body is.
func (a answer) announce(h http.Header) {
	if a.plain {
		h["Content-Type"] = textContentType
	}
}

// errorDocument is the body of every answer from 400 up.
type errorDocument struct {
	_ wire.Root `wire:"Error"`
	errorElements
}

// Headers that every recorded answer carries, in canonical spelling.
var fixedHeaders = map[string][]string{
	"Cache-Control":             {"no-cache"},
	"Server":                    {"1.0.6198.304 (rd_rdfe_stable.160603-1818) Microsoft-HTTPAPI/2.0"},
	"X-Ms-Servedbyregion":       {"ussouth2"},
	"Strict-Transport-Security": {"max-age=31536000; includeSubDomains"},
}

var xmlContentType = []string{"application/xml; charset=utf-8"}

// write sends status, headers and body.
func write(w http.ResponseWriter, id string, status int, location string, body []byte) {
	writeHead(w, id, status, location, len(body))
	w.Write(body)
}

// unknownLength is for bodies that go out before they are complete.
const unknownLength = -1

// writeHead sends status and headers. The content type is there exactly when
// there is a body (recorded); one client crashes on a GET without it.
func writeHead(w http.ResponseWriter, id string, status int, location string, length int) {
	h := w.Header()
	for name, value := range fixedHeaders {
		h[name] = value
	}
	h["X-Ms-Request-Id"] = []string{id}
	if location != "" {
		h["Location"] = []string{location}
	}
	if length != 0 && h["Content-Type"] == nil {
		h["Content-Type"] = xmlContentType
	}
	if length != unknownLength {
		h["Content-Length"] = []string{strconv.Itoa(length)}
	}
	w.WriteHeader(status)
}

// refusal turns any error into the refusal that the client reads. What is not a
// refusal is our own trouble: it is logged, and the client reads InternalError.
func (s *Server) refusal(err error) *cloud.Error {
	var refused *cloud.Error
	if errors.As(err, &refused) {
		return refused
	}
	s.log.Error("request failed", "error", err)
	return cloud.NewError(cloud.InternalError)
}

// encodeError returns the body for a refusal.
func encodeError(e *cloud.Error) []byte {
	body, err := wire.Marshal(errorDocument{errorElements: errorElements{string(e.Code), e.Message}}, wire.LatestVersion())
	if err != nil {
		panic("the error document does not encode: " + err.Error())
	}
	return body
}

// strayID returns a request id for a request that belongs to no subscription.
func strayID() string {
	var b [16]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}
