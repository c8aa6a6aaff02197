package management

import (
	"cmp"
	"context"
	"crypto/x509"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/mux"

	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/faults/pause"
	"github.com/vipswap/vipswap/emulator/management/wire"
	"github.com/vipswap/vipswap/emulator/packages"
)

// Subscriptions finds the universe of each subscription.
type Subscriptions interface {
	// Universe returns the universe of a subscription, nil when there is none.
	Universe(subscription string) *cloud.Universe
	// Universes returns all of them, in order of subscription id.
	Universes() []*cloud.Universe
}

// Packages reads what a deployment is made of. Both methods answer with the
// error that the operation will fail with when package or configuration are no
// good.
type Packages interface {
	// Read opens the package of a request and joins it with its configuration.
	Read(packages.Request) (*cloud.Model, *cloud.Error)
	// Configure joins a package that is deployed already with another
	// configuration.
	Configure(*cloud.Package, packages.Request) (*cloud.Model, *cloud.Error)
	// Resize gives a deployment's roles other instance counts.
	Resize(m *cloud.Model, counts map[string]int, operation string) (*cloud.Model, *cloud.Error)
	// Export writes a deployment's package and configuration into the container
	// at a URL, under a name.
	Export(subscription string, m *cloud.Model, containerURL, name string, overwrite bool) *cloud.Error
}

// Storage is what management needs of the blob endpoint.
type Storage interface {
	// Endpoints returns the addresses of a storage account's services: blob,
	// queue and table, each with a slash at its end.
	Endpoints(account string) []string
	// DeleteAccount drops all that an account of a subscription holds.
	DeleteAccount(subscription, account string) error
}

// Server serves the Service Management API for a set of subscriptions.
type Server struct {
	subscriptions  Subscriptions
	packages       Packages
	storage        Storage
	log            *slog.Logger
	maxBody        int64
	authentication Authentication
	router         router
	documents      *cache[documentKey, []byte]
	thumbprints    *cache[*x509.Certificate, thumbprint]
	buffers        sync.Pool // of *[]byte, for documents that are not kept
	turns          sync.Pool // of *turn
	date           atomic.Pointer[date]
	observer       func(*Exchange)
	pause          pause.Func
}

// An Option changes a Server from its defaults.
type Option func(*Server)

// WithLogger makes the server log each request: operation, status, request id.
// Bodies and certificates are never logged. The default logs nothing.
func WithLogger(log *slog.Logger) Option { return func(s *Server) { s.log = log } }

// WithMaxBody limits the size of request bodies, in bytes; the default is 16 MiB.
func WithMaxBody(n int64) Option { return func(s *Server) { s.maxBody = n } }

// WithAuthentication sets who is let in besides the holders of management
// certificates; the default is whoever shows a well-formed bearer token.
func WithAuthentication(a Authentication) Option { return func(s *Server) { s.authentication = a } }

// New returns a handler for the Service Management API. It expects to be served
// over TLS with client certificates requested and not verified.
func New(subscriptions Subscriptions, packages Packages, storage Storage, options ...Option) *Server {
	s := &Server{
		subscriptions: subscriptions,
		packages:      packages,
		storage:       storage,
		log:           slog.New(slog.DiscardHandler),
		maxBody:       16 << 20,
		router:        newRouter(),
		documents:     newCache[documentKey, []byte](),
		thumbprints:   newCache[*x509.Certificate, thumbprint](),
		pause:         pause.For,
	}
	s.buffers.New = func() any { return new([]byte) }
	s.turns.New = func() any { return &turn{match: mux.RouteMatch{Vars: map[string]string{}}} }
	for _, option := range options {
		option(s)
	}
	return s
}

// turn is all that answering one request takes. The memory is used again.
type turn struct {
	request request
	sender  sender
	reply   reply
	match   mux.RouteMatch
}

// begin returns what a request is answered with; end gives it back.
func (s *Server) begin(w http.ResponseWriter, hr *http.Request) *turn {
	t := s.turns.Get().(*turn)
	t.request.http = hr
	t.sender = sender{s: s, w: w, r: &t.request, op: &unadmitted, began: time.Now()}
	return t
}

func (s *Server) end(t *turn) {
	s.release(t.reply)
	vars := t.match.Vars
	clear(vars)
	*t = turn{match: mux.RouteMatch{Vars: vars}}
	s.turns.Put(t)
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, hr *http.Request) {
	t := s.begin(w, hr)
	defer s.end(t)
	if err := s.admit(&t.request); err != nil {
		t.request.id = cmp.Or(t.request.id, strayID())
		t.reply = s.refuse(err)
	} else {
		t.sender.op = s.router.route(&t.request, &t.match)
		t.reply = s.answer(&t.sender)
	}
	t.sender.send(&t.reply)
}

// admit does what comes before any operation: who is asking, in which version.
// The request has no id afterwards when it is let into no subscription.
func (s *Server) admit(r *request) error {
	first, more := canonicalPath(r.http.URL)
	r.client = s.credential(r.http)
	if first == "subscriptions" {
		r.universe = s.first(r.client)
	} else {
		r.universe = s.subscriptions.Universe(first)
	}
	if r.universe == nil {
		return r.client.refusal()
	}
	if err := r.enter(); err != nil {
		return err
	}
	var err error
	if r.version, err = wire.ParseVersion(r.http.Header.Get("X-Ms-Version")); err != nil {
		return cloud.NewError(cloud.MissingOrIncorrectVersionHeader)
	}
	if first == "subscriptions" && more {
		return cloud.NewError(cloud.ResourceNotFound)
	}
	return nil
}

// enter lets the request into its subscription and gives it an id there.
func (r *request) enter() error {
	id, err := r.universe.Admit(r.client.may)
	if id == "" {
		return r.client.refusal()
	}
	r.id = id
	if err != nil {
		return err
	}
	return nil
}

// run carries out one operation and returns its answer.
func (s *Server) run(r *request, out *sender) reply {
	a, err := s.execute(r, out.op)
	if err != nil {
		return s.refuse(err)
	}
	done := reply{status: cmp.Or(a.status, out.op.status), body: a.encoded, lasting: true, location: a.location, plain: a.plain}
	if a.body == nil {
		return done
	}
	done.buffer, done.lasting = s.buffers.Get().(*[]byte), false
	done.body, err = wire.AppendPieces((*done.buffer)[:0], a.body, r.version, func(piece []byte) ([]byte, error) { return out.piece(&done, piece) })
	*done.buffer = done.body
	switch {
	case err != nil && done.begun: // the client has gone
		done.body = nil
	case err != nil:
		s.release(done)
		return s.refuse(err)
	}
	return done
}

// release gives back what an answer was written into.
func (s *Server) release(a reply) {
	if a.buffer != nil {
		s.buffers.Put(a.buffer)
	}
}

// record logs an answer.
func (s *Server) record(o *sender, a *reply) {
	r := o.r
	for _, strike := range r.struck {
		s.log.Info("struck", "fault", strike.Kind, "rule", strike.Rule, "subject", strike.Subject, "id", r.id)
	}
	switch {
	case a.refused != nil:
		s.log.Info("refused", "operation", o.op.name, "method", r.http.Method, "path", r.http.URL.Path, "status", a.status, "code", a.refused.Code, "id", r.id)
	case s.log.Enabled(context.Background(), slog.LevelDebug):
		s.log.Debug("answered", "operation", o.op.name, "path", r.http.URL.Path, "status", a.status, "id", r.id, "took", time.Since(o.began))
	}
}

func (s *Server) execute(r *request, op *operation) (answer, error) {
	if err := s.readBody(r); err != nil {
		return answer{}, err
	}
	return op.handle(s, r)
}

// readBody reads the body up to the limit. The body of a GET is ignored: one
// client sends that of an earlier request.
func (s *Server) readBody(r *request) error {
	if r.http.Body == nil || r.http.Body == http.NoBody {
		return nil
	}
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.http.Body, s.maxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return cloud.Errorf(cloud.BadRequest, "The request body is larger than %d bytes.", s.maxBody)
	case err != nil:
		return cloud.NewError(cloud.InvalidXMLRequest)
	}
	if r.http.Method != http.MethodGet {
		r.body = body
	}
	return nil
}

// lowerQuery returns the query with names in lower case: clients differ in it.
func lowerQuery(u *url.URL) url.Values {
	if u.RawQuery == "" {
		return nil
	}
	lower := url.Values{}
	for name, values := range u.Query() {
		lower[strings.ToLower(name)] = append(lower[strings.ToLower(name)], values...)
	}
	return lower
}
