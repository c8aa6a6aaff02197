package script

import (
	"net/http"
	"sync"

	"github.com/vipswap/vipswap/emulator/universe"
	"github.com/vipswap/vipswap/scenarios/invariants"
	"github.com/vipswap/vipswap/scenarios/stage"
)

// observer shows a watch the universe before and after each request.
type observer struct {
	universe *stage.Universe
	watch    *invariants.Watch
}

var _ stage.Watcher = (*observer)(nil)

// Before shows what time alone has changed.
func (o *observer) Before(*http.Request) bool {
	o.look()
	return true
}

// After shows what the request has changed.
func (o *observer) After(*http.Request) { o.look() }

func (o *observer) look() {
	// A universe that is just being made anew has no state to look at.
	if state, err := o.universe.State(); err == nil {
		o.watch.See(state)
	}
}

// stopper stops a client at its nth request, before or after that is carried out.
type stopper struct {
	after   bool
	changes bool   // count only requests that can change something
	stop    func() // ends the client; returns when it is gone

	mu   sync.Mutex    // guards the following
	left int           // requests until then
	last *http.Request // that it was stopped at
}

var _ stage.Watcher = (*stopper)(nil)

// Before stops the client when the request is the one. Requests that come after
// that are of a client that is gone already: they are not carried out, either.
func (s *stopper) Before(r *http.Request) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.left <= 0 {
		return false
	}
	if s.changes && r.Method == http.MethodGet {
		return true
	}
	s.left--
	if s.left > 0 {
		return true
	}
	s.last = r
	if !s.after {
		s.stop()
	}
	return s.after
}

// After stops the client when the request was the one.
func (s *stopper) After(r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.last == r && s.after {
		s.stop()
	}
}

// reached reports whether the client was stopped.
func (s *stopper) reached() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.left <= 0
}

// Holding says what a slot holds, in the words of the command slots; nil is an empty
// slot.
func Holding(d *universe.Deployment) string {
	if d == nil {
		return "-"
	}
	if d.Status != "Running" {
		return d.Label + " (" + string(d.Status) + ")"
	}
	for _, i := range d.Instances {
		if i.Status != "ReadyRole" {
			return d.Label + " (" + string(i.Status) + ")"
		}
	}
	return d.Label
}
