package cli

import (
	"archive/zip"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// packedScripts leave something behind in their folder, and fail when somebody else
// did.
var packedScripts = map[string]string{
	"PreDeploy.sh": `test ! -e owner || exit 9
get_octopusvariable Octopus.Project.Name > owner
cp owner LocalContent/Web/approot/owner.txt
`,
	"Deploy.sh": `test "$(cat owner)" = "$(get_octopusvariable Octopus.Project.Name)"`,
}

// TestParallelReleases deploys one outer package in several projects at once: each
// works in a private folder, which is gone afterwards, also after a failure.
func TestParallelReleases(t *testing.T) {
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("skipped, because there is no sh to run packaged scripts")
	}
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	u, _ := withEmulator(t)
	outer := outerSample(t, u)
	var all sync.WaitGroup
	for i := range 4 {
		one := &user{dir: t.TempDir(), env: u.env}
		name := fmt.Sprintf("shop%d", i)
		project := fmt.Sprintf("project: %s\nservice: %s\nstorageAccount: packages\nenvironments: [Staging, Production]\n", name, name)
		if err := os.WriteFile(one.path("vipswap.yaml"), []byte(project), 0o600); err != nil {
			t.Fatal(err)
		}
		one.must(t, exitDone, "service", "create", name)
		one.must(t, exitDone, "release", "create", "1.0.0", "--package", outer)
		all.Go(func() {
			for _, environment := range []string{"Staging", "Production"} {
				got := one.run(context.WithoutCancel(t.Context()), "release", "deploy", "1.0.0", "--to", environment, "--lock", "never") // leases end as the others wait
				if got.code != exitDone {
					t.Errorf("%s: exit code %d: %s%s", name, got.code, got.stdout, got.stderr)
				}
			}
			got := one.run(context.WithoutCancel(t.Context()), "release", "deploy", "1.0.0", "--to", "Staging", "--account", "NOT-AN-ACCOUNT")
			if got.code == exitDone {
				t.Errorf("%s: an account that cannot be is accepted: %s", name, got.stdout)
			}
		})
	}
	all.Wait()
	left, err := os.ReadDir(temp)
	if err != nil || len(left) > 0 {
		t.Errorf("%v is left in the temporary folder, %v", left, err)
	}
}

// outerSample makes an outer package of the sample with scripts inside.
func outerSample(t *testing.T, u *user) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "outer.zip")
	out, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	z := zip.NewWriter(out)
	add := func(name string, data []byte) {
		w, err := z.Create(name)
		if err == nil {
			_, err = w.Write(data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for name, script := range packedScripts {
		add(name, []byte(script))
	}
	for name, from := range map[string]string{"shop.cspkg": samplePackage("1.0.0"), "ServiceConfiguration.Cloud.cscfg": sampleConfiguration} {
		data, err := os.ReadFile(u.path(from))
		if err != nil {
			t.Fatal(err)
		}
		add(name, data)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return file
}
