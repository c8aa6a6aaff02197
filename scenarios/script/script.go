package script

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/vipswap/vipswap/deployer/release"
	"github.com/vipswap/vipswap/emulator/faults"
	"github.com/vipswap/vipswap/scenarios/invariants"
	"github.com/vipswap/vipswap/scenarios/stage"
)

// A Script is what the commands of one script work on.
type Script struct {
	// File is the script's file.
	File string
	// Universe is the script's own.
	Universe *stage.Universe
	// Injected are faults that befall the script beside those that it asks for.
	Injected faults.Plan
	// Update rewrites the files that compare compares with.
	Update bool
	// Clients is the folder with the drivers of real clients; nil is none.
	Clients *Clients

	ctx       context.Context
	ts        *testscript.TestScript
	variables map[string]bool   // names of all environment variables
	injected  []faults.Rule     // what is left of Injected
	plan      faults.Plan       // what is left of what the script asked for
	updates   map[string]string // new contents of the archive's files, by name

	application *application // nil until a script has one
	attendance  *attendance  // nil when nobody attends

	watch    *invariants.Watch
	watching []string // names of the invariants that the script asked for
	unwatch  func()
}

// New returns the commands' side of a script that plays in a universe. Its
// variables are those of the universe.
func New(ctx context.Context, file string, u *stage.Universe) *Script {
	return &Script{File: file, Universe: u, ctx: ctx, variables: map[string]bool{}, updates: map[string]string{}}
}

// key is where testscript keeps the Script.
type key struct{}

// Params returns what testscript needs to run the script.
func (s *Script) Params() testscript.Params {
	return testscript.Params{
		Files: []string{s.played()}, Setup: s.setup, Cmds: s.bind(), Condition: s.condition,
		UpdateScripts: s.Update, RequireExplicitExec: true, RequireUniqueNames: true,
	}
}

// hastyRace lets a process with the race detector end at once: it would sleep for a
// second, and scripts run many.
const hastyRace = "atexit_sleep_ms=0 "

// setup gives the script its environment, the project, and the injected faults.
func (s *Script) setup(env *testscript.Env) error {
	env.Values[key{}] = s
	set, err := s.Universe.Environment()
	if err != nil {
		return err
	}
	file, err := filepath.Abs(s.File)
	if err != nil {
		return err
	}
	set = append(set,
		stage.Variable{Name: "HOME", Value: env.WorkDir},
		stage.Variable{Name: "SCRIPT_DIR", Value: filepath.Dir(file)},
		stage.Variable{Name: "GORACE", Value: hastyRace + os.Getenv("GORACE")},
	)
	if s.Clients != nil {
		set = append(set, stage.Variable{Name: "DRIVERS", Value: s.Clients.dir})
	}
	for _, v := range set {
		env.Setenv(v.Name, v.Value)
	}
	if err := s.noteVariables(env.Vars); err != nil {
		return err
	}
	if err := copyProject(env.WorkDir); err != nil {
		return err
	}
	s.injected = s.Injected.Rules
	return s.setFaults()
}

// assignment finds the names that the command env sets.
var assignment = regexp.MustCompile(`(?m)^(?:\[[^\]]*\]\s*)*env\s+(.*)$`)

var assigned = regexp.MustCompile(`([A-Za-z_][A-Za-z0-9_]*)=`)

// noteVariables notes the names of variables, since testscript tells the value of
// one only by its name.
func (s *Script) noteVariables(initial []string) error {
	for _, v := range initial {
		name, _, _ := strings.Cut(v, "=")
		s.variables[name] = true
	}
	data, err := os.ReadFile(s.File)
	if err != nil {
		return err
	}
	for _, line := range assignment.FindAllSubmatch(data, -1) {
		for _, name := range assigned.FindAllSubmatch(line[1], -1) {
			s.variables[string(name[1])] = true
		}
	}
	return nil
}

// setenv sets an environment variable of the script.
func (s *Script) setenv(name, value string) {
	s.variables[name] = true
	s.ts.Setenv(name, value)
}

// environment returns the script's environment as it is now.
func (s *Script) environment() []string {
	var env []string
	for name := range s.variables {
		env = append(env, name+"="+s.ts.Getenv(name))
	}
	return append(env, "PWD="+s.ts.MkAbs("."))
}

// copyProject puts the shop's project into the folder of a script that brings none.
func copyProject(dir string) error {
	path := filepath.Join(dir, release.FileName)
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	return os.WriteFile(path, stage.Project(), 0o600)
}

// setFaults makes the injected faults and those that the script asked for befall
// the universe.
func (s *Script) setFaults() error {
	plan := faults.Plan{Rules: slices.Concat(s.injected, s.plan.Rules), Budget: s.Injected.Budget}
	if s.plan.Budget != (faults.Budget{}) {
		plan.Budget = s.plan.Budget
	}
	return s.Universe.Stage().Emulator().SetFaults(s.Universe.ID(), plan)
}

// Watch checks the invariants from now on, for [Script.Finish] to tell.
func (s *Script) Watch() {
	if s.watch != nil {
		return
	}
	s.watch = invariants.NewWatch()
	s.unwatch = s.Universe.Watch(&observer{s.Universe, s.watch})
}

// Finish ends what the script has begun. It returns the invariants that were
// broken while they were watched, and those of them that the script itself asked
// for.
func (s *Script) Finish() (broken, asked []invariants.Broken, err error) {
	if err := s.applyUpdates(); err != nil {
		return nil, nil, err
	}
	if s.watch == nil {
		return nil, nil, nil
	}
	s.unwatch()
	last, err := s.Universe.State()
	if err != nil {
		return nil, nil, err
	}
	s.watch.End(last)
	broken = s.watch.Broken()
	for _, b := range broken {
		if slices.Contains(s.watching, b.Invariant) {
			asked = append(asked, b)
		}
	}
	return broken, asked, nil
}

// Returns tells how often production went back to what it held before, by service,
// while the invariants were watched.
func (s *Script) Returns() map[string]int {
	if s.watch == nil {
		return nil
	}
	return s.watch.Returns()
}

// errUsage is wrong use of a command, which "!" and eventually do not turn around.
var errUsage = errors.New("usage")

// usage returns an error about how a command is used.
func usage(format string, args ...any) error {
	return fmt.Errorf("%w: %s", errUsage, fmt.Sprintf(format, args...))
}

// bind makes commands for testscript of the table.
func (s *Script) bind() map[string]func(*testscript.TestScript, bool, []string) {
	bound := map[string]func(*testscript.TestScript, bool, []string){}
	table := commands()
	if s.attendance != nil {
		table = append(table, attendCommand)
	}
	for _, c := range table {
		bound[c.name] = func(ts *testscript.TestScript, neg bool, args []string) {
			// setup has put it there.
			s, _ := ts.Value(key{}).(*Script)
			s.ts = ts
			s.call(c, neg, args)
		}
	}
	return bound
}

// call runs a command for testscript.
func (s *Script) call(c command, neg bool, args []string) {
	err := s.run(c, args)
	if err != nil && c.looks && !errors.Is(err, errUsage) {
		err = s.lookAgain(c, args, err)
	}
	switch {
	case errors.Is(err, errUsage), err != nil && !neg:
		s.ts.Fatalf("%s: %v", c.name, err)
	case neg && !c.negatable:
		s.ts.Fatalf("%s: usage: it cannot be turned around with !", c.name)
	case neg && err == nil:
		s.ts.Fatalf("%s: it is so, and should not be", c.name)
	}
}

// lookAgain repeats a look at the universe after somebody who attends has mended what
// a fault did to instances: that is no more what the script tells of than what the
// universe shows in passing.
func (s *Script) lookAgain(c command, args []string, failure error) error {
	if s.attendance == nil {
		return failure
	}
	if struck, err := s.struck(); err != nil || !struck {
		return errors.Join(failure, err)
	}
	if err := s.mend(); err != nil {
		return errors.Join(failure, err)
	}
	return s.run(c, args)
}

func (s *Script) run(c command, args []string) error {
	if len(args) < c.min {
		return usage("%s", c.usage)
	}
	if s.attendance != nil && !c.looks && c.name != attendCommand.name {
		if err := s.noteStep(Step{Own: c.name == "request", Killed: c.name == "crash"}); err != nil {
			return err
		}
	}
	return c.run(s, args)
}

// duration reads a duration, with a hint.
func duration(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return 0, usage("%q is not a duration such as 30s or 1h20m", text)
	}
	return d, nil
}

// out prints a line for stdout to look at.
func (s *Script) out(format string, args ...any) { fmt.Fprintf(s.ts.Stdout(), format+"\n", args...) }
