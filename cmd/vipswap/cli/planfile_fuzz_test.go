package cli

import (
	"os"
	"path/filepath"
	"testing"
)

// FuzzReadPlanFile reads plans: one that is read has a service and a format up to
// that of today, and all others are a matter of usage.
func FuzzReadPlanFile(f *testing.F) {
	for _, text := range []string{
		``, `{}`, `null`, `{"format":1}`, `{"format":1,"plan":{"service":"shop"}}`, `{"format":9,"plan":{"service":"shop"}}`,
		`{"format":1,"made":"yesterday","plan":{"service":"shop","steps":[{"kind":"swap"}]}}`, `{"format":2,"plan":{"service":"shop"},"release":{"number":"1.0.0"}}`, `{"format":-1,"plan":{"service":"shop"}}`, `{"format":1,"configuration":"%","plan":{"service":"shop"}}`,
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
	})
}
