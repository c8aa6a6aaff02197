package faults

import (
	"slices"
	"time"
)

// Preset returns the plan of a name: none, where all goes well; flaky, a network
// and a service on a bad day, where whoever tries again gets through; hostile,
// where everything that can go wrong does, one thing at a time. ok is false for
// another name.
func Preset(name string) (plan Plan, ok bool) {
	for _, p := range presets() {
		if p.name == name {
			return p.plan, true
		}
	}
	return Plan{}, false
}

// Presets lists the names of presets, mildest first.
func Presets() []string {
	var names []string
	for _, p := range presets() {
		names = append(names, p.name)
	}
	return names
}

type preset struct {
	name string
	plan Plan
}

// changes are the requests that an operation of somebody else can be in the way of:
// reads are never refused for that.
var changes = []string{
	"Create Deployment", "Upgrade Deployment", "Swap Deployment", "Delete Deployment", "Change Deployment Configuration", "Update Deployment Status",
}

// presets is the table of presets. What ends by itself in them does so soon: no
// operation is stuck for ever, and only some instances ever fail.
func presets() []preset {
	second := Duration(time.Second)
	flaky := []Rule{
		{Name: "busy", Kind: ServerError, Code: "ServerBusy", Probability: 0.03},
		{Name: "error", Kind: ServerError, Probability: 0.02},
		{Name: "throttled", Kind: Throttle, RetryAfter: second, Probability: 0.02},
		{Name: "no answer", Kind: LoseAnswer, Probability: 0.02},
		{Name: "late", Kind: Delay, Delay: 5 * second, Probability: 0.05},
		{Name: "slow upload", Kind: SlowBlob, Delay: 2 * second, Probability: 0.02},
	}
	for _, change := range changes {
		flaky = append(flaky, Rule{Name: "somebody else", Kind: Conflict, Match: Match{Operation: change}, Delay: 20 * second, Probability: 0.02})
	}
	worse := []Rule{
		{Name: "dropped", Kind: Drop, Probability: 0.05},
		{Name: "lost", Kind: LoseAnswer, Probability: 0.05},
		{Name: "cut short", Kind: Truncate, Probability: 0.03},
		{Name: "trickling", Kind: Slow, Delay: 5 * second, Probability: 0.03},
		{Name: "failing", Kind: FailOperation, Probability: 0.1},
		{Name: "stuck", Kind: StuckOperation, Delay: 1800 * second, Probability: 0.03},
		{Name: "system update", Kind: GuestOSUpdate, Probability: 0.1},
		{Name: "never ready", Kind: InstanceNeverReady, Count: 2, Probability: 0.05},
		{Name: "cycling", Kind: InstanceCycling, Count: 2, Probability: 0.05},
		{Name: "unresponsive", Kind: InstanceUnresponsive, Count: 2, Probability: 0.05},
		{Name: "failing later", Kind: InstanceFailsLater, Count: 2, Probability: 0.05},
		{Name: "cut upload", Kind: CutUpload, Probability: 0.1},
	}
	return []preset{
		{"none", Plan{}},
		{"flaky", Plan{Rules: flaky, Budget: Budget{InARow: 2}}},
		{"hostile", Plan{Rules: slices.Concat(flaky, worse), Budget: Budget{InARow: 3}}},
	}
}
