package deployer_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/management"
)

func TestOlderIsSaid(t *testing.T) {
	for _, test := range []struct {
		live, staged string
		older, newer bool
	}{
		{"Shop v1.1.0", "Shop v1.0.0", true, false},
		{"Shop v1.10.0", "Shop v1.9.0", true, false},
		{"1.0.0", "1.0.0-beta", true, false},
		{"Shop v1.0.0", "Shop v1.1.0", false, true},
		{"Shop v1.0.0", "Shop v1.0.0", false, false},
		{"Shop v1.0.0", "hotfix", false, false},
		{"hotfix", "Shop v1.0.0", false, false},
		{"", "", false, false},
	} {
		w := newWorld(up("p1", test.live), up("s1", test.staged))
		plan := w.plan(t, deployer.Swap{Service: "shop"})
		got := false
		for _, d := range plan.Decisions {
			got = got || d.Code == deployer.StagedOlder && d.Warning
		}
		if got != test.older {
			t.Errorf("%q over %q: older %v, want %v", test.staged, test.live, got, test.older)
		}
		back := w.plan(t, deployer.Rollback{Service: "shop"})
		if older := back.Refusing(deployer.StagedOlder); older.Refused() {
			t.Errorf("%q over %q: a rollback is refused: %v", test.staged, test.live, older.Refusals)
		}
		if newer := back.Refusing(deployer.StagedNewer); newer.Refused() != test.newer {
			t.Errorf("%q over %q: a rollback goes forward: %v, want %v", test.staged, test.live, newer.Refused(), test.newer)
		}
	}
}

func TestRefusing(t *testing.T) {
	suspended := deployment("s1", "1.1", management.StatusSuspended, management.InstanceStopped)
	busy := deployment("s1", "1.1", management.StatusRunning, "BusyRole")
	for _, test := range []struct {
		name                string
		production, staging *management.Deployment
		desired             deployer.Desired
		want                deployer.Code // "" is not refused
	}{
		{"good swap", up("p1", "1.0"), up("s1", "1.1"), deployer.Swap{Service: "shop"}, ""},
		{"older", up("p1", "1.1"), up("s1", "1.0"), deployer.Swap{Service: "shop"}, deployer.StagedOlder},
		{"suspended", up("p1", "1.0"), suspended, deployer.Swap{Service: "shop", Waits: deployer.Waits{NoReady: true}}, deployer.StagedSuspended},
		{"not ready", up("p1", "1.0"), busy, deployer.Swap{Service: "shop"}, deployer.StagedNotReady},
		{"same label", up("p1", "1.1"), up("s1", "1.1"), deployer.Swap{Service: "shop"}, deployer.SameLabelSwap},
		{"rollback copy", up("p1", "1.1"), up("s1", "1.0"), newWorld(nil, nil).deploy(staging, "1.2"), deployer.RollbackCopyLost},
		{"live slot", up("p1", "1.1"), nil, newWorld(nil, nil).deploy(production, "1.2"), deployer.LiveSlotUpgrade},
		{"first deployment", nil, nil, newWorld(nil, nil).deploy(staging, "1.2"), ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(test.production, test.staging)
			usual := w.plan(t, test.desired)
			if usual.Refused() || usual.Empty() {
				t.Fatalf("the usual plan is refused or empty: %+v", usual)
			}
			plan := usual.Refusing(deployer.Careful()...)
			var got deployer.Code
			if plan.Refused() {
				got = plan.Refusals[0].Code
			}
			if got != test.want || plan.Refused() != plan.Empty() {
				t.Errorf("refused as %q with %d steps, want %q", got, len(plan.Steps), test.want)
			}
			if usual.Refused() {
				t.Error("the plan that was given has changed")
			}
		})
	}
}

func TestEveryStepHasARisk(t *testing.T) {
	w := newWorld(up("p1", "1.0"), deployment("s1", "1.1", management.StatusRunning, "BusyRole"))
	for _, d := range []deployer.Desired{
		w.deploy(production, "1.1"), w.deploy(staging, "1.2"), deployer.Delete{Service: "shop", Slot: staging},
		deployer.SetStatus{Service: "shop", Slot: staging, Status: management.StatusSuspended},
	} {
		for _, s := range w.plan(t, d).Steps {
			if s.Risk() == "" {
				t.Errorf("%s has no risk", s)
			}
		}
	}
}

func TestDigest(t *testing.T) {
	changed := func(f func(*management.Deployment)) *management.Deployment {
		d := up("s1", "1.1")
		f(d)
		return d
	}
	of := func(production, staging *management.Deployment) string {
		return deployer.Observed{Service: "shop", Production: production, Staging: staging}.Digest()
	}
	base := of(up("p1", "1.0"), up("s1", "1.1"))
	same := map[string]string{
		"again":         of(up("p1", "1.0"), up("s1", "1.1")),
		"case of names": of(up("P1", "1.0"), up("s1", "1.1")),
		"restarting":    of(up("p1", "1.0"), changed(func(d *management.Deployment) { d.Instances[0].Status = "BusyRole" })),
		"transitioning": of(up("p1", "1.0"), changed(func(d *management.Deployment) { d.Status = management.StatusRunningTransitioning })),
	}
	other := map[string]string{
		"swapped":       of(up("s1", "1.1"), up("p1", "1.0")),
		"emptied":       of(up("p1", "1.0"), nil),
		"label":         of(up("p1", "1.0"), up("s1", "1.2")),
		"redeployed":    of(up("p1", "1.0"), up("s2", "1.1")),
		"suspended":     of(up("p1", "1.0"), changed(func(d *management.Deployment) { d.Status = management.StatusSuspended })),
		"configuration": of(up("p1", "1.0"), changed(func(d *management.Deployment) { d.Configuration = []byte("x") })),
		"endpoints":     of(up("p1", "1.0"), changed(func(d *management.Deployment) { d.Roles[0].InputEndpoints = nil })),
		"scaled":        of(up("p1", "1.0"), changed(func(d *management.Deployment) { d.Instances = d.Instances[:1] })),
		"upgraded by another plan": of(up("p1", "1.0"), changed(func(d *management.Deployment) {
			d.Properties = []management.Property{{Name: deployer.MarkProperty, Value: "x"}}
		})),
	}
	for name, got := range same {
		if diff := cmp.Diff(base, got); diff != "" {
			t.Errorf("%s: digest mismatch (-want +got):\n%s", name, diff)
		}
	}
	for name, got := range other {
		if got == base {
			t.Errorf("%s: the digest is the same", name)
		}
	}
}
