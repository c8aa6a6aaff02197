package process_test

import (
	"os/exec"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/deployer/process"
	"github.com/vipswap/vipswap/deployer/variables"
)

// TestNoSecretInFiles: while a script runs, which has all variables before it, no file has
// a secret, which would be left there when all is killed.
func TestNoSecretInFiles(t *testing.T) {
	d := variables.NewDictionary(variables.Variable{Name: "Password", Value: "swordfish", Sensitive: true})
	m := machine(t)
	m.Environ = append(m.Environ, "Place="+m.TempDir)
	body := `# swordfish, as expressions leave it
find "$Place" | grep -c vipswap-work
grep -r "$Password" "$Place" || echo nothing found
get_octopusvariable password | tr a-z b-za`
	var got []string
	_, err := process.Exec(t.Context(), m, process.ScriptRun{Shell: "sh", Dir: t.TempDir(), Body: body}, d, func(line string) { got = append(got, line) })
	if err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff([]string{"3", "nothing found", "txpsegjti"}, got); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
}

// TestPythonHasAFile: processes that Python starts to work for it read the script again.
func TestPythonHasAFile(t *testing.T) {
	m := machine(t)
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip("skipped, because there is no python3 here")
	}
	body := `import multiprocessing

def double(x):
    return 2 * x

if __name__ == "__main__":
    with multiprocessing.get_context("spawn").Pool(1) as workers:
        print(workers.map(double, [1, 2]))
`
	var got []string
	err := m.Run(t.Context(), process.ScriptRun{Shell: "python", Dir: t.TempDir(), Body: body}, func(line string) { got = append(got, line) })
	if diff := cmp.Diff([]string{"[2, 4]"}, got); diff != "" || err != nil {
		t.Errorf("%v, mismatch (-want +got):\n%s", err, diff)
	}
}
