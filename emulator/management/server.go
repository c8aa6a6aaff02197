package management

import (
	"cmp"
	"context"
	"crypto/sha1"
	"crypto/x509"
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
	subscriptions Subscriptions
	packages      Packages
	storage       Storage
	log           *slog.Logger
	maxBody       int64
	router        router
	documents     *cache[documentKey, []byte]
	thumbprints   *cache[*x509.Certificate, string]
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
		router:        newRouter(),
		documents:     newCache[documentKey, []byte](),
		thumbprints:   newCache[*x509.Certificate, string](),
	}
	for _, option := range options {
		option(s)
	}
	return s
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, hr *http.Request) {
	began := time.Now()
	r, err := s.admit(hr)
	if err == nil {
		s.run(w, r, s.router.route(r), began)
		return
	}
	e := s.refusal(err)
	write(w, r.id, e.Status(), "", encodeError(e))
	s.log.Info("refused", "method", hr.Method, "path", hr.URL.Path, "code", e.Code, "id", r.id)
}

// admit does what comes before any operation: who is asking, in which version.
// The request that it returns has an id even when it is refused.
func (s *Server) admit(hr *http.Request) (*request, error) {
	r := &request{http: hr, base: "https://" + hr.Host, client: s.thumbprint(hr)}
	segments := canonicalPath(hr.URL)
	r.universe = s.subscriptions.Universe(segments[0])
	if segments[0] == "subscriptions" {
		r.universe = s.firstAuthorized(r.client)
	}
	admitted := false
	if r.universe != nil {
		r.id, admitted = r.universe.Admit(r.client)
	}
	if !admitted {
		r.id = strayID()
		return r, cloud.NewError(cloud.ForbiddenError)
	}
	var err error
	if r.version, err = wire.ParseVersion(hr.Header.Get("x-ms-version")); err != nil {
		return r, cloud.NewError(cloud.MissingOrIncorrectVersionHeader)
	}
	if segments[0] == "subscriptions" && len(segments) > 1 {
		return r, cloud.NewError(cloud.ResourceNotFound)
	}
	return r, nil
}

// thumbprint returns the SHA-1 of the client's certificate in hex, "" without. It
// is worked out once for a connection, whose requests all have one certificate.
func (s *Server) thumbprint(hr *http.Request) string {
	if hr.TLS == nil || len(hr.TLS.PeerCertificates) == 0 {
		return ""
	}
	certificate := hr.TLS.PeerCertificates[0]
	if known, ok := s.thumbprints.get(certificate); ok {
		return known
	}
	sum := sha1.Sum(certificate.Raw)
	thumbprint := strings.ToUpper(hex.EncodeToString(sum[:]))
	s.thumbprints.put(certificate, thumbprint)
	return thumbprint
}

// authorized reports whether the client with this thumbprint may manage u.
func authorized(u *cloud.Universe, client string) bool {
	ok := false
	u.View(func(st *cloud.State) *cloud.Error {
		ok = st.Authorized(client)
		return nil
	})
	return ok
}

// firstAuthorized returns a subscription that the client may manage, for the one
// call that names none.
func (s *Server) firstAuthorized(client string) *cloud.Universe {
	for _, u := range s.subscriptions.Universes() {
		if authorized(u, client) {
			return u
		}
	}
	return nil
}

// run carries out one operation and writes its answer. The request came in at
// began.
func (s *Server) run(w http.ResponseWriter, r *request, op *operation, began time.Time) {
	a, err := s.execute(r, op)
	body := a.encoded
	if err == nil && a.body != nil {
		body, err = wire.Marshal(a.body, r.version)
	}
	if err == nil {
		status := cmp.Or(a.status, op.status)
		write(w, r.id, status, a.location, body)
		if s.log.Enabled(context.Background(), slog.LevelDebug) {
			s.log.Debug("answered", "operation", op.name, "path", r.http.URL.Path, "status", status, "id", r.id, "took", time.Since(began))
		}
		return
	}
	e := s.refusal(err)
	write(w, r.id, e.Status(), "", encodeError(e))
	s.log.Info("refused", "operation", op.name, "path", r.http.URL.Path, "status", e.Status(), "code", e.Code, "id", r.id)
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
