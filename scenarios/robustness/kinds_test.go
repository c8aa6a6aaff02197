package robustness

import (
	"testing"

	"github.com/vipswap/vipswap/emulator/faults"
	"github.com/vipswap/vipswap/scenarios/script"
)

// TestBefalls decides what is tried where.
func TestBefalls(t *testing.T) {
	swap := Call{Point: faults.AtRequest, Operation: "Swap Deployment", Nth: 1, Changes: true}
	look := Call{Point: faults.AtRequest, Operation: "Get Deployment", Nth: 1}
	ended := Call{Point: faults.AtOperation, Operation: "Swap Deployment", Nth: 1, Changes: true}
	start := Call{Point: faults.AtInstance, Nth: 1, Changes: true}
	put := Call{Point: faults.AtBlob, Operation: "Put Blob", Nth: 1, Changes: true}
	during := func(c Call, step script.Step) Call { c.step = step; return c }
	own := func(c Call) Call { c.fails = true; return c }
	tests := []struct {
		column string
		call   Call
		want   bool
	}{
		{"refuse", swap, true},
		{"refuse", look, false},
		{"drop", look, true},
		{"update", ended, true},
		{"update", Call{Point: faults.AtOperation, Operation: "Create Deployment", Nth: 1, Changes: true}, false},
		{"stuck", ended, true},
		{"stuck", swap, false},
		{"never", start, true},
		{"cut-up", put, true},
		{"stuck", own(ended), false},
		{"drop", own(swap), false},
		{"never", during(start, script.Step{Fails: true}), false},
		{"drop", during(swap, script.Step{Fails: true}), true},
		{"fails", during(ended, script.Step{Beside: true}), false},
		{"drop", during(swap, script.Step{Beside: true}), true},
		{"drop", during(swap, script.Step{Killed: true}), false},
		{"stuck", during(ended, script.Step{Killed: true}), true},
		{"drop", during(look, script.Step{Killed: true}), true},
		{"delay", during(look, script.Step{Held: true}), false},
		{"stuck", during(ended, script.Step{Held: true}), false},
		{"500", during(look, script.Step{Held: true}), true},
	}
	byTitle := map[string]column{}
	for _, c := range columns() {
		byTitle[c.title] = c
	}
	for _, test := range tests {
		if got := byTitle[test.column].befalls(test.call); got != test.want {
			t.Errorf("%s at %s during %+v: %v, want %v", test.column, test.call, test.call.step, got, test.want)
		}
	}
}
