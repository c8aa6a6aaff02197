package journal_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/deployer/process"
	"github.com/vipswap/vipswap/deployer/release"
	"github.com/vipswap/vipswap/deployer/release/journal"
)

// TestProcess finds in a later process what an earlier one has recorded.
func TestProcess(t *testing.T) {
	const done, begun, never = "before/0/Migrate", "before/1/Warm", "after/0/Tell"
	h := &history{}
	first := journal.Process{History: h, Deployment: h.deployment()}
	outputs := process.Outputs{Plain: map[string]string{"Rows": "7"}, Secret: map[string]string{"Key": "hunter22"}}
	if err := errors.Join(first.Begin(done), first.End(done, outputs), first.Begin(begun)); err != nil {
		t.Fatal(err)
	}
	if _, ended, _ := first.Ended(done); ended {
		t.Error("a process asks for what it has done itself")
	}
	later := journal.Process{History: h, Deployment: h.deployment()}
	got, ended, err := later.Ended(done)
	if diff := cmp.Diff(outputs, got); diff != "" || !ended || err != nil {
		t.Errorf("ended is %v, %v; mismatch (-want +got):\n%s", ended, err, diff)
	}
	type reached struct{ begun, ended bool }
	for key, want := range map[string]reached{done: {true, true}, begun: {true, false}, never: {}} {
		var is reached
		if is.begun, is.ended = later.Reached(key); is != want {
			t.Errorf("%s has reached %+v, want %+v", key, is, want)
		}
		if _, ended, err := later.Ended(key); ended != want.ended || err != nil {
			t.Errorf("%s has ended: %v, %v", key, ended, err)
		}
	}
	if names := journal.ProcessEnded(h.deployment()); !slices.Equal(names, []string{"Migrate"}) {
		t.Errorf("%q have ended", names)
	}
	if names := journal.ProcessCutOff(h.deployment()); !slices.Equal(names, []string{"Warm"}) {
		t.Errorf("%q were cut off", names)
	}
	h.lost = true
	if _, _, err := later.Ended(done); !errors.Is(err, errLost) {
		t.Errorf("secrets that are lost: %v", err)
	}
	h.full = true
	if err := later.End(begun, process.Outputs{}); !errors.Is(err, errFull) {
		t.Errorf("an end that is not kept: %v", err)
	}
}

// TestProcessOfOthers leaves entries alone that are no steps of a project.
func TestProcessOfOthers(t *testing.T) {
	d := release.Deployment{Journal: []release.Entry{
		{Step: "swap", State: release.Done}, {Step: "bake", State: release.Intent}, {Step: "process/before/0/Odd", State: release.Done, Detail: "no JSON"},
	}}
	if _, ended, err := (journal.Process{History: &history{}, Deployment: d}).Ended("before/0/Odd"); ended || err != nil {
		t.Errorf("a step whose outputs cannot be read has ended: %v, %v", ended, err)
	}
	if names := journal.ProcessEnded(d); !slices.Equal(names, []string{"Odd"}) {
		t.Errorf("%q have ended", names)
	}
	if names := journal.ProcessCutOff(d); len(names) > 0 {
		t.Errorf("%q were cut off", names)
	}
}
