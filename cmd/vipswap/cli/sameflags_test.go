package cli

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"
)

// TestFlagsOf takes the flags of a run that its command was given, ready for a shell.
func TestFlagsOf(t *testing.T) {
	tests := []struct {
		args    []string
		want    string
		secrets bool
	}{
		{nil, "", false},
		{[]string{"--no-gates", "--plan-out", "plan.json", "--to", "Production"}, "--no-gates", false},
		{[]string{"--check", "/,name=front", "--check=/b,contains=it's up", "--resolve", "*:80:10.0.0.1"},
			`--check /,name=front --check '/b,contains=it'\''s up' --resolve '*:80:10.0.0.1'`, false},
		{[]string{"--bake", "10m", "--bake-budget=2", "--after-swap", "scale=2", "--timeout", "0"}, "--after-swap scale=2 --bake 10m0s --bake-budget 2 --timeout 0s", false},
		{[]string{"--wait-ready=false"}, "--wait-ready=false", false},
		{[]string{"--check", "/,header=Authorization: x"}, "--check '/,header=Authorization: x'", true},
	}
	for _, test := range tests {
		var p program
		var f runFlags
		given := pflag.NewFlagSet("", pflag.ContinueOnError)
		f.register(given, &p)
		f.registerPlanOut()
		p.after.register(given)
		p.gating.register(given)
		p.gating.registerNone(given)
		given.String("to", "", "")
		if err := given.Parse(test.args); err != nil {
			t.Fatal(err)
		}
		words := flagsOf(given)
		if diff := cmp.Diff(test.want, commandLine(words)); diff != "" {
			t.Errorf("%q: mismatch (-want +got):\n%s", test.args, diff)
		}
		if got := tellsSecrets(words); got != test.secrets {
			t.Errorf("%q tell secrets: %v", test.args, got)
		}
	}
}
