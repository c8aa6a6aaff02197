package cli

import (
	"os"
	"strings"
	"testing"

	"github.com/vipswap/vipswap/deployer/release"
)

// TestBrokenProject wants commands that need no project to get as far as they do
// without one when its file is broken, with a warning, and the others to say what is
// wrong with it, without.
func TestBrokenProject(t *testing.T) {
	const unconnected, broken = "VIPSWAP_MANAGEMENT_URL is not set", `unknown key "bad"`
	tests := []struct {
		args, stderr string
	}{
		{"swap --service shop", unconnected},
		{"swap --service shop --plan --check /health --hook before-swap=./warm.sh", unconnected},
		{"rollback --service shop", unconnected},
		{"delete staging --service shop", unconnected},
		{"start staging --service shop", unconnected},
		{"suspend staging --service shop", unconnected},
		{"slots shop", unconnected},
		{"lock break shop", unconnected},
		{"sweep --service shop", unconnected},
		{"approve", "nothing waits for an answer"},
		{"reject Deployments-1-swap", "no question Deployments-1-swap waits for an answer"},
		{"swap", broken},
		{"rollback", broken},
		{"rollback", "hint: --service NAME goes on without the project"},
		{"rollback --to 1.0.0", broken},
		{"slots", broken},
		{"lock show", broken},
		{"release list", broken},
		{"release block 1.0.0 --reason x", broken}, // there is no history
		{"release create 1.0.0", broken},
		{"release deploy 1.0.0 --to Staging", broken},
		{"release deploy 1.0.0 --to Staging --abandon", broken},
	}
	for _, test := range tests {
		t.Run(test.args, func(t *testing.T) {
			u := newUser(t)
			if err := os.WriteFile(u.path(release.FileName), []byte("project: Shop\nservice: shop\nbad: x\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			got := u.must(t, exitUsage, strings.Fields(test.args)...)
			if !strings.Contains(got.stderr, test.stderr) {
				t.Errorf("no %q in %s", test.stderr, got.stderr)
			}
			warned := strings.Contains(got.stdout, `bad"; it is not needed for this`)
			if want := !strings.Contains(got.stderr, broken); warned != want {
				t.Errorf("warned: %t, want %t\n%s", warned, want, got.stdout)
			}
		})
	}
}
