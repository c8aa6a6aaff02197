package deployer

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/vipswap/vipswap/deployer/wait"
)

func TestPlanCheck(t *testing.T) {
	bake := &Gates{Bake: &Bake{For: time.Minute}}
	tests := []struct {
		name string
		plan Plan
		want string // of the error, "" for none
	}{
		{"empty", Plan{}, ""},
		{"a swap", Plan{Steps: []Step{{Kind: StepSwap}}}, ""},
		{"a swap with a bake", Plan{Steps: []Step{{Kind: StepSwap}, {Kind: StepBake}}, Back: []Step{{Kind: StepSwap, Back: true}}, Gates: bake}, ""},
		{"what is left of a way back", Plan{Steps: []Step{{Kind: StepSwap, Back: true}}, Gates: bake, Turned: "500"}, ""},
		{"an unknown step", Plan{Steps: []Step{{Kind: "dance"}}}, `a step of kind "dance", which this version does not know`},
		{"an unknown step on the way back", Plan{Back: []Step{{Kind: "dance"}}, Gates: bake}, `"dance"`},
		{"no step", Plan{Steps: []Step{{}}}, `kind ""`},
		{"a step that no plan has", Plan{Steps: []Step{{Kind: stepSettle}}}, `"settle"`},
		{"a check of nothing", Plan{Steps: []Step{{Kind: StepCheck}}}, "the plan does not say how"},
		{"a hook of nothing", Plan{Steps: []Step{{Kind: StepHook}}}, "the plan does not say how"},
		{"a bake of nothing", Plan{Steps: []Step{{Kind: StepBake}}, Gates: &Gates{}}, "the plan does not say how"},
		{"a bake without end", Plan{Gates: &Gates{Bake: &Bake{For: -1}}}, "cannot be"},
		{"a way back without gates", Plan{Back: []Step{{Kind: StepSwap}}}, "no bake that could lead to it"},
		{"turned without a bake", Plan{Turned: "500", Gates: &Gates{Ready: true}}, "no bake that could lead to it"},
		{"negative time", Plan{Waits: Waits{Timeout: -1}}, "negative time limit"},
	}
	for _, test := range tests {
		err := test.plan.Check()
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s: error %v, want %q", test.name, err, test.want)
		}
		if test.want == "" {
			continue
		}
		if _, runErr := Run(t.Context(), Ports{Clock: wait.System}, test.plan); runErr == nil || !strings.Contains(runErr.Error(), test.want) {
			t.Errorf("%s: the run begins with %v, want %q", test.name, runErr, test.want)
		}
	}
}

// FuzzPlan reads plans as files have them: what is left of one is made of its own steps,
// whatever a journal says, and one that Check lets through can be told in words.
func FuzzPlan(f *testing.F) {
	for _, text := range []string{
		`{}`, `{"steps":null}`, `{"service":"shop","steps":[{"kind":"swap","deployment":"b","partner":"a"},{"kind":"ready"}]}`,
		`{"steps":[{"kind":"check"},{"kind":"swap"},{"kind":"bake"}],"back":[{"kind":"swap","back":true},{"kind":"check","back":true}],"gates":{"bake":{"for":60000000000}}}`,
		`{"turned":"500","steps":[{"kind":"hook","hook":"before-swap"}]}`, `{"steps":[{"kind":"dance"}],"waits":{"timeout":-1}}`, `{"gates":{"checks":[{"url":"/","latency":-1}],"hooks":[{"at":"before-swap"}]}}`,
		`{"seen":{"production":{"name":"a","instances":[{}]}},"refusals":[{}],"decisions":[{}]}`,
	} {
		f.Add([]byte(text), 1, -1, true)
	}
	f.Fuzz(func(t *testing.T, data []byte, one, other int, failed bool) {
		var p Plan
		if json.Unmarshal(data, &p) != nil {
			return
		}
		ended := []Ended{{Step: one}, {Step: other}}
		if failed {
			ended[0].Outcome, ended[0].Note = OutcomeFailed, "500"
		}
		left := p.Left(ended)
		if len(left.Steps) > len(p.All()) {
			t.Errorf("%d steps are left of %d", len(left.Steps), len(p.All()))
		}
		if err := p.Check(); err != nil {
			return
		}
		for _, s := range left.All() {
			if strings.HasPrefix(s.String(), "unknown step") || p.Next(func(o Step) bool { return o == s }, nil) < 0 {
				t.Errorf("the step %s is none of the plan", s)
			}
		}
		if err := left.Check(); err != nil {
			t.Errorf("what is left of the plan is none: %v", err)
		}
	})
}
