package gatework_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/gatework"
	"github.com/vipswap/vipswap/deployer/probe"
	"github.com/vipswap/vipswap/deployer/variables"
)

// What runs need fits.
var (
	_ deployer.Checks   = gatework.Checker{}
	_ deployer.Hooks    = gatework.Hooks{}
	_ deployer.Approver = (*gatework.Question)(nil)
)

// words are the variables of a project.
func words() *variables.Dictionary {
	return variables.NewDictionary(
		variables.Variable{Name: "Path", Value: "/health"}, variables.Variable{Name: "Key", Value: "hunter22", Sensitive: true},
	)
}

// asker remembers what it was asked.
type asker struct {
	asked []probe.Check
	why   string
}

func (a *asker) Ask(_ context.Context, c probe.Check) string {
	a.asked = append(a.asked, c)
	return a.why
}

func TestChecker(t *testing.T) {
	for name, test := range map[string]struct {
		words *variables.Dictionary
		check probe.Check
		why   string // what is wrong with the answer
		asked []probe.Check
		want  string
	}{
		"right":               {words(), probe.Check{URL: "#{Path}"}, "", []probe.Check{{URL: "/health"}}, ""},
		"wrong":               {words(), probe.Check{URL: "#{Path}"}, "status 500", []probe.Check{{URL: "/health"}}, "status 500"},
		"secrets are masked":  {words(), probe.Check{URL: "/?#{Key}"}, "hunter22 is no key", []probe.Check{{URL: "/?hunter22"}}, "******** is no key"},
		"what is made of one": {words(), probe.Check{URL: "/?#{Key | ToUpper}"}, "HUNTER22 is no key", []probe.Check{{URL: "/?HUNTER22"}}, "******** is no key"},
		"a pattern":           {words(), probe.Check{Matches: "^#{Path}.$"}, "", []probe.Check{{Matches: "^/health.$", Shown: "^/health.$"}}, ""},
		"values match alone":  {words(), probe.Check{Matches: `#{calc 0.5}.`}, "", []probe.Check{{Matches: `0\.5.`, Shown: `0\.5.`}}, ""},
		"a secret pattern":    {words(), probe.Check{Matches: "#{Key}#{Key | ToUpper}"}, "", []probe.Check{{Matches: "hunter22HUNTER22", Shown: "****************"}}, ""},
		"a broken pattern":    {words(), probe.Check{Matches: "(#{Key}"}, "", nil, "matches is no regular expression once it is evaluated: missing closing ): (********"},
		"an open pattern":     {words(), probe.Check{Matches: "v#{Nobody}"}, "", nil, "#{Nobody} cannot be resolved"},
		"without expressions": {nil, probe.Check{URL: "/health"}, "hunter22", []probe.Check{{URL: "/health"}}, "hunter22"},
		"unresolved":          {words(), probe.Check{URL: "#{Nobody}"}, "", nil, "#{Nobody} cannot be resolved"},
		"without a project":   {nil, probe.Check{URL: "#{Path}"}, "", nil, "#{Path} cannot be resolved: only what begins with Slot. is known here"},
	} {
		t.Run(name, func(t *testing.T) {
			a := &asker{why: test.why}
			if got := (gatework.Checker{Checks: a, Words: test.words}).Ask(t.Context(), test.check); got != test.want {
				t.Errorf("it says %q, want %q", got, test.want)
			}
			if diff := cmp.Diff(test.asked, a.asked); diff != "" {
				t.Errorf("asked mismatch (-want +got):\n%s", diff)
			}
		})
	}
}
