package process_test

import (
	"os/exec"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/deployer/process"
	"github.com/vipswap/vipswap/deployer/variables"
)

// TestNoSecretInFiles: while a script runs no file has a secret, which would be left
// there when all is killed.
func TestNoSecretInFiles(t *testing.T) {
	d := variables.NewDictionary(variables.Variable{Name: "Password", Value: "swordfish", Sensitive: true})
	const inside = "# swordfish, as expressions leave it\n"
	for shell, test := range map[string]struct{ program, body string }{
		"sh": {"sh", `find "$Place" | grep -c vipswap-work
grep -r "$Password" "$Place" || echo nothing found
get_octopusvariable password | tr a-z b-za`},
		"python": {"python3", `import os
place, found = os.environ["Place"], 0
print(len([d for d, _, _ in os.walk(place) if "vipswap-work" in d]) + 1)
for d, _, files in os.walk(place):
    found += sum(os.environ["Password"].encode() in open(os.path.join(d, f), "rb").read() for f in files)
print(found or "nothing found")
print("".join(chr(ord(c) + 1) for c in os.environ["Password"]))`},
	} {
		t.Run(shell, func(t *testing.T) {
			if _, err := exec.LookPath(test.program); err != nil {
				t.Skip("skipped, because there is no " + test.program + " here")
			}
			m := machine(t)
			m.Environ = append(m.Environ, "Place="+m.TempDir)
			var got []string
			_, err := process.Exec(t.Context(), m, process.ScriptRun{Shell: shell, Dir: t.TempDir(), Body: inside + test.body}, d, func(line string) { got = append(got, line) })
			if err != nil {
				t.Error(err)
			}
			if diff := cmp.Diff([]string{"3", "nothing found", "txpsegjti"}, got); diff != "" {
				t.Errorf("mismatch (-want +got):\n%s", diff)
			}
		})
	}
}
