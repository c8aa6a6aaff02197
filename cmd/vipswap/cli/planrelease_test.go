package cli

import (
	"os"
	"strings"
	"testing"
	"time"
)

// datedProject is the sample's, with a setting and a label that name when the
// deployment was asked for.
const datedProject = `project: Shop
service: shop
storageAccount: shoppackages
location: West Europe
environments: [Staging, Production]
step: {name: Shop, label: "#{Octopus.Release.Number} of #{Octopus.Deployment.Created}"}
variables:
  - {name: Banner, value: "built #{Octopus.Deployment.Created}, #{Word}"}
  - {name: Word, fromEnv: WORD, sensitive: false}
`

// TestPlanKeepsItsTime applies a plan an hour after it was made: what is deployed has
// the time of the plan, as planned. What else differs is refused all the same.
func TestPlanKeepsItsTime(t *testing.T) {
	u, _ := withEmulator(t)
	if err := os.WriteFile(u.path("vipswap.yaml"), []byte(datedProject), 0o600); err != nil {
		t.Fatal(err)
	}
	planned := time.Date(2026, 3, 5, 14, 7, 9, 123, time.UTC)
	u.env["WORD"], u.now = "yes", func() time.Time { return planned }
	u.releaseSample(t, "1.0.0")
	u.must(t, exitDone, "release", "deploy", "1.0.0", "--to", "Staging", "--plan-out", u.path("plan.json"))

	u.now = func() time.Time { return planned.Add(time.Hour) }
	u.env["WORD"] = "no"
	got := u.must(t, exitRefused, "apply", u.path("plan.json"))
	if !strings.Contains(got.stderr, "another plan would be made now than at 2026-03-05T14:07:09Z: variables, files or flags differ") {
		t.Errorf("another value is refused with %q", got.stderr)
	}
	u.env["WORD"] = "yes"
	applied := u.must(t, exitDone, "apply", u.path("plan.json"))
	if want := `setting Banner is set to "built 2026-03-05T14:07:09Z, yes"`; !strings.Contains(applied.stdout, want) {
		t.Errorf("apply does not say %s:\n%s", want, applied.stdout)
	}

	const label = "1.0.0 of 2026-03-05T14:07:09Z"
	slots := u.slots(t)
	if slots.Staging == nil || slots.Staging.Label != label {
		t.Fatalf("staging holds %+v, want %s", slots.Staging, label)
	}

	// the next one, which is not planned, has a time of its own
	u.releaseSample(t, "1.1.0")
	u.deploySample(t, "1.1.0:Staging")
	if got := u.slots(t).Staging.Label; got != "1.1.0 of 2026-03-05T15:07:09Z" {
		t.Errorf("what is deployed without a plan has the label %q", got)
	}
}
