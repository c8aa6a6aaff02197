package octopus

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/deployer/release"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", "golden", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s: mismatch (-want +got):\n%s", name, diff)
	}
}

func listed(list []Note) string {
	var b strings.Builder
	for _, n := range list {
		fmt.Fprintln(&b, n)
	}
	return b.String()
}

func TestImportGolden(t *testing.T) {
	result, err := Import(os.DirFS(filepath.Join("testdata", "shop")), Options{Name: "Shop"})
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "shop.yaml", string(result.Project))
	golden(t, "shop.notes", listed(result.Notes))
	p, err := release.ParseProject("shop", result.Project)
	if err != nil {
		t.Fatal(err)
	}
	written, left := Export(p)
	golden(t, "shop.left", listed(left))
	for name, data := range written {
		golden(t, name, string(data))
	}
}

// TestNothingIsLostInSilence adds one setting at a time to a process, and wants
// either another project or a note with its line.
func TestNothingIsLostInSilence(t *testing.T) {
	const before, inStep, inAction, inProperties = 0, 1, 2, 3
	places := map[string]int{
		"process_template \"x\" {\n}": before, "timeout = 3": before,
		"condition = \"Failure\"": inStep, "start_trigger = \"StartWithPrevious\"": inStep,
		"package_requirement = \"BeforePackageAcquisition\"": inStep, "extra {\n}": inStep,
		"properties = {\n Octopus.Action.MaxParallelism = \"2\"\n}": inStep,
		"channels = [\"a\"]": inAction, "tenant_tags = [\"a/b\"]": inAction, "is_disabled = true": inAction,
		"is_required = true": inAction, "worker_pool = \"x\"": inAction, "container {\n image = \"x\"\n}": inAction,
		"packages \"p\" {\n}": inAction, "notes = \"read me\"": inAction, "something_new = 7": inAction,
		"environments = [\"staging\"]": inAction, "git_dependencies \"x\" {\n}": inAction,
		"Octopus.Action.Azure.AccountId = \"a\"":                                        inProperties,
		"Octopus.Action.CustomScripts.PreDeploy.ps1 = \"Write-Host hello\"":             inProperties,
		"Octopus.Action.EnabledFeatures = \"Octopus.Features.CustomScripts\"":           inProperties,
		"Octopus.Action.Azure.DeploymentLabel = \"mine\"":                               inProperties,
		"Octopus.Action.Azure.SwapIfPossible = \"#{Swap}\"":                             inProperties,
		"\"Something.Else\" = \"1\"":                                                    inProperties,
		"Octopus.Action.SubstituteInFiles.TargetFiles = \"a.config\"":                   inProperties,
		"Octopus.Action.EnabledFeatures = \"Octopus.Features.SubstituteInFiles\"":       inProperties,
		"Octopus.Action.EnabledFeatures = \"Octopus.Features.ConfigurationVariables\"":  inProperties,
		"Octopus.Action.EnabledFeatures = \"Octopus.Features.ConfigurationTransforms\"": inProperties,
		"Octopus.Action.Package.RunScripts = \"False\"":                                 inProperties,
	}
	const frame = "%sstep \"shop\" {\nname = \"Shop\"\n%saction {\naction_type = \"Octopus.AzureCloudService\"\n%sproperties = {\nOctopus.Action.Azure.CloudServiceName = \"shop\"\n%s}\n}\n}\n"
	build := func(at int, text string) fstest.MapFS {
		parts := []any{"", "", "", ""}
		if at >= 0 {
			parts[at] = text + "\n"
		}
		fsys := fstest.MapFS{processFile: {Data: fmt.Appendf(nil, frame, parts...)}}
		for _, name := range files[:2] {
			fsys[name] = &fstest.MapFile{Data: []byte("")}
		}
		return fsys
	}
	options := Options{Name: "Shop", Environments: guide}
	plain, err := Import(build(-1, ""), options)
	if err != nil {
		t.Fatal(err)
	}
	for text, at := range places {
		got, err := Import(build(at, text), options)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if string(got.Project) == string(plain.Project) && len(got.Notes) == len(plain.Notes) {
			t.Errorf("%s is lost in silence", text)
		}
		for _, n := range got.Notes {
			if n.File == processFile && n.Line == 0 {
				t.Errorf("%s: the note has no line: %s", text, n)
			}
		}
	}
}

func processOf(actions string) fstest.MapFS {
	return fstest.MapFS{".octopus/" + processFile: {Data: []byte(actions)}}
}

const cloudStepText = `step "%s" {
    action {
        action_type = "Octopus.AzureCloudService"
        properties = {
            Octopus.Action.Azure.CloudServiceName = "shop"
        }
    }
}
`

func TestImportRefuses(t *testing.T) {
	one, other := fmt.Sprintf(cloudStepText, "a"), fmt.Sprintf(cloudStepText, "b")
	tests := []struct {
		name  string
		files fstest.MapFS
		step  string
		want  string
	}{
		{"nothing", fstest.MapFS{}, "", "there is no deployment_process.ocl"},
		{"no such step", processOf("step \"x\" {\n action {\n action_type = \"Octopus.Script\"\n }\n}\n"), "", "no step of type Octopus.AzureCloudService"},
		{"several", processOf(one + other), "", `2 steps deploy a cloud service, and a project here has one: "a" at line 2, "b" at line 10`},
		{"not that one", processOf(one + other), "c", `no cloud-service step is named "c"`},
		{"no service", processOf("step \"a\" {\n action {\n action_type = \"Octopus.AzureCloudService\"\n }\n}\n"), "", "service is missing"},
		{"no language", processOf("step {{\n"), "", "deployment_process.ocl:1:"},
		{"unclosed", processOf("step \"a\" {\n"), "", "deployment_process.ocl:"},
		{"call", processOf("a = b(1)\n"), "", "deployment_process.ocl:1:5: text, a number"},
		{"reference", processOf("a = b.c\n"), "", "text, a number"},
		{"twice", processOf("a = 1\na = 2\n"), "", "deployment_process.ocl:2:1"},
		{"binary", processOf("a = \"\xff\"\n"), "", "not UTF-8"},
		{"private", processOf("a = \"\ue000\"\n"), "", "U+E000"},
		{"deep", processOf("a = " + strings.Repeat("[", 10_000)), "", "nested too deep"},
		{"large", processOf(strings.Repeat("# comment\n", 500_000)), "", "larger than"},
		{"slot", processOf(strings.Replace(one, "properties = {", "properties = {\n Octopus.Action.Azure.Slot = \"Canary\"", 1)), "", "must be Staging or Production"},
	}
	for _, test := range tests {
		_, err := Import(test.files, Options{Name: "Shop", Step: test.step})
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want one that says %q", test.name, err, test.want)
		}
	}
	if _, err := Import(processOf(one+other), Options{Name: "Shop", Step: "B"}); err != nil {
		t.Errorf("by its slug in any case: %v", err)
	}
	var syntax *SyntaxError
	if _, err := Import(processOf("a = ,"), Options{}); !errors.As(err, &syntax) || syntax.Line != 1 {
		t.Errorf("%v is no syntax error with a line", err)
	}
}

func TestEnvironmentsOfAnImport(t *testing.T) {
	const variable = "variable \"Slot\" {\n value \"Staging\" {\n environment = [%s]\n }\n value \"Production\" {\n environment = [\"production\"]\n }\n}\n"
	tests := []struct {
		scope   string
		options []string
		want    []string
	}{
		{`"production"`, nil, []string{"Staging", "Production"}},
		{`"staging", "qa-1"`, nil, []string{"qa-1", "Staging", "Production"}},
		{`"qa-1"`, []string{"QA (1)", "Production"}, []string{"QA (1)", "Production"}},
	}
	for _, test := range tests {
		fsys := processOf(strings.Replace(fmt.Sprintf(cloudStepText, "shop"), "properties = {", "properties = {\n Octopus.Action.Azure.Slot = \"#{Slot}\"", 1))
		fsys[".octopus/"+variablesFile] = &fstest.MapFile{Data: fmt.Appendf(nil, variable, test.scope)}
		result, _ := Import(fsys, Options{Name: "Shop", Environments: test.options})
		if want := "environments: " + quoteAll(test.want) + "\n"; !strings.Contains(string(result.Project), want) {
			t.Errorf("with %s: want %s, got\n%s", test.scope, want, result.Project)
		}
	}
}

func TestEnvironmentsOfWhatIsLeftOut(t *testing.T) {
	tests := []struct{ name, variable string }{
		{"machine", "value \"x\" {\nenvironment = [\"dev\"]\nmachine = [\"m\"]\n}"},
		{"role", "value \"x\" {\nrole = [\"elsewhere\"]\nenvironment = [\"dev\"]\n}"},
		{"step", "value \"x\" {\naction = [\"mail\"]\nenvironment = [\"dev\"]\n}"},
		{"no value", "value {\nenvironment = [\"dev\"]\n}"},
		{"type", "type = \"Certificate\"\nvalue \"x\" {\nenvironment = [\"dev\"]\n}"},
	}
	for _, test := range tests {
		fsys := processOf(fmt.Sprintf(cloudStepText, "shop") + "step \"mail\" {\naction {\naction_type = \"Octopus.Email\"\n}\n}\n")
		fsys[".octopus/"+variablesFile] = &fstest.MapFile{Data: []byte("variable \"A\" {\n" + test.variable + "\n}\n")}
		result, err := Import(fsys, Options{Name: "Shop"})
		if err != nil || !strings.Contains(string(result.Project), "environments: [Staging, Production]\n") {
			t.Errorf("%s: %v\n%s", test.name, err, result.Project)
		}
		if !strings.Contains(listed(result.Notes), variablesFile+":") {
			t.Errorf("%s: nothing is said about it:\n%s", test.name, listed(result.Notes))
		}
	}
}

func TestNamesOfActions(t *testing.T) {
	const frame = "step \"around\" {\nname = \"Around\"\n%s}\n" // the labels decide
	script := func(label, name string) string {
		return fmt.Sprintf("action %s {\n%s\naction_type = \"Octopus.Script\"\nproperties = {\nOctopus.Action.Script.ScriptBody = \"x\"\nOctopus.Action.Script.Syntax = \"Bash\"\n}\n}\n", label, name)
	}
	tests := []struct {
		actions string
		want    []string
	}{
		{script("", ""), []string{"Around"}},
		{script(`"one"`, ""), []string{"one"}},
		{script(`"one"`, "") + script(`"two"`, `name = "Second"`), []string{"one", "Second"}},
		{script("", "") + script("", ""), []string{"Around", "Around (2)"}},
		{script(`"one"`, "") + script(`"other"`, `name = "One"`) + script(`"third"`, `name = "one"`), []string{"one", "One (2)", "one (3)"}},
		{script("", `name = "SHOP"`), []string{"SHOP (2)"}},
	}
	for _, test := range tests {
		p, list := around(t, fmt.Sprintf(frame, test.actions))
		var got []string
		for _, s := range p.After {
			got = append(got, s.Name)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("mismatch (-want +got):\n%s\n%s", diff, listed(list))
		}
	}
}
