package scenarios

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// suiteWords says what the scripts of each folder are about, in the order of
// README.md.
var suiteWords = []struct{ folder, words string }{
	{"bluegreen", "the way from staging to production and back, by swap"},
	{"lifecycle", "releases, environments, phases, and what the history knows"},
	{"octopus", "projects, variables and processes as Octopus has them"},
	{"safety", "plans, gates, locks, and deployers that die"},
	{"packages", "packages and configurations, and all that can be wrong with them"},
	{"time", "clocks, roll-outs, upgrade domains, and what takes how long"},
	{"wire", "requests as old clients send them, and what the service refuses"},
	{"faults", "what goes wrong, as the deployer sees it"},
	{"examples", "deploy scripts in other languages, without vipswap in them"},
	{"clients", "real clients, unmodified; skipped where they are not"},
	{"program", "the commands of the program itself"},
}

// folders lists the folders of scripts.
func folders() []string {
	var names []string
	for _, s := range suiteWords {
		names = append(names, s.folder)
	}
	return names
}

// TestTable keeps README.md's table of scripts fresh: go test -update rewrites it.
func TestTable(t *testing.T) {
	var want bytes.Buffer
	want.WriteString(tableHead)
	seen := map[string]bool{}
	total := 0
	for _, s := range suiteWords {
		seen[s.folder] = true
		total += writeSuite(t, &want, s.folder, s.words)
	}
	scripts, err := filepath.Glob("*/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, script := range scripts {
		if folder := filepath.Dir(script); !seen[folder] {
			t.Errorf("%s is in no suite of README.md: add its folder to suiteWords", script)
		}
	}
	fmt.Fprintf(&want, "\n%d scripts.\n%s", total, sameHead)
	for _, name := range slices.Sorted(maps.Keys(differing)) {
		fmt.Fprintf(&want, "| [%s](%s.txtar) | %s |\n", name, name, differing[name])
	}
	if total < 80 {
		t.Errorf("there are %d scripts, want at least 80", total)
	}
	compareFile(t, "README.md", want.Bytes())
}

const tableHead = `# Scenarios

Scripts that tell stories of deployments, and check what comes of them. They are played by the project's own tests
(` + "`go test ./scenarios`" + `) and by ` + "`vipswap test scenarios`" + `, which needs no Go. The language is in
[docs/scenarios.md](../docs/scenarios.md); [docs/test-your-deploy-script.md](../docs/test-your-deploy-script.md) shows how
to write scripts for a deploy script of your own.

Below are all of them, with the first line of each. A test keeps this table fresh.
`

const sameHead = `
## The same twice

The tests play each script on two emulators with one seed, and compare what was asked and answered byte for byte, as
` + "`vipswap journal --output jsonl --reproducible`" + ` has it. It is the same but for:

| script | why it differs |
| --- | --- |
`

// writeSuite writes the scripts of a folder, and returns how many there are.
func writeSuite(t *testing.T, to *bytes.Buffer, folder, words string) int {
	t.Helper()
	scripts, err := filepath.Glob(filepath.Join(folder, "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(to, "\n## %s\n\n%s.\n\n| script | begins with |\n| --- | --- |\n", folder, strings.ToUpper(words[:1])+words[1:])
	for _, script := range scripts {
		fmt.Fprintf(to, "| [%s](%s) | %s |\n", strings.TrimSuffix(filepath.Base(script), ".txtar"), filepath.ToSlash(script), firstComment(t, script))
	}
	return len(scripts)
}

// firstComment returns the first line of a script, which has to be a comment.
func firstComment(t *testing.T, script string) string {
	t.Helper()
	data, err := os.ReadFile(script)
	if err != nil {
		t.Fatal(err)
	}
	line, _, _ := strings.Cut(string(data), "\n")
	words, ok := strings.CutPrefix(line, "# ")
	if !ok {
		t.Errorf("%s begins with %q, not with a comment that says what the story is", script, line)
	}
	return strings.ReplaceAll(words, "|", `\|`)
}

// compareFile compares a generated document with the one that is there.
func compareFile(t *testing.T, name string, want []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(have)); diff != "" {
		t.Errorf("%s is not up to date; go test -update writes it: mismatch (-want +got)\n%s", name, diff)
	}
}
