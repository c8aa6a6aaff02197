package robustness

import (
	"context"
	"fmt"
	"runtime"
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
	Repeated Verdict = "repeated"  // so it was after a program failed, said why, and was run once more
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
	Call     int                 `json:"call"`   // in the matrix's calls
	Column   string              `json:"column"` // in the matrix's columns
	Rule     faults.Rule         `json:"rule"`
	Verdict  Verdict             `json:"verdict"`
	Attend   bool                `json:"attend,omitempty"`   // somebody attends to the script
	Together int                 `json:"together,omitempty"` // how many were played in one; 0 for it alone
	Reason   string              `json:"reason,omitempty"`   // what failed
	Broken   []invariants.Broken `json:"broken,omitempty"`
	Result   suite.Result        `json:"-"`
}

// A Matrix is how a script went under each fault at each of its calls.
type Matrix struct {
	Script   string        `json:"script"`
	File     string        `json:"file"`
	Calls    []Call        `json:"calls"`
	Shared   int           `json:"shared,omitempty"` // combinations that were left to scripts with the same beginning
	Columns  []string      `json:"columns"`          // that have a cell
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
	// Share, of Shares, is which part of the combinations is played, from 1; no
	// Shares plays all. All shares together are all combinations, and each share
	// has every kind of fault and calls from everywhere.
	Share, Shares int
	// Beginnings, where it is not nil, remembers what was played, so that what
	// several scripts have in common at their beginnings is played in the first.
	Beginnings *Beginnings
	// Told is called with each cell when it was played, one at a time; it may be
	// nil. of is how many there are.
	Told func(c Cell, of int)
}

// Explore plays a script without faults, then once for each call and kind. The
// baseline of the result tells when the script does not even pass without.
func Explore(ctx context.Context, st *stage.Stage, s suite.Script, o Options) Matrix {
	began := time.Now()
	how := o.Performance
	how.Watch, how.Look, how.Attend, how.Keep, how.Update = true, true, true, false, false
	how.Faults = faults.Plan{Rules: []faults.Rule{counting()}}
	m := Matrix{Script: s.Name, File: s.File, Baseline: suite.Play(ctx, st, s, how)}
	if m.Baseline.Outcome == suite.Passed {
		m.Calls = callsOf(m.Baseline)
		m.cells(o)
		how.Limit = min(orDefault(o.Limit), hanging(m.Baseline.Took, o.Parallel))
		m.play(ctx, st, s, how, o)
	}
	m.Took = time.Since(began)
	return m
}

// hanging returns how long a script may take that took so long without faults, alone:
// what takes ten times as long, beside so many others that share the processors, hangs.
func hanging(alone time.Duration, parallel int) time.Duration {
	const times, atLeast = 10, 20 * time.Second
	crowd := max(1, parallel/runtime.GOMAXPROCS(0))
	return atLeast + times*alone*time.Duration(crowd)
}

func orDefault(limit time.Duration) time.Duration {
	if limit == 0 {
		return suite.DefaultLimit
	}
	return limit
}

// cells makes the cells that are to be played, and the columns that have one.
func (m *Matrix) cells(o Options) {
	known := o.Beginnings.known(m)
	used := map[string]bool{}
	for i, call := range m.Calls {
		for j, c := range columns() {
			switch {
			case !c.befalls(call) || o.Kinds != nil && !slices.Contains(o.Kinds, c.rule.Kind):
				continue
			case o.Shares > 0 && (i+j)%o.Shares != o.Share-1:
				continue
			case known(call):
				m.Shared++
				continue
			}
			rule := c.rule
			rule.Match = faults.Match{Operation: call.Operation, Nth: call.Nth}
			m.Cells = append(m.Cells, Cell{Call: i, Column: c.title, Rule: rule, Attend: c.lasting, Verdict: Canceled})
			used[c.title] = true
		}
	}
	for _, c := range columns() {
		if used[c.title] {
			m.Columns = append(m.Columns, c.title)
		}
	}
}

// An exploration is how the cells of a matrix are played.
type exploration struct {
	matrix *Matrix
	stage  *stage.Stage
	script suite.Script
	how    suite.Performance
	told   chan Cell
}

// tell tells that a cell was played.
func (e *exploration) tell(c Cell) { e.told <- c }

// play plays all cells: first together those that can be, then each of the others.
func (m *Matrix) play(ctx context.Context, st *stage.Stage, s suite.Script, how suite.Performance, o Options) {
	e := &exploration{matrix: m, stage: st, script: s, how: how, told: make(chan Cell)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for c := range e.told {
			if o.Told != nil {
				o.Told(c, len(m.Cells))
			}
		}
	}()
	groups := m.together()
	suite.Each(o.Parallel, len(groups), func(i int) {
		if ctx.Err() == nil {
			e.playGroup(ctx, groups[i])
		}
	})
	suite.Each(o.Parallel, len(m.Cells), func(i int) {
		if ctx.Err() == nil && m.Cells[i].Verdict == Canceled {
			e.playAlone(ctx, &m.Cells[i])
		}
	})
	close(e.told)
	<-done
}

// playAlone plays one cell.
func (e *exploration) playAlone(ctx context.Context, c *Cell) {
	one := e.how
	one.Faults = faults.Plan{Rules: []faults.Rule{c.Rule}}
	one.Attend = c.Attend
	one.Variant = fmt.Sprintf("%s-%d", c.Column, c.Call)
	c.Result = suite.Play(ctx, e.stage, e.script, one)
	c.judge(&e.matrix.Baseline)
	c.Result = c.Result.Reported()
	e.tell(*c)
}

// judge finds the verdict.
func (c *Cell) judge(baseline *suite.Result) {
	r := &c.Result
	c.Broken = slices.DeleteFunc(slices.Clone(r.Broken), func(b invariants.Broken) bool {
		// A client that was killed by us had no chance to wait.
		return slices.ContainsFunc(baseline.Broken, b.Same) || r.TimedOut && b.Invariant == invariants.NothingLeft
	})
	c.Broken = append(c.Broken, swappedBack(baseline.Returns, r.Returns)...)
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
	case r.Strayed:
		c.Verdict = Repeated
	default:
		c.Verdict = Held
	}
	if why := elsewhere(baseline.State, r.State); why != "" && (c.Verdict == Held || c.Verdict == Repeated) {
		c.Verdict, c.Reason = Failed, why
	}
}
