package deployer_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/management"
)

// TestWorldMoved changes the slots between planning and running.
func TestWorldMoved(t *testing.T) {
	swap := func(w *world) { w.exchange() }
	empty := func(w *world) { delete(w.slots, staging) }
	replace := func(w *world) { w.slots[staging] = up("x1", "9.9") }
	tests := []struct {
		name    string
		staged  *management.Deployment
		desired func(w *world) deployer.Desired
		moved   func(w *world)
		want    string
	}{
		{"create, occupied", nil, func(w *world) deployer.Desired { return w.deploy(staging, "1.1") }, replace, `staging holds deployment x1 ("9.9")`},
		{"upgrade, swapped", up("s1", "1.1"), func(w *world) deployer.Desired { return w.deploy(staging, "1.2") }, swap, `staging holds deployment p1 ("1.0")`},
		{"upgrade, emptied", up("s1", "1.1"), func(w *world) deployer.Desired { return w.deploy(staging, "1.2") }, empty, `staging is empty`},
		{"swap, emptied", up("s1", "1.1"), func(w *world) deployer.Desired { return deployer.Swap{Service: "shop"} }, empty, `production holds deployment p1 ("1.0"), staging is empty`},
		{"swap, replaced", up("s1", "1.1"), func(w *world) deployer.Desired { return w.deploy(production, "1.1") }, replace, `production holds deployment p1 ("1.0"), staging holds deployment x1 ("9.9")`},
		{"delete, swapped", up("s1", "1.1"), func(w *world) deployer.Desired { return deployer.Delete{Service: "shop", Slot: staging} }, swap, `deployment s1 is in production now`},
		{"suspend, swapped", up("s1", "1.1"), func(w *world) deployer.Desired {
			return deployer.SetStatus{Service: "shop", Slot: staging, Status: management.StatusSuspended}
		}, swap, `staging holds deployment p1 ("1.0")`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(up("p1", "1.0"), test.staged)
			desired := test.desired(w)
			plan := w.plan(t, desired)
			test.moved(w)
			before := w.labels()
			_, err := deployer.Run(context.Background(), w.ports(plan.Label), plan)
			var moved *deployer.MovedError
			if !errors.As(err, &moved) {
				t.Fatalf("got %v", err)
			}
			if diff := cmp.Diff(test.want, moved.Saw); diff != "" {
				t.Errorf("mismatch (-want +got)\n%s", diff)
			}
			if diff := cmp.Diff(before, w.labels()); diff != "" || len(w.made) > 0 || w.store.uploads > 0 {
				t.Errorf("something was changed: %v, %d uploads, slots (-before +after)\n%s", w.made, w.store.uploads, diff)
			}
		})
	}
}

// TestMovedWhileSending has the slots change between the last look and the call.
func TestMovedWhileSending(t *testing.T) {
	w := newWorld(up("p1", "1.0"), up("s1", "1.1"))
	plan := w.plan(t, deployer.Swap{Service: "shop"})
	w.cloud.calls.onChange = func(string) error {
		w.slots[staging] = up("x1", "9.9")
		return nil
	}
	_, err := deployer.Run(context.Background(), w.ports(""), plan)
	var moved *deployer.MovedError
	if !errors.As(err, &moved) || len(w.made) > 0 {
		t.Errorf("got %v after %v", err, w.made)
	}
}
