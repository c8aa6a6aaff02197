package release

import (
	"bytes"
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/vipswap/vipswap/deployer/management"
	"github.com/vipswap/vipswap/deployer/packagework"
	"github.com/vipswap/vipswap/deployer/variables"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const smallProject = `project: Shop
service: shop
environments: [Staging, Production]
`

// TestProjectErrors parses each faulty file and compares what is said about
// it, places included, with the text beside it.
func TestProjectErrors(t *testing.T) {
	files, err := filepath.Glob("testdata/errors/*.yaml")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		p, err := ParseProject("vipswap.yaml", data)
		if err == nil {
			t.Errorf("%s is accepted: %+v", file, p)
			continue
		}
		var list FileErrors
		if !errors.As(err, &list) || len(list) == 0 {
			t.Errorf("%s: error %T is no list", file, err)
		}
		golden := strings.TrimSuffix(file, ".yaml") + ".txt"
		got := err.Error() + "\n"
		if *update {
			if err := os.WriteFile(golden, []byte(got), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s: mismatch (-want +got):\n%s", file, diff)
		}
	}
}

func TestParseProjectRefusesOutright(t *testing.T) {
	tests := []struct {
		name string
		data []byte
		want string
	}{
		{"large", bytes.Repeat([]byte("# comment\n"), 200_000), "larger than"},
		{"binary", []byte("project: \xff"), "not UTF-8"},
		{"brackets", []byte("project: " + strings.Repeat("[", 100_000)), "nested too deep"},
		{"nothing", nil, "is empty"},
	}
	for _, test := range tests {
		if _, err := ParseProject("p", test.data); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want one that says %q", test.name, err, test.want)
		}
	}
}

func TestTemplateIsTheGuide(t *testing.T) {
	p := mustProject(t, string(Template()))
	want := &Project{
		Name: "My service", Service: "my-service", Location: "West Europe",
		Environments: []string{"Staging", "Production"},
		Lifecycle: Lifecycle{Phases: []Phase{
			{Name: "Staging", Manual: []string{"Staging"}},
			{Name: "Production", Manual: []string{"Production"}},
		}},
		Step:      defaultStep,
		Variables: []Variable{{Name: "Banner", Value: "Welcome to #{Octopus.Environment.Name}"}},

		Unresolved: UnresolvedKeep,
	}
	if diff := cmp.Diff(want, p, cmpopts.IgnoreUnexported(Project{})); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
	for _, e := range p.Environments {
		if slot, ok := p.Slot(strings.ToUpper(e)); string(slot) != e || !ok {
			t.Errorf("%s is bound to %q, %t", e, slot, ok)
		}
	}
	if diff := cmp.Diff(string(Template()), string(p.Source())); diff != "" {
		t.Errorf("source: mismatch (-want +got):\n%s", diff)
	}
}

// TestTemplateCommentsAreTrue uncomments every setting of the template: what
// is shown as a default must be it, and everything must be accepted.
func TestTemplateCommentsAreTrue(t *testing.T) {
	var lines []string
	for line := range strings.Lines(string(Template())) {
		indent, rest, commented := strings.Cut(line, "# ")
		if commented && strings.Trim(indent, " ") == "" && isSetting(rest) {
			line = indent + rest
		}
		lines = append(lines, line)
	}
	text := strings.Replace(strings.Join(lines, ""), "      manual: [Production]\n", "", 1)
	p := mustProject(t, text)
	step := p.Step
	if step.ConfigurationFile != "ServiceConfiguration.Cloud.cscfg" {
		t.Errorf("the configuration file is %q", step.ConfigurationFile)
	}
	if len(step.Instances) != 1 || len(p.Before) != 1 || len(p.After) != 3 {
		t.Errorf("%d instance counts, %d steps before, %d after", len(step.Instances), len(p.Before), len(p.After))
	}
	if step.Package.None() || step.NoScripts {
		t.Error("the package's settings are not understood")
	}
	step.ConfigurationFile, step.Instances, step.Package = "", nil, packagework.Work{}
	if diff := cmp.Diff(defaultStep, step); diff != "" {
		t.Errorf("step: mismatch (-want +got):\n%s", diff)
	}
	if got := p.Lifecycle.Phases[1].Automatic; !cmp.Equal(got, []string{"Production"}) || p.StorageAccount == "" || len(p.Variables) != 4 {
		t.Errorf("automatic %v, storage account %q, %d variables", got, p.StorageAccount, len(p.Variables))
	}
}

// isSetting tells a setting in a comment from a sentence.
func isSetting(comment string) bool {
	word, _, found := strings.Cut(strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(comment), "- ")), ":")
	return found && !strings.Contains(word, " ") && word != "if-possible" && word != "file" && !strings.HasSuffix(comment, ".\n")
}

func TestParseProject(t *testing.T) {
	p := mustProject(t, `
project: Shop
service: "shop-#{Suffix}"
storageAccount: shoppackages
environments: [QA, Live]
lifecycle:
  phases:
    - {name: Test, manual: [qa], optional: true}
    - {name: Rest, minimum: 1}
step:
  name: Roll out
  slot: "#{Slot}"
  label: "v#{Octopus.Release.Number}"
  swap: Never
  swapWhenProductionEmpty: swap
  labelMismatch: fail
  instanceCount: maximum
  configurationFile: "#{Octopus.Environment.Name}.cscfg"
  upgradeMode: Simultaneous
  waitReady: false
  readyTimeout: 90s
  operationTimeout: 2h
variables:
  - {name: Slot, value: staging, environments: [qa]}
  - {name: Slot, value: PRODUCTION, environments: [Live]}
  - {name: Suffix, value: 42}
  - {name: Password, fromEnv: SHOP_PASSWORD, steps: [Roll out]}
  - {name: Host, fromFile: host.txt, sensitive: false}
  - {name: Empty, value: ""}
`)
	want := &Project{
		Name: "Shop", Service: "shop-#{Suffix}", StorageAccount: "shoppackages",
		Environments: []string{"QA", "Live"},
		Lifecycle: Lifecycle{Phases: []Phase{
			{Name: "Test", Manual: []string{"QA"}, Optional: true},
			{Name: "Rest", Manual: []string{"Live"}, Minimum: 1},
		}},
		Step: Step{
			Name: "Roll out", Slot: "#{Slot}", Label: "v#{Octopus.Release.Number}",
			Swap: SwapNever, SwapWhenProductionEmpty: EmptySwap, LabelMismatch: MismatchFail,
			InstanceCount: CountMaximum, ConfigurationFile: "#{Octopus.Environment.Name}.cscfg",
			UpgradeMode: UpgradeSimultaneous, ReadyTimeout: 90 * time.Second, OperationTimeout: 2 * time.Hour,
		},
		Variables: []Variable{
			{Name: "Slot", Value: "staging", Scope: variables.Scope{variables.Environment: {"qa"}}},
			{Name: "Slot", Value: "PRODUCTION", Scope: variables.Scope{variables.Environment: {"Live"}}},
			{Name: "Suffix", Value: "42"},
			{Name: "Password", FromEnv: "SHOP_PASSWORD", Sensitive: true, Scope: variables.Scope{variables.Step: {"Roll out"}}},
			{Name: "Host", FromFile: "host.txt"},
			{Name: "Empty"},
		},
		Unresolved: UnresolvedKeep,
	}
	if diff := cmp.Diff(want, p, cmpopts.IgnoreUnexported(Project{})); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
	d, err := p.Dictionary(Run{Environment: "Live", Release: "1.2"}, testSources)
	if err != nil {
		t.Fatal(err)
	}
	target, err := p.Target(d)
	wantTarget := Target{
		Service: "shop-42", StorageAccount: "shoppackages", Slot: management.Production,
		Label: "v1.2", ConfigurationFile: "Live.cscfg",
	}
	if diff := cmp.Diff(wantTarget, target); diff != "" || err != nil {
		t.Errorf("target: %v, mismatch (-want +got):\n%s", err, diff)
	}
	if got, _, _ := d.Get("Password"); got != "s3cret#{Host}" {
		t.Errorf("the password is %q: values from outside are no templates", got)
	}
	if got, _, _ := d.Get("Host"); got != "example.com" {
		t.Errorf("the host is %q", got)
	}
	if got := d.Mask("it is s3cret#{Host}"); got != "it is ********" {
		t.Errorf("masked: %q", got)
	}
}

var testSources = Sources{
	LookupEnv: func(name string) (string, bool) { return "s3cret#{Host}", name == "SHOP_PASSWORD" },
	ReadFile: func(path string) ([]byte, error) {
		if path != "host.txt" {
			return nil, fs.ErrNotExist
		}
		return []byte("example.com\n"), nil
	},
}

func TestDictionaryAsksOnlyForWhatHolds(t *testing.T) {
	p := mustProject(t, smallProject+`
variables:
  - {name: A, fromEnv: MISSING, environments: [Production]}
  - {name: B, fromFile: missing.txt, environments: [Production]}
  - {name: Octopus.Environment.Name, value: overridden}
`)
	d, err := p.Dictionary(Run{Environment: "Staging"}, testSources)
	if err != nil {
		t.Fatal(err)
	}
	if got, _, _ := d.Get("Octopus.Environment.Name"); got != "Staging" {
		t.Errorf("a built-in variable became %q", got)
	}
	_, err = p.Dictionary(Run{Environment: "Production"}, testSources)
	if err == nil || !strings.Contains(err.Error(), "variable A: the environment variable MISSING is not set") {
		t.Errorf("error %v", err)
	}
}

func TestTargetRefuses(t *testing.T) {
	tests := []struct{ name, yaml, want string }{
		{"unresolved", "project: x\nservice: 'a#{Nope}'\nenvironments: [Staging]\n", "service: #{Nope} cannot be resolved"},
		{"service", "project: x\nservice: 'a#{S}'\nenvironments: [Staging]\nvariables: [{name: S, value: ' b'}]\n", `"a b" cannot be the name`},
		{"account", "project: x\nservice: a\nstorageAccount: 'A#{S}'\nenvironments: [Staging]\nvariables: [{name: S, value: b}]\n", `"Ab" cannot be the name`},
		{"label", "project: x\nservice: a\nenvironments: [Staging]\nstep: {label: " + strings.Repeat("é", 101) + "}\n", "101 characters"},
		{"no label", "project: x\nservice: a\nenvironments: [Staging]\nstep: {label: '#{E}'}\nvariables: [{name: E, value: ''}]\n", "label is empty"},
	}
	for _, test := range tests {
		p := mustProject(t, test.yaml)
		d, err := p.Dictionary(Run{Environment: "Staging", Release: "1"}, testSources)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Target(d); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want one that says %q", test.name, err, test.want)
		}
	}
}

func TestLoadProject(t *testing.T) {
	dir := t.TempDir()
	if _, err := LoadProject(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v, want one for a file that does not exist", err)
	}
	file := filepath.Join(dir, FileName)
	if err := os.WriteFile(file, Template(), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{dir, file} {
		if p, err := LoadProject(path); err != nil || p.Name != "My service" {
			t.Errorf("%v, %v", p, err)
		}
	}
}

// TestErrorsShowNoSecret: a secret that should not be in the file must not
// get into a build log as well.
func TestErrorsShowNoSecret(t *testing.T) {
	_, err := ParseProject("p", []byte(smallProject+"variables: [{name: A, value: hunter22, sensitive: true, environments: [Nowhere]}]\n"))
	if err == nil || !strings.Contains(err.Error(), "variable A") || strings.Contains(err.Error(), "hunter22") {
		t.Errorf("error %v", err)
	}
}

func TestWarnings(t *testing.T) {
	tests := []struct {
		step string
		want int
	}{
		{"{}", 0},
		{`{label: "#{Octopus.Environment.Name} v#{Octopus.Release.Number}"}`, 1},
		{`{label: "#{Octopus.Environment.Name}", swap: never}`, 0},
	}
	for _, test := range tests {
		if got := mustProject(t, smallProject+"step: "+test.step).Warnings(); len(got) != test.want {
			t.Errorf("%s: warnings %q, want %d", test.step, got, test.want)
		}
	}
}

func TestWarningsOfIdleVariables(t *testing.T) {
	const label, swap = "Octopus.Action.Azure.DeploymentLabel", "octopus.action.azure.SwapIfPossible"
	tests := []struct{ project, want string }{
		{"variables: [{name: Octopus.Environment.Nam, value: x}]", ""},
		{"variables: [{name: octopus.environment.name, value: x}, {name: Octopus.Environment.Name, value: y, environments: [Production]}]",
			"the variable octopus.environment.name is built in: what the project says for it never holds"},
		{"variables: [{name: Octopus.Deployment.CreatedBy.Username, value: x}]", "the variable Octopus.Deployment.CreatedBy.Username is built in: what the project says for it never holds"},
		{"variables: [{name: " + label + ", value: x}]", "the variable " + label + " does not change step.label: write that"},
		{"step: {label: '#{if " + label + "}#{octopus.Action.Azure.DeploymentLabel}#{/if}'}\nvariables: [{name: " + label + ", value: x}]", ""},
		{"step: {swap: never}\nvariables: [{name: " + swap + ", value: 'True'}]", "the variable Octopus.Action.Azure.SwapIfPossible does not change step.swap: write that"},
	}
	for _, test := range tests {
		got := mustProject(t, smallProject+test.project+"\n").Warnings()
		if diff := cmp.Diff(test.want, strings.Join(got, "\n")); diff != "" {
			t.Errorf("%s: mismatch (-want +got):\n%s", test.project, diff)
		}
	}
}

func TestDidYouMean(t *testing.T) {
	words := []string{"service", "step", "environments"}
	tests := []struct{ name, want string }{
		{"servce", "did you mean service?"},
		{"Service", "did you mean service?"},
		{"stop", "did you mean step?"},
		{"enviroment", "did you mean environments?"},
		{"x", "known here: service, step, environments"},
	}
	for _, test := range tests {
		if got := didYouMean(test.name, words); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

func FuzzParseProject(f *testing.F) {
	f.Add(Template())
	f.Add([]byte(smallProject))
	files, _ := filepath.Glob("testdata/errors/*.yaml")
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := ParseProject("vipswap.yaml", data)
		if err != nil {
			var list FileErrors
			if !errors.As(err, &list) || len(list) == 0 || err.Error() == "" {
				t.Errorf("error %#v", err)
			}
			return
		}
		for _, e := range p.Environments {
			if slot, ok := p.Slot(e); !ok || slot == "" {
				t.Errorf("environment %q has no slot", e)
			}
		}
		if !bytes.Equal(p.Source(), data) {
			t.Error("the source changed")
		}
	})
}

func mustProject(t testing.TB, text string) *Project {
	t.Helper()
	p, err := ParseProject("vipswap.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return p
}
