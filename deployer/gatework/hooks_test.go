package gatework_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/gatework"
	"github.com/vipswap/vipswap/deployer/process"
	"github.com/vipswap/vipswap/deployer/variables"
)

// scripts say lines and then end, or wait to be ended.
type scripts struct {
	lines []string
	hangs bool
	err   error

	run process.ScriptRun // what was run
}

func (s *scripts) Run(ctx context.Context, run process.ScriptRun, line func(string)) error {
	s.run = run
	for _, text := range s.lines {
		line(text)
	}
	if s.hangs {
		<-ctx.Done()
		line("it is ended")
		return ctx.Err()
	}
	return s.err
}

var (
	errBroken = errors.New("broken")
	errLate   = errors.New("it did not end in time")
)

func TestHooks(t *testing.T) {
	given := map[string]string{"VIPSWAP_HOOK": "before-swap"}
	project := map[string]string{"VIPSWAP_HOOK": "before-swap", "Path": "/health", "Key": "hunter22"}
	script := filepath.Join("/p", "warm.py")
	for name, test := range map[string]struct {
		hook    deployer.Hook
		words   *variables.Dictionary
		scripts scripts
		keep    error
		want    process.ScriptRun
		said    []string
		err     error
	}{
		"a file": {hook: deployer.Hook{File: "warm.py", Dir: "/p"},
			want: process.ScriptRun{Shell: "python", Dir: "/p", File: script, Variables: given}},
		"a file elsewhere": {hook: deployer.Hook{File: "/q/warm.sh", Dir: "/p", Shell: "bash"},
			want: process.ScriptRun{Shell: "bash", Dir: "/p", File: "/q/warm.sh", Variables: given}},
		"a command": {hook: deployer.Hook{Run: "warm up", Dir: "/p"},
			want: process.ScriptRun{Shell: "sh", Dir: "/p", Body: "warm up", Variables: given}},
		"with the project's variables, masked": {hook: deployer.Hook{Run: "warm up"}, words: words(), scripts: scripts{lines: []string{"key hunter22", "done"}},
			want: process.ScriptRun{Shell: "sh", Body: "warm up", Variables: project}, said: []string{"key ********", "done"}},
		"the run's variables win": {hook: deployer.Hook{Run: "warm up"}, words: variables.NewDictionary(variables.Variable{Name: "VIPSWAP_HOOK", Value: "mine"}),
			want: process.ScriptRun{Shell: "sh", Body: "warm up", Variables: given}},
		"it fails": {hook: deployer.Hook{Run: "warm up"}, scripts: scripts{lines: []string{"no"}, err: errBroken},
			want: process.ScriptRun{Shell: "sh", Body: "warm up", Variables: given}, said: []string{"no"}, err: errBroken},
		"it takes too long": {hook: deployer.Hook{Run: "warm up"}, scripts: scripts{lines: []string{"..."}, hangs: true}, keep: errLate,
			want: process.ScriptRun{Shell: "sh", Body: "warm up", Variables: given}, said: []string{"...", "it is ended"}, err: errLate},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var said []string
				run := deployer.HookRun{Hook: test.hook, Variables: given, Say: func(line string) { said = append(said, line) }}
				err := gatework.Hooks{Scripts: &test.scripts, Words: test.words}.Run(t.Context(), run, func() error { return test.keep })
				if !errors.Is(err, test.err) || test.err == nil && err != nil {
					t.Errorf("it ended with %v, want %v", err, test.err)
				}
				if diff := cmp.Diff(test.said, said); diff != "" {
					t.Errorf("words mismatch (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff(test.want, test.scripts.run); diff != "" {
					t.Errorf("script mismatch (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// TestHooksAreStopped ends a hook with the run that it is of.
func TestHooksAreStopped(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	run := deployer.HookRun{Hook: deployer.Hook{Run: "warm up"}, Say: func(string) {}}
	if err := (gatework.Hooks{Scripts: &scripts{hangs: true}}).Run(ctx, run, func() error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("it ended with %v", err)
	}
}

// TestHookIsEndedWhole ends a hook with what it has started.
func TestHookIsEndedWhole(t *testing.T) {
	dir := t.TempDir()
	run := deployer.HookRun{Hook: deployer.Hook{Run: "sleep 3600 & echo $! > child; wait", Dir: dir}, Say: func(string) {}}
	if _, err := os.Stat("/proc/self"); err != nil {
		t.Skip("skipped, because there is no /proc to see processes in")
	}
	machine := process.Machine{Environ: os.Environ()}
	err := gatework.Hooks{Scripts: machine}.Run(t.Context(), run, func() error {
		if child, err := os.ReadFile(filepath.Join(dir, "child")); err != nil || len(child) == 0 {
			return nil // it has not started it yet
		}
		return errLate
	})
	if !errors.Is(err, errLate) {
		t.Fatalf("got %v", err)
	}
	child, err := os.ReadFile(filepath.Join(dir, "child"))
	if err != nil {
		t.Fatal(err)
	}
	state, err := os.ReadFile("/proc/" + strings.TrimSpace(string(child)) + "/stat")
	if err == nil && !strings.Contains(string(state), ") Z ") {
		t.Errorf("the child lives on: %s", state)
	}
}
