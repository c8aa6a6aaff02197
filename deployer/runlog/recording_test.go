package runlog_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/runlog"
)

// history is a journal elsewhere.
type history struct{}

func (history) Intent(deployer.Step) error                    { return nil }
func (history) Done(deployer.Step, deployer.StepResult) error { return nil }

// TestRecording ends runs, and finds what is known of them afterwards.
func TestRecording(t *testing.T) {
	broken := errors.New("broken")
	stopped := func(s deployer.Step) error {
		return fmt.Errorf("shop: %w", &deployer.InterruptedError{Step: s, Err: context.Canceled})
	}
	late := func(s deployer.Step) error { return &deployer.TimeoutError{Step: s, Why: "it takes long"} }
	hook := func(at string) deployer.Step { return deployer.Step{Kind: deployer.StepHook, Hook: at} }
	for _, test := range []struct {
		name   string
		kept   deployer.Journal
		err    error
		cutOff bool
		want   []runlog.State
	}{
		{name: "succeeded", want: []runlog.State{runlog.Succeeded}},
		{name: "failed", err: broken, want: []runlog.State{runlog.Failed}},
		{name: "stopped in a change", err: stopped(deployer.Step{Kind: deployer.StepSwap}), cutOff: true, want: []runlog.State{runlog.Running}},
		{name: "stopped, and nobody knows where", err: context.Canceled, cutOff: true, want: []runlog.State{runlog.Running}},
		{name: "stopped before any change", err: stopped(deployer.Step{Kind: deployer.StepPause}), want: []runlog.State{runlog.Failed}},
		{name: "stopped during a bake", err: stopped(deployer.Step{Kind: deployer.StepBake}), cutOff: true, want: []runlog.State{runlog.Running}},
		{name: "stopped on the way back", err: stopped(deployer.Step{Kind: deployer.StepCheck, Back: true}), cutOff: true, want: []runlog.State{runlog.Running}},
		{name: "stopped in a hook before", err: stopped(hook("before-swap")), want: []runlog.State{runlog.Failed}},
		{name: "stopped in a hook after", err: stopped(hook("after-swap")), cutOff: true, want: []runlog.State{runlog.Running}},
		{name: "out of time in a change", err: late(deployer.Step{Kind: deployer.StepUpgrade}), cutOff: true, want: []runlog.State{runlog.Running}},
		{name: "out of time while it uploads", err: late(deployer.Step{Kind: deployer.StepUpload}), want: []runlog.State{runlog.Failed}},
		{name: "kept elsewhere", kept: history{}, want: []runlog.State{runlog.Succeeded}},
		{name: "kept elsewhere, and failed", kept: history{}, err: broken},
		{name: "kept elsewhere, and stopped", kept: history{}, err: stopped(deployer.Step{Kind: deployer.StepSwap})},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			rec := &runlog.Recording{Log: open(t, dir), Run: swapping(), Kept: test.kept}
			if err := rec.Begin(); err != nil {
				t.Fatal(err)
			}
			cutOff, err := rec.Finish(deployer.Result{}, test.err)
			if cutOff != test.cutOff || !errors.Is(err, test.err) || test.err == nil && err != nil {
				t.Errorf("it is cut off: %v, want %v; it ended with %v, want %v", cutOff, test.cutOff, err, test.err)
			}
			runs, err := open(t, dir).Runs("sub") // Finish has closed the log
			if err != nil {
				t.Fatal(err)
			}
			var got []runlog.State
			for _, r := range runs {
				got = append(got, r.State)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("states mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

// TestRecordingJournals writes steps where the run is kept.
func TestRecordingJournals(t *testing.T) {
	dir := t.TempDir()
	rec := &runlog.Recording{Log: open(t, dir), Run: swapping()}
	if err := rec.Begin(); err != nil {
		t.Fatal(err)
	}
	if id := rec.Question(); id != "shop-1" {
		t.Errorf("it asks under %q", id)
	}
	if err := rec.Journal().Intent(rec.Run.Plan.Steps[0]); err != nil {
		t.Fatal(err)
	}
	for name, kept := range map[string]deployer.Journal{"in the log": nil, "elsewhere": history{}} {
		another := &runlog.Recording{Log: rec.Log, Run: swapping(), Kept: kept}
		var unfinished *runlog.UnfinishedError
		if err := another.Begin(); !errors.As(err, &unfinished) || len(unfinished.Run.Entries) != 1 {
			t.Errorf("another run, kept %s, begins: %v", name, err)
		}
	}
	elsewhere := &runlog.Recording{Log: rec.Log, Kept: history{}}
	if j := elsewhere.Journal(); j != (history{}) {
		t.Errorf("steps are written to %T", j)
	}
}
