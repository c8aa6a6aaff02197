package management

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"net/http"
	"strconv"
	"time"

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

var (
	xmlContentType  = []string{"application/xml; charset=utf-8"}
	textContentType = []string{"text/plain"}
)

// unknownLength is that of bodies that go out before they are complete.
const unknownLength = -1

// reply is a finished answer: what is left is to send it.
type reply struct {
	status   int
	body     []byte
	lasting  bool         // body never changes
	begun    bool         // body is only the rest: pieces before it were sent
	location string       // Location header, or ""
	plain    bool         // body is text and no document
	refused  *cloud.Error // nil on success
	buffer   *[]byte      // that holds body and is used again, or nil
}

// announce sets the headers. The content type is there exactly when there is a
// body (recorded); one client crashes on a GET without it.
func (a *reply) announce(h http.Header, id string, length int) {
	for name, value := range fixedHeaders {
		h[name] = value
	}
	own := [...]string{id, ""}
	h["X-Ms-Request-Id"] = own[:1:1]
	if a.location != "" {
		h["Location"] = []string{a.location}
	}
	switch {
	case a.plain:
		h["Content-Type"] = textContentType
	case length != 0:
		h["Content-Type"] = xmlContentType
	}
	if length != unknownLength {
		own[1] = strconv.Itoa(length)
		h["Content-Length"] = own[1:]
	}
	if a.refused == nil {
		return
	}
	if a.refused.Code == cloud.AuthenticationFailed {
		h.Set("WWW-Authenticate", "Bearer authorization_uri=\"https://login.windows.net/common/oauth2/authorize\"")
	}
	if wait := a.refused.RetryAfter; wait > 0 {
		h.Set("Retry-After", strconv.Itoa(int(wait.Round(time.Second)/time.Second)))
	}
}

// refuse returns the answer for an error.
func (s *Server) refuse(err error) reply {
	e := s.refusal(err)
	return reply{status: e.Status(), body: encodeError(e), lasting: true, refused: e}
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
