package cli

import (
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/vipswap/vipswap/deployer"
)

// FuzzReadPlanFile reads plans: one that is read has a service and a format up to
// that of today, and all others are a matter of usage.
func FuzzReadPlanFile(f *testing.F) {
	for _, text := range []string{
		``, `{}`, `null`, `{"format":1}`, `{"format":1,"plan":{"service":"shop"}}`, `{"format":9,"plan":{"service":"shop"}}`,
		`{"format":1,"made":"yesterday","plan":{"service":"shop","steps":[{"kind":"swap"}]}}`, `{"format":2,"plan":{"service":"shop"},"release":{"number":"1.0.0"}}`, `{"format":-1,"plan":{"service":"shop"}}`, `{"format":1,"configuration":"%","plan":{"service":"shop"}}`,
		`{"format":1,"plan":{"service":"shop","steps":[{"kind":"dance"}]}}`, `{"format":1,"plan":{"service":"shop","turned":"500","steps":[{"kind":"swap","back":true}]}}`,
		`{"format":2,"plan":{"service":"shop","seen":{"production":{"instances":[{}]}},"steps":[{"kind":"upload"},{"kind":"create","packageSHA256":"00"}],"gates":{"hooks":[]}}}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "plan.json")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		plan, err := readPlanFile(path)
		if err != nil && judge(err).code != exitUsage {
			t.Errorf("%v is no matter of usage", err)
		}
		if err == nil && (plan.Format < 1 || plan.Format > planFormat || plan.Plan.Service == "") {
			t.Errorf("%+v is taken for a plan", plan)
		}
		if err == nil {
			tellAll(t, plan)
		}
	})
}

// tellAll does with a plan file what apply does before its first call.
func tellAll(t *testing.T, f planFile) {
	t.Helper()
	writePlan(io.Discard, style{}, f.Plan)
	if planTitle(f.Plan) == "" || whatMoved(f.Plan.Seen, deployer.Slots{}) == "" {
		t.Error("nothing is said of the plan")
	}
	if !samePlan(f.Plan, f.Plan) {
		t.Error("the plan is not the same as itself")
	}
	needsPackage(f.Plan)
	wantedPackage(f.Plan)
	subject(f.Plan)
	actionOf(f.Plan)
}
