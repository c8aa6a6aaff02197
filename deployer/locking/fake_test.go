package locking_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/locking"
	"github.com/vipswap/vipswap/deployer/management"
	"github.com/vipswap/vipswap/deployer/storage"
)

// What the package is meant to be connected with fits its ports.
var (
	_ deployer.Lock    = (*locking.Held)(nil)
	_ locking.Accounts = (*management.Client)(nil)
	_ locking.Lease    = (*storage.Lock)(nil)
	_ locking.Leases   = locking.Blobs{}
)

// someone holds locks, but not ours.
var someone = storage.Owner{Who: "ann at build7, process 3", Command: "swap", Since: time.Date(2015, 7, 2, 2, 0, 0, 0, time.UTC)}

// A holding is the lease on the lock of an account.
type holding struct {
	id    string // "" when it was broken or given up
	owner storage.Owner
	until time.Time
}

// A subscription has storage accounts, by name, with a lock each.
type subscription struct {
	states   map[string]string // status of an account by name
	locks    map[string]*holding
	keyErr   map[string]error // instead of an account's keys
	lockErr  map[string]error // instead of what an account's lock answers
	listErr  error
	made     []string
	warnings []string

	mu       sync.Mutex // guards locks and renewals, while a lock is kept up
	renewals int
}

func newSubscription(accounts ...string) *subscription {
	s := &subscription{states: map[string]string{}, locks: map[string]*holding{}, keyErr: map[string]error{}, lockErr: map[string]error{}}
	for _, name := range accounts {
		s.states[name] = "Created"
	}
	return s
}

func (s *subscription) locker() *locking.Locker {
	return &locking.Locker{Accounts: s, Leases: s, Now: time.Now, Warn: func(words string) { s.warnings = append(s.warnings, words) }}
}

// StorageAccounts lists them in no order.
func (s *subscription) StorageAccounts(context.Context) ([]management.StorageAccount, error) {
	var all []management.StorageAccount
	for name, state := range s.states {
		all = append(all, management.StorageAccount{Name: name, Status: state, BlobEndpoint: "https://" + name + ".blob.example/"})
	}
	return all, s.listErr
}

func (s *subscription) StorageKeys(_ context.Context, name string) (management.StorageKeys, error) {
	return management.StorageKeys{Primary: "key of " + name}, s.keyErr[name]
}

// hold lets somebody have the lock in an account.
func (s *subscription) hold(account, id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.locks[account] = &holding{id, someone, time.Now().Add(storage.LockTime)}
}

// heldBy returns the id of whoever has the lock in an account, or "".
func (s *subscription) heldBy(account string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if h := s.locks[account]; h != nil && time.Now().Before(h.until) {
		return h.id
	}
	return ""
}

// answer is what an account says to whoever asks about its lock.
func (s *subscription) answer(ctx context.Context, p storage.LockPlace) error {
	if ctx.Err() != nil {
		return &storage.Error{Action: "ask", Err: ctx.Err()}
	}
	if p.Key != "key of "+p.Account || p.Service != "shop" {
		return errors.New("this is no lock of shop")
	}
	return s.lockErr[p.Account]
}

func (s *subscription) Acquire(ctx context.Context, p storage.LockPlace, id string, owner storage.Owner) (locking.Lease, error) {
	if err := s.answer(ctx, p); err != nil {
		return nil, err
	}
	if by := s.heldBy(p.Account); by != "" && by != id {
		return nil, &storage.LockedError{Service: p.Service, Owner: s.locks[p.Account].owner}
	}
	s.locks[p.Account] = &holding{id, owner, time.Now().Add(storage.LockTime)}
	return lease{s, p, id}, nil
}

func (s *subscription) State(ctx context.Context, p storage.LockPlace) (storage.LockState, error) {
	state := storage.LockState{Held: s.heldBy(p.Account) != ""}
	if h := s.locks[p.Account]; h != nil {
		state.Owner = h.owner
	}
	return state, s.answer(ctx, p)
}

func (s *subscription) Break(ctx context.Context, p storage.LockPlace) error {
	if h := s.locks[p.Account]; h != nil {
		h.id = ""
	}
	return s.answer(ctx, p)
}

// A lease is the lock in a place under an id.
type lease struct {
	*subscription
	place storage.LockPlace
	id    string
}

func (l lease) Renew(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.renewals++
	if err := l.answer(ctx, l.place); err != nil {
		return err
	}
	if h := l.locks[l.place.Account]; h.id != l.id {
		return &storage.LockLostError{Service: l.place.Service, Code: "LeaseLost"}
	}
	l.locks[l.place.Account].until = time.Now().Add(storage.LockTime)
	return nil
}

func (l lease) Release(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if h := l.locks[l.place.Account]; h.id == l.id {
		h.id = ""
	}
	return l.answer(ctx, l.place)
}

// A maker makes an account.
type maker struct {
	*subscription
	name string
}

func (m maker) Name() string { return m.name }

func (m maker) Ensure(context.Context) (management.StorageAccount, error) {
	m.made, m.states[m.name] = append(m.made, m.name), "Created"
	return management.StorageAccount{Name: m.name, Status: "Created"}, nil
}

var (
	errSilent   = &storage.Error{Action: "take the lock", URL: "https://apples", Err: errors.New("no route to host")}
	errNoAccess = &storage.Error{Action: "look at the lock", URL: "https://apples", Status: http.StatusForbidden, Code: "AuthenticationFailed", Err: errors.New("no")}
	errGone     = &management.Error{HTTPStatus: http.StatusNotFound, Code: management.CodeNotFound}
)

// check compares lists of words.
func check(t *testing.T, what string, want, got []string) {
	t.Helper()
	if !slices.Equal(want, got) {
		t.Errorf("%s are %q, want %q", what, got, want)
	}
}
