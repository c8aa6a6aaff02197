package planfile_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/planfile"
)

func swap() deployer.Plan {
	return deployer.Plan{
		ID: "x", Action: "swap", Service: "shop", Seen: observed().Slots(), Decisions: []deployer.Decision{}, Refusals: []deployer.Refusal{},
		Steps: []deployer.Step{{Kind: deployer.StepSwap, Service: "shop", Deployment: "b2", Partner: "a1"}},
	}
}

// TestWrite writes a plan that is read as it was, and that nobody else can read.
func TestWrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "swap.json")
	made := time.Date(2015, 7, 2, 2, 0, 0, 0, time.UTC)
	file := planfile.File{
		Made: made, Subscription: "s1", Digest: observed().Digest(), Plan: swap(), Source: deployer.Source{Path: "/shop.cspkg"},
		Configuration: []byte("<secret/>"), AfterSwap: "delete", Window: time.Hour,
		Release: &planfile.Release{Number: "1.0.0", Environment: "Live", Digest: "d", Flags: []string{"--careful"}, Created: made, CreatedBy: "ann"},
	}
	if err := file.Write(path); err != nil {
		t.Fatal(err)
	}
	got, err := planfile.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	file.Format = planfile.Format
	if diff := cmp.Diff(file, got); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if mode := info.Mode().Perm(); runtime.GOOS != "windows" && mode != 0o600 {
		t.Errorf("the file's permissions are %v", mode)
	}
	if err := file.Write(t.TempDir()); !errors.As(err, new(*fs.PathError)) {
		t.Errorf("a folder was written: %v", err)
	}
}

// TestReadRefusals reads files that are no plans.
func TestReadRefusals(t *testing.T) {
	big := `{"format":2,"plan":{"service":"shop"},"account":"` + strings.Repeat("x", 16<<20) + `"}`
	for name, test := range map[string]struct {
		content string
		newer   bool
		says    string
	}{
		"empty":           {"", false, " is no plan"},
		"a list":          {"[]", false, " is no plan"},
		"text":            {"swap the slots of shop", false, " is no plan"},
		"cut off":         {`{"format":1,"plan":{"service":"sh`, false, " is no plan"},
		"no service":      {`{"format":1}`, false, " is no plan"},
		"no format":       {`{"plan":{"service":"shop"}}`, false, " is no plan"},
		"too big":         {big, false, " is no plan"},
		"newer":           {`{"format":99,"plan":{"service":"shop"}}`, true, " has format 99, this vipswap reads up to 2"},
		"negative window": {`{"format":2,"window":-1,"plan":{"service":"shop"}}`, false, " is no plan: it has the negative rollback window -1ns"},
		"unknown step":    {`{"format":2,"plan":{"service":"shop","steps":[{"kind":"dance"}]}}`, false, ` is no plan: the plan has a step of kind "dance", which this version does not know`},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "plan.json")
			if err := os.WriteFile(path, []byte(test.content), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := planfile.Read(path)
			if newer := errors.As(err, new(*planfile.NewerError)); newer != test.newer || newer == errors.As(err, new(*planfile.NoPlanError)) {
				t.Fatalf("it ended with %v", err)
			}
			if err.Error() != path+test.says {
				t.Errorf("it says %q, want %q", err, path+test.says)
			}
		})
	}
	if _, err := planfile.Read(filepath.Join(t.TempDir(), "missing.json")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
	if _, err := planfile.Read(t.TempDir()); err == nil {
		t.Error("a folder is a plan")
	}
}

func TestSame(t *testing.T) {
	for name, test := range map[string]struct {
		edit func(*deployer.Plan)
		want bool
	}{
		"itself":        {func(*deployer.Plan) {}, true},
		"longer waits":  {func(p *deployer.Plan) { p.Waits.Timeout = time.Hour }, true},
		"another mark":  {func(p *deployer.Plan) { p.ID = "y" }, false},
		"another step":  {func(p *deployer.Plan) { p.Steps = nil }, false},
		"other gates":   {func(p *deployer.Plan) { p.Gates = &deployer.Gates{} }, false},
		"another state": {func(p *deployer.Plan) { p.Seen.Staging = nil }, false},
	} {
		other := swap()
		test.edit(&other)
		if got := planfile.Same(swap(), other); got != test.want {
			t.Errorf("%s: it is the same: %v, want %v", name, got, test.want)
		}
	}
}
