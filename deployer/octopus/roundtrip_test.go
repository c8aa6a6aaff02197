package octopus

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/vipswap/vipswap/deployer/process"
	"github.com/vipswap/vipswap/deployer/release"
	"github.com/vipswap/vipswap/deployer/variables"
)

// text draws values as people write them, with what quoting could break.
func text(t *rapid.T, what string) string {
	pieces := rapid.SliceOfN(rapid.SampledFrom([]string{
		"a", "B9", " ", "\"", "'", "\\", "\n", "\t", "  ", "#{Name}", "${x}", "%{y}", "$", "%", "#", "##", "{", "}", "é", "€",
		"EOT", "\nEOT\n", ": ", "- ", "true", "null", "1.0", "[", "]", "&", "*", "!", "\r", "\r\n", "<<-EOT", "//", "/*",
	}), 0, 8).Draw(t, what)
	return strings.Join(pieces, "")
}

// drawProject draws a project that has nothing that the files cannot hold.
func drawProject(t *rapid.T) (*importer, step) {
	im := &importer{options: Options{Name: "Shop", Environments: []string{"Staging", "Production", "QA 1"}}}
	im.template = rapid.SampledFrom([]string{"", "1.2.i", "#{Octopus.Version.NextMajor}.0"}).Draw(t, "template")
	s := step{
		name: "Deploy: the \"shop\"", service: "shop", slot: "#{Slot}",
		storage:       rapid.SampledFrom([]string{"", "packages"}).Draw(t, "storage"),
		label:         rapid.SampledFrom([]string{"", "shop #{Octopus.Release.Number}"}).Draw(t, "label"),
		configuration: rapid.SampledFrom([]string{"", "config/#{Octopus.Environment.Name}.cscfg"}).Draw(t, "configuration"),
		swap:          rapid.Bool().Draw(t, "swap"), currentSize: rapid.Bool().Draw(t, "size"),
	}
	s.roles = rapid.SampledFrom([][]string{nil, {"shop"}, {"web", "cloud service"}}).Draw(t, "roles")
	s.work = packageWork{
		substitute: rapid.SampledFrom([][]string{nil, {"**/*.html"}, {"a.txt", "b/*.txt"}}).Draw(t, "substitute"),
		structured: rapid.SampledFrom([][]string{nil, {"**/appsettings.json"}}).Draw(t, "structured"),
		variables:  rapid.Bool().Draw(t, "configuration variables"), noScripts: rapid.Bool().Draw(t, "no scripts"),
	}
	im.before = drawNeighbours(t, "Before")
	im.after = drawNeighbours(t, "After: the")
	im.vars = append(im.vars, variable{name: "Slot", value: "Staging"})
	for range rapid.IntRange(0, 4).Draw(t, "variables") {
		v := variable{name: rapid.SampledFrom([]string{"A", "B.C", "Web/Setting", "env[x].y"}).Draw(t, "name"), value: text(t, "value")}
		if variables.Check(v.value) != nil {
			continue
		}
		if rapid.Bool().Draw(t, "scoped") {
			v.environments = []string{"QA 1", "Production"}
		}
		if rapid.Bool().Draw(t, "for the step") {
			v.steps = []string{s.name}
			for _, other := range im.after {
				v.steps = append(v.steps, other.name)
			}
		}
		if rapid.Bool().Draw(t, "for a role") {
			v.roles = s.roles
		}
		im.vars = append(im.vars, v)
	}
	return im, s
}

// drawNeighbours draws steps, as a process may have them.
func drawNeighbours(t *rapid.T, name string) []neighbour {
	var list []neighbour
	for i := range rapid.IntRange(0, 2).Draw(t, name) {
		s := neighbour{
			name:      fmt.Sprintf("%s %d", name, i),
			condition: rapid.SampledFrom([]string{"", "failure", "always", "#{if A}True#{/if}"}).Draw(t, "condition"),
			disabled:  rapid.Bool().Draw(t, "disabled"),
		}
		if rapid.Bool().Draw(t, "scoped") {
			s.environments, s.excluded = []string{"QA 1", "Production"}, []string{"Staging"}
		}
		switch body := text(t, "script"); {
		case strings.TrimSpace(body) != "" && variables.Check(body) == nil:
			s.script, s.shell = body, rapid.SampledFrom([]string{"sh", "pwsh", "python"}).Draw(t, "shell")
			s.retries = rapid.IntRange(0, process.MaxRetries).Draw(t, "retries")
		default:
			s.instructions = "Is all well with \"#{Octopus.Release.Number}\"?\nLook!"
		}
		list = append(list, s)
	}
	return list
}

// TestExamplesComeBack imports processes, exports what they became and imports that:
// nothing that was carried over may be lost on the way.
func TestExamplesComeBack(t *testing.T) {
	folders, err := filepath.Glob("testdata/examples/*")
	if err != nil || len(folders) < 4 {
		t.Fatalf("%d examples, %v", len(folders), err)
	}
	for _, folder := range folders {
		t.Run(filepath.Base(folder), func(t *testing.T) {
			o := Options{Name: "Shop", Environments: []string{"Staging", "Production"}, Service: "shop"}
			first, err := Import(os.DirFS(folder), o)
			if err != nil {
				t.Fatal(err)
			}
			compareGolden(t, filepath.Join(folder, "notes.txt"), listed(first.Notes))
			compareGolden(t, filepath.Join(folder, "vipswap.yaml"), string(first.Project))
			p, err := release.ParseProject("first", first.Project)
			if err != nil {
				t.Fatal(err)
			}
			exported, _ := Export(p)
			fsys := fstest.MapFS{}
			for name, data := range exported {
				fsys[name] = &fstest.MapFile{Data: data}
			}
			second, err := Import(fsys, o)
			if err != nil {
				t.Fatalf("%v\n%s", err, exported[processFile])
			}
			if diff := cmp.Diff(string(first.Project), string(second.Project)); diff != "" {
				t.Errorf("what comes back differs (-want +got):\n%s", diff)
			}
		})
	}
}

func compareGolden(t *testing.T, file, got string) {
	t.Helper()
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
		t.Errorf("%s: mismatch (-want +got):\n%s", file, diff)
	}
}

// TestRoundTrip exports random projects and imports what came out.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		im, s := drawProject(t)
		source := im.write(s)
		p, err := release.ParseProject("drawn", source)
		if err != nil {
			t.Fatalf("%v\n%s", err, source)
		}
		for i, v := range im.vars {
			if p.Variables[i].Value != v.value {
				t.Fatalf("the value %q is read back as %q", v.value, p.Variables[i].Value)
			}
		}
		exported, _ := Export(p)
		fsys := fstest.MapFS{}
		for name, data := range exported {
			fsys[name] = &fstest.MapFile{Data: data}
		}
		result, err := Import(fsys, im.options)
		if err != nil {
			t.Fatalf("%v\n%s\n%s", err, exported[processFile], exported[variablesFile])
		}
		again, err := release.ParseProject("again", result.Project)
		if err != nil {
			t.Fatal(err)
		}
		byName := func(a, b release.Variable) int { return strings.Compare(a.Name, b.Name) }
		slices.SortStableFunc(p.Variables, byName)
		slices.SortStableFunc(again.Variables, byName)
		if diff := cmp.Diff(p, again, cmpopts.IgnoreUnexported(release.Project{})); diff != "" {
			t.Fatalf("mismatch (-want +got):\n%s\n%s", diff, exported[variablesFile])
		}
		once, _ := Export(again)
		if diff := cmp.Diff(exported[processFile], once[processFile]); diff != "" {
			t.Fatalf("exported again, the process differs (-want +got):\n%s", diff)
		}
	})
}

// TestExportSaysWhatIsLeftOut gives a project all that Octopus does not know.
func TestExportSaysWhatIsLeftOut(t *testing.T) {
	const project = `project: Shop
service: shop
location: West Europe
environments: [Staging, Production]
unresolved: fail
step:
  swapWhenProductionEmpty: swap
  labelMismatch: fail
  instanceCount: maximum
  upgradeMode: simultaneous
  waitReady: false
  gates: {pause: before-swap}
variables:
  - {name: Key, fromEnv: KEY}
  - {name: Host, fromFile: host.txt, sensitive: false}
  - {name: Path, value: /health, steps: [Check]}
before:
  - {name: Run, scriptFile: run.sh}
after:
  - {name: Check, http: {url: "https://shop.example"}}
  - {name: Hook, webhook: {url: "https://chat.example"}}
  - {name: Slow, script: sleep, timeout: 5m}
`
	p, err := release.ParseProject("p", []byte(project))
	if err != nil {
		t.Fatal(err)
	}
	_, list := Export(p)
	got := listed(list)
	for _, want := range []string{"location", "unresolved: fail", "swapWhenProductionEmpty", "labelMismatch", "instanceCount: maximum", "upgradeMode", "waitReady", "gates", `"Key"`, `"Host"`, "phase Staging", `"Run"`, `"Check"`, `"Hook"`, `"Slow": timeout`, `"Path" for step Check`} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is left out in silence:\n%s", want, got)
		}
	}
}

func FuzzImport(f *testing.F) {
	f.Add("step \"a\" {\n action {\n action_type = \"Octopus.AzureCloudService\"\n properties = {\n Octopus.Action.Azure.CloudServiceName = \"shop\"\n }\n }\n}\n", "variable \"A\" {\n value \"#{B}\" {}\n}\n")
	f.Add("a = <<-EOT\n  x\n EOT\n", "variable \"A\" {\n value {\n value = <<EOT\n${x}\nEOT\n }\n}")
	f.Add("step {\n action {\n properties = {\n a[b].c = [\"x\", 1, true, null]\n \"d\" = 1.5\n }\n }\n}", "x = y(1)")
	f.Fuzz(func(t *testing.T, process, vars string) {
		fsys := fstest.MapFS{processFile: {Data: []byte(process)}, variablesFile: {Data: []byte(vars)}}
		result, err := Import(fsys, Options{Name: "Shop", Service: "shop"})
		if err != nil {
			return
		}
		if _, err := release.ParseProject("p", result.Project); err != nil {
			t.Errorf("%v\n%s", err, result.Project)
		}
	})
}

func TestHeredoc(t *testing.T) {
	tests := []struct{ source, want string }{
		{"<<EOT\n  a\n\n b\nEOT", "  a\n\n b"},
		{"<<-EOT\n    a\n\n      b\n    EOT", "a\n\n  b"},
		{"<<-EOT\n\ta\n\t\tb\nEOT", "a\n\tb"},
		{"<<-EOT\n        \n    a\n   \n    EOT", "    \na\n"},
		{"<<-EOT\nEOT", ""},
		{"<<EOT\n\nEOT", ""},
	}
	for _, test := range tests {
		if got := heredoc(test.source); got != test.want {
			t.Errorf("%q is %q, want %q", test.source, got, test.want)
		}
	}
}
