package stage

import (
	"net/http"
	"strings"
	"sync"
)

// A Watcher is told of every management request of a universe. It is called by as
// many requests at once as clients send.
type Watcher interface {
	// Before is called before a request is carried out. The request goes on
	// unless it returns false: then the connection ends without an answer.
	Before(r *http.Request) bool
	// After is called when the request was carried out and its answer is ready,
	// before the client can read it.
	After(r *http.Request)
}

// gates let watchers see the requests of their universes.
type gates struct {
	mu       sync.RWMutex // guards watchers
	watchers map[string][]Watcher
}

func newGates() *gates { return &gates{watchers: map[string][]Watcher{}} }

// watch tells w of a universe's requests until stop is called.
func (g *gates) watch(universe string, w Watcher) (stop func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.watchers[universe] = append(g.watchers[universe], w)
	return func() { g.unwatch(universe, w) }
}

func (g *gates) unwatch(universe string, w Watcher) {
	g.mu.Lock()
	defer g.mu.Unlock()
	var others []Watcher
	for _, have := range g.watchers[universe] {
		if have != w {
			others = append(others, have)
		}
	}
	g.watchers[universe] = others
	if len(others) == 0 {
		delete(g.watchers, universe)
	}
}

// of returns the watchers of the universe that a path is in.
func (g *gates) of(path string) []Watcher {
	first, _, _ := strings.Cut(strings.TrimLeft(path, "/"), "/")
	g.mu.RLock()
	defer g.mu.RUnlock()
	return g.watchers[strings.ToLower(first)]
}

// handler tells watchers of the requests that pass to next.
func (g *gates) handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		watchers := g.of(r.URL.Path)
		if len(watchers) == 0 {
			next.ServeHTTP(w, r)
			return
		}
		for _, watcher := range watchers {
			if !watcher.Before(r) {
				panic(http.ErrAbortHandler)
			}
		}
		next.ServeHTTP(&held{ResponseWriter: w, ready: func() {
			for _, watcher := range watchers {
				watcher.After(r)
			}
		}}, r)
	})
}

// held calls a function once before the answer begins.
type held struct {
	http.ResponseWriter
	ready func()
	told  bool
}

// Unwrap lets http.ResponseController reach the connection.
func (h *held) Unwrap() http.ResponseWriter { return h.ResponseWriter }

func (h *held) begin() {
	if !h.told {
		h.told = true
		h.ready()
	}
}

// WriteHeader begins the answer.
func (h *held) WriteHeader(status int) {
	h.begin()
	h.ResponseWriter.WriteHeader(status)
}

// Write begins the answer, if it did not begin yet.
func (h *held) Write(p []byte) (int, error) {
	h.begin()
	return h.ResponseWriter.Write(p)
}
