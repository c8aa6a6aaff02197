package cli

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/vipswap/vipswap/deployer/planfile"
)

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

// TestPlanFailure gives files that cannot be carried out their exit codes and hints.
func TestPlanFailure(t *testing.T) {
	for _, test := range []struct {
		err  error
		code int
		hint string
	}{
		{&planfile.NoPlanError{Path: "swap.json"}, exitUsage, "--plan-out FILE writes one"},
		{&planfile.NewerError{Path: "swap.json", Format: 99}, exitUsage, "use the newer vipswap that wrote it"},
		{&planfile.MovedError{}, exitRefused, "look at the slots and make a new plan"},
		{&planfile.AlteredError{}, exitUsage, "make a new plan"},
		{fs.ErrNotExist, exitUsage, ""},
	} {
		err := planFailure(test.err)
		if f := judge(err); f.code != test.code || f.hint != test.hint || err.Error() != test.err.Error() || !errors.Is(err, test.err) {
			t.Errorf("%v has exit code %d and hint %q, want %d and %q", err, f.code, f.hint, test.code, test.hint)
		}
	}
	if err := planFailure(nil); err != nil {
		t.Errorf("what fits is a failure: %v", err)
	}
}

// FuzzTellPlan does with a plan file what apply does before its first call.
func FuzzTellPlan(f *testing.F) {
	for _, text := range []string{
		`{"format":1,"plan":{"service":"shop"}}`, `{"format":1,"plan":{"service":"shop","steps":[{"kind":"swap"}]}}`,
		`{"format":2,"plan":{"service":"shop","seen":{"production":{"instances":[{}]}},"steps":[{"kind":"upload"},{"kind":"create","packageSHA256":"00"}],"gates":{"hooks":[]}}}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		path := t.TempDir() + "/plan.json"
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		file, err := readPlanFile(path)
		if err != nil {
			if judge(err).code != exitUsage {
				t.Errorf("%v is no matter of usage", err)
			}
			return
		}
		plan := file.Plan
		writePlan(io.Discard, style{}, plan)
		if planTitle(plan) == "" {
			t.Error("nothing is said of the plan")
		}
		needsPackage(plan)
		wantedPackage(plan)
		subject(plan)
		actionOf(plan)
	})
}
