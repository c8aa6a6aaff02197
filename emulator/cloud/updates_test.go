package cloud_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/emulator/cloud"
)

var inStaging = cloud.Selector{Slot: cloud.Staging}

// watch returns what a slot looks like over d, each look that differs from the
// one before, without the instances that are ready.
func (w *world) watch(slot cloud.Slot, d time.Duration) []string {
	w.Helper()
	var seen []string
	for elapsed := time.Duration(0); elapsed < d; elapsed += time.Second {
		v := w.slot(slot)
		v.Instances = slices.DeleteFunc(v.Instances, func(s string) bool { return len(s) > 9 && s[len(s)-9:] == "ReadyRole" })
		look := fmt.Sprintf("%s [%s] %v", v.Status, v.Upgrade, v.Instances)
		if len(seen) == 0 || seen[len(seen)-1] != look {
			seen = append(seen, look)
		}
		w.advance(time.Second)
	}
	return seen
}

func TestUpgradeWalksTheDomains(t *testing.T) {
	w := newWorld(t)
	w.deploy(cloud.Staging, "v1", model(role("Web", 2)))
	id := w.next()
	w.must(func(st *cloud.State) *cloud.Error {
		return st.Upgrade(id, "shop", inStaging, cloud.Update{Label: "v2", Model: model(role("Web", 2)), Mode: cloud.Auto})
	})
	w.advance(30 * time.Second)
	if s, _ := w.status(id); s != cloud.Succeeded {
		t.Fatalf("operation is %s once the fabric has the update, want Succeeded", s)
	}
	got := w.watch(cloud.Staging, 20*time.Minute)
	var want []string
	want = append(want, "RunningTransitioning [Auto Before 0] []")
	for domain := range 2 {
		if domain > 0 {
			want = append(want, fmt.Sprintf("RunningTransitioning [Auto Before %d] []", domain))
		}
		for _, s := range []string{"StoppingRole", "StoppingVM", "StartingVM", "CreatingRole", "StartingRole", "BusyRole"} {
			want = append(want, fmt.Sprintf("RunningTransitioning [Auto During %d] [Web_IN_%d %s]", domain, domain, s))
		}
	}
	want = append(want, "Running [] []")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("roll-out mismatch (-want +got):\n%s", diff)
	}
}

func TestSimultaneousUpgradeTakesAllAtOnce(t *testing.T) {
	w := newWorld(t)
	w.deploy(cloud.Staging, "v1", model(role("Web", 3)))
	w.must(func(st *cloud.State) *cloud.Error {
		return st.Upgrade(w.next(), "shop", inStaging, cloud.Update{Label: "v2", Model: model(role("Web", 3)), Mode: cloud.Simultaneous})
	})
	w.advance(30 * time.Second)
	want := "RunningTransitioning [Simultaneous During 0] [Web_IN_0 StoppingRole Web_IN_1 StoppingRole Web_IN_2 StoppingRole]"
	if got := w.watch(cloud.Staging, time.Second)[0]; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	w.advance(3 * time.Minute)
	if got := w.watch(cloud.Staging, time.Second)[0]; got != "Running [] []" {
		t.Errorf("in the end %s", got)
	}
}

func TestUpgradeWaitsForTheFirstBoot(t *testing.T) {
	w := newWorld(t)
	w.must(func(st *cloud.State) *cloud.Error {
		return st.CreateDeployment(w.next(), "shop", cloud.Staging, cloud.DeploymentSpec{Name: "v1", Label: "v1", Start: true, Model: model(role("Web", 1))})
	})
	w.advance(time.Minute)
	id := w.next()
	w.must(func(st *cloud.State) *cloud.Error {
		return st.Upgrade(id, "shop", inStaging, cloud.Update{Label: "v2", Model: model(role("Web", 1)), Mode: cloud.Auto})
	})
	w.advance(2 * time.Minute)
	if s, _ := w.status(id); s != cloud.InProgress {
		t.Errorf("while instances start the upgrade is %s, want InProgress", s)
	}
	w.advance(3 * time.Minute)
	if s, _ := w.status(id); s != cloud.Succeeded {
		t.Errorf("once they are ready the upgrade is %s, want Succeeded", s)
	}
}

func TestUpgradeRefusedInPlace(t *testing.T) {
	small := role("Web", 1)
	small.Storage = []cloud.LocalStorage{{Name: "Logs", MB: 100}}
	big, smaller := small, small
	big.Size = "Large"
	smaller.Storage = []cloud.LocalStorage{{Name: "Logs", MB: 50}}
	otherDomains := model(small)
	otherDomains.Package = &cloud.Package{Digest: "q", UpgradeDomains: 3}
	tests := map[string]struct {
		to     *cloud.Model
		force  bool
		only   string
		failed bool
	}{
		"role removed":           {to: model(role("Other", 1)), failed: true},
		"role removed by force":  {to: model(role("Other", 1)), force: true},
		"role added":             {to: model(small, role("Other", 1))},
		"size":                   {to: model(big), failed: true},
		"size by force":          {to: model(big), force: true},
		"storage smaller":        {to: model(smaller), force: true, failed: true},
		"upgrade domain count":   {to: otherDomains, force: true, failed: true},
		"unknown role to update": {to: model(small), only: "Nobody", failed: true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.deploy(cloud.Staging, "v1", model(small))
			id := w.next()
			w.must(func(st *cloud.State) *cloud.Error {
				return st.Upgrade(id, "shop", inStaging, cloud.Update{Label: "v2", Model: test.to, Mode: cloud.Auto, Force: test.force, Role: test.only})
			})
			w.advance(2 * time.Hour)
			if s, err := w.status(id); (s == cloud.Failed) != test.failed {
				t.Errorf("operation is %s with %v, want failed %v", s, err, test.failed)
			}
			if v := w.slot(cloud.Staging); v.Status != "Running" || v.Locked {
				t.Errorf("afterwards %+v", v)
			}
		})
	}
}

func TestChangeConfiguration(t *testing.T) {
	settings := role("Web", 2)
	settings.Settings = "2"
	tests := map[string]struct {
		to   cloud.Role
		want []string
	}{
		"count alone touches nobody who stays": {role("Web", 3), []string{
			"RunningTransitioning [] [Web_IN_2 RoleStateUnknown]", "RunningTransitioning [] [Web_IN_2 CreatingVM]",
			"RunningTransitioning [] [Web_IN_2 StartingVM]", "RunningTransitioning [] [Web_IN_2 CreatingRole]",
			"RunningTransitioning [] [Web_IN_2 StartingRole]", "RunningTransitioning [] [Web_IN_2 BusyRole]", "Running [] []",
		}},
		"fewer instances": {role("Web", 1), []string{"Running [] []"}},
		"settings walk the domains": {settings, []string{
			"RunningTransitioning [Auto Before 0] []", "RunningTransitioning [Auto During 0] [Web_IN_0 BusyRole]",
			"RunningTransitioning [Auto Before 1] []", "RunningTransitioning [Auto During 1] [Web_IN_1 BusyRole]", "Running [] []",
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.deploy(cloud.Staging, "v1", model(role("Web", 2)))
			w.must(func(st *cloud.State) *cloud.Error {
				return st.ChangeConfiguration(w.next(), "shop", inStaging, cloud.Update{Model: model(test.to), Mode: cloud.Auto})
			})
			w.advance(time.Minute)
			if diff := cmp.Diff(test.want, w.watch(cloud.Staging, 20*time.Minute)); diff != "" {
				t.Errorf("mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

func TestChangeConfigurationOfSuspended(t *testing.T) {
	w := newWorld(t)
	w.must(func(st *cloud.State) *cloud.Error {
		return st.CreateDeployment(w.next(), "shop", cloud.Staging, cloud.DeploymentSpec{Name: "v1", Label: "v1", Model: model(role("Web", 1))})
	})
	w.advance(time.Hour)
	w.must(func(st *cloud.State) *cloud.Error {
		return st.ChangeConfiguration(w.next(), "shop", inStaging, cloud.Update{Model: model(role("Web", 2)), Mode: cloud.Auto})
	})
	w.advance(time.Minute)
	want := []string{"SuspendedTransitioning [] [Web_IN_0 StoppedVM Web_IN_1 CreatingVM]", "Suspended [] [Web_IN_0 StoppedVM Web_IN_1 StoppedVM]"}
	if diff := cmp.Diff(want, w.watch(cloud.Staging, 10*time.Minute)); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
}

func TestASecondUpdateReplacesTheFirst(t *testing.T) {
	w := newWorld(t)
	w.deploy(cloud.Staging, "v1", model(role("Web", 2)))
	for _, label := range []string{"v2", "v3"} {
		w.must(func(st *cloud.State) *cloud.Error {
			return st.Upgrade(w.next(), "shop", inStaging, cloud.Update{Label: label, Model: model(role("Web", 2)), Mode: cloud.Auto})
		})
		w.advance(time.Minute)
	}
	if v := w.slot(cloud.Staging); v.Upgrade != "Auto During 0" {
		t.Errorf("the second roll-out is at %q, want domain 0", v.Upgrade)
	}
	w.advance(time.Hour)
	if v := w.slot(cloud.Staging); v.Status != "Running" {
		t.Errorf("in the end %+v", v)
	}
}

func TestRollbackAllowedWhileAnInstanceIsOld(t *testing.T) {
	allowed := func(w *world) (ok bool) {
		w.View(func(st *cloud.State) *cloud.Error {
			_, _, d, err := st.Deployment("shop", inStaging)
			ok = d.RollbackAllowed()
			return err
		})
		return ok
	}
	for instances, want := range map[int]bool{1: false, 2: true} {
		w := newWorld(t)
		w.deploy(cloud.Staging, "v1", model(role("Web", instances)))
		w.must(func(st *cloud.State) *cloud.Error {
			return st.Upgrade(w.next(), "shop", inStaging, cloud.Update{Label: "v2", Model: model(role("Web", instances)), Mode: cloud.Auto})
		})
		w.advance(time.Minute)
		if got := allowed(w); got != want {
			t.Errorf("with %d instances a rollback is allowed: %v, want %v", instances, got, want)
		}
		w.advance(time.Hour)
		if allowed(w) {
			t.Errorf("with %d instances a rollback is allowed after the roll-out", instances)
		}
	}
}
