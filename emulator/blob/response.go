package blob

import (
	"bytes"
	"encoding/xml"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// A response is what a handler answers. One place, announce and send, sends it.
type response struct {
	status int
	header http.Header
	body   []byte

	refused *refusal // nil on success

	// In place of body, a part of a blob. It is closed when it is sent.
	blob           *Blob
	offset, length int64
}

// respond returns an answer without a body.
func respond(status int, headers ...string) *response {
	r := &response{status: status, header: http.Header{}}
	for i := 0; i+1 < len(headers); i += 2 {
		r.header.Set(headers[i], headers[i+1])
	}
	return r
}

// byteOrderMark is how the real service starts its documents.
const byteOrderMark = "\ufeff"

// document returns an answer with an XML document.
func document(status int, v any) (*response, error) {
	body, err := xml.Marshal(v)
	if err != nil {
		return nil, err
	}
	r := respond(status, "Content-Type", "application/xml")
	r.body = append([]byte(byteOrderMark+`<?xml version="1.0" encoding="utf-8"?>`), body...)
	return r, nil
}

// stamped adds the headers that tell the version of a container or blob.
func (r *response) stamped(etag string, modified time.Time) *response {
	r.header.Set("ETag", `"`+etag+`"`)
	r.header.Set("Last-Modified", modified.UTC().Format(http.TimeFormat))
	return r
}

// setNonEmpty sets a header unless the value is empty.
func setNonEmpty(h http.Header, name, value string) {
	if value != "" {
		h.Set(name, value)
	}
}

// size is how long the body is.
func (r *response) size() int64 {
	if r.blob == nil {
		return int64(len(r.body))
	}
	return r.length
}

// announce sets the headers.
func (r *response) announce(h http.Header) {
	for name, values := range r.header {
		h[name] = values
	}
	if r.status != http.StatusNotModified {
		h.Set("Content-Length", strconv.FormatInt(r.size(), 10))
	}
}

// send sends status and body; the headers are set. HEAD gets no body.
func (r *response) send(w http.ResponseWriter, method string) error {
	if r.blob != nil {
		defer r.blob.Close()
	}
	w.WriteHeader(r.status)
	if method == http.MethodHead || r.size() == 0 {
		return nil
	}
	if r.blob != nil {
		return r.blob.copyTo(w, r.offset, r.length)
	}
	_, err := w.Write(r.body)
	return err
}

// failure turns an error into an answer. What is no refusal is a fault of ours:
// it goes to the log, and the client learns no more than that.
func (s *Server) failure(q *request, err error) *response {
	var refused *refusal
	if !errors.As(err, &refused) {
		s.log.Error("blob request failed", "id", q.id, "operation", q.operation.name, "error", err)
		refused = refuse(internalError)
	}
	r := respond(refused.status, "x-ms-error-code", string(refused.code))
	r.refused = refused
	for name, values := range refused.header {
		r.header[name] = values
	}
	if refused.status == http.StatusNotModified || q.Method == http.MethodHead {
		return r
	}
	r.header.Set("Content-Type", "application/xml")
	r.body = refused.document(q.id, q.wall)
	return r
}

// document is the Error document of a refusal.
func (r *refusal) document(id string, at time.Time) []byte {
	message := r.message + "\nRequestId:" + id + "\nTime:" + at.Format("2006-01-02T15:04:05.0000000Z")
	elements := append([]detail{{"Code", string(r.code)}, {"Message", message}}, r.details...)
	var b bytes.Buffer
	b.WriteString(byteOrderMark + `<?xml version="1.0" encoding="utf-8"?><Error>`)
	for _, e := range elements {
		b.WriteString("<" + e.name + ">")
		b.WriteString(escape(e.value))
		b.WriteString("</" + e.name + ">")
	}
	b.WriteString("</Error>")
	return b.Bytes()
}

// escape returns text as XML has it, with line breaks left as the real service
// leaves them.
func escape(text string) string {
	var b strings.Builder
	xml.EscapeText(&b, []byte(text)) // a Builder takes everything
	return strings.ReplaceAll(b.String(), "&#xA;", "\n")
}
