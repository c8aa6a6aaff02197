package cli

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/deployer/process"
	"github.com/vipswap/vipswap/deployer/release"
	"github.com/vipswap/vipswap/deployer/release/journal"
)

func TestPlanSteps(t *testing.T) {
	entry := func(key string, state release.EntryState) release.Entry {
		return release.Entry{Step: "process/" + key, State: state}
	}
	a := &around{state: process.State{Environment: "Staging"}, journal: journal.Process{Deployment: release.Deployment{Journal: []release.Entry{
		entry("before/0/Done", release.Intent), entry("before/0/Done", release.Done), entry("before/1/Begun", release.Intent),
		entry("after/2/Next", release.Done), entry("before/3/Elsewhere", release.Done),
	}}}}
	s := &process.Script{Body: "true"}
	steps := []process.Step{
		{Name: "Done", Script: s}, {Name: "Begun", Script: s}, {Name: "Next", Manual: &process.Manual{}},
		{Name: "Elsewhere", Script: s, Environments: []string{"Production"}},
		{Name: "Mourn", Webhook: &process.Webhook{}, When: process.WhenFailure},
		{Name: "Maybe", Script: s, When: process.WhenVariable, Expression: "#{A}"},
	}
	want := []stepPlan{
		{Name: "Done", Kind: "script", Why: "it was done before the interruption"},
		{Name: "Begun", Kind: "script", Runs: true, Why: "again: it was begun before the interruption"},
		{Name: "Next", Kind: "manual intervention", Runs: true},
		{Name: "Elsewhere", Kind: "script", Why: "it is for Production"},
		{Name: "Mourn", Kind: "webhook", Runs: true, Condition: "(condition: failure)"},
		{Name: "Maybe", Kind: "script", Runs: true, Condition: "if #{A} is true"},
	}
	if diff := cmp.Diff(want, a.planSteps(phaseBefore, steps)); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]stepPlan{}, a.planSteps(phaseBefore, nil)); diff != "" {
		t.Errorf("without steps: mismatch (-want +got):\n%s", diff)
	}
}
