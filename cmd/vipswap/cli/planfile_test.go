package cli

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/management"
)

// TestStillHolds compares what a plan's file says that the slots held with what they
// hold.
func TestStillHolds(t *testing.T) {
	moved := func(change func(*management.Deployment)) deployer.Observed {
		seen := observed()
		d := *seen.Staging
		change(&d)
		seen.Staging = &d
		return seen
	}
	for name, test := range map[string]struct {
		edit func(*planFile)
		now  deployer.Observed
		code int // 0 when it still holds
		says string
	}{
		"as it was":        {func(*planFile) {}, observed(), 0, ""},
		"another address":  {func(f *planFile) { f.Plan.Seen.Staging.URL = "http://other/" }, observed(), 0, ""},
		"a passing status": {func(f *planFile) { f.Plan.Seen.Production.Status = management.StatusRunningTransitioning }, observed(), 0, ""},
		"moved":            {func(*planFile) {}, moved(func(d *management.Deployment) { d.Label = "v3" }), exitRefused, `staging held "Überraschung v2"`},
		"emptied":          {func(f *planFile) { f.Plan.Seen.Staging = nil }, observed(), exitUsage, `it says that staging held nothing, and its digest is that of "Überraschung v2"`},
		"label":            {func(f *planFile) { f.Plan.Seen.Staging.Label = "v1" }, observed(), exitUsage, `staging held "v1" (deployment b2, suspended, instances map[Web:2])`},
		"name":             {func(f *planFile) { f.Plan.Seen.Production.Name = "a2" }, observed(), exitUsage, "production held"},
		"suspended":        {func(f *planFile) { f.Plan.Seen.Production.Status = management.StatusSuspended }, observed(), exitUsage, "suspended"},
		"instances":        {func(f *planFile) { f.Plan.Seen.Staging.Instances = f.Plan.Seen.Staging.Instances[:1] }, observed(), exitUsage, "instances map[Web:1]"},
	} {
		t.Run(name, func(t *testing.T) {
			then := observed()
			file := planFile{Made: time.Unix(0, 0), Digest: then.Digest(), Plan: deployer.Plan{Seen: then.Slots()}}
			test.edit(&file)
			code, err := 0, file.stillHolds(test.now)
			if f := (*failure)(nil); errors.As(err, &f) {
				code = f.code
			}
			if code != test.code || (err == nil) != (test.says == "") || err != nil && !strings.Contains(err.Error(), test.says) {
				t.Errorf("got exit code %d and %v, want %d and %q", code, err, test.code, test.says)
			}
		})
	}
}

// TestPlanFileRefusals reads files that are no plans.
func TestPlanFileRefusals(t *testing.T) {
	u, _ := withEmulator(t)
	for name, content := range map[string]string{
		"empty.json": "", "list.json": "[]", "other.json": `{"format":1}`, "newer.json": `{"format":99,"plan":{"service":"shop"}}`,
		"text.json": "swap the slots of shop", "cut.json": `{"format":1,"plan":{"service":"sh`,
	} {
		if err := os.WriteFile(u.path(name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		u.must(t, exitUsage, "apply", u.path(name))
	}
	u.must(t, exitUsage, "apply", u.path("missing.json"))
	other := `{"format":1,"subscription":"x","plan":{"service":"shop"}}`
	if err := os.WriteFile(u.path("other.json"), []byte(other), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := u.must(t, exitRefused, "apply", u.path("other.json")); !strings.Contains(got.stderr, "the plan is for subscription x") {
		t.Errorf("it says %s", got.stderr)
	}
}
