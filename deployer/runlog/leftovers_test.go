package runlog_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/runlog"
)

// swapRun is a swap that puts one deployment into production and another, or none,
// into staging, and what is then to become of that.
func swapRun(in, out, then string) (runlog.Run, runlog.Ending) {
	r := runlog.Run{Subscription: "sub", AfterSwap: then, Window: time.Hour, Plan: deployer.Plan{
		Service: "shop", Steps: []deployer.Step{{Kind: deployer.StepSwap, Deployment: in, Partner: out}},
	}}
	if out != "" {
		r.Plan.Seen.Production = &deployer.SlotState{Name: out}
	}
	return r, runlog.Ending{State: runlog.Succeeded, Result: &deployer.Result{
		Swapped: true, After: &deployer.Slots{Production: &deployer.SlotState{Name: in}},
	}}
}

// upgradeRun upgrades a deployment, and ends in a state.
func upgradeRun(name string, state runlog.State) (runlog.Run, runlog.Ending) {
	return runlog.Run{Subscription: "sub", Plan: deployer.Plan{
		Service: "shop", Steps: []deployer.Step{{Kind: deployer.StepUpgrade, Deployment: name}},
	}}, runlog.Ending{State: state}
}

// TestLeftovers lists what is still to be done after some runs.
func TestLeftovers(t *testing.T) {
	undone := func(in, out, then string) (runlog.Run, runlog.Ending) {
		r, e := swapRun(in, out, then)
		e.State = runlog.Undone
		return r, e
	}
	type made func(*testing.T, *runlog.Log)
	add := func(r runlog.Run, e runlog.Ending) made {
		return func(t *testing.T, l *runlog.Log) {
			if err := l.Record(r, e); err != nil {
				t.Fatal(err)
			}
		}
	}
	sweep := func(t *testing.T, l *runlog.Log) {
		if err := l.Swept(1); err != nil {
			t.Fatal(err)
		}
	}
	forget := func(id uint64) made {
		return func(t *testing.T, l *runlog.Log) {
			if err := l.Forget(id); err != nil {
				t.Fatal(err)
			}
		}
	}
	tests := map[string]struct {
		runs []made
		want []string // names of the deployments
	}{
		"a swap":                      {[]made{add(swapRun("b", "a", "delete"))}, []string{"a"}},
		"a swap that keeps":           {[]made{add(swapRun("b", "a", ""))}, nil},
		"into an empty slot":          {[]made{add(swapRun("b", "", "delete"))}, nil},
		"swept":                       {[]made{add(swapRun("b", "a", "delete")), sweep}, nil},
		"forgotten":                   {[]made{add(swapRun("b", "a", "delete")), forget(1)}, nil},
		"forgotten, then left again":  {[]made{add(swapRun("b", "a", "delete")), forget(1), add(swapRun("a", "b", "")), add(swapRun("b", "a", "suspend"))}, []string{"a"}},
		"forgotten, left before, too": {[]made{add(swapRun("b", "a", "delete")), add(swapRun("b", "a", "suspend")), forget(2)}, nil},
		"forgotten, not swapped":      {[]made{add(upgradeRun("a", runlog.Succeeded)), forget(1), add(swapRun("b", "a", "delete"))}, []string{"a"}},
		"two, of other deployments":   {[]made{add(swapRun("b", "a", "delete")), add(swapRun("d", "c", "suspend"))}, []string{"c", "a"}},
		"swapped back":                {[]made{add(swapRun("b", "a", "delete")), add(swapRun("a", "b", ""))}, nil},
		"swapped again, then another": {[]made{add(swapRun("b", "a", "delete")), add(swapRun("A", "b", "")), add(swapRun("b", "a", "suspend"))}, []string{"a"}},
		"upgraded":                    {[]made{add(swapRun("b", "a", "delete")), add(upgradeRun("a", runlog.Succeeded))}, nil},
		"upgraded before":             {[]made{add(upgradeRun("a", runlog.Succeeded)), add(swapRun("b", "a", "delete"))}, []string{"a"}},
		"an upgrade failed":           {[]made{add(swapRun("b", "a", "delete")), add(upgradeRun("a", runlog.Failed))}, []string{"a"}},
		"taken back":                  {[]made{add(undone("b", "a", "delete"))}, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			l := open(t, t.TempDir())
			for _, make := range tt.runs {
				make(t, l)
			}
			left, err := l.Leftovers("sub")
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, r := range left {
				got = append(got, r.Swap.Previous.Name)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("mismatch (-want +got):\n%s", diff)
			}
			if others, err := l.Leftovers("another"); err != nil || len(others) > 0 {
				t.Errorf("another subscription has %d, %v", len(others), err)
			}
		})
	}
}
