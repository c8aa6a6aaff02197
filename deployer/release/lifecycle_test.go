package release

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var fourEnvironments = []string{"Dev", "QA", "Staging", "Production"}

func TestLifecycleResolve(t *testing.T) {
	tests := []struct {
		name string
		in   Lifecycle
		want Lifecycle
	}{
		{"no phases", Lifecycle{}, Lifecycle{Phases: []Phase{
			{Name: "Dev", Manual: []string{"Dev"}}, {Name: "QA", Manual: []string{"QA"}},
			{Name: "Staging", Manual: []string{"Staging"}}, {Name: "Production", Manual: []string{"Production"}},
		}}},
		{"the rest", Lifecycle{Phases: []Phase{{Name: "a", Automatic: []string{"qa"}, Manual: []string{"Dev"}}, {Name: "b", Minimum: 1}}}, Lifecycle{Phases: []Phase{
			{Name: "a", Automatic: []string{"qa"}, Manual: []string{"Dev"}}, {Name: "b", Manual: []string{"Staging", "Production"}, Minimum: 1},
		}}},
		{"all in one", Lifecycle{Phases: []Phase{{Name: "a"}}}, Lifecycle{Phases: []Phase{{Name: "a", Manual: fourEnvironments}}}},
	}
	for _, test := range tests {
		if diff := cmp.Diff(test.want, test.in.Resolve(fourEnvironments)); diff != "" {
			t.Errorf("%s: mismatch (-want +got):\n%s", test.name, diff)
		}
	}
}

// lifecycleOf reads "Dev+QA auto:Staging? min1 > Production": phases between
// angle brackets, each with its environments, a question mark for an optional
// one and a minimum.
func lifecycleOf(text string) Lifecycle {
	var l Lifecycle
	for phase := range strings.SplitSeq(text, " > ") {
		words := strings.Fields(phase)
		p := Phase{Name: words[0]}
		for _, w := range words {
			switch {
			case w == "optional":
				p.Optional = true
			case strings.HasPrefix(w, "min"):
				p.Minimum = int(w[3] - '0')
			case strings.HasPrefix(w, "auto:"):
				p.Automatic = append(p.Automatic, w[5:])
			default:
				p.Manual = append(p.Manual, w)
			}
		}
		l.Phases = append(l.Phases, p)
	}
	return l.Resolve(fourEnvironments)
}

func TestProgressAllows(t *testing.T) {
	tests := []struct {
		lifecycle, succeeded, blocked string
		allowed                       string
		states                        string
	}{
		{"Staging > Production", "", "", "Staging", "Current Pending"},
		{"Staging > Production", "Staging", "", "Staging Production", "Complete Current"},
		{"Staging > Production", "staging", "", "Staging Production", "Complete Current"},
		{"Staging > Production", "Staging Production", "", "Staging Production", "Complete Complete"},
		{"Staging > Production", "Production", "", "Staging Production", "Current Complete"},
		{"Dev > QA > Staging > Production", "Dev", "", "Dev QA", "Complete Current Pending Pending"},
		{"Dev > QA > Staging > Production", "Dev Staging", "", "Dev QA Staging", "Complete Current Complete Pending"},
		{"Dev QA > Staging Production", "Dev", "", "Dev QA", "Current Pending"},
		{"Dev QA > Staging Production", "Dev QA", "", "Dev QA Staging Production", "Complete Current"},
		{"Dev QA min1 > Staging Production", "QA", "", "Dev QA Staging Production", "Complete Current"},
		{"Dev QA Staging min2 > Production", "QA", "", "Dev QA Staging", "Current Pending"},
		{"Dev QA Staging min2 > Production", "QA Staging", "", "Dev QA Staging Production", "Complete Current"},
		{"Dev QA Staging min9 > Production", "Dev QA Staging", "", "Dev QA Staging Production", "Complete Current"},
		{"Dev optional > Staging > Production", "", "", "Dev Staging", "Current Current Pending"},
		{"Dev optional > QA optional > Staging > Production", "", "", "Dev QA Staging", "Current Current Current Pending"},
		{"Dev > QA optional > Staging > Production", "Dev", "", "Dev QA Staging", "Complete Current Current Pending"},
		{"Dev > QA optional > Staging > Production", "Dev Staging", "", "Dev QA Staging Production", "Complete Current Complete Current"},
		{"auto:Staging > auto:Production", "", "", "Staging", "Current Pending"},
		{"Dev > QA > Staging > Production", "Dev QA", "bad", "Dev QA", "Complete Complete Current Pending"},
		{"Dev > QA > Staging > Production", "", "bad", "Dev", "Current Pending Pending Pending"},
		{"Dev > QA Staging > Production", "Dev QA", "bad", "Dev QA Staging", "Complete Current Pending"},
		{"Dev > QA optional > Staging", "Dev", "bad", "Dev", "Complete Current Current"},
	}
	for _, test := range tests {
		l := lifecycleOf(test.lifecycle)
		progress := l.Progress(Facts{Succeeded: strings.Fields(test.succeeded), Blocked: test.blocked})
		var allowed, states []string
		for _, e := range progress.Environments {
			if e.Allowed {
				allowed = append(allowed, e.Name)
			}
			if e.Allowed != (e.Reason == "") {
				t.Errorf("%s after %q: %s is allowed %t with reason %q", test.lifecycle, test.succeeded, e.Name, e.Allowed, e.Reason)
			}
		}
		for _, p := range progress.Phases {
			states = append(states, string(p.State))
		}
		if got := strings.Join(allowed, " "); got != test.allowed {
			t.Errorf("%s after %q, blocked %q: allowed %s, want %s", test.lifecycle, test.succeeded, test.blocked, got, test.allowed)
		}
		if got := strings.Join(states, " "); got != test.states {
			t.Errorf("%s after %q: phases %s, want %s", test.lifecycle, test.succeeded, got, test.states)
		}
	}
}

func TestProgressGivesReasons(t *testing.T) {
	tests := []struct{ lifecycle, succeeded, blocked, environment, want string }{
		{"Staging > Production", "", "", "production", "phase Staging is not complete: the release must first succeed in Staging"},
		{"Dev QA > Production", "", "", "Production", "phase Dev is not complete: the release must first succeed in Dev and QA"},
		{"Dev QA Staging min2 > Production", "QA", "", "Production", "phase Dev is not complete: the release must first succeed in 1 more of Dev, Staging"},
		{"Staging > Production", "Staging", "it leaks", "Production", "the release is blocked: it leaks"},
	}
	for _, test := range tests {
		progress := lifecycleOf(test.lifecycle).Progress(Facts{Succeeded: strings.Fields(test.succeeded), Blocked: test.blocked})
		e, ok := progress.Environment(test.environment)
		if e.Reason != test.want || !ok {
			t.Errorf("%s after %q: %q, %t, want %q", test.lifecycle, test.succeeded, e.Reason, ok, test.want)
		}
	}
	if _, ok := lifecycleOf("Dev").Progress(Facts{}).Environment("Moon"); ok {
		t.Error("there is a moon")
	}
}

func TestProgressWhole(t *testing.T) {
	got := lifecycleOf("auto:Dev QA min1 > Staging").Progress(Facts{Succeeded: []string{"QA"}})
	want := Progress{
		Phases: []PhaseProgress{
			{Name: "auto:Dev", State: PhaseComplete, Deployed: []string{"QA"}},
			{Name: "Staging", State: PhaseCurrent, Missing: 1},
		},
		Environments: []EnvironmentProgress{
			{Name: "Dev", Phase: "auto:Dev", Automatic: true, Allowed: true},
			{Name: "QA", Phase: "auto:Dev", Deployed: true, Allowed: true},
			{Name: "Staging", Phase: "Staging", Allowed: true},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
}

func TestAutomatic(t *testing.T) {
	tests := []struct {
		lifecycle, before, blocked, environment string
		want                                    string // of creation if environment is empty
	}{
		{lifecycle: "Staging > auto:Production", want: ""},
		{lifecycle: "auto:Dev auto:QA Staging > Production", want: "Dev QA"},
		{lifecycle: "auto:Dev optional > Staging", want: ""},
		{lifecycle: "Staging > auto:Production", environment: "Staging", want: "Production"},
		{lifecycle: "Staging > auto:Production", environment: "STAGING", want: "Production"},
		{lifecycle: "Staging > Production", environment: "Staging", want: ""},
		{lifecycle: "Staging > auto:Production", environment: "Moon", want: ""},
		{lifecycle: "Staging > auto:Production", environment: "Production", want: ""},
		{lifecycle: "Staging > auto:Production", before: "Staging", environment: "Staging", want: ""},
		{lifecycle: "Staging > auto:Production", before: "Staging Production", environment: "Staging", want: ""},
		{lifecycle: "Staging > auto:Production", before: "Production", environment: "Staging", want: ""},
		{lifecycle: "Staging > auto:Production optional", environment: "Staging", want: ""},
		{lifecycle: "Dev > QA optional > auto:Staging", environment: "Dev", want: ""},
		{lifecycle: "Dev > QA optional > auto:Staging", before: "Dev", environment: "QA", want: "Staging"},
		{lifecycle: "Dev QA > auto:Staging auto:Production", environment: "Dev", want: ""},
		{lifecycle: "Dev QA > auto:Staging auto:Production", before: "Dev", environment: "QA", want: "Staging Production"},
		{lifecycle: "Dev QA min1 > auto:Staging", environment: "Dev", want: "Staging"},
		{lifecycle: "Dev QA min1 > auto:Staging", before: "Dev", environment: "QA", want: ""},
		{lifecycle: "Dev > auto:QA > auto:Staging", before: "", environment: "QA", want: "Staging"},
		{lifecycle: "Dev > auto:QA > Production", before: "Dev QA", environment: "Production", want: ""},
		{lifecycle: "Staging > auto:Production", blocked: "bad", environment: "Staging", want: ""},
	}
	for _, test := range tests {
		l := lifecycleOf(test.lifecycle)
		got := l.AutomaticAtCreation()
		if test.environment != "" {
			got = l.AutomaticAfter(Facts{Succeeded: strings.Fields(test.before), Blocked: test.blocked}, test.environment)
		}
		if diff := cmp.Diff(strings.Fields(test.want), got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s, before %q, now %q: mismatch (-want +got):\n%s", test.lifecycle, test.before, test.environment, diff)
		}
	}
	if got := (Lifecycle{}).AutomaticAtCreation(); got != nil {
		t.Errorf("without phases: %v", got)
	}
}

func TestModeOf(t *testing.T) {
	tests := []struct {
		number, last string
		want         Mode
	}{
		{"1.0.0", "", ModeDeploy},
		{"1.1.0", "1.0.0", ModeDeploy},
		{"1.10", "1.9", ModeDeploy},
		{"1.0.0", "1.1.0", ModeRollback},
		{"1.0.0-beta", "1.0.0", ModeRollback},
		{"1.0.0", "1.0", ModeRedeployment},
	}
	for _, test := range tests {
		if got := ModeOf(test.number, test.last); got != test.want {
			t.Errorf("%s over %q: %s, want %s", test.number, test.last, got, test.want)
		}
	}
}

func TestCheckNumber(t *testing.T) {
	tests := []struct{ number, want string }{
		{"1.0.0", ""}, {"1", ""}, {"v1.2.3.4-beta.7+b_5", ""}, {"latest", ""},
		{"", "must not be empty"}, {"../up", "only letters"}, {".5", "only letters"}, {"1.0 beta", "only letters"},
		{"1/2", "only letters"}, {`1\2`, "only letters"}, {"1.0é", "only letters"}, {"1.99999999999", "too large"},
		{strings.Repeat("1.0-a", 20), "at most 64"},
	}
	for _, test := range tests {
		err := CheckNumber(test.number)
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: error %v, want %q", test.number, err, test.want)
		}
	}
}
