package deployer_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/management"
)

// TestUndo takes back plans that came to different ends.
func TestUndo(t *testing.T) {
	swap := deployer.Step{Kind: deployer.StepSwap, Deployment: "s1", Partner: "p1", Label: "1.1"}
	create := deployer.Step{Kind: deployer.StepCreate, Slot: staging, Deployment: "new", Label: "1.1"}
	upgrade := deployer.Step{Kind: deployer.StepUpgrade, Slot: staging, Deployment: "s1", Label: "1.1"}
	remove := deployer.Step{Kind: deployer.StepDelete, Slot: staging, Deployment: "s1", Label: "1.0"}
	suspend := deployer.Step{Kind: deployer.StepStatus, Slot: staging, Deployment: "s1", Status: management.StatusSuspended}
	start := deployer.Step{Kind: deployer.StepStatus, Slot: staging, Deployment: "s1", Status: management.StatusRunning}
	marked := up("s1", "1.1")
	marked.Properties = []management.Property{{Name: deployer.MarkProperty, Value: "plan"}}
	stopped := deployment("s1", "1.0", management.StatusSuspended, management.InstanceStopped)
	for _, test := range []struct {
		name                string
		step                deployer.Step
		production, staging *management.Deployment
		want                []string // steps
		refused             deployer.Code
	}{
		{"swap, not done", swap, up("p1", "1.0"), up("s1", "1.1"), nil, ""},
		{"swap, done", swap, up("s1", "1.1"), up("p1", "1.0"), []string{"swap the slots of shop"}, ""},
		{"swap, done, then the previous one was deleted", swap, up("s1", "1.1"), nil, nil, deployer.UnexpectedDeployment},
		{"swap, done, then staging was deployed to", swap, up("s1", "1.1"), up("x", "1.2"), nil, deployer.UnexpectedDeployment},
		{"swap, everything is another", swap, up("x", "1.1"), up("y", "1.0"), nil, ""},
		{"promotion, done", deployer.Step{Kind: deployer.StepSwap, Deployment: "s1"}, up("s1", "1.1"), nil, nil, deployer.CannotUndo},
		{"promotion, not done", deployer.Step{Kind: deployer.StepSwap, Deployment: "s1"}, nil, up("s1", "1.1"), nil, ""},
		{"create, not done", create, up("p1", "1.0"), nil, nil, ""},
		{"create, done", create, up("p1", "1.0"), up("new", "1.1"), []string{"delete deployment new in Staging of shop"}, ""},
		{"create, done, in the case of another tool", create, nil, up("NEW", "1.1"), []string{"delete deployment NEW in Staging of shop"}, ""},
		{"create, done, and swapped by somebody", create, up("new", "1.1"), up("p1", "1.0"), nil, deployer.NotConfirmed},
		{"create, and somebody else's deployment is there", create, nil, up("x", "1.1"), nil, ""},
		{"upgrade, not done", upgrade, nil, up("s1", "1.0"), nil, ""},
		{"upgrade, done", upgrade, nil, marked, nil, deployer.CannotUndo},
		{"delete, not done", remove, nil, up("s1", "1.0"), nil, ""},
		{"delete, done", remove, up("p1", "1.1"), nil, nil, deployer.CannotUndo},
		{"suspend, done", suspend, nil, stopped, []string{"set deployment s1 in Staging of shop to Running"}, ""},
		{"suspend, not done", suspend, nil, up("s1", "1.0"), nil, ""},
		{"start, done", start, nil, up("s1", "1.0"), []string{"set deployment s1 in Staging of shop to Suspended"}, ""},
		{"start, and it is gone", start, nil, nil, nil, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(test.production, test.staging)
			of := deployer.Plan{ID: "plan", Service: "shop", Slot: staging, Steps: []deployer.Step{{Kind: deployer.StepReady}, test.step}}
			plan := w.plan(t, deployer.Undo{Of: of})
			var got []string
			for _, s := range plan.Steps {
				got = append(got, s.String())
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("steps mismatch (-want +got):\n%s", diff)
			}
			var refused deployer.Code
			if plan.Refused() {
				refused = plan.Refusals[0].Code
			}
			if refused != test.refused {
				t.Errorf("refused as %q, want %q", refused, test.refused)
			}
		})
	}
}

// TestUndoRuns takes a swap and a creation back for real.
func TestUndoRuns(t *testing.T) {
	w := newWorld(up("p1", "1.0"), up("s1", "1.1"))
	plan := w.plan(t, deployer.Swap{Service: "shop"})
	if _, err := deployer.Run(context.Background(), w.ports(""), plan); err != nil {
		t.Fatal(err)
	}
	if _, err := deployer.Run(context.Background(), w.ports(""), w.plan(t, deployer.Undo{Of: plan})); err != nil {
		t.Fatal(err)
	}
	if got := w.labels(); w.slots[production].Label != "1.0" {
		t.Errorf("the slots hold %s", got)
	}
	if diff := cmp.Diff([]string{"swap", "swap"}, w.made); diff != "" {
		t.Errorf("changes mismatch (-want +got):\n%s", diff)
	}
}

// TestSettle waits for operations, and gives up.
func TestSettle(t *testing.T) {
	w := newWorld(up("p1", "1.0"), up("s1", "1.1"))
	w.begin("swap", []string{"p1", "s1"}, w.exchange)
	seen, err := deployer.Settle(context.Background(), w.ports(""), "shop", deployer.Waits{})
	if err != nil || seen.Production.Name != "s1" {
		t.Errorf("settled with %+v, %v", seen.Slots(), err)
	}
	w.begin("stuck", []string{"p1"}, func() {})
	w.ops[len(w.ops)-1].end = w.clock.now.Add(24 * time.Hour)
	var late *deployer.TimeoutError
	if _, err := deployer.Settle(context.Background(), w.ports(""), "shop", deployer.Waits{Timeout: time.Minute}); !errors.As(err, &late) {
		t.Errorf("got %v, want a timeout", err)
	}
	w.calls.dead = true
	if _, err := deployer.Settle(context.Background(), w.ports(""), "shop", deployer.Waits{}); !errors.Is(err, errKilled) {
		t.Errorf("got %v, want the cloud's error", err)
	}
}
