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
}

// columns returns the table of faults that are tried, in the order of the matrix.
// Delays are of the universe's time.
func columns() []column {
	seconds := func(n int) faults.Duration { return faults.Duration(time.Duration(n) * time.Second) }
	return []column{
		{"refuse", faults.Rule{Kind: faults.Refuse, Code: "ConflictError"}, nil, false, true},
		{"drop", faults.Rule{Kind: faults.Drop}, nil, true, false},
		{"lost", faults.Rule{Kind: faults.LoseAnswer}, nil, true, false},
		{"delay", faults.Rule{Kind: faults.Delay, Delay: seconds(30)}, nil, true, false},
		{"409", faults.Rule{Kind: faults.Conflict, Delay: seconds(60)}, nil, false, false},
		{"429", faults.Rule{Kind: faults.Throttle, RetryAfter: seconds(1)}, nil, true, false},
		{"500", faults.Rule{Kind: faults.ServerError}, nil, true, false},
		{"503", faults.Rule{Kind: faults.ServerError, Code: "ServerBusy"}, nil, true, false},
		{"cut", faults.Rule{Kind: faults.Truncate}, nil, true, false},
		{"slow", faults.Rule{Kind: faults.Slow, Delay: seconds(5)}, nil, true, false},
		{"fails", faults.Rule{Kind: faults.FailOperation}, nil, false, true},
		{"stuck", faults.Rule{Kind: faults.StuckOperation, Delay: seconds(1800)}, nil, false, false},
		{"update", faults.Rule{Kind: faults.GuestOSUpdate}, []string{"Swap Deployment"}, false, true},
		{"never", faults.Rule{Kind: faults.InstanceNeverReady}, nil, true, true},
		{"cycles", faults.Rule{Kind: faults.InstanceCycling}, nil, true, true},
		{"unresp", faults.Rule{Kind: faults.InstanceUnresponsive}, nil, true, true},
		{"later", faults.Rule{Kind: faults.InstanceFailsLater}, nil, true, true},
		{"cut-up", faults.Rule{Kind: faults.CutUpload}, []string{"Put Blob", "Put Block"}, false, false},
		{"slow-up", faults.Rule{Kind: faults.SlowBlob, Delay: seconds(5)}, nil, true, false},
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

// befalls reports whether the column can strike a call.
func (c column) befalls(call Call) bool {
	return c.rule.Kind.Point() == call.Point && (c.reads || call.Changes) &&
		(c.only == nil || slices.Contains(c.only, call.Operation))
}
