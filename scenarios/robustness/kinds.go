package robustness

import (
	"slices"
	"time"

	"github.com/vipswap/vipswap/emulator/faults"
)

// A column is a way in which calls are struck.
type column struct {
	title string      // of the matrix
	rule  faults.Rule // but for what it matches
	only  []string    // operations; nil for all at its point
	reads bool        // befalls requests that change nothing, too
	// lasting is what no client makes good by itself: a refusal, an operation that fails, an
	// instance that stays broken. Somebody attends to the script.
	lasting bool
	timed   bool // is over when some of the universe's time has passed
}

// columns returns the table of faults that are tried, in the order of the matrix.
// Delays are of the universe's time.
func columns() []column {
	seconds := func(n int) faults.Duration { return faults.Duration(time.Duration(n) * time.Second) }
	return []column{
		{title: "refuse", rule: faults.Rule{Kind: faults.Refuse, Code: "ConflictError"}, lasting: true},
		{title: "drop", rule: faults.Rule{Kind: faults.Drop}, reads: true},
		{title: "lost", rule: faults.Rule{Kind: faults.LoseAnswer}, reads: true},
		{title: "delay", rule: faults.Rule{Kind: faults.Delay, Delay: seconds(30)}, reads: true, timed: true},
		{title: "409", rule: faults.Rule{Kind: faults.Conflict, Delay: seconds(60)}, timed: true},
		{title: "429", rule: faults.Rule{Kind: faults.Throttle, RetryAfter: seconds(1)}, reads: true},
		{title: "500", rule: faults.Rule{Kind: faults.ServerError}, reads: true},
		{title: "503", rule: faults.Rule{Kind: faults.ServerError, Code: "ServerBusy"}, reads: true},
		{title: "cut", rule: faults.Rule{Kind: faults.Truncate}, reads: true},
		{title: "slow", rule: faults.Rule{Kind: faults.Slow, Delay: seconds(5)}, reads: true, timed: true},
		{title: "fails", rule: faults.Rule{Kind: faults.FailOperation}, lasting: true},
		{title: "stuck", rule: faults.Rule{Kind: faults.StuckOperation, Delay: seconds(1800)}, timed: true},
		{title: "update", rule: faults.Rule{Kind: faults.GuestOSUpdate}, only: []string{"Swap Deployment"}, lasting: true},
		{title: "never", rule: faults.Rule{Kind: faults.InstanceNeverReady}, reads: true, lasting: true},
		{title: "cycles", rule: faults.Rule{Kind: faults.InstanceCycling}, reads: true, lasting: true},
		{title: "unresp", rule: faults.Rule{Kind: faults.InstanceUnresponsive}, reads: true, lasting: true},
		{title: "later", rule: faults.Rule{Kind: faults.InstanceFailsLater}, reads: true, lasting: true},
		{title: "cut-up", rule: faults.Rule{Kind: faults.CutUpload}, only: []string{"Put Blob", "Put Block"}},
		{title: "slow-up", rule: faults.Rule{Kind: faults.SlowBlob, Delay: seconds(5)}, reads: true, timed: true},
	}
}

// undone are the kinds after which a change is not made, and those that end a request
// before the program is killed at it. What a program was killed at does not meet them:
// nobody is left to say so, or to ask again, or the kill comes too late.
var undone = []faults.Kind{
	faults.Refuse, faults.Drop, faults.Conflict, faults.Throttle, faults.ServerError, faults.FailOperation, faults.GuestOSUpdate,
	faults.LoseAnswer, faults.Truncate, faults.Slow,
}

// Kinds lists the kinds of faults that are tried.
func Kinds() []faults.Kind {
	var kinds []faults.Kind
	for _, c := range columns() {
		if !slices.Contains(kinds, c.rule.Kind) {
			kinds = append(kinds, c.rule.Kind)
		}
	}
	return kinds
}

// befalls reports whether the column can strike a call. What the script itself makes
// befall a call is not replaced, nothing lasting is added to a program that is to fail or
// runs beside the script, and what time ends is not begun where the script lets none pass.
func (c column) befalls(call Call) bool {
	switch {
	case c.rule.Kind.Point() != call.Point || !c.reads && !call.Changes:
		return false
	case c.only != nil && !slices.Contains(c.only, call.Operation):
		return false
	case call.step.Killed && call.Changes && slices.Contains(undone, c.rule.Kind):
		return false
	}
	unattended := call.step.Fails || call.step.Beside
	return !call.fails && !(unattended && c.lasting) && !(call.step.Held && c.timed)
}
