package cli

import (
	"cmp"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/deployer/management"
	"github.com/vipswap/vipswap/deployer/storage"
	"github.com/vipswap/vipswap/emulator"
)

// lockable returns a user's connection, a service named shop, and where its lock is.
func lockable(t *testing.T) (*user, *emulator.Emulator, *connection, storage.LockPlace) {
	t.Helper()
	u, e := withEmulator(t)
	u.must(t, exitDone, "service", "create", "shop")
	conn, err := newProgram(World{LookupEnv: func(name string) (string, bool) { v, ok := u.env[name]; return v, ok }}).connect(connectionFlags{})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"zebra", "apples"} {
		account(t, conn, name)
	}
	places, err := conn.lockPlaces(t.Context(), "", "shop")
	if err != nil {
		t.Fatal(err)
	}
	return u, e, conn, places[0]
}

var someone = storage.Owner{Who: "ann at build7, process 3", Command: "swap", Since: time.Date(2015, 7, 2, 2, 0, 0, 0, time.UTC)}

func acquire(t *testing.T, conn *connection, place storage.LockPlace, id string) *storage.Lock {
	t.Helper()
	l, err := conn.uploader.AcquireLock(t.Context(), place, storage.LockID(id), someone)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestLockIsExclusive(t *testing.T) {
	_, e, conn, place := lockable(t)
	ctx := t.Context()
	if place.Account != "apples" {
		t.Errorf("the lock is in %s, want the first account by name", place.Account)
	}
	first := acquire(t, conn, place, "first")
	var locked *storage.LockedError
	if _, err := conn.uploader.AcquireLock(ctx, place, storage.LockID("second"), storage.Owner{Who: "bob"}); !errors.As(err, &locked) {
		t.Fatalf("locked by two: %v", err)
	}
	if diff := gocmp.Diff(someone, locked.Owner); diff != "" {
		t.Errorf("owner mismatch (-want +got):\n%s", diff)
	}
	acquire(t, conn, place, "first") // the same id takes over from a dead process

	if err := e.Advance(e.Subscription(), 2*storage.LockTime); err != nil {
		t.Fatal(err)
	}
	if err := first.Renew(ctx); err != nil {
		t.Errorf("a lock whose time was over, and that nobody took: %v", err)
	}
	if err := e.Advance(e.Subscription(), 2*storage.LockTime); err != nil {
		t.Fatal(err)
	}
	second := acquire(t, conn, place, "second")
	var lost *storage.LockLostError
	if err := first.Renew(ctx); !errors.As(err, &lost) {
		t.Errorf("renewed what somebody else holds: %v", err)
	}
	if err := first.Release(ctx); err != nil {
		t.Errorf("giving up a lock that was lost: %v", err)
	}
	if err := second.Renew(ctx); err != nil {
		t.Errorf("the first owner gave up the lock of the second: %v", err)
	}
	if err := conn.uploader.BreakLock(ctx, place); err != nil {
		t.Fatal(err)
	}
	if err := second.Renew(ctx); !errors.As(err, &lost) {
		t.Errorf("renewed a broken lock: %v", err)
	}
	acquire(t, conn, place, "third")
}

func TestLockCommands(t *testing.T) {
	u, _, conn, place := lockable(t)
	for _, step := range []struct {
		name string
		do   func()
		args []string
		code int
		want string
	}{
		{"never taken", nil, []string{"lock", "show", "shop"}, exitDone, "shop is not locked"},
		{"break what is not there", nil, []string{"lock", "break", "shop"}, exitDone, "shop was not locked"},
		{"taken", func() { acquire(t, conn, place, "x") }, []string{"lock", "show", "shop"}, exitDone, "shop is locked by ann at build7, process 3 (swap, since 2015-07-02T02:00:00Z)"},
		{"json", nil, []string{"lock", "show", "shop", "--output", "json"}, exitDone, `"held": true`},
		{"another account has another lock", nil, []string{"lock", "show", "shop", "--lock-account", "zebra"}, exitDone, "shop is not locked"},
		{"broken in another account", nil, []string{"lock", "break", "shop", "--lock-account", "zebra"}, exitDone, "shop was not locked"},
		{"found in all accounts", func() { acquire(t, conn, placeIn(t, conn, "zebra"), "y") }, []string{"lock", "show", "shop", "--lock-account", "zebra"}, exitDone, "shop is locked by"},
		{"broken", nil, []string{"lock", "break", "shop"}, exitDone, "it is not any more"},
		{"free again", nil, []string{"lock", "show", "shop"}, exitDone, "shop is not locked"},
		{"no such service", nil, []string{"lock", "show", "nothing"}, exitRefused, "there is no cloud service nothing"},
		{"no service", func() { os.Remove(u.path("vipswap.yaml")) }, []string{"lock", "show"}, exitUsage, `hint: "vipswap lock show SERVICE" names one`},
		{"no service to break", nil, []string{"lock", "break"}, exitUsage, `hint: "vipswap lock break SERVICE" names one`},
		{"no such account", nil, []string{"lock", "break", "shop", "--lock-account", "nothing"}, exitUsage, "the subscription has no storage account nothing"},
	} {
		t.Run(step.name, func(t *testing.T) {
			if step.do != nil {
				step.do()
			}
			got := u.must(t, step.code, step.args...)
			if !strings.Contains(got.stdout+got.stderr, step.want) {
				t.Errorf("it says %s%s, want %q", got.stdout, got.stderr, step.want)
			}
		})
	}
}

// account makes a storage account.
func account(t *testing.T, conn *connection, name string) {
	t.Helper()
	id, err := conn.CreateStorageAccount(t.Context(), management.NewStorageAccount{Name: name, Label: name, Location: "West Europe"})
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.WaitOperation(t.Context(), id); err != nil {
		t.Fatal(err)
	}
}

// TestLockPlaces takes a lock where others hold one, in accounts that come and go.
func TestLockPlaces(t *testing.T) {
	const mine, other = "mine", "other"
	u, _ := withEmulator(t)
	p := newProgram(World{Stdout: io.Discard, Stderr: io.Discard, LookupEnv: func(name string) (string, bool) { v, ok := u.env[name]; return v, ok }})
	conn, err := p.connect(connectionFlags{})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name     string
		accounts []string
		held     map[string]string // account to the text of the lock's id
		makes    string            // the account that packages need
		way      string
		flag     string
		want     string // account that the lock is in, "" is none
		code     int
	}{
		{name: "the first by name", accounts: []string{"zebra", "apples"}, want: "apples"},
		{name: "the one that is named", accounts: []string{"zebra", "apples"}, flag: "zebra", want: "zebra"},
		{name: "held in it", accounts: []string{"apples"}, held: map[string]string{"apples": other}, code: exitRefused},
		{name: "held in another", accounts: []string{"apples", "zebra"}, held: map[string]string{"zebra": other}, code: exitRefused},
		{name: "held in another than is named", accounts: []string{"apples", "zebra"}, held: map[string]string{"apples": other}, flag: "zebra", code: exitRefused},
		{name: "held by the process that died, in another", accounts: []string{"apples", "zebra"}, held: map[string]string{"zebra": mine}, want: "apples"},
		{name: "held in two", accounts: []string{"apples", "melons", "zebra"}, held: map[string]string{"melons": mine, "zebra": other}, code: exitRefused},
		{name: "held by somebody, and nobody cares", accounts: []string{"apples"}, held: map[string]string{"apples": other}, way: lockNever},
		{name: "an account for packages is made later", accounts: []string{"zebra"}, makes: "apples", want: "zebra"},
		{name: "the first account is made", makes: "apples", want: "apples"},
		{name: "the account that is made is named", accounts: []string{"apples"}, makes: "zebra", flag: "zebra", want: "zebra"},
		{name: "made and named, and held elsewhere", accounts: []string{"apples"}, held: map[string]string{"apples": other}, makes: "zebra", flag: "zebra", code: exitRefused},
		{name: "no account", want: ""},
		{name: "no account, and somebody insists", way: lockAlways, code: exitRefused},
		{name: "no account of that name", accounts: []string{"apples"}, flag: "zebra", code: exitUsage},
		{name: "another is made than is named", makes: "apples", flag: "zebra", code: exitUsage},
	} {
		t.Run(test.name, func(t *testing.T) {
			noAccounts(t, conn)
			for _, name := range test.accounts {
				account(t, conn, name)
			}
			held := map[string]*storage.Lock{}
			for name, id := range test.held {
				held[name] = acquire(t, conn, placeIn(t, conn, name), id)
			}
			p.locking = lockFlags{way: choice{value: cmp.Or(test.way, lockAuto)}, account: test.flag}
			w := lockWish{service: "shop", command: "deploy", id: storage.LockID(mine)}
			if test.makes != "" {
				w.store = &accountStore{conn: conn, account: test.makes, say: func(string, ...any) {}}
			}
			got, err := p.lock(t.Context(), conn, w)
			if code := judge(err).code; err != nil && code != test.code || err == nil && test.code != 0 {
				t.Fatalf("it ended with %v (exit code %d), want exit code %d", err, code, test.code)
			}
			if at := lockedAt(got); at != test.want {
				t.Errorf("the lock is in %q, want %q", at, test.want)
			}
			for name, lock := range held {
				if test.held[name] == other && lock.Renew(t.Context()) != nil {
					t.Errorf("the lock of somebody else in %s is gone", name)
				}
			}
			if places, err := conn.lockPlaces(t.Context(), "", "shop"); err != nil || test.code != 0 && len(places) > len(test.accounts) {
				t.Errorf("a refusal made an account: %v, %v", places, err)
			}
		})
	}
}

// noAccounts deletes all storage accounts.
func noAccounts(t *testing.T, conn *connection) {
	t.Helper()
	all, err := conn.StorageAccounts(t.Context())
	for _, a := range all {
		err = errors.Join(err, conn.DeleteStorageAccount(t.Context(), a.Name))
	}
	if err != nil {
		t.Fatal(err)
	}
}

func placeIn(t *testing.T, conn *connection, name string) storage.LockPlace {
	t.Helper()
	places, err := conn.lockPlaces(t.Context(), name, "shop")
	if err != nil || len(places) != 1 {
		t.Fatalf("places of %s: %v, %v", name, places, err)
	}
	return places[0]
}

// lockedAt returns the account that a lock is in, or "".
func lockedAt(h *heldLock) string {
	if h == nil || h.lock == nil {
		return ""
	}
	return h.lock.Place().Account
}

// TestTwoLocks lets two begin at once, each with an account of its own that the other
// did not see at first: never do both go on.
func TestTwoLocks(t *testing.T) {
	_, _, conn, _ := lockable(t)
	accounts, err := conn.lockAccounts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	first := acquire(t, conn, placeIn(t, conn, "apples"), "first")
	second := acquire(t, conn, placeIn(t, conn, "zebra"), "second")
	if err := conn.refuseLockedIn(t.Context(), accounts[1], "shop", storage.LockID("first"), someone); !isLocked(err) {
		t.Errorf("the first does not see the second: %v", err)
	}
	if err := first.Release(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := conn.refuseLockedIn(t.Context(), accounts[0], "shop", storage.LockID("second"), someone); err != nil {
		t.Errorf("the second is refused after the first gave up: %v", err)
	}
	if err := second.Renew(t.Context()); err != nil {
		t.Errorf("the second lost its lock: %v", err)
	}
}

// TestHeldLock renews when it is due, and tells a lost lock from a passing trouble.
func TestHeldLock(t *testing.T) {
	_, _, conn, place := lockable(t)
	now := someone.Since
	held := &heldLock{lock: acquire(t, conn, place, "x"), now: func() time.Time { return now }, renewed: now}
	if err := conn.uploader.BreakLock(t.Context(), place); err != nil {
		t.Fatal(err)
	}
	if err := held.Keep(t.Context()); err != nil {
		t.Errorf("a young lock was renewed: %v", err)
	}
	now = now.Add(renewEvery)
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	if err := held.Keep(canceled); err != nil {
		t.Errorf("a passing trouble ends the wait: %v", err)
	}
	var lost *storage.LockLostError
	if err := held.Keep(t.Context()); !errors.As(err, &lost) {
		t.Errorf("an old lock that was lost: %v", err)
	}
	if err := held.Check(t.Context()); !errors.As(err, &lost) {
		t.Errorf("a change without the lock: %v", err)
	}
	if err := (&heldLock{}).Check(t.Context()); err != nil {
		t.Errorf("without a lock: %v", err)
	}
}
