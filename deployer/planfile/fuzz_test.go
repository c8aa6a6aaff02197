package planfile_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/planfile"
)

// FuzzRead reads plans: one that is read has a service and a format up to that of
// today, can be told and is written again as it was; all others are no plans.
func FuzzRead(f *testing.F) {
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
		file, err := planfile.Read(path)
		if err != nil {
			if !errors.As(err, new(*planfile.NoPlanError)) && !errors.As(err, new(*planfile.NewerError)) {
				t.Errorf("%v does not say that it is no plan", err)
			}
			return
		}
		if file.Format < 1 || file.Format > planfile.Format || file.Plan.Service == "" {
			t.Errorf("%+v is taken for a plan", file)
		}
		if why := file.StillHolds(deployer.Observed{}); why == nil || strings.TrimSpace(why.Error()) == "" {
			t.Error("it fits a service that it is not of, or nothing is said")
		}
		if err := file.Write(path); err != nil {
			t.Fatal(err)
		}
		again, err := planfile.Read(path)
		if err != nil || !planfile.Same(again.Plan, file.Plan) {
			t.Errorf("it is written as another: %v", err)
		}
	})
}
