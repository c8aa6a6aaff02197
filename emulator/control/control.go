package control

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/faults"
	"github.com/vipswap/vipswap/emulator/journal"
	"github.com/vipswap/vipswap/emulator/snapshot"
	"github.com/vipswap/vipswap/emulator/universe"
)

// Emulator is what the interface controls. Errors for which the caller is to blame
// are *universe.Error.
type Emulator interface {
	Version() string
	Ready() bool
	WriteMetrics(w io.Writer) error

	CreateUniverse(universe.Spec) (universe.Info, error)
	Universes() ([]universe.Info, error)
	Universe(id string) (universe.Info, error)
	ResetUniverse(id string) error
	DeleteUniverse(id string) error
	Credentials(id string) (universe.Credentials, error)

	Clock(id string) (universe.Clock, error)
	SetClock(id string, mode cloud.ClockMode, speed float64) (universe.Clock, error)
	Advance(id string, d time.Duration) error
	AdvanceToNext(id string) (moved bool, err error)

	Faults(id string) (*faults.Engine, error)
	SetFaults(id string, plan faults.Plan) error
	Progression(id string) (map[cloud.Kind]cloud.Progression, error)
	SetProgression(id string, by map[cloud.Kind]cloud.Progression) error

	Snapshot(id, name string) (universe.Snapshot, error)
	Snapshots(id string) ([]universe.Snapshot, error)
	DeleteSnapshot(id, name string) error
	Restore(id, name string) error
	Fork(id, name, newID string) (universe.Info, error)
	Diff(id, a, b string) (snapshot.Diff, error)
	ExportSnapshot(id, name string, w io.Writer) error
	Import(r io.Reader, id string) (universe.Info, error)

	State(id string) (universe.State, error)
	Journal(id string) (*journal.Journal, error)
}

// Config is how the interface is served.
type Config struct {
	// Token is the bearer token that requests must show; "" asks for none.
	Token string
	// Hosts are names and addresses, without a port, that the interface may be
	// asked for by, besides those of the loopback. They do not matter with a Token.
	Hosts []string
	// Done ends streams when it ends; nil never does.
	Done context.Context
}

// server answers requests.
type server struct {
	emulator Emulator
	done     context.Context
	routes   []Route
}

// New returns a handler for the interface of an emulator.
func New(e Emulator, config Config) http.Handler {
	s := &server{emulator: e, done: config.Done, routes: Routes()}
	if s.done == nil {
		s.done = context.Background()
	}
	g := guard{token: config.Token, hosts: config.Hosts}
	mux := http.NewServeMux()
	for _, r := range routes {
		mux.Handle(r.Method+" "+r.Path, g.protect(s.handler(r), r.open))
	}
	mux.Handle("/", g.protect(s.unknown(mux), false))
	return mux
}

// handler makes an http.Handler of a row of the table.
func (s *server) handler(r route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if r.write != nil {
			if err := r.write(s, w, req); err != nil {
				fail(w, err)
			}
			return
		}
		v, err := r.handle(s, req)
		switch {
		case err != nil:
			fail(w, err)
		case v == nil:
			w.WriteHeader(r.status)
		default:
			answer(w, r.status, v)
		}
	})
}

// unknown refuses what no row of the table is for, and says which methods there
// would be.
func (s *server) unknown(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		allowed := ""
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete} {
			probe := &http.Request{Method: method, URL: req.URL, Host: req.Host}
			if _, pattern := mux.Handler(probe); pattern != "/" && pattern != "" {
				if allowed != "" {
					allowed += ", "
				}
				allowed += method
			}
		}
		if allowed == "" {
			fail(w, universe.Errorf(universe.NotFound, "there is nothing at %s", req.URL.Path).WithHint("docs/control-api.md lists the addresses; GET /v1 does, too"))
			return
		}
		w.Header().Set("Allow", allowed)
		fail(w, universe.Errorf(universe.MethodNotAllowed, "%s is not for %s", req.URL.Path, req.Method).WithHint("it takes %s", allowed))
	})
}
