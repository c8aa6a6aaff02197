package cli

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

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
		id, err := conn.CreateStorageAccount(t.Context(), management.NewStorageAccount{Name: name, Label: name, Location: "West Europe"})
		if err != nil {
			t.Fatal(err)
		}
		if err := conn.WaitOperation(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	place, err := conn.lockPlace(t.Context(), "", "shop")
	if err != nil {
		t.Fatal(err)
	}
	return u, e, conn, *place
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
	if diff := cmp.Diff(someone, locked.Owner); diff != "" {
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
		{"broken", nil, []string{"lock", "break", "shop"}, exitDone, "it is not any more"},
		{"free again", nil, []string{"lock", "show", "shop"}, exitDone, "shop is not locked"},
		{"no such service", nil, []string{"lock", "show", "nothing"}, exitRefused, "there is no cloud service nothing"},
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
