package robustness

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/faults"
	"github.com/vipswap/vipswap/emulator/journal"
	"github.com/vipswap/vipswap/scenarios/script"
	"github.com/vipswap/vipswap/scenarios/suite"
)

// A Call is something that the script did, or had done, that a fault can befall.
type Call struct {
	Point     faults.Point `json:"point"`
	Operation string       `json:"operation,omitempty"`
	Nth       int          `json:"nth"`               // among calls of that operation, from 1
	Subject   string       `json:"subject,omitempty"` // service and slot, for people
	Changes   bool         `json:"changes"`           // could change something

	step  script.Step // of the script, in which it was done
	fails bool        // the script itself makes something befall it
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

// never is the number of a call that does not come.
const never = 1 << 30

// counting is a rule that strikes nothing and counts the starts of instances.
func counting() faults.Rule {
	return faults.Rule{Name: "counting", Kind: faults.InstanceCycling, Match: faults.Match{Nth: never}}
}

// callsOf lists the calls of a run without faults. Of one request that is repeated
// without another between, as clients do that poll, the first and the last count.
// What a script asks by itself is not tried when it runs programs: then these are the
// clients, and the script is whoever else uses the service.
func callsOf(r suite.Result) []Call {
	calls := append(requestsOf(r), operationsOf(r)...)
	if r.Struck != nil && len(r.Struck.Rules) > 0 {
		// A script that asks for faults of its own begins to count anew.
		before := never - r.Struck.Plan.Rules[0].Match.Nth
		for n := range before + r.Struck.Rules[0].Seen {
			step := lastStep(r.Steps, func(s script.Step) bool { return s.Starts <= n })
			calls = append(calls, Call{Point: faults.AtInstance, Nth: n + 1, Changes: true, step: step})
		}
	}
	if slices.ContainsFunc(r.Steps, func(s script.Step) bool { return s.Line > 0 }) {
		calls = slices.DeleteFunc(calls, func(c Call) bool { return c.step.Own })
	}
	return calls
}

// lastStep returns the last of the steps that had begun, none when none had.
func lastStep(steps []script.Step, begun func(script.Step) bool) script.Step {
	for _, s := range slices.Backward(steps) {
		if begun(s) {
			return s
		}
	}
	return script.Step{}
}

// stepOf returns the step that made a request.
func stepOf(steps []script.Step, e journal.Entry) script.Step {
	return lastStep(steps, func(s script.Step) bool { return !s.Began.After(e.Wall) })
}

var points = map[journal.Endpoint]faults.Point{journal.Management: faults.AtRequest, journal.Blob: faults.AtBlob}

func requestsOf(r suite.Result) []Call {
	var calls []Call
	seen := map[string]int{}
	last, repeated := "", false
	for _, e := range r.Requests {
		if e.Operation == "" {
			continue
		}
		key := string(e.Endpoint) + e.Operation
		seen[key]++
		c := Call{
			Point: points[e.Endpoint], Operation: e.Operation, Nth: seen[key],
			Subject: strings.TrimSpace(e.Service + " " + e.Slot), Changes: e.Method != http.MethodGet && e.Method != http.MethodHead,
			step: stepOf(r.Steps, e), fails: e.Rule != "",
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
	asked := map[string]script.Step{}
	for _, e := range r.Requests {
		asked[strings.ToLower(e.RequestID)] = stepOf(r.Steps, e)
	}
	for _, op := range r.State.Operations {
		atOnce := op.Completed != nil && op.Completed.Equal(op.Started)
		step, ok := asked[strings.ToLower(op.ID)]
		if !ok || atOnce {
			continue
		}
		seen[op.Kind]++
		calls = append(calls, Call{Point: faults.AtOperation, Operation: string(op.Kind), Nth: seen[op.Kind], Subject: op.Service, Changes: true, step: step, fails: op.Status == cloud.Failed})
	}
	return calls
}
