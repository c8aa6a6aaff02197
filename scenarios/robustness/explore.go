package robustness

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/vipswap/vipswap/emulator/faults"
	"github.com/vipswap/vipswap/scenarios/invariants"
	"github.com/vipswap/vipswap/scenarios/stage"
	"github.com/vipswap/vipswap/scenarios/suite"
)

// A Verdict is how a cell went.
type Verdict string

// The verdicts.
const (
	Held     Verdict = "held"      // the script passed, and the invariants held
	Failed   Verdict = "failed"    // the script's own checks failed
	Broken   Verdict = "broken"    // an invariant was broken
	Late     Verdict = "late"      // the script was not done in time
	NotMet   Verdict = "not-met"   // the fault never struck
	Canceled Verdict = "cancelled" // it was not played
)

// Bad reports whether a cell fails.
func (v Verdict) Bad() bool { return v == Failed || v == Broken || v == Late }

// A Cell is a call that was struck by a fault.
type Cell struct {
	Call    int                 `json:"call"`   // in the matrix's calls
	Column  string              `json:"column"` // in the matrix's columns
	Rule    faults.Rule         `json:"rule"`
	Verdict Verdict             `json:"verdict"`
	Reason  string              `json:"reason,omitempty"` // what failed
	Broken  []invariants.Broken `json:"broken,omitempty"`
	Result  suite.Result        `json:"-"`
}

// A Matrix is how a script went under each fault at each of its calls.
type Matrix struct {
	Script   string        `json:"script"`
	File     string        `json:"file"`
	Calls    []Call        `json:"calls"`
	Columns  []string      `json:"columns"` // that have a cell
	Cells    []Cell        `json:"cells"`
	Baseline suite.Result  `json:"baseline"` // the run without faults; when it did not pass, there are no cells
	Took     time.Duration `json:"tookNs"`
}

// Bad returns the cells that fail.
func (m *Matrix) Bad() []Cell {
	return slices.DeleteFunc(slices.Clone(m.Cells), func(c Cell) bool { return !c.Verdict.Bad() })
}

// Options are how a script is explored.
type Options struct {
	suite.Options
	Kinds []faults.Kind // that are tried; nil for all
	// Told is called with each cell when it was played, one at a time; it may be
	// nil. of is how many there are.
	Told func(c Cell, of int)
}

// Explore plays a script without faults, then once for each call and kind. The
// baseline of the result tells when the script does not even pass without.
func Explore(ctx context.Context, st *stage.Stage, s suite.Script, o Options) Matrix {
	began := time.Now()
	how := o.Performance
	how.Watch, how.Look, how.Keep, how.Update = true, true, false, false
	how.Faults = faults.Plan{Rules: []faults.Rule{counting()}}
	m := Matrix{Script: s.Name, File: s.File, Baseline: suite.Play(ctx, st, s, how)}
	if m.Baseline.Outcome == suite.Passed {
		m.Calls = callsOf(m.Baseline)
		m.Cells, m.Columns = cellsOf(m.Calls, o.Kinds)
		// What takes ten times as long as without faults hangs.
		const times, atLeast = 10, 5 * time.Second
		how.Limit = min(orDefault(o.Limit), atLeast+times*m.Baseline.Took)
		m.play(ctx, st, s, how, o)
	}
	m.Took = time.Since(began)
	return m
}

func orDefault(limit time.Duration) time.Duration {
	if limit == 0 {
		return suite.DefaultLimit
	}
	return limit
}

// cellsOf makes the cells of all calls, and the columns that have one.
func cellsOf(calls []Call, kinds []faults.Kind) (cells []Cell, titles []string) {
	used := map[string]bool{}
	for i, call := range calls {
		for _, c := range columns() {
			if !c.befalls(call) || kinds != nil && !slices.Contains(kinds, c.rule.Kind) {
				continue
			}
			rule := c.rule
			rule.Match = faults.Match{Operation: call.Operation, Nth: call.Nth}
			cells = append(cells, Cell{Call: i, Column: c.title, Rule: rule, Verdict: Canceled})
			used[c.title] = true
		}
	}
	for _, c := range columns() {
		if used[c.title] {
			titles = append(titles, c.title)
		}
	}
	return cells, titles
}

// play plays all cells.
func (m *Matrix) play(ctx context.Context, st *stage.Stage, s suite.Script, how suite.Performance, o Options) {
	told := make(chan Cell)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for c := range told {
			if o.Told != nil {
				o.Told(c, len(m.Cells))
			}
		}
	}()
	suite.Each(o.Parallel, len(m.Cells), func(i int) {
		c := &m.Cells[i]
		if ctx.Err() != nil {
			return
		}
		one := how
		one.Faults = faults.Plan{Rules: []faults.Rule{c.Rule}}
		one.Variant = fmt.Sprintf("%s-%d", c.Column, c.Call)
		c.Result = suite.Play(ctx, st, s, one)
		c.judge(m.Baseline.Broken)
		told <- *c
	})
	close(told)
	<-done
}

// judge finds the verdict.
func (c *Cell) judge(before []invariants.Broken) {
	r := &c.Result
	c.Broken = slices.DeleteFunc(slices.Clone(r.Broken), func(b invariants.Broken) bool {
		// A client that was killed by us had no chance to wait.
		return slices.ContainsFunc(before, b.Same) || r.TimedOut && b.Invariant == invariants.NothingLeft
	})
	c.Reason = r.Reason
	switch {
	case len(c.Broken) > 0:
		c.Verdict, c.Reason = Broken, c.Broken[0].String()
	case r.Outcome == suite.Failed && r.TimedOut:
		c.Verdict, c.Reason = Late, "not done in time: "+r.Reason
	case r.Outcome == suite.Failed:
		c.Verdict = Failed
	case r.Struck == nil || r.Struck.Strikes == 0:
		c.Verdict = NotMet
	default:
		c.Verdict = Held
	}
}
