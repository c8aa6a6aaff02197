package blob

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/vipswap/vipswap/emulator/faults/pause"
)

// An Account is a storage account that requests may name.
type Account struct {
	ID   string           // unique over the whole server; blobs are kept under it
	Name string           // as in the address; two subscriptions may each have an account of the same name
	Keys [][]byte         // decoded access keys, primary first
	Now  func() time.Time // the clock of the subscription that owns it: Last-Modified, ETags, leases
	// Second is how much of that clock's time a lease takes for a second; 0 is a
	// second. Leases are renewed by the wall's clock, which others may run ahead of.
	Second time.Duration
}

// Accounts finds accounts by name.
type Accounts interface {
	// Accounts returns the accounts of that name, none when there is none.
	// It is called for every request, by many at once.
	Accounts(name string) []Account
}

// Limits are what a server accepts at most. Zero fields stand for the defaults,
// which are those of the real service.
type Limits struct {
	// Blob is the size of the body of one Put Blob, in bytes. The default is
	// 5000 MiB. Requests of older versions have the lower limits of their time.
	Blob int64
	// Block is the size of one block, in bytes. The default is 4000 MiB, again
	// with lower limits for older versions.
	Block int64
	// Blocks is the number of blocks of a blob. The default is 50,000. Twice as
	// many may wait for a block list.
	Blocks int
	// Document is the size of an XML document in a request, in bytes. The
	// default is 1 MiB. A block list may have 160 bytes for each block instead.
	Document int64
	// Page is the number of entries in one answer of a list. The default is
	// 5000.
	Page int
}

// withDefaults returns the limits with defaults in the place of zeros.
func (l Limits) withDefaults() Limits {
	return Limits{
		Blob:     orDefault(l.Blob, 5000<<20),
		Block:    orDefault(l.Block, 4000<<20),
		Blocks:   orDefault(l.Blocks, 50_000),
		Document: orDefault(l.Document, 1<<20),
		Page:     orDefault(l.Page, 5000),
	}
}

func orDefault[T comparable](value, standard T) T {
	var zero T
	if value == zero {
		return standard
	}
	return value
}

// A Server is the blob endpoint: an http.Handler that answers requests for all
// accounts. It does not look at TLS certificates and may serve plain HTTP.
type Server struct {
	accounts      Accounts
	store         *Store
	limits        Limits
	log           *slog.Logger
	wallClock     func() time.Time
	newID         func() string
	deletionDelay time.Duration
	routes        routes
	observer      func(Exchange)
	faults        Faults
	pause         pause.Func
}

// An Option changes how a server works.
type Option func(*Server)

// WithWallClock sets the clock that requests are dated by: a Shared Key request
// may be 15 minutes off, a SAS has a start and an end. The default is time.Now.
func WithWallClock(now func() time.Time) Option {
	return func(s *Server) { s.wallClock = now }
}

// WithIDs sets the source of request IDs and of the IDs of leases for which the
// client proposes none: GUIDs in lower case with hyphens. It is called by many
// requests at once. The default are random ones.
func WithIDs(newID func() string) Option {
	return func(s *Server) { s.newID = newID }
}

// WithLimits sets what requests may be at most. The default is what the real
// service accepts.
func WithLimits(l Limits) Option {
	return func(s *Server) { s.limits = l.withDefaults() }
}

// WithLogger sets where requests are logged, at debug level, and faults of the
// store, as errors. Neither has addresses with their queries, headers or keys.
// The default is nowhere.
func WithLogger(log *slog.Logger) Option {
	return func(s *Server) { s.log = log }
}

// WithDeletionDelay sets how long the name of a deleted container stays taken,
// by the clock of its account. The real service says at least 30 seconds. The
// default is 0, so that a test may delete and create again at once.
func WithDeletionDelay(d time.Duration) Option {
	return func(s *Server) { s.deletionDelay = d }
}

// New returns the blob endpoint of some accounts, which keeps its blobs in
// store. The store stays the caller's to close, after the last request.
func New(accounts Accounts, store *Store, options ...Option) *Server {
	s := &Server{
		accounts:  accounts,
		store:     store,
		limits:    Limits{}.withDefaults(),
		log:       slog.New(slog.DiscardHandler),
		wallClock: time.Now,
		newID:     randomID,
		routes:    newRoutes(operations()),
		pause:     pause.For,
	}
	for _, set := range options {
		set(s)
	}
	return s
}

// randomID returns a random GUID.
func randomID() string {
	var b [16]byte
	rand.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := &request{Request: r, id: s.newID(), wall: s.wallClock().UTC()}
	answer, err := s.serve(q)
	if errors.Is(err, errCut) {
		s.cutOff(q)
	}
	if err != nil {
		answer = s.failure(q, err)
		drain(r)
	}
	q.commonHeaders(w.Header())
	answer.announce(w.Header())
	s.observe(q, answer, w.Header())
	if err := answer.send(w, r.Method); err != nil {
		s.log.Debug("blob answer cut", "id", q.id, "error", err)
	}
	s.log.Debug("blob request", "id", q.id, "operation", q.operation.name, "method", r.Method,
		"account", q.location.account, "container", q.location.container, "blob", q.location.blob, "status", answer.status)
}

// serve finds out what is asked, by whom, and does it.
func (s *Server) serve(q *request) (*response, error) {
	if err := q.parse(); err != nil {
		return nil, err
	}
	var err error
	if q.operation, err = s.routes.find(q); err != nil {
		return nil, err
	}
	if err := s.authenticate(q); err != nil {
		return nil, err
	}
	goOn, err := s.suffer(q)
	switch {
	case err != nil:
		return nil, err
	case !goOn:
		return nil, errCut
	}
	q.now = q.account.Now().UTC().Round(0)
	if err := q.refuseUnsupported(); err != nil {
		return nil, err
	}
	return q.operation.handle(s, q)
}

// mostDrained is how much of the body of a refused request is read, so that a
// client that sends before it listens gets to hear the refusal.
const mostDrained = 8 << 20

// drain reads what is left of a small body. It leaves alone a body that the
// client has not begun to send.
func drain(r *http.Request) {
	if r.Header.Get("Expect") == "" && r.ContentLength <= mostDrained {
		io.Copy(io.Discard, io.LimitReader(r.Body, mostDrained))
	}
}
