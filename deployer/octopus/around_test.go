package octopus

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/deployer/process"
	"github.com/vipswap/vipswap/deployer/release"
)

// around puts one more step behind the one that deploys.
func around(t *testing.T, text string) (*release.Project, []Note) {
	t.Helper()
	o := Options{Name: "Shop", Environments: guide}
	result, err := Import(processOf(fmt.Sprintf(cloudStepText, "shop")+text), o)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	p, err := release.ParseProject("p", result.Project)
	if err != nil {
		t.Fatal(err)
	}
	return p, result.Notes
}

func TestStepsAroundAreImported(t *testing.T) {
	const frame = "step \"x\" {\n%s\naction {\naction_type = \"%s\"\n%s\nproperties = {\n%s\n}\n}\n}\n"
	script := "Octopus.Action.Script.ScriptBody = \"echo #{Octopus.Release.Number}\"\nOctopus.Action.Script.Syntax = \"Bash\""
	body := &process.Script{Body: "echo #{Octopus.Release.Number}", Shell: "sh"}
	tests := []struct {
		name                    string
		step, kind, action, set string
		want                    process.Step
	}{
		{"script", "", scriptAction, "", script, process.Step{Script: body, When: process.WhenSuccess}},
		{"named", `name = "A: b"`, scriptAction, "", script, process.Step{Name: "A: b", Script: body, When: process.WhenSuccess}},
		{"after a failure", `condition = "Failure"`, scriptAction, "", script, process.Step{Script: body, When: process.WhenFailure}},
		{"always", `condition = "Always"`, scriptAction, "", script, process.Step{Script: body, When: process.WhenAlways}},
		{"by a variable", "condition = \"Variable\"\nproperties = {\nOctopus.Step.ConditionVariableExpression = \"#{Go}\"\n}", scriptAction, "", script,
			process.Step{Script: body, When: process.WhenVariable, Expression: "#{Go}"}},
		{"somewhere", "", scriptAction, `environments = ["production"]`, script,
			process.Step{Script: body, When: process.WhenSuccess, Environments: []string{"Production"}}},
		{"elsewhere", "", scriptAction, `excluded_environments = ["staging"]`, script,
			process.Step{Script: body, When: process.WhenSuccess, Excluded: []string{"Staging"}}},
		{"nowhere", "", scriptAction, `environments = ["mars"]`, script, process.Step{Script: body, When: process.WhenSuccess, Disabled: true}},
		{"disabled", "", scriptAction, "is_disabled = true", script, process.Step{Script: body, When: process.WhenSuccess, Disabled: true}},
		{"retried", "", scriptAction, "", script + "\nOctopus.Action.AutoRetry.MaximumCount = \"3\"", process.Step{Script: body, When: process.WhenSuccess, Retries: 3}},
		{"powershell", "", scriptAction, "", "Octopus.Action.Script.ScriptBody = <<EOT\nGet-Item | %{ 1 }\n\n  \"${env:A}\"\nEOT",
			process.Step{Script: &process.Script{Body: "Get-Item | %{ 1 }\n\n  \"${env:A}\"", Shell: "pwsh"}, When: process.WhenSuccess}},
		{"manual", "", manualAction, "", "Octopus.Action.Manual.Instructions = \"Right?\"",
			process.Step{Manual: &process.Manual{Instructions: "Right?"}, When: process.WhenSuccess}},
		{"manual without words", "", manualAction, "", "", process.Step{Manual: &process.Manual{}, When: process.WhenSuccess}},
	}
	for _, test := range tests {
		p, list := around(t, fmt.Sprintf(frame, test.step, test.kind, test.action, test.set))
		if test.want.Name == "" {
			test.want.Name = "x"
		}
		if diff := cmp.Diff([]process.Step{test.want}, p.After); diff != "" {
			t.Errorf("%s: mismatch (-want +got):\n%s\n%s", test.name, diff, listed(list))
		}
	}
}

func TestStepsThatCannotBeImported(t *testing.T) {
	const frame = "step \"x\" {\n%s\naction {\naction_type = \"%s\"\nproperties = {\n%s\n}\n}\n}\n"
	tests := []struct{ step, kind, set, want string }{
		{"", "Octopus.Email", "", "only scripts and manual interventions"},
		{"", scriptAction, "", "its script is not in the file"},
		{"", scriptAction, "Octopus.Action.Script.ScriptSource = \"Package\"", "write scriptFile"},
		{"", scriptAction, "Octopus.Action.Script.ScriptBody = \"x\"\nOctopus.Action.Script.Syntax = \"FSharp\"", "scripts in FSharp"},
		{"", scriptAction, "Octopus.Action.Script.ScriptBody = \"#{if\"", "in its script make no sense"},
		{"", manualAction, "Octopus.Action.Manual.Instructions = \"#{if\"", "in its instructions make no sense"},
		{"condition = \"Sometimes\"", manualAction, "", "its condition Sometimes is unknown"},
		{"condition = \"Variable\"", manualAction, "", "the expression of its condition"},
		{"", scriptAction, "Octopus.Action.Script.ScriptBody = \"x\"\nOctopus.Action.AutoRetry.MaximumCount = \"9\"", "no number of retries"},
		{"", scriptAction, "Octopus.Action.Script.ScriptBody = \"Set-OctopusVariable a b\"", "Set-OctopusVariable is not there"},
		{"", manualAction, "Octopus.Action.Manual.Instructions = \"#{Octopus.Release.Notes | Markdawn}\"", "there is no filter Markdawn, so that its expression stays as it is"},
		{"", manualAction, "Octopus.Action.Manual.Instructions = \"#{Octopus.Web.ReleaseLink}\"", "Octopus.Web.ReleaseLink has no value, because there is no server"},
		{"", scriptAction, "Octopus.Action.Script.ScriptBody = \"#{if octopus.space.name}#{octopus.deployment.comments}#{/if}\"", "octopus.space.name has no value"},
		{"", scriptAction, "Octopus.Action.Script.ScriptBody = \"#{each m in A}#{Octopus.Machine.Name}#{/each}\"", "Octopus.Machine.Name has no value"},
		{"", scriptAction, "Octopus.Action.Script.ScriptBody = \"#{each m in Octopus.Machine.Roles}x#{/each}\"", "Octopus.Machine.Roles has no value"},
		{"", scriptAction, "Octopus.Action.Script.ScriptBody = \"#{A | Format C}\"", "Format does not know the pattern \"C\", so that"},
		{"", manualAction, "Octopus.Action.Manual.ResponsibleTeamIds = \"teams-1\"", "ResponsibleTeamIds"},
	}
	for _, test := range tests {
		_, list := around(t, fmt.Sprintf(frame, test.step, test.kind, test.set))
		if got := listed(list); !strings.Contains(got, test.want) {
			t.Errorf("%s %s: no note says %q:\n%s", test.kind, test.set, test.want, got)
		}
	}
}
