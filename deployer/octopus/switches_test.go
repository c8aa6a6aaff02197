package octopus

import (
	"strings"
	"testing"
	"testing/fstest"
)

// TestSwitches says what becomes of a switch of the step that is bound to variables, or
// is one.
func TestSwitches(t *testing.T) {
	const swap = "Octopus.Action.Azure.SwapIfPossible"
	variable := func(name string, values ...string) string {
		return "variable \"" + name + "\" {\n" + strings.Join(values, "\n") + "\n}\n"
	}
	bound := swap + " = \"#{Swap}\""
	tests := []struct {
		name, property, variables string
		want, note                string
	}{
		{"one value", bound, variable("Swap", `value "True" {}`), "swap: if-possible", "changed: " + swap + ` = "#{Swap}": by the variables of the project it is True wherever it counts`},
		{"no", bound, variable("Swap", `value "False" {}`), "swap: never", "is False wherever"},
		{"neither", bound, variable("Swap", `value "yes" {}`), "swap: never", "is False wherever"},
		{"where production is", bound, variable("Swap", `value "False" {}`, "value \"true\" {\nenvironment = [\"production\"]\n}"), "swap: if-possible", "is True wherever"},
		{"for another step", bound, variable("Swap", `value "False" {}`, "value \"True\" {\naction = [\"shop\"]\n}"), "swap: if-possible", "is True wherever"},
		{"by an expression", swap + " = \"#{if Octopus.Environment.Name == \\\"Production\\\"}True#{/if}\"", "", "swap: if-possible", "is True wherever"},
		{"not defined", bound, "", "swap: if-possible", "left out: " + swap + ` = "#{Swap}": step.swap cannot depend on a variable`},
		{"secret", bound, "variable \"Swap\" {\ntype = \"Sensitive\"\nvalue {}\n}\n", "swap: if-possible", "taken for True, as in the guide"},
		{"counts", "Octopus.Action.Azure.UseCurrentInstanceCount = \"#{Keep}\"", variable("Keep", `value "True" {}`), "instanceCount: target", "it is fixed in step.instanceCount"},
		{"counts that differ", "Octopus.Action.Azure.UseCurrentInstanceCount = \"#{Keep}\"", variable("Keep", `value "True" {}`, "value \"False\" {\nenvironment = [\"production\"]\n}"), "instanceCount: file", "taken for False"},
		{"a variable", "", variable(swap, `value "True" {}`), "swap: if-possible", variablesFile + ":1: changed: variable \"" + swap + "\": by the variables"},
		{"a variable elsewhere", "", variable("octopus.action.azure.swapifpossible", "value \"True\" {\nenvironment = [\"staging\"]\n}"), "swap: never", "is False wherever"},
		{"both", swap + ` = "True"`, variable(swap, `value "False" {}`), "swap: if-possible", variablesFile + ":1: left out: variable \"" + swap + "\": the step has a setting of that name"},
		{"label", "", variable("Octopus.Action.Azure.DeploymentLabel", `value "Shop #{Octopus.Release.Number}" {}`), `label: "Shop #{Octopus.Release.Number}"`, "changed: variable \"Octopus.Action.Azure.DeploymentLabel\": it is step.label here"},
		{"one label is left", "", variable("Octopus.Action.Azure.DeploymentLabel", `value "A" {}`, "value \"B\" {\nrole = [\"web\"]\n}"), `label: A`, "it is step.label here"},
		{"labels", "", variable("Octopus.Action.Azure.DeploymentLabel", `value "A" {}`, "value \"B\" {\nenvironment = [\"staging\"]\n}"),
			`label: "#{if DeploymentLabel}#{DeploymentLabel}#{else}#{Octopus.Action.Name} v#{Octopus.Release.Number}#{/if}"`, `it is the variable "DeploymentLabel" here, which step.label uses`},
		{"label of the step", `Octopus.Action.Azure.DeploymentLabel = "mine"`, variable("Octopus.Action.Azure.DeploymentLabel", `value "A" {}`), `label: mine`, "which holds here"},
		{"secret label", "", "variable \"Octopus.Action.Azure.DeploymentLabel\" {\ntype = \"Sensitive\"\nvalue {}\n}\n", "swap: never", "a secret cannot be a setting of the step"},
		{"service", "", variable("Octopus.Action.Azure.Slot", `value "Production" {}`), `slot: "#{Octopus.Environment.Name}"`, "left out: variable \"Octopus.Action.Azure.Slot\": write service, storageAccount and step.slot"},
		{"meaning", "", variable("Octopus.Action.FailScriptOnErrorOutput", `value "True" {}`), "name: Octopus.Action.FailScriptOnErrorOutput", "left out: what variable \"Octopus.Action.FailScriptOnErrorOutput\" does: it is a plain variable here"},
		{"built in", "", variable("Octopus.Release.Number", `value "1" {}`), "swap: never", "left out: variable \"Octopus.Release.Number\": it is built in"},
	}
	for _, test := range tests {
		process := "step \"shop\" {\nname = \"Shop\"\naction {\naction_type = \"Octopus.AzureCloudService\"\nproperties = {\nOctopus.Action.Azure.CloudServiceName = \"shop\"\n" + test.property + "\n}\n}\n}\n"
		fsys := fstest.MapFS{processFile: {Data: []byte(process)}, variablesFile: {Data: []byte(test.variables)}}
		result, err := Import(fsys, Options{Name: "Shop", Environments: guide})
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if !strings.Contains(string(result.Project), test.want+"\n") {
			t.Errorf("%s: want %s, got\n%s", test.name, test.want, result.Project)
		}
		if !strings.Contains(listed(result.Notes), test.note) {
			t.Errorf("%s: want a note %q, got\n%s", test.name, test.note, listed(result.Notes))
		}
	}
}

// TestOrdinaryNames are variables that mean nothing to Octopus, or the same here.
func TestOrdinaryNames(t *testing.T) {
	for _, name := range []string{"Octopus", "OctopusServer", "Swap", "Octopuses.Eat", shouldFail} {
		fsys := processOf(strings.Replace(cloudStepText, "%s", "shop", 1))
		fsys[".octopus/"+variablesFile] = &fstest.MapFile{Data: []byte("variable \"" + name + "\" {\nvalue \"x\" {}\n}\n")}
		result, err := Import(fsys, Options{Name: "Shop", Environments: guide})
		if err != nil || !strings.Contains(string(result.Project), "name: "+name) || strings.Contains(listed(result.Notes), variablesFile) {
			t.Errorf("%s: %v, %s", name, err, listed(result.Notes))
		}
	}
}
