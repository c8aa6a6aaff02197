package robustness

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/emulator/faults"
	"github.com/vipswap/vipswap/emulator/journal"
	"github.com/vipswap/vipswap/scenarios/script"
)

// TestTogether puts reads under passing faults into groups, each cell once, no two of
// one group at neighbouring calls.
func TestTogether(t *testing.T) {
	m := &Matrix{Calls: []Call{{Point: faults.AtRequest, Operation: "Swap Deployment", Nth: 1, Changes: true}}}
	for n := range 30 {
		m.Calls = append(m.Calls, Call{Point: faults.AtRequest, Operation: "Get Deployment", Nth: n + 1})
	}
	m.cells(Options{})
	seen := map[int]bool{}
	groups := m.together()
	for _, group := range groups {
		last := -apart
		for _, i := range group {
			c := m.Cells[i]
			if seen[i] || c.Call == 0 || c.Call-last < apart {
				t.Errorf("cell %d at call %d, after %d, is in a group, which is wrong", i, c.Call, last)
			}
			seen[i], last = true, c.Call
		}
	}
	if reads := len(m.Cells) - 10; len(seen) != reads || len(groups) > reads/4 {
		t.Errorf("%d of %d cells are in %d groups", len(seen), reads, len(groups))
	}
}

// TestRulesOf counts what clients ask once more.
func TestRulesOf(t *testing.T) {
	get := func(nth int, kind faults.Kind) Cell {
		return Cell{Rule: faults.Rule{Kind: kind, Match: faults.Match{Operation: "Get Deployment", Nth: nth}}}
	}
	m := &Matrix{Cells: []Cell{get(1, faults.Drop), get(5, faults.Slow), get(9, faults.ServerError), get(13, faults.Delay)}}
	var got []int
	for _, r := range m.rulesOf([]int{0, 1, 2, 3}) {
		got = append(got, r.Match.Nth)
	}
	if diff := cmp.Diff([]int{1, 6, 10, 15}, got); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
}

func TestStrikes(t *testing.T) {
	m := &Matrix{Calls: []Call{{Operation: "Get Deployment", Subject: "shop staging"}}}
	tests := map[string]struct {
		entry journal.Entry
		want  bool
	}{
		"the call":     {journal.Entry{Rule: "combination 3", Operation: "Get Deployment", Service: "shop", Slot: "staging"}, true},
		"another rule": {journal.Entry{Rule: "combination 4", Operation: "Get Deployment", Service: "shop", Slot: "staging"}, false},
		"another slot": {journal.Entry{Rule: "combination 3", Operation: "Get Deployment", Service: "shop", Slot: "production"}, false},
		"no rule":      {journal.Entry{Operation: "Get Deployment", Service: "shop", Slot: "staging"}, false},
	}
	for name, test := range tests {
		if got := m.strikes(&Cell{}, []journal.Entry{test.entry}, "combination 3"); got != test.want {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}

// TestShares divides combinations: all shares together have each once.
func TestShares(t *testing.T) {
	calls := []Call{{Operation: "Swap Deployment", Changes: true}, {Operation: "Get Deployment"}, {Operation: "Get Operation Status"}}
	played := map[string]int{}
	for share := 1; share <= 4; share++ {
		m := &Matrix{Calls: calls}
		m.cells(Options{Share: share, Shares: 4})
		for _, c := range m.Cells {
			played[calls[c.Call].Operation+" "+c.Column]++
		}
	}
	all := &Matrix{Calls: calls}
	all.cells(Options{})
	if len(played) != len(all.Cells) {
		t.Errorf("the shares have %d combinations, want %d", len(played), len(all.Cells))
	}
	for what, n := range played {
		if n != 1 {
			t.Errorf("%s is in %d shares", what, n)
		}
	}
}

// TestBeginnings finds what two scripts have in common.
func TestBeginnings(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	first := write("first.txtar", "# one\nexec a\nstdout x\nexec b\nexec c\n-- f --\nf\n")
	tests := map[string]struct {
		text string
		want []int // lines that the first has
	}{
		"the same":         {"# another\n\nexec a\nexec b\n! stderr z\nexec c\n-- f --\nf\n", []int{3, 4, 6}},
		"until a line":     {"exec a\nexec c\n-- f --\nf\n", []int{1}},
		"with other files": {"exec a\nexec b\n-- f --\nother\n", nil},
		"nothing":          {"exec b\nexec a\n-- f --\nf\n", nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var b Beginnings
			b.take("first", beginningsOf(first))
			b.take("first", beginningsOf(first)) // itself has nothing in common with itself
			second := &Matrix{Script: "second", File: write("second.txtar", test.text)}
			known := b.known(second)
			var got []int
			for line := range 10 {
				call := Call{}
				call.step.Line = line
				if known(call) {
					got = append(got, line)
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

// TestCellsOfSteps leaves out what would make another story of the script's.
func TestCellsOfSteps(t *testing.T) {
	swap := Call{Point: faults.AtRequest, Operation: "Swap Deployment", Nth: 1, Changes: true}
	operation := Call{Point: faults.AtOperation, Operation: "Swap Deployment", Nth: 1, Changes: true}
	tests := map[string]struct {
		call Call
		step script.Step
		want []string
	}{
		"a request":                        {swap, script.Step{Line: 1}, []string{"refuse", "drop", "lost", "delay", "409", "429", "500", "503", "cut", "slow"}},
		"of a program that is killed":      {swap, script.Step{Killed: true}, []string{"delay"}},
		"of a program that is to fail":     {swap, script.Step{Line: 1, Fails: true}, []string{"drop", "lost", "delay", "409", "429", "500", "503", "cut", "slow"}},
		"an operation":                     {operation, script.Step{Line: 1}, []string{"fails", "stuck", "update"}},
		"whose program is killed":          {operation, script.Step{Killed: true}, []string{"stuck"}},
		"whose program is to fail, anyway": {operation, script.Step{Line: 1, Fails: true}, []string{"stuck"}},
	}
	for name, test := range tests {
		test.call.step = test.step
		m := &Matrix{Calls: []Call{test.call}}
		m.cells(Options{})
		if diff := cmp.Diff(test.want, m.Columns); diff != "" {
			t.Errorf("%s: mismatch (-want +got):\n%s", name, diff)
		}
	}
}
