package robustness

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/faults"
	"github.com/vipswap/vipswap/emulator/journal"
	"github.com/vipswap/vipswap/scenarios/suite"
)

// A Call is something that the script did, or had done, that a fault can befall.
type Call struct {
	Point     faults.Point `json:"point"`
	Operation string       `json:"operation,omitempty"`
	Nth       int          `json:"nth"`               // among calls of that operation, from 1
	Subject   string       `json:"subject,omitempty"` // service and slot, for people
	Changes   bool         `json:"changes"`           // could change something
}

// String names the call.
func (c Call) String() string {
	words := fmt.Sprintf("%s %d", c.Operation, c.Nth)
	switch c.Point {
	case faults.AtInstance:
		words = fmt.Sprintf("start of an instance %d", c.Nth)
	case faults.AtOperation:
		words = fmt.Sprintf("operation %s %d", c.Operation, c.Nth)
	}
	return strings.TrimSpace(words + " " + c.Subject)
}

// counting is a rule that strikes nothing and counts the starts of instances.
func counting() faults.Rule {
	const never = 1 << 30
	return faults.Rule{Name: "counting", Kind: faults.InstanceCycling, Match: faults.Match{Nth: never}}
}

// callsOf lists the calls of a run without faults. Of one request that is repeated
// without another between, as clients do that poll, the first and the last count.
func callsOf(r suite.Result) []Call {
	requests := requestsOf(r.Requests)
	calls := append(requests, operationsOf(r)...)
	if r.Struck != nil && len(r.Struck.Rules) > 0 {
		for n := range r.Struck.Rules[0].Seen {
			calls = append(calls, Call{Point: faults.AtInstance, Nth: n + 1, Changes: true})
		}
	}
	return calls
}

var points = map[journal.Endpoint]faults.Point{journal.Management: faults.AtRequest, journal.Blob: faults.AtBlob}

func requestsOf(entries []journal.Entry) []Call {
	var calls []Call
	seen := map[string]int{}
	last, repeated := "", false
	for _, e := range entries {
		if e.Operation == "" {
			continue
		}
		key := string(e.Endpoint) + e.Operation
		seen[key]++
		c := Call{
			Point: points[e.Endpoint], Operation: e.Operation, Nth: seen[key],
			Subject: strings.TrimSpace(e.Service + " " + e.Slot), Changes: e.Method != http.MethodGet && e.Method != http.MethodHead,
		}
		same := e.Method + " " + e.URL
		if !c.Changes && same == last {
			if repeated {
				calls = calls[:len(calls)-1] // what was the last so far
			}
			repeated = true
		} else {
			repeated = false
		}
		calls, last = append(calls, c), same
	}
	return calls
}

// operationsOf lists the operations that the script's requests began, but for those
// that ended at once: nothing befalls them.
func operationsOf(r suite.Result) []Call {
	var calls []Call
	seen := map[cloud.Kind]int{}
	asked := map[string]bool{}
	for _, e := range r.Requests {
		asked[strings.ToLower(e.RequestID)] = true
	}
	for _, op := range r.State.Operations {
		atOnce := op.Completed != nil && op.Completed.Equal(op.Started)
		if !asked[strings.ToLower(op.ID)] || atOnce {
			continue
		}
		seen[op.Kind]++
		calls = append(calls, Call{Point: faults.AtOperation, Operation: string(op.Kind), Nth: seen[op.Kind], Subject: op.Service, Changes: true})
	}
	return calls
}
