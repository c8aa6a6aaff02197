package scenarios

import (
	"testing"

	"github.com/vipswap/vipswap/scenarios/robustness"
	"github.com/vipswap/vipswap/scenarios/suite"
)

// explored are the scripts that an ordinary run of the tests explores, and which share
// of their combinations: another kind of fault at each call. "make each" plays all
// combinations of the whole suites, which takes long.
var explored = []struct {
	script        string
	share, shares int
}{
	{"bluegreen/swap", 1, 24},
	{"bluegreen/staging_delete", 5, 40},
	{"safety/killed_swap_resume", 3, 40},
	{"safety/killed_upgrade", 2, 40},
}

// TestEach plays scripts under faults at their calls, as "vipswap test --faults each"
// does. All combinations hold.
func TestEach(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped, because it plays scripts many times")
	}
	st := newStage(t)
	beginnings := &robustness.Beginnings{}
	for _, e := range explored {
		s := suite.Script{Name: e.script, File: e.script + ".txtar"}
		m := robustness.Explore(t.Context(), st, s, robustness.Options{Share: e.share, Shares: e.shares, Beginnings: beginnings})
		if m.Baseline.Outcome != suite.Passed || len(m.Cells) == 0 {
			t.Errorf("%s has %d combinations:\n%s", e.script, len(m.Cells), m.Baseline.Text())
		}
		for _, c := range m.Bad() {
			t.Errorf("%s: %s at %s: %s\n%s", e.script, c.Rule.Kind, m.Calls[c.Call], c.Reason, c.Result.Log)
		}
		t.Logf("%s: %d of its combinations, in %s", e.script, len(m.Cells), m.Took)
	}
}
