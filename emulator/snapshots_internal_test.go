package emulator

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/emulator/blob"
	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/universe"
)

// furnished is an emulator with a data folder whose second universe has a storage
// account, with the blob box/old in it once someone puts it.
func furnished(t *testing.T, dir string) (*Emulator, *cloud.Universe) {
	t.Helper()
	e, err := New(WithData(dir), WithClock(cloud.ManualTime, 1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	const id = "0f0f0f0f-0000-4000-a000-000000000001"
	if u := e.universes.Universe(id); u != nil {
		return e, u
	}
	if _, err := e.CreateUniverse(universe.Spec{ID: id}); err != nil {
		t.Fatal(err)
	}
	u := e.universes.Universe(id)
	err = u.Update(func(st *cloud.State) *cloud.Error {
		return st.CreateAccount(strings.Repeat("a", 32), cloud.AccountSpec{Name: "files", Label: "f", Location: "West US"})
	})
	if err != nil {
		t.Fatal(err)
	}
	// A container comes with an archive of an account.
	records := []byte(`{"Account":{},"Containers":{"box":{"Container":{"ETag":"0x1"}}}}`)
	if err := e.blobs.Unarchive(accountID(id, "files", 0), records, nil); err != nil {
		t.Fatal(err)
	}
	return e, u
}

// put stores a blob in the universe's account.
func (e *Emulator) put(t *testing.T, u *cloud.Universe, name string) {
	t.Helper()
	a := &accounts{universes: e.universes, store: e.blobs}
	if err := a.PutBlob(u.ID(), "files", "box", name, strings.NewReader(name)); err != nil {
		t.Fatal(err)
	}
}

// A universe that is deleted leaves no blobs, of itself or of its snapshots.
func TestDeletedUniverseLeavesNoBlobs(t *testing.T) {
	e, u := furnished(t, t.TempDir())
	e.put(t, u, "old")
	for _, name := range []string{"one", "two"} {
		if _, err := e.Snapshot(u.ID(), name); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.Restore(u.ID(), "one"); err != nil {
		t.Fatal(err)
	}
	if n := len(e.blobs.Accounts("")); n != 3 {
		t.Errorf("%d sets of contents, want that of the universe and those of its snapshots: %q", n, e.blobs.Accounts(""))
	}
	if err := e.DeleteUniverse(u.ID()); err != nil {
		t.Fatal(err)
	}
	if left := e.blobs.Accounts(""); len(left) != 0 {
		t.Errorf("left are %q", left)
	}
}

// An emulator that is killed while it puts a universe back has it as it was
// before, and nothing of the attempt.
func TestKilledBetweenTheStepsOfARestore(t *testing.T) {
	dir := t.TempDir()
	e, u := furnished(t, dir)
	e.put(t, u, "old")
	if _, err := e.Snapshot(u.ID(), "one"); err != nil {
		t.Fatal(err)
	}
	e.put(t, u, "new")
	saved, _, err := e.shelf.Snapshot(u.ID(), "one")
	if err != nil {
		t.Fatal(err)
	}
	// The blobs were copied; the state was not replaced.
	if err := e.blobs.Copy(copies(u.ID(), u.ID(), saved, 77)...); err != nil {
		t.Fatal(err)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	e, u = furnished(t, dir)
	want := []string{accountID(u.ID(), "files", 0), accountID(u.ID(), "files", saved.Universe.Contents)}
	if diff := cmp.Diff(want, e.blobs.Accounts("")); diff != "" {
		t.Errorf("contents mismatch (-want +got):\n%s", diff)
	}
	if got := len(e.blobs.List(want[0])); got != 2 {
		t.Errorf("the account has %d blobs, want 2", got)
	}
	// The next number is one that nothing has.
	if err := e.Restore(u.ID(), "one"); err != nil {
		t.Fatal(err)
	}
	if got := e.blobs.List(want[1]); len(got) != 1 {
		t.Errorf("the snapshot's blobs are %+v", got)
	}
}

// Snapshots are taken, put back, forked and exported while clients upload and time
// passes.
func TestSnapshotsAmidRequests(t *testing.T) {
	e, u := furnished(t, "")
	if _, err := e.Snapshot(u.ID(), "base"); err != nil {
		t.Fatal(err)
	}
	a := &accounts{universes: e.universes, store: e.blobs}
	var busy sync.WaitGroup
	try := func(f func(i int) error) {
		busy.Go(func() {
			for i := range 30 {
				if err := f(i); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for w := range 2 {
		busy.Go(func() {
			for i := range 100 {
				// The account may be put back in the middle of it.
				_ = a.PutBlob(u.ID(), "files", "box", fmt.Sprint(w, i), strings.NewReader("content"))
			}
		})
	}
	try(func(int) error { return u.Advance(time.Second) })
	try(func(i int) error { _, err := e.Snapshot(u.ID(), fmt.Sprint("s", i%3)); return err })
	try(func(int) error { return e.Restore(u.ID(), "base") })
	try(func(int) error { return e.Export(u.ID(), &bytes.Buffer{}) })
	try(func(int) error {
		info, err := e.Fork(u.ID(), "base", "")
		if err == nil {
			err = e.DeleteUniverse(info.ID)
		}
		return err
	})
	busy.Wait()
	if err := e.Restore(u.ID(), "base"); err != nil {
		t.Fatal(err)
	}
	if n := len(e.blobs.Accounts("")); n != 5 {
		t.Errorf("%d sets of contents, want 5: %q", n, e.blobs.Accounts(""))
	}
}

// A file that an older version exported is imported: recorded in the middle of a
// swap of v2 into production.
func TestOldSnapshotFilesStayReadable(t *testing.T) {
	e := Start(t, WithClock(cloud.AutoTime, 1))
	f, err := os.Open(filepath.Join("testdata", "swapping-1.vipswap"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := e.Import(f, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"v1", "v2"} {
		state, err := e.State(info.ID)
		if err != nil {
			t.Fatal(err)
		}
		if d := state.Service("shop").Production.Deployment; d == nil || d.Name != want || d.Busy == "" && want == "v1" {
			t.Errorf("production holds %+v, want %s", d, want)
		}
		if err := e.Advance(info.ID, time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	want := []blob.Listed{{Container: "packages", Blob: "shop.cspkg"}}
	got := e.blobs.List(e.blobs.Accounts(info.ID)[0])
	if len(got) != 1 || got[0].Container != want[0].Container || got[0].Blob != want[0].Blob || got[0].Size < 1000 {
		t.Errorf("blobs %+v, want %+v", got, want)
	}
}
