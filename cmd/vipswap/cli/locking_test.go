package cli

import (
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/deployer/management"
	"github.com/vipswap/vipswap/deployer/provision"
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
	return u, e, conn, placeIn(t, conn, "apples")
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

// TestLockFlags locks as the flags say, with the exit code of what keeps it from that.
func TestLockFlags(t *testing.T) {
	const mine, other = "mine", "other"
	u, _ := withEmulator(t)
	p := newProgram(World{Stdout: io.Discard, Stderr: io.Discard, LookupEnv: func(name string) (string, bool) { v, ok := u.env[name]; return v, ok }})
	conn, err := p.connect(connectionFlags{})
	if err != nil {
		t.Fatal(err)
	}
	lock := func(name string, f lockFlags, store *provision.Account, want string, code int) {
		t.Helper()
		p.locking = f
		held, err := p.lock(t.Context(), conn, p.wish("shop", "deploy", storage.LockID(mine)), store)
		if got := judge(err).code; err != nil && got != code || err == nil && code != exitDone {
			t.Fatalf("%s: it ended with %v (exit code %d), want exit code %d", name, err, got, code)
		}
		if err != nil {
			return
		}
		if at := held.Account(); at != want {
			t.Errorf("%s: the lock is in %q, want %q", name, at, want)
		}
		if err := held.Release(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	auto, always, never := lockFlags{way: choice{value: "auto"}}, lockFlags{way: choice{value: "always"}}, lockFlags{way: choice{value: "never"}}
	named := lockFlags{way: auto.way, account: "zebra"}
	store := &provision.Account{Provider: conn.provider(), Uploads: conn.uploader, AccountName: "apples", Say: func(string, ...any) {}}
	lock("no account", auto, nil, "", exitDone)
	lock("no account, and somebody insists", always, nil, "", exitRefused)
	lock("no account of that name", named, nil, "", exitUsage)
	lock("another is made than is named", named, store, "", exitUsage)
	lock("the account for packages", always, store, "apples", exitDone)
	account(t, conn, "zebra")
	lock("the first by name", always, nil, "apples", exitDone)
	lock("the one that is named", named, store, "zebra", exitDone)
	acquire(t, conn, placeIn(t, conn, "zebra"), mine)
	lock("held by a process that died", auto, nil, "apples", exitDone)
	acquire(t, conn, placeIn(t, conn, "zebra"), other)
	lock("held by somebody else", auto, nil, "", exitRefused)
	lock("held, and nobody cares", never, nil, "", exitDone)
}

func placeIn(t *testing.T, conn *connection, name string) storage.LockPlace {
	t.Helper()
	places, err := newProgram(World{}).locker(conn).Places(t.Context(), name, "shop")
	if err != nil || len(places) != 1 {
		t.Fatalf("places of %s: %v, %v", name, places, err)
	}
	return places[0]
}
