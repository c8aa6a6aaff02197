package faults_test

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/vipswap/vipswap/emulator/faults"
)

// swap is a call that most tests are about.
func swap() faults.Call {
	return faults.Call{Point: faults.AtRequest, Operation: "Swap Deployment", Service: "Shop", Clients: []string{"AB12", "curl/8"}}
}

// refuse is a rule that strikes calls of swap.
func refuse(m faults.Match) faults.Rule {
	return faults.Rule{Kind: faults.Refuse, Code: "ConflictError", Match: m}
}

// pattern asks an engine n times about a call and writes x for each strike.
func pattern(e *faults.Engine, n int, c faults.Call) string {
	var b strings.Builder
	for range n {
		if e.Decide(c) != nil {
			b.WriteByte('x')
		} else {
			b.WriteByte('.')
		}
	}
	return b.String()
}

func TestMatching(t *testing.T) {
	instance := faults.Call{Point: faults.AtInstance, Service: "shop", Slot: "Staging", Role: "Web", Instance: "Web_IN_1"}
	instanceRule := func(m faults.Match) faults.Rule { return faults.Rule{Kind: faults.InstanceCycling, Match: m} }
	tests := map[string]struct {
		rule faults.Rule
		call faults.Call
		want bool
	}{
		"everything":               {refuse(faults.Match{}), swap(), true},
		"an operation":             {refuse(faults.Match{Operation: "swap deployment"}), swap(), true},
		"another operation":        {refuse(faults.Match{Operation: "Delete Deployment"}), swap(), false},
		"only part of its name":    {refuse(faults.Match{Operation: "Swap"}), swap(), false},
		"an operation by its end":  {refuse(faults.Match{Operation: "*Deployment"}), swap(), true},
		"by beginning and end":     {refuse(faults.Match{Operation: "S*p*ment"}), swap(), true},
		"with too little between":  {refuse(faults.Match{Operation: "Swap Deployment*Deployment"}), swap(), false},
		"any operation, in words":  {refuse(faults.Match{Operation: "*"}), swap(), true},
		"a service":                {refuse(faults.Match{Service: "SHOP"}), swap(), true},
		"another service":          {refuse(faults.Match{Service: "shop2"}), swap(), false},
		"a slot that has no say":   {refuse(faults.Match{Slot: "production"}), swap(), false},
		"any slot, but one":        {refuse(faults.Match{Slot: "*"}), swap(), false},
		"a client's certificate":   {refuse(faults.Match{Client: "ab12"}), swap(), true},
		"a client's program":       {refuse(faults.Match{Client: "curl/*"}), swap(), true},
		"another client":           {refuse(faults.Match{Client: "python*"}), swap(), false},
		"another point":            {instanceRule(faults.Match{}), swap(), false},
		"an instance":              {instanceRule(faults.Match{Instance: "web_in_1"}), instance, true},
		"an instance by role":      {instanceRule(faults.Match{Role: "Web", Slot: "staging"}), instance, true},
		"an instance of the other": {instanceRule(faults.Match{Slot: "production"}), instance, false},
		"an operating system update of a swap": {
			faults.Rule{Kind: faults.GuestOSUpdate}, faults.Call{Point: faults.AtOperation, Operation: "Swap Deployment"}, true},
		"an operating system update of another": {
			faults.Rule{Kind: faults.GuestOSUpdate}, faults.Call{Point: faults.AtOperation, Operation: "Delete Deployment"}, false},
		"an upload":     {faults.Rule{Kind: faults.CutUpload}, faults.Call{Point: faults.AtBlob, Operation: "Put Block"}, true},
		"not an upload": {faults.Rule{Kind: faults.CutUpload}, faults.Call{Point: faults.AtBlob, Operation: "Get Blob"}, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			e := faults.NewEngine(faults.Plan{Rules: []faults.Rule{test.rule}}, 1)
			if got := e.Decide(test.call) != nil; got != test.want {
				t.Errorf("struck: %v, want %v", got, test.want)
			}
		})
	}
}

func TestCounting(t *testing.T) {
	always, third := refuse(faults.Match{}), refuse(faults.Match{Nth: 3})
	twice, fromThird := always, third
	twice.Count, fromThird.Count = 2, 2
	tests := map[string]struct {
		rules  []faults.Rule
		budget faults.Budget
		want   string
	}{
		"no rule":                    {nil, faults.Budget{}, "........"},
		"always":                     {[]faults.Rule{always}, faults.Budget{}, "xxxxxxxx"},
		"twice":                      {[]faults.Rule{twice}, faults.Budget{}, "xx......"},
		"the third":                  {[]faults.Rule{third}, faults.Budget{}, "..x....."},
		"two from the third on":      {[]faults.Rule{fromThird}, faults.Budget{}, "..xx...."},
		"never more than 3 in all":   {[]faults.Rule{always}, faults.Budget{Total: 3}, "xxx....."},
		"never more than 2 in a row": {[]faults.Rule{always}, faults.Budget{InARow: 2}, "xx.xx.xx"},
		"both":                       {[]faults.Rule{always}, faults.Budget{InARow: 1, Total: 3}, "x.x.x..."},
		"a spared one counts as met": {[]faults.Rule{refuse(faults.Match{Nth: 1}), refuse(faults.Match{Nth: 2}), third}, faults.Budget{InARow: 2}, "xx......"},
		"several rules, the first":   {[]faults.Rule{twice, always}, faults.Budget{Total: 4}, "xxxx...."},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			e := faults.NewEngine(faults.Plan{Rules: test.rules, Budget: test.budget}, 1)
			if got := pattern(e, 8, swap()); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

// What is tried again is spared in its turn, whatever else is asked meanwhile.
func TestInARowCountsTheSameOperation(t *testing.T) {
	poll := swap()
	poll.Operation = "Get Operation Status"
	tests := map[string]struct {
		rule faults.Rule
		want string
	}{
		"a rule for one":  {refuse(faults.Match{Operation: "Swap*"}), "x. .. x. .. x. .. "},
		"a rule for both": {refuse(faults.Match{}), "x. .x .. x. .x .. "},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			e := faults.NewEngine(faults.Plan{Rules: []faults.Rule{test.rule}, Budget: faults.Budget{InARow: 1}}, 1)
			var got strings.Builder
			for range 6 {
				got.WriteString(pattern(e, 1, swap()) + pattern(e, 1, poll) + " ")
			}
			if got.String() != test.want {
				t.Errorf("got %s, want %s", got.String(), test.want)
			}
		})
	}
}

func TestStrikeSaysWhatTheRuleSays(t *testing.T) {
	rule := faults.Rule{
		Name: "no swap today", Kind: faults.Refuse, Code: "ConflictError", Message: "No.", Status: 418,
		RetryAfter: faults.Duration(3 * time.Second), Match: faults.Match{Operation: "Swap*"},
	}
	e := faults.NewEngine(faults.Plan{Rules: []faults.Rule{{Kind: faults.Drop, Match: faults.Match{Nth: 2}}, rule}}, 1)
	got := []*faults.Strike{e.Decide(swap()), e.Decide(swap())}
	want := []*faults.Strike{
		{Number: 1, Rule: "no swap today", Kind: faults.Refuse, Code: "ConflictError", Message: "No.", Status: 418, RetryAfter: faults.Duration(3 * time.Second), Subject: "Swap Deployment Shop"},
		{Number: 2, Rule: "rule 1", Kind: faults.Drop, Subject: "Swap Deployment Shop"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
}

func TestProbability(t *testing.T) {
	const calls = 10_000
	for _, p := range []float64{0.01, 0.2, 0.5, 0.9} {
		for seed := range uint64(3) {
			rule := refuse(faults.Match{})
			rule.Probability = p
			got := pattern(faults.NewEngine(faults.Plan{Rules: []faults.Rule{rule}}, seed), calls, swap())
			share, off := float64(strings.Count(got, "x"))/calls, 4*math.Sqrt(p*(1-p)/calls)
			if math.Abs(share-p) > off {
				t.Errorf("seed %d: struck %v of calls, want %v ± %v", seed, share, p, off)
			}
		}
	}
}

// The lots of neighbouring seeds have nothing to do with each other.
func TestSeedsDiffer(t *testing.T) {
	seen := map[string]uint64{}
	for seed := range uint64(100) {
		rule := refuse(faults.Match{})
		rule.Probability = 0.5
		got := pattern(faults.NewEngine(faults.Plan{Rules: []faults.Rule{rule}}, seed), 64, swap())
		if other, ok := seen[got]; ok {
			t.Errorf("seeds %d and %d strike alike", other, seed)
		}
		seen[got] = seed
	}
}

// anyPlan draws plans that are right.
func anyPlan(t *rapid.T) faults.Plan {
	rule := rapid.Custom(func(t *rapid.T) faults.Rule {
		r := refuse(faults.Match{
			Operation: rapid.SampledFrom([]string{"", "Swap*", "Get *", "x"}).Draw(t, "operation"),
			Nth:       rapid.IntRange(0, 4).Draw(t, "nth"),
		})
		r.Kind = rapid.SampledFrom(faults.Kinds()).Draw(t, "kind")
		r.Count, r.Probability = rapid.IntRange(0, 5).Draw(t, "count"), rapid.Float64Range(0, 1).Draw(t, "probability")
		return r
	})
	return faults.Plan{
		Rules:  rapid.SliceOfN(rule, 0, 5).Draw(t, "rules"),
		Budget: faults.Budget{InARow: rapid.IntRange(0, 3).Draw(t, "inARow"), Total: rapid.IntRange(0, 20).Draw(t, "total")},
	}
}

func anyCall(t *rapid.T) faults.Call {
	return faults.Call{
		Point:     rapid.SampledFrom([]faults.Point{faults.AtRequest, faults.AtOperation, faults.AtInstance, faults.AtBlob}).Draw(t, "point"),
		Operation: rapid.SampledFrom([]string{"Swap Deployment", "Get Deployment", "Put Blob"}).Draw(t, "operation"),
		Service:   rapid.SampledFrom([]string{"a", "b"}).Draw(t, "service"),
	}
}

// Whatever the plan: the budget holds, and an engine that was saved and read
// again goes on as the one that was not.
func TestEngineProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		plan := anyPlan(t)
		e := faults.NewEngine(plan, rapid.Uint64().Draw(t, "seed"))
		row, same := 0, map[string]int{}
		for range rapid.IntRange(0, 60).Draw(t, "calls") {
			c := anyCall(t)
			twin := reread(t, e)
			s := e.Decide(c)
			if diff := cmp.Diff(s, twin.Decide(c)); diff != "" {
				t.Fatalf("read again, it strikes otherwise:\n%s", diff)
			}
			if s == nil {
				row, same[c.Operation+string(c.Point)] = 0, 0
				continue
			}
			row, same[c.Operation+string(c.Point)] = row+1, same[c.Operation+string(c.Point)]+1
			b := plan.Budget
			if b.InARow > 0 && row > b.InARow || b.Total > 0 && s.Number > b.Total {
				t.Fatalf("strike %d, %d in a row, with the budget %+v", s.Number, row, b)
			}
		}
	})
}

// reread returns what is left of an engine after it was saved.
func reread(t *rapid.T, e *faults.Engine) *faults.Engine {
	data, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	again := new(faults.Engine)
	if err := json.Unmarshal(data, again); err != nil {
		t.Fatal(err)
	}
	return again
}

func TestClone(t *testing.T) {
	e := faults.NewEngine(faults.Plan{Rules: []faults.Rule{refuse(faults.Match{})}, Budget: faults.Budget{Total: 3, InARow: 2}}, 1)
	e.Decide(swap())
	c := e.Clone()
	if diff := cmp.Diff(e, c); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
	before := fmt.Sprint(*e)
	pattern(c, 5, swap())
	c.Plan.Rules[0].Kind = faults.Drop
	if after := fmt.Sprint(*e); after != before {
		t.Errorf("the clone changed the original: %s, was %s", after, before)
	}
	if (*faults.Engine)(nil).Clone() != nil || (*faults.Engine)(nil).Decide(swap()) != nil {
		t.Error("no engine does something")
	}
}

func TestID(t *testing.T) {
	e := faults.NewEngine(faults.Plan{}, 5)
	a, b := e.ID(), e.ID()
	if len(a) != 32 || strings.Trim(a, "0123456789abcdef") != "" || a == b || faults.NewEngine(faults.Plan{}, 5).ID() != a {
		t.Errorf("ids %s and %s", a, b)
	}
}
