package deployer_test

import (
	"io/fs"
	"os"
	"path"
	"strings"
	"testing"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/internal/servicepackage"
)

// TestConfigureSamples sets the counts of every role in configurations that real
// projects published, and checks that nothing else changed.
func TestConfigureSamples(t *testing.T) {
	const root = "../../shared/samples"
	if _, err := os.Stat(root); err != nil {
		t.Skipf("skipped, because there are no samples: %v", err)
	}
	tried := 0
	err := fs.WalkDir(os.DirFS(root), ".", func(name string, _ fs.DirEntry, err error) error {
		if err == nil && strings.EqualFold(path.Ext(name), ".cscfg") && configureSample(t, path.Join(root, name)) {
			tried++
		}
		return err
	})
	if err != nil || tried == 0 {
		t.Errorf("%d configurations: %v", tried, err)
	}
}

// configureSample reports whether the file is a configuration with roles.
func configureSample(t *testing.T, name string) bool {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	before, err := servicepackage.ParseConfiguration(data)
	if err != nil || len(before.Roles) == 0 {
		t.Logf("%s is left out: %v", name, err)
		return false
	}
	wanted := map[string]int{}
	for _, r := range before.Roles {
		wanted[r.Name] = r.Instances + 7
	}
	got, err := deployer.Configure(data, deployer.Configuring{Slot: staging, Instances: wanted}, deployer.Observed{})
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return true
	}
	if len(got.Changes) != len(before.Roles) {
		t.Errorf("%s: %d changes for %d roles", name, len(got.Changes), len(before.Roles))
	}
	for _, r := range before.Roles {
		wanted[r.Name] = r.Instances
	}
	back, err := deployer.Configure(got.Data, deployer.Configuring{Slot: staging, Instances: wanted}, deployer.Observed{})
	if err != nil || string(back.Data) != string(data) {
		t.Errorf("%s: setting the counts back does not give the file again: %v", name, err)
	}
	return true
}
