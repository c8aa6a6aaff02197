package journal

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// An Endpoint is where a request came in.
type Endpoint string

// The endpoints.
const (
	Management Endpoint = "management"
	Blob       Endpoint = "blob"
)

// An Entry is one request with its answer.
type Entry struct {
	Seq      uint64    `json:"seq"` // from 1, without gaps
	Time     time.Time `json:"time"`
	Endpoint Endpoint  `json:"endpoint"`

	Method     string `json:"method"`
	URL        string `json:"url"`                  // path and query, as sent
	Operation  string `json:"operation"`            // as the reference calls it; "" for one that is none
	Service    string `json:"service,omitempty"`    // cloud service
	Slot       string `json:"slot,omitempty"`       // production or staging
	Deployment string `json:"deployment,omitempty"` // name, where the path has one
	Version    string `json:"version,omitempty"`    // x-ms-version
	RequestID  string `json:"requestID,omitempty"`
	Client     string `json:"client,omitempty"` // what the client calls itself

	Status   int      `json:"status"`         // of the answer; 0 when there was none
	Code     string   `json:"code,omitempty"` // of a refusal
	Message  string   `json:"message,omitempty"`
	Fault    string   `json:"fault,omitempty"`    // kind of the fault that struck
	Rule     string   `json:"rule,omitempty"`     // name of the rule that it came from
	Decision string   `json:"decision,omitempty"` // what the platform made of it
	NearMiss []string `json:"nearMiss,omitempty"` // what would have been accepted

	Request Message `json:"request"`
	Answer  Message `json:"answer"`

	Wall time.Time     `json:"wall,omitzero"`   // when it came in, by the clock on the wall
	Took time.Duration `json:"tookNs,omitzero"` // in nanoseconds
}

// A Message is what was sent one way.
type Message struct {
	Header http.Header `json:"header,omitempty"`
	// Body is text, cut after MaxBody bytes; of anything else a word about it.
	Body string `json:"body,omitempty"`
	Size int64  `json:"size"` // of the whole body in bytes; -1 when it is not known
}

// MaxBody is how much of a body is remembered, in bytes.
const MaxBody = 16 << 10

// NewMessage remembers header and body of one direction. The header is not
// copied: it must not change any more. Bodies that are no text are left out.
func NewMessage(h http.Header, body []byte, size int64) Message {
	return Message{Header: h, Body: string(Excerpt(h, body)), Size: size}
}

// Excerpt returns what is remembered of a body that came with a header: its first
// MaxBody bytes, nothing of one that is no text.
func Excerpt(h http.Header, body []byte) []byte {
	if len(body) == 0 || !isText(h.Get("Content-Type"), body) {
		return nil
	}
	return body[:min(len(body), MaxBody)]
}

// isText reports whether a body can be read by people.
func isText(contentType string, body []byte) bool {
	for _, word := range []string{"xml", "json", "text/", "x-www-form-urlencoded"} {
		if strings.Contains(contentType, word) {
			return true
		}
	}
	head := strings.TrimLeft(string(body[:min(len(body), 8)]), "\ufeff \r\n\t")
	return strings.HasPrefix(head, "<") || strings.HasPrefix(head, "{")
}

// Entry returns the entry itself: whoever has one can have it remembered.
func (e Entry) Entry() Entry { return e }

// Bytes is about how much memory the entry takes.
func (e Entry) Bytes() int {
	return BytesOf(e.Request.Header, e.Answer.Header) + len(e.URL) + len(e.Message) + len(e.Request.Body) + len(e.Answer.Body)
}

// BytesOf is about how much memory it takes to remember a request with these
// headers, besides its texts.
func BytesOf(headers ...http.Header) int {
	const fixed, perHeader = 512, 64
	n := fixed
	for _, h := range headers {
		n += perHeader * len(h)
	}
	return n
}

// Refused reports whether the request was answered with an error, or not at all.
func (e *Entry) Refused() bool { return e.Status == 0 || e.Status >= 400 }

// String tells the entry in one line.
func (e Entry) String() string {
	var b strings.Builder
	path, _, _ := strings.Cut(e.URL, "?")
	name := e.Operation
	if name == "" {
		name = e.Method + " " + path
	}
	fmt.Fprintf(&b, "%d %s %s %s", e.Seq, e.Time.UTC().Format(time.DateTime), e.Endpoint, name)
	for _, word := range []string{e.Service, e.Slot, e.Deployment} {
		if word != "" {
			b.WriteString(" " + word)
		}
	}
	fmt.Fprintf(&b, ": %d", e.Status)
	if e.Code != "" {
		fmt.Fprintf(&b, " %s: %s", e.Code, e.Message)
	}
	if e.Fault != "" {
		fmt.Fprintf(&b, " [fault %s]", e.Fault)
	}
	return b.String()
}
