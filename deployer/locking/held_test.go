package locking_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vipswap/vipswap/deployer/locking"
	"github.com/vipswap/vipswap/deployer/storage"
)

// hold takes a lock in the bubble of a test.
func hold(t *testing.T, s *subscription) *locking.Held {
	t.Helper()
	held, err := s.locker().Lock(t.Context(), wish(locking.Always, ""))
	if err != nil {
		t.Fatal(err)
	}
	return held
}

// pass lets time pass in the bubble of a test.
func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// TestHeld renews when it is due, and tells a lost lock from a passing trouble.
func TestHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSubscription("apples")
		held := hold(t, s)
		keep := func(when string, renewed int) {
			t.Helper()
			if err := held.Keep(t.Context()); err != nil || s.renewals != renewed {
				t.Errorf("%s: %v; it was renewed %d times, want %d", when, err, s.renewals, renewed)
			}
		}
		keep("young", 0)
		pass(storage.LockTime / 4)
		keep("old", 1)
		keep("young again", 1)
		pass(storage.LockTime / 4)
		s.lockErr["apples"] = errSilent
		keep("a passing trouble", 2)
		if err := held.Check(t.Context()); !errors.Is(err, errSilent) {
			t.Errorf("a change without knowing: %v", err)
		}
		delete(s.lockErr, "apples")
		s.hold("apples", other)
		var lost *storage.LockLostError
		if err := held.Keep(t.Context()); !errors.As(err, &lost) {
			t.Errorf("an old lock that was lost: %v", err)
		}
		if err := held.Check(t.Context()); !errors.As(err, &lost) {
			t.Errorf("a change without the lock: %v", err)
		}
		if err := held.Release(t.Context()); err != nil || s.heldBy("apples") != other {
			t.Errorf("giving up what was lost: %v; the lock is held by %q", err, s.heldBy("apples"))
		}
	})
}

// TestHeldNothing is what a run without a lock holds.
func TestHeldNothing(t *testing.T) {
	var held locking.Held
	held.KeepUp(t.Context())
	if err := errors.Join(held.Check(t.Context()), held.Keep(t.Context()), held.Release(t.Context())); err != nil || held.Account() != "" {
		t.Errorf("without a lock: %v, in %q", err, held.Account())
	}
}

// TestKeepUp renews a lock while nobody asks for it, and stops when it is released.
func TestKeepUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSubscription("apples")
		held := hold(t, s)
		held.KeepUp(t.Context())
		for range 10 {
			pass(storage.LockTime * 3 / 4)
			if by := s.heldBy("apples"); by != mine {
				t.Fatalf("it is held by %q", by)
			}
		}
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		if err := held.Release(ended); err != nil || s.heldBy("apples") != "" {
			t.Errorf("releasing it: %v; it is held by %q", err, s.heldBy("apples"))
		}
		renewals := s.renewals
		pass(storage.LockTime)
		if s.renewals != renewals {
			t.Error("a lock that was released is renewed")
		}
		var lost *storage.LockLostError
		if err := held.Check(t.Context()); !errors.As(err, &lost) {
			t.Errorf("a lock that was released is still held: %v", err)
		}
	})
}

// TestKeepUpEnds with its context: the lock ends by itself then.
func TestKeepUpEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSubscription("apples")
		held := hold(t, s)
		ctx, cancel := context.WithCancel(t.Context())
		held.KeepUp(ctx)
		cancel()
		pass(2 * storage.LockTime)
		if by := s.heldBy("apples"); by != "" {
			t.Errorf("it is held by %q", by)
		}
	})
}
