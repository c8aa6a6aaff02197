package runlog_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/management"
	"github.com/vipswap/vipswap/deployer/runlog"
)

// baking is a run that swaps between gates, with a way back.
func baking() runlog.Run {
	check := deployer.Step{Kind: deployer.StepCheck, Deployment: "s1", Reason: "first"}
	again := check
	again.Reason = "again"
	return runlog.Run{Command: "swap", Subscription: "sub", Plan: deployer.Plan{
		Action: "swap", Service: "shop", Slot: management.Production,
		Seen: deployer.Slots{Production: &deployer.SlotState{Name: "p1", Label: "1.0"}},
		Steps: []deployer.Step{
			check, {Kind: deployer.StepPause}, again, {Kind: deployer.StepSwap, Deployment: "s1", Partner: "p1"}, {Kind: deployer.StepBake},
		},
		Back: []deployer.Step{{Kind: deployer.StepSwap, Deployment: "p1", Partner: "s1", Back: true}, {Kind: deployer.StepCheck, Back: true}},
	}}
}

// TestWayBackIsFoundAgain writes a run down step by step, and looks each time at what
// another process would find left.
func TestWayBackIsFoundAgain(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	r, err := l.Begin(baking())
	if err != nil {
		t.Fatal(err)
	}
	j := l.Journal(r)
	all := r.Plan.All()
	for _, tt := range []struct {
		step    int
		result  deployer.StepResult
		left    string
		swapped bool
	}{
		{0, deployer.StepResult{Outcome: deployer.OutcomeDone}, "pause check swap bake", false},
		{1, deployer.StepResult{Outcome: deployer.OutcomeDone, Note: "approved by ada"}, "check swap bake", false},
		{2, deployer.StepResult{Outcome: deployer.OutcomeDone}, "check swap bake", false},
		{2, deployer.StepResult{Outcome: deployer.OutcomeDone}, "check swap bake", false}, // by another process
		{3, deployer.StepResult{Outcome: deployer.OutcomeDone}, "bake", true},
		{4, deployer.StepResult{Outcome: deployer.OutcomeFailed, Note: "it was down"}, "swap-back check-back: it was down", true},
		{5, deployer.StepResult{Outcome: deployer.OutcomeDone}, "check-back: it was down", false},
	} {
		if err := j.Intent(all[tt.step]); err != nil {
			t.Fatal(err)
		}
		if err := j.Done(all[tt.step], tt.result); err != nil {
			t.Fatal(err)
		}
		found, err := l.Unfinished("sub")
		if err != nil || found == nil {
			t.Fatalf("found %v, %v", found, err)
		}
		var words []string
		left := found.Remaining()
		for _, s := range left.Steps {
			words = append(words, s.Name())
		}
		got := strings.Join(words, " ")
		if left.Turned != "" {
			got += ": " + left.Turned
		}
		if got != tt.left || found.Swapped() != tt.swapped {
			t.Errorf("after step %d: left %q, swapped %v; want %q, %v", tt.step, got, found.Swapped(), tt.left, tt.swapped)
		}
	}
	if err := l.Finish(r.ID, runlog.Ending{State: runlog.Failed, Result: &deployer.Result{Back: true, After: &deployer.Slots{Production: &deployer.SlotState{Name: "p1"}}}}); err != nil {
		t.Fatal(err)
	}
	last, err := l.LastSwap("sub")
	if diff := cmp.Diff((*runlog.Run)(nil), last); diff != "" || err != nil {
		t.Errorf("error %v; what was swapped back counts as a swap (-want +got):\n%s", err, diff)
	}
}
