package cli

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/deployer/release"
	"github.com/vipswap/vipswap/deployer/storage"
)

// TestLockOf finds in the history how a deployment locks its service.
func TestLockOf(t *testing.T) {
	const plan = `{"id":"d1","action":"swap","service":"shop","slot":"Production"}`
	lock := release.Entry{Step: lockEntry, State: release.Done, Detail: `{"service":"shop","id":"x"}`}
	step := release.Entry{Step: stepPrefix + "before/0/Migrate", State: release.Intent}
	for _, test := range []struct {
		name    string
		journal []release.Entry
		want    releaseLock
		known   bool
		nothing bool // the deployment has done nothing
	}{
		{name: "queued", nothing: true},
		{name: "locked", journal: []release.Entry{lock}, want: releaseLock{"shop", "x"}, known: true, nothing: true},
		{name: "in the steps before", journal: []release.Entry{lock, step}, want: releaseLock{"shop", "x"}, known: true},
		{name: "in the plan", journal: []release.Entry{lock, {Step: planEntry, State: release.Intent, Detail: plan}}, want: releaseLock{"shop", "x"}, known: true},
		{name: "of an older version, in the steps before", journal: []release.Entry{step}, nothing: false},
		{name: "of an older version", journal: []release.Entry{{Step: planEntry, State: release.Intent, Detail: plan}}, want: releaseLock{"shop", storage.LockID("d1")}, known: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := release.Deployment{Journal: test.journal}
			got, known := lockOf(d)
			if diff := cmp.Diff(test.want, got); diff != "" || known != test.known {
				t.Errorf("known is %v, want %v; mismatch (-want +got):\n%s", known, test.known, diff)
			}
			if nothing := begunNothing(d); nothing != test.nothing {
				t.Errorf("it has done nothing: %v, want %v", nothing, test.nothing)
			}
		})
	}
}

// TestKeepUp renews a lock while nobody asks for it, and stops when it is released.
func TestKeepUp(t *testing.T) {
	_, e, conn, place := lockable(t)
	looks := make(chan struct{})
	now := someone.Since
	held := &heldLock{lock: acquire(t, conn, place, "x"), renewed: now, now: func() time.Time {
		looks <- struct{}{}
		now = now.Add(renewEvery)
		return now
	}}
	if err := e.Advance(e.Subscription(), storage.LockTime*3/4); err != nil {
		t.Fatal(err)
	}
	held.keepUp(t.Context(), time.Millisecond)
	for range 4 { // two looks of Keep and of the renewal behind it: the first one is over
		<-looks
	}
	if err := e.Advance(e.Subscription(), storage.LockTime*3/4); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.uploader.AcquireLock(t.Context(), place, storage.LockID("y"), someone); !isLocked(err) {
		t.Errorf("a lock that is kept up was taken: %v", err)
	}
	go func() { // who waits to be heard does not keep the lock from being released
		for range looks {
		}
	}()
	if err := held.release(t.Context()); err != nil {
		t.Fatal(err)
	}
	close(looks)
	acquire(t, conn, place, "y")
	var lost *storage.LockLostError
	if err := held.Check(t.Context()); err == nil || !errors.As(err, &lost) {
		t.Errorf("a lock that was released is still held: %v", err)
	}
}
