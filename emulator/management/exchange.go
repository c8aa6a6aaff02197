package management

import (
	"net/http"
	"time"

	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/faults"
)

// An Exchange is a request with its answer, as an observer sees it.
type Exchange struct {
	Universe  *cloud.Universe // nil when the request was let into none
	RequestID string
	Operation string            // as the reference calls it; "" when refused before it was known, UnknownOperation for none
	Vars      map[string]string // variables of the path: service, slot, deployment, instance, ...
	Version   string            // x-ms-version, "" when it was missing or unknown
	Client    string            // SHA-1 thumbprint of the client's certificate, "" for none

	// Request has the request's method, headers and address; Body is its body as
	// far as it was read. Neither may be changed. Headers, address and body may be
	// kept.
	Request *http.Request
	Body    []byte

	// Status is what the request was answered with by the platform, 0 when it
	// never came so far; Answer and Header are the body and headers that go with
	// it; of a long answer, which is sent in pieces, Answer is the first. What of
	// that arrived, Struck tells. Neither may be changed. The header may be kept,
	// Answer only when it is Lasting: then it is shared by all who are told the same.
	Status  int
	Header  http.Header
	Answer  []byte
	Lasting bool
	Error   *cloud.Error // the refusal, nil on success

	// Struck are the faults that befell the request and the operation that it
	// began, in order.
	Struck []faults.Strike

	Began, Ended time.Time // by the wall clock of the server
	CloudEnded   time.Time // by the universe's; zero without one
}

// WithObserver makes the server call f once for each request, when its
// answer is ready and before that is sent, with no lock held: who has read an
// answer finds it observed. The Exchange and, where it does not say otherwise, what
// it points at are valid only during the call. It is called by many requests at
// once.
func WithObserver(f func(*Exchange)) Option { return func(s *Server) { s.observer = f } }

// observe tells the observer of an exchange, if there is one. Now is the universe's time.
func (s *Server) observe(o *sender, a *reply, now time.Time) {
	if s.observer == nil {
		return
	}
	r := o.r
	o.exchange = Exchange{
		Universe: r.universe, RequestID: r.id, Operation: o.op.name, Vars: r.vars, Version: string(r.version), Client: r.client.shown,
		Request: r.http, Body: r.body, Status: a.status, Header: o.header(), Answer: a.body, Lasting: a.lasting, Error: a.refused,
		Struck: r.struck, Began: o.began, Ended: time.Now(), CloudEnded: now,
	}
	s.observer(&o.exchange)
}

// header returns the headers of the answer, which may be kept: what a fault makes
// of them in sending comes later.
func (o *sender) header() http.Header {
	if o.deliver != nil {
		return o.w.Header().Clone()
	}
	return o.w.Header()
}
