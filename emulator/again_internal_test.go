package emulator

import (
	"errors"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/universe"
)

const againID = "0f0f0f0f-0000-4000-a000-00000000000a"

// A universe that is made while one of its id is still being deleted is there
// afterwards: none of what goes with the old one is taken from it.
func TestMadeAgainWhileItIsDeleted(t *testing.T) {
	dir := t.TempDir()
	e, err := New(WithData(dir), WithClock(cloud.ManualTime, 1))
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	create := func() error { _, err := e.CreateUniverse(universe.Spec{ID: againID}); return err }
	if err := create(); err != nil {
		t.Fatal(err)
	}
	e.snapshots.Lock() // where the deletion waits
	var deleting sync.WaitGroup
	deleting.Go(func() {
		if err := e.DeleteUniverse(againID); err != nil {
			t.Error(err)
		}
	})
	made := false
	for range 1000 {
		runtime.Gosched()
		made = made || create() == nil
	}
	e.snapshots.Unlock()
	deleting.Wait()
	if !made {
		if err := create(); err != nil {
			t.Fatal(err)
		}
	}
	saved, err := e.store.Load()
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(saved, func(s cloud.Saved) bool { return s.Universe.Subscription == againID }) {
		t.Error("the new universe is not kept")
	}
}

// What is put into an account that is made anew after a reset is not taken for what
// was there before.
func TestResetLeavesNewBlobsAlone(t *testing.T) {
	e, u := furnished(t, t.TempDir())
	e.put(t, u, "old")
	before := e.blobs.Accounts(accountID(u.ID(), "", 0))
	if err := e.ResetUniverse(u.ID()); err != nil {
		t.Fatal(err)
	}
	err := u.Update(func(st *cloud.State) *cloud.Error {
		return st.CreateAccount(strings.Repeat("b", 32), cloud.AccountSpec{Name: "files", Label: "f", Location: "West US"})
	})
	if err != nil {
		t.Fatal(err)
	}
	ids, err := e.keptAccounts(u)
	if err != nil {
		t.Fatal(err)
	}
	if len(before) != 1 || len(ids) != 1 || slices.Contains(ids, before[0]) {
		t.Errorf("blobs were under %q, and are under %q", before, ids)
	}
	if left := e.blobs.Accounts(before[0]); len(left) > 0 {
		t.Errorf("%q are left", left)
	}
}

// Who asks for the credentials of a universe that is deleted meanwhile is told so,
// and the folder of certificates has none for it.
func TestCredentialsOfOneThatWasDeleted(t *testing.T) {
	e := Start(t)
	if _, err := e.CreateUniverse(universe.Spec{ID: againID}); err != nil {
		t.Fatal(err)
	}
	r := e.universes.resident(againID)
	if err := e.stillThere(r); err != nil {
		t.Errorf("it is there: %v", err)
	}
	if err := e.DeleteUniverse(againID); err != nil {
		t.Fatal(err)
	}
	late, err := e.config.authority.Management(againID)
	if err != nil {
		t.Fatal(err)
	}
	var refused *universe.Error
	if err := e.stillThere(r); !errors.As(err, &refused) || refused.Code != universe.NotFound {
		t.Errorf("it is gone: %v", err)
	}
	anew, err := e.config.authority.Management(againID)
	if err != nil {
		t.Fatal(err)
	}
	if anew.Thumbprint() == late.Thumbprint() {
		t.Error("a certificate that came too late is still there")
	}
}
