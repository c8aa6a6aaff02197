package journal_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/process"
	"github.com/vipswap/vipswap/deployer/release"
	"github.com/vipswap/vipswap/deployer/release/journal"
)

// What the package is meant to be connected with fits.
var (
	_ journal.History  = (*release.History)(nil)
	_ deployer.Journal = journal.Steps{}
	_ process.Journal  = journal.Process{}
)

var (
	errFull = errors.New("the disk is full")
	errLost = errors.New("the key is lost")
)

// A history keeps the entries of one deployment, d1, in memory.
type history struct {
	entries []release.Entry
	secrets map[string]map[string]string // by step
	full    bool
	lost    bool
}

func (h *history) deployment() release.Deployment {
	return release.Deployment{ID: "d1", Journal: h.entries}
}

func (h *history) add(id string, e release.Entry) error {
	if h.full || id != "d1" {
		return errFull
	}
	h.entries = append(h.entries, e)
	return nil
}

func (h *history) RecordIntent(id, step, detail string) error {
	return h.add(id, release.Entry{Step: step, State: release.Intent, Detail: detail})
}

func (h *history) RecordDone(id, step, detail string) error {
	return h.add(id, release.Entry{Step: step, State: release.Done, Detail: detail})
}

func (h *history) RecordSecrets(id, step, detail string, secrets map[string]string) error {
	h.secrets = map[string]map[string]string{step: secrets}
	return h.RecordDone(id, step, detail)
}

func (h *history) Secrets(_ string, e release.Entry) (map[string]string, error) {
	if h.lost {
		return nil, errLost
	}
	return h.secrets[e.Step], nil
}

func TestPlan(t *testing.T) {
	plan := deployer.Plan{ID: "x", Service: "shop", Steps: []deployer.Step{{Kind: deployer.StepSwap, Service: "shop", Deployment: "b2"}}}
	h := &history{}
	if _, planned, err := journal.PlanOf(h.deployment()); planned || err != nil {
		t.Errorf("there is a plan before there is one: %v", err)
	}
	if err := journal.RecordPlan(h, "d1", plan); err != nil {
		t.Fatal(err)
	}
	got, planned, err := journal.PlanOf(h.deployment())
	if diff := cmp.Diff(plan, got); diff != "" || !planned || err != nil {
		t.Errorf("planned is %v, %v; mismatch (-want +got):\n%s", planned, err, diff)
	}
	if open := h.deployment().OpenIntents(); len(open) > 0 {
		t.Errorf("%+v is not done", open)
	}
	h.full = true
	if err := journal.RecordPlan(h, "d1", plan); !errors.Is(err, errFull) {
		t.Errorf("a plan that is not kept: %v", err)
	}
}

// TestPlanRefusals reads plans that cannot be carried out.
func TestPlanRefusals(t *testing.T) {
	for name, detail := range map[string]string{"garbled": "{", "of a newer version": `{"service":"shop","steps":[{"kind":"dance"}]}`} {
		d := release.Deployment{Journal: []release.Entry{{Step: "plan", State: release.Intent, Detail: detail}}}
		if _, planned, err := journal.PlanOf(d); !planned || err == nil {
			t.Errorf("%s: planned is %v, %v", name, planned, err)
		}
	}
}

// TestSteps writes what Left and people read.
func TestSteps(t *testing.T) {
	h := &history{}
	j := journal.Steps{History: h, ID: "d1"}
	swap, bake := deployer.Step{Kind: deployer.StepSwap, Service: "shop"}, deployer.Step{Kind: deployer.StepBake, Service: "shop", Deployment: "b2", For: "1h"}
	err := errors.Join(
		j.Intent(swap), j.Done(swap, deployer.StepResult{Outcome: deployer.OutcomeDone, OperationID: "0123", Note: "unread"}),
		j.Intent(bake), j.Done(bake, deployer.StepResult{Outcome: deployer.OutcomeFailed, Note: "down"}),
		j.Done(deployer.Step{Kind: deployer.StepPause}, deployer.StepResult{Outcome: deployer.OutcomeDone, Note: "approved by ada"}),
	)
	if err != nil {
		t.Fatal(err)
	}
	want := []release.Entry{
		{Step: "swap", State: release.Intent, Detail: "swap the slots of shop"}, {Step: "swap", State: release.Done, Detail: "0123"},
		{Step: "bake", State: release.Intent, Detail: "watch deployment b2 in production of shop for 1h"}, {Step: "bake", State: release.Done, Detail: "failed: down"},
		{Step: "pause", State: release.Done, Detail: "approved by ada"},
	}
	if diff := cmp.Diff(want, h.entries); diff != "" {
		t.Errorf("entries mismatch (-want +got):\n%s", diff)
	}
	h.full = true
	if err := j.Intent(swap); !errors.Is(err, errFull) {
		t.Errorf("an intent that is not kept: %v", err)
	}
}

// TestLeft reads from a history what a deployment has left to do.
func TestLeft(t *testing.T) {
	plan := deployer.Plan{
		Steps: []deployer.Step{{Kind: deployer.StepPause}, {Kind: deployer.StepHook, Hook: "before-swap"}, {Kind: deployer.StepSwap}, {Kind: deployer.StepBake}},
		Back:  []deployer.Step{{Kind: deployer.StepSwap, Back: true}, {Kind: deployer.StepCheck, Back: true}},
	}
	entry := func(step string, state release.EntryState, detail string) release.Entry {
		return release.Entry{Step: step, State: state, Detail: detail}
	}
	approved, swapped := entry("pause", release.Done, "approved by ada"), entry("swap", release.Done, "0123")
	for name, tt := range map[string]struct {
		entries []release.Entry
		want    string
	}{
		"nothing":             {nil, "pause before-swap swap bake"},
		"begun is not over":   {[]release.Entry{entry("pause", release.Intent, "")}, "pause before-swap swap bake"},
		"approved":            {[]release.Entry{approved, entry("before-swap", release.Done, "")}, "swap bake"},
		"a swap looks itself": {[]release.Entry{approved, swapped}, "before-swap swap bake"},
		"failed":              {[]release.Entry{swapped, entry("bake", release.Done, "failed: down")}, "swap-back check-back: down"},
		"swapped back":        {[]release.Entry{swapped, entry("bake", release.Done, "failed: down"), entry("swap-back", release.Done, "45")}, "check-back: down"},
		"other entries":       {[]release.Entry{entry("plan", release.Done, ""), entry("process/before/0/x", release.Done, "{}")}, "pause before-swap swap bake"},
	} {
		t.Run(name, func(t *testing.T) {
			left := journal.Left(plan, tt.entries)
			var words []string
			for _, s := range left.Steps {
				words = append(words, s.Name())
			}
			got := strings.Join(words, " ")
			if left.Turned != "" {
				got += ": " + left.Turned
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
