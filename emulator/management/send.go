package management

import (
	"net/http"
	"time"

	"github.com/vipswap/vipswap/emulator/cloud"
)

// A sender sends the answer to one request, after the observer has been told.
type sender struct {
	s     *Server
	w     http.ResponseWriter
	r     *request
	op    *operation
	began time.Time
	// exchange is what the observer is told.
	exchange Exchange
	// deliver takes the place of sending the answer, for an answer to which
	// something happens; nil sends it.
	deliver func(*reply)
}

// send sends an answer, or what is left of it.
func (o *sender) send(a *reply) {
	if o.deliver != nil {
		o.announce(a, len(a.body))
		o.deliver(a)
		return
	}
	if !a.begun {
		o.announce(a, len(a.body))
		o.w.WriteHeader(a.status)
	}
	if len(a.body) > 0 {
		o.w.Write(a.body)
	}
}

// piece sends a piece of an answer that is too long to be held in memory, a list
// of many hundred things, and returns the piece's memory to be used again. Such
// an answer has no Content-Length; that no shorter answer goes without is what
// clients are used to.
func (o *sender) piece(a *reply, piece []byte) ([]byte, error) {
	if o.deliver != nil { // it needs the whole
		return piece, nil
	}
	if !a.begun {
		a.body = piece
		o.announce(a, unknownLength)
		o.w.WriteHeader(a.status)
		a.begun = true
	}
	_, err := o.w.Write(piece)
	return piece[:0], err
}

// date dates an answer by the universe's time, where that is not the wall's: so that
// clients can tell how much time has passed for the service. It returns that time.
func (o *sender) date() time.Time {
	if o.r.universe == nil {
		return time.Time{}
	}
	now, own := o.r.universe.OwnTime()
	if own {
		o.w.Header()["Date"] = o.s.dated(now)
	}
	return now
}

// A date is the header of a second.
type date struct {
	second int64 // Unix time
	header []string
}

// dated returns the header Date of a time. The last one is remembered: most answers
// come in the second of the one before.
func (s *Server) dated(t time.Time) []string {
	if last := s.date.Load(); last != nil && last.second == t.Unix() {
		return last.header
	}
	d := &date{t.Unix(), []string{t.UTC().Format(http.TimeFormat)}}
	s.date.Store(d)
	return d.header
}

// announce sets the headers of an answer of a length and tells of it. With an
// auto clock, time steps when a client is told that an operation is in its way:
// before the answer goes, so that the client's next request finds it done.
func (o *sender) announce(a *reply, length int) {
	a.announce(o.w.Header(), o.r.id, length)
	o.s.observe(o, a, o.date())
	o.s.record(o, a)
	if a.refused != nil && cloud.Busy(a.refused) {
		o.r.universe.Step()
	}
}
