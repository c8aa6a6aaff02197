package blob

import (
	"net/http"
	"time"

	"github.com/vipswap/vipswap/emulator/faults"
)

// An Exchange is a request to the blob endpoint with its answer, as an observer
// sees it.
type Exchange struct {
	Account   string // ID of the account, "" when the request was not authenticated
	Name      string // of the account, as in the address
	RequestID string
	Operation string // as the reference calls it; "" when refused before it was known
	Container string // as in the address, "" for none
	Blob      string
	Version   string // of the service that the client was written for, "" for unknown
	Client    string // User-Agent

	// Request has the request's method, headers and address: the latter two hold
	// signatures. It may neither be kept nor changed. Its body was streamed.
	Request *http.Request

	// Status and Header are those of the answer; Answer is its body when that is
	// a document, and nil when it is a part of a blob, which Length counts.
	Status  int
	Header  http.Header
	Answer  []byte
	Length  int64
	Code    string // of the refusal, "" on success
	Message string

	Struck []faults.Strike // the fault that befell the request, if one did

	Began, Ended           time.Time // by the server's wall clock
	CloudBegan, CloudEnded time.Time // by the account's; zero when the request was not authenticated
}

// WithObserver makes the server call f once for each request, when its answer is
// ready and before that is sent, with no lock held. What the Exchange points at
// is valid only during the call. It is called by many requests at once.
func WithObserver(f func(Exchange)) Option { return func(s *Server) { s.observer = f } }

// observe tells the observer of an exchange, if there is one.
func (s *Server) observe(q *request, r *response, header http.Header) {
	if s.observer == nil {
		return
	}
	x := Exchange{
		Account: q.account.ID, Name: q.location.account, RequestID: q.id, Operation: q.operation.name, Container: q.location.container, Blob: q.location.blob,
		Version: q.version, Client: q.UserAgent(), Request: q.Request,
		Status: r.status, Header: header, Answer: r.body, Length: r.size(),
		Struck: q.struck, Began: q.wall, Ended: s.wallClock().UTC(), CloudBegan: q.now,
	}
	if q.account.Now != nil {
		x.CloudEnded = q.account.Now()
	}
	if r.refused != nil {
		x.Code, x.Message = string(r.refused.code), r.refused.message
	}
	s.observer(x)
}
