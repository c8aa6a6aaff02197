package cloud_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/emulator/cloud"
)

// upgrading returns a world in which an upgrade of two domains has been taken.
func upgrading(t *testing.T, mode cloud.UpgradeMode) *world {
	w := newWorld(t)
	w.deploy(cloud.Staging, "v1", model(role("Web", 2)))
	w.must(func(st *cloud.State) *cloud.Error {
		return st.Upgrade(w.next(), "shop", inStaging, cloud.Update{Label: "v2", Model: model(role("Web", 2)), Mode: mode})
	})
	w.advance(30 * time.Second)
	return w
}

func (w *world) walk(domain int) error {
	return w.Update(func(st *cloud.State) *cloud.Error { return st.WalkDomain(w.next(), "shop", inStaging, domain) })
}

func (w *world) label() (label string) {
	w.View(func(st *cloud.State) *cloud.Error {
		_, _, d, err := st.Deployment("shop", inStaging)
		label = d.Label
		return err
	})
	return label
}

func TestManualUpgradeWaitsToBeWalked(t *testing.T) {
	w := upgrading(t, cloud.Manual)
	w.advance(10 * time.Hour)
	var got []string
	look := func() { v := w.slot(cloud.Staging); got = append(got, v.Status+" "+v.Upgrade) }
	look()
	want := "BadRequest: The upgrade domain 1 cannot be walked at this time."
	if err := w.walk(1); err == nil || err.Error() != want {
		t.Errorf("walking out of order: %v, want %s", err, want)
	}
	for domain := range 2 {
		if err := w.walk(domain); err != nil {
			t.Fatal(err)
		}
		w.advance(10 * time.Second)
		look()
		w.advance(10 * time.Minute)
		look()
	}
	wantStates := []string{
		"RunningTransitioning Manual Before 0", "RunningTransitioning Manual During 0", "RunningTransitioning Manual Before 1",
		"RunningTransitioning Manual During 1", "Running ",
	}
	if diff := cmp.Diff(wantStates, got); diff != "" {
		t.Errorf("states mismatch (-want +got):\n%s", diff)
	}
	if err := w.walk(2); err == nil {
		t.Error("a domain was walked after the roll-out")
	}
}

func TestWalkRefusedInAutoMode(t *testing.T) {
	w := upgrading(t, cloud.Auto)
	if err := w.walk(0); err == nil {
		t.Error("an automatic roll-out was walked")
	}
}

func TestRollback(t *testing.T) {
	tests := map[string]struct {
		walked int // domains that have the new version before the rollback
		want   []string
	}{
		"before anything changed": {0, []string{"Running [] []"}},
		"after the first domain": {1, []string{
			"RunningTransitioning [Auto Before 0] []",
			"RunningTransitioning [Auto During 0] [Web_IN_0 StoppingRole]", "RunningTransitioning [Auto During 0] [Web_IN_0 StoppingVM]",
			"RunningTransitioning [Auto During 0] [Web_IN_0 StartingVM]", "RunningTransitioning [Auto During 0] [Web_IN_0 CreatingRole]",
			"RunningTransitioning [Auto During 0] [Web_IN_0 StartingRole]", "RunningTransitioning [Auto During 0] [Web_IN_0 BusyRole]",
			"RunningTransitioning [Auto Before 1] []", "Running [] []",
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := upgrading(t, cloud.Manual)
			for domain := range test.walked {
				if err := w.walk(domain); err != nil {
					t.Fatal(err)
				}
				w.advance(10 * time.Minute)
			}
			if got := w.label(); got != "v2" {
				t.Errorf("before the rollback the label is %s, want v2", got)
			}
			w.must(func(st *cloud.State) *cloud.Error { return st.Rollback(w.next(), "shop", inStaging, cloud.Auto, false) })
			w.advance(30 * time.Second)
			if got := w.label(); got != "v1" {
				t.Errorf("after the rollback the label is %s, want v1", got)
			}
			w.advance(5 * time.Second * time.Duration(1-test.walked) * 2)
			if diff := cmp.Diff(test.want, w.watch(cloud.Staging, 20*time.Minute)); diff != "" {
				t.Errorf("mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRollbackRefusedOutsideAnUpdate(t *testing.T) {
	w := newWorld(t)
	w.deploy(cloud.Staging, "v1", model(role("Web", 2)))
	err := w.Update(func(st *cloud.State) *cloud.Error { return st.Rollback(w.next(), "shop", inStaging, cloud.Auto, true) })
	want := "ConflictError: The deployment cannot be rolled back because no update or upgrade is in progress."
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestInstanceActions(t *testing.T) {
	tests := map[cloud.InstanceAction][]string{
		cloud.Reboot: {
			"Running [] [Web_IN_1 StoppingRole]", "Running [] [Web_IN_1 StoppingVM]", "Running [] [Web_IN_1 StartingVM]",
			"Running [] [Web_IN_1 StartingRole]", "Running [] [Web_IN_1 BusyRole]", "Running [] []",
		},
		cloud.Reimage: {
			"Running [] [Web_IN_1 StoppingRole]", "Running [] [Web_IN_1 StoppingVM]", "Running [] [Web_IN_1 CreatingVM]",
			"Running [] [Web_IN_1 StartingVM]", "Running [] [Web_IN_1 CreatingRole]", "Running [] [Web_IN_1 StartingRole]", "Running [] []",
		},
	}
	tests[cloud.Rebuild] = tests[cloud.Reimage]
	for action, want := range tests {
		t.Run(string(action), func(t *testing.T) {
			w := newWorld(t)
			w.deploy(cloud.Staging, "v1", model(role("Web", 2)))
			ask := func(name string) error {
				return w.Update(func(st *cloud.State) *cloud.Error { return st.Act(w.next(), "shop", inStaging, name, action) })
			}
			if err := ask("web_in_1"); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, w.watch(cloud.Staging, 10*time.Minute)); diff != "" {
				t.Errorf("mismatch (-want +got):\n%s", diff)
			}
			if err := ask("Web_IN_7"); err == nil || err.Error() != "ResourceNotFound: The role instance Web_IN_7 does not exist." {
				t.Errorf("an unknown instance: %v", err)
			}
		})
	}
}

func TestDeleteInstances(t *testing.T) {
	w := newWorld(t)
	w.deploy(cloud.Staging, "v1", model(role("Web", 3)))
	ask := func(names ...string) error {
		return w.Update(func(st *cloud.State) *cloud.Error {
			return st.DeleteInstances(w.next(), "shop", inStaging, names, model(role("Web", 3-len(names))), nil)
		})
	}
	for want, names := range map[string][]string{
		"ResourceNotFound: The role instance Web_IN_9 does not exist.":                              {"Web_IN_9"},
		"BadRequest: No role instance was named.":                                                   {},
		"BadRequest: The role instance Web_IN_2 is the last one of role Web and cannot be deleted.": {"Web_IN_0", "Web_IN_1", "Web_IN_2"},
	} {
		if err := ask(names...); err == nil || err.Error() != want {
			t.Errorf("%v: got %v, want %s", names, err, want)
		}
	}
	if err := ask("Web_IN_0"); err != nil {
		t.Fatal(err)
	}
	w.advance(time.Minute)
	if diff := cmp.Diff([]string{"Web_IN_1 ReadyRole", "Web_IN_2 ReadyRole"}, w.slot(cloud.Staging).Instances); diff != "" {
		t.Errorf("instances mismatch (-want +got):\n%s", diff)
	}
}
