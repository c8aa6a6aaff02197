package scenarios

import (
	"bytes"
	"path"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/emulator/journal"
	"github.com/vipswap/vipswap/scenarios/stage"
	"github.com/vipswap/vipswap/scenarios/suite"
)

// differing are the scripts whose journals differ between two runs with one seed, and
// why that cannot be otherwise.
var differing = map[string]string{
	"clients/go_classic": "the client makes up names of its own",
	"clients/node_asm":   "the client makes up names of its own",
	"safety/lock_lost":   "two deployers are at work at once, and look as often as they can",
	"safety/lock_slept":  "two deployers are at work at once, and look as often as they can",
	"time/clocks":        "its story is a clock that runs with the wall's",
}

// TestScenarios plays all scripts as "vipswap test" does, each on two emulators with
// one seed. What was asked of them, and what they answered, is the same byte for
// byte. With the race detector, where an emulator is slow, only those of some suites are
// played twice; "make twice" plays all.
func TestScenarios(t *testing.T) {
	one, other := newStage(t), newStage(t)
	how := suite.Performance{Clients: newClients(t), Verbose: testing.Verbose()}
	scripts, err := suite.Find(folders(), "")
	if err != nil {
		t.Fatal(err)
	}
	unknown := map[string]bool{}
	for name := range differing {
		unknown[name] = true
	}
	for _, s := range scripts {
		delete(unknown, s.Name)
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			how := how
			how.Look = differing[s.Name] == "" && twice(s)
			first := play(t, one, s, how)
			if !how.Look {
				return
			}
			if diff := cmp.Diff(journalOf(t, first), journalOf(t, play(t, other, s, how))); diff != "" {
				t.Errorf("the journals of two runs mismatch (-first +second):\n%s", diff)
			}
		})
	}
	for name := range unknown {
		t.Errorf("there is no script %s", name)
	}
}

// quick are the suites that are played twice whatever it takes.
var quick = []string{"bluegreen", "time", "wire"}

// twice reports whether a script is to be played a second time.
func twice(s suite.Script) bool {
	return !testing.Short() && (!raceDetector || slices.Contains(quick, path.Dir(s.Name)))
}

// play plays a script that has to pass.
func play(t *testing.T, st *stage.Stage, s suite.Script, how suite.Performance) suite.Result {
	t.Helper()
	r := suite.Play(t.Context(), st, s, how)
	switch r.Outcome {
	case suite.Skipped:
		t.Skip(r.Reason)
	case suite.Failed:
		t.Fatal(r.Text())
	}
	if how.Verbose {
		t.Log(r.Log)
	}
	return r
}

// journalOf returns what was asked while a script was played, without what the wall's
// clock and the machine have to do with it.
func journalOf(t *testing.T, r suite.Result) string {
	t.Helper()
	var b bytes.Buffer
	if err := journal.WriteJSONLines(&b, journal.Reproducible(r.Requests)); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
