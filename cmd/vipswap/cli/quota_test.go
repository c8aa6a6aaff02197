package cli

import (
	"strings"
	"testing"

	"github.com/vipswap/vipswap/emulator"
	"github.com/vipswap/vipswap/emulator/cloud"
)

// TestQuota finds beforehand that the subscription has no cores left.
func TestQuota(t *testing.T) {
	quotas := cloud.DefaultQuotas()
	quotas.Cores = 4
	u, _ := withEmulator(t, emulator.WithQuotas(quotas))
	deploy := func(code int, slot string, more ...string) outcome {
		args := []string{"deploy", "--service", "shop", "--slot", slot, "--package", u.path(samplePackage("1.0.0")),
			"--config", u.path(sampleConfiguration), "--label", "1.0.0", "--account", "packages"}
		return u.must(t, code, append(args, more...)...)
	}
	u.must(t, exitDone, "service", "create", "shop")
	deploy(exitDone, "production")
	before := u.must(t, exitDone, "slots", "shop", "--output", "json").stdout
	got := deploy(exitRefused, "staging")
	for _, want := range []string{"refused: it needs", "of the subscription's 4", "run fewer or smaller instances"} {
		if !strings.Contains(got.stderr, want) {
			t.Errorf("it says %q, want %q", got.stderr, want)
		}
	}
	deploy(exitDone, "production") // an upgrade takes the cores of what it replaces
	if after := u.must(t, exitDone, "slots", "shop", "--output", "json").stdout; !strings.Contains(after, `"staging": null`) {
		t.Errorf("the slots were %s and are %s", before, after)
	}
}
