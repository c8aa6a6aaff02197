package management

import (
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/vipswap/vipswap/emulator/cloud"
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
	subscriptions Subscriptions
	packages      Packages
	storage       Storage
	log           *slog.Logger
	maxBody       int64
	router        http.Handler
	cache         *documentCache
}

// An Option changes a Server from its defaults.
type Option func(*Server)

// WithLogger makes the server log each request: operation, status, request id.
// Bodies and certificates are never logged. The default logs nothing.
func WithLogger(log *slog.Logger) Option { return func(s *Server) { s.log = log } }

// WithMaxBody limits the size of request bodies, in bytes; the default is 16 MiB.
func WithMaxBody(n int64) Option { return func(s *Server) { s.maxBody = n } }

// New returns a handler for the Service Management API. It expects to be served
// over TLS with client certificates requested and not verified.
func New(subscriptions Subscriptions, packages Packages, storage Storage, options ...Option) *Server {
	s := &Server{
		subscriptions: subscriptions,
		packages:      packages,
		storage:       storage,
		log:           slog.New(slog.DiscardHandler),
		maxBody:       16 << 20,
		cache:         newDocumentCache(),
	}
	for _, option := range options {
		option(s)
	}
	s.router = newRouter(s)
	return s
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, hr *http.Request) {
	began := time.Now()
	r, err := s.admit(hr)
	if err == nil {
		s.router.ServeHTTP(w, withRequest(hr, r))
		s.log.Debug("served", "method", hr.Method, "path", hr.URL.Path, "id", r.id, "took", time.Since(began))
		return
	}
	e := s.refusal(err)
	write(w, r.id, e.Status(), "", encodeError(e))
	s.log.Info("refused", "method", hr.Method, "path", hr.URL.Path, "code", e.Code, "id", r.id)
}

// admit does what comes before any operation: who is asking, in which version.
// The request that it returns has an id even when it is refused.
func (s *Server) admit(hr *http.Request) (*request, error) {
	r := &request{http: hr, base: "https://" + hr.Host}
	segments := canonicalPath(hr.URL)
	r.universe = s.subscriptions.Universe(segments[0])
	if segments[0] == "subscriptions" {
		r.universe = s.firstAuthorized(hr)
	}
	if r.universe == nil || !authorized(r.universe, hr) {
		r.id = strayID()
		return r, cloud.NewError(cloud.ForbiddenError)
	}
	r.id = r.universe.RequestID()
	var err error
	if r.version, err = wire.ParseVersion(hr.Header.Get("x-ms-version")); err != nil {
		return r, cloud.NewError(cloud.MissingOrIncorrectVersionHeader)
	}
	return r, nil
}

// thumbprint returns the SHA-1 of the client's certificate in hex, "" without.
func thumbprint(hr *http.Request) string {
	if hr.TLS == nil || len(hr.TLS.PeerCertificates) == 0 {
		return ""
	}
	sum := sha1.Sum(hr.TLS.PeerCertificates[0].Raw)
	return strings.ToUpper(hex.EncodeToString(sum[:]))
}

func authorized(u *cloud.Universe, hr *http.Request) bool {
	client, ok := thumbprint(hr), false
	if client == "" {
		return false
	}
	u.View(func(st *cloud.State) *cloud.Error {
		ok = st.Authorized(client)
		return nil
	})
	return ok
}

// firstAuthorized returns a subscription that the client may manage, for the one
// call that names none.
func (s *Server) firstAuthorized(hr *http.Request) *cloud.Universe {
	for _, u := range s.subscriptions.Universes() {
		if authorized(u, hr) {
			return u
		}
	}
	return nil
}

// run carries out one operation and writes its answer.
func (s *Server) run(w http.ResponseWriter, r *request, op *operation) {
	a, err := s.execute(r, op)
	body := a.encoded
	if err == nil && a.body != nil {
		body, err = wire.Marshal(a.body, r.version)
	}
	if err == nil {
		write(w, r.id, op.status, a.location, body)
		s.log.Debug("answered", "operation", op.name, "status", op.status, "id", r.id)
		return
	}
	e := s.refusal(err)
	write(w, r.id, e.Status(), "", encodeError(e))
	s.log.Info("refused", "operation", op.name, "status", e.Status(), "code", e.Code, "id", r.id)
	if cloud.Busy(e) {
		r.universe.Step()
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
