package cli

import (
	"cmp"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/probe"
)

const gatesHelp = `

Gates: --check asks what staging holds before the swap, at its own address; --bake
watches production after it, and swaps back when the release does not prove itself;
--pause asks somebody; --hook runs a command before or after a step. A check begins
with an address, or a path at the slot's own, then come what a right answer has and
how to ask: status, contains, matches, json (PATH or PATH=VALUE), latency, times (in
a row), every, within, timeout, method, header, resolve, name. docs/gates.md has more.`

// gateFlags say what has to hold around a swap.
type gateFlags struct {
	checks, bakeChecks []string
	resolve            []string
	times              int
	every, within      time.Duration
	pause              bool
	question           string
	bake, bakeEvery    time.Duration
	budget, inARow     int
	hooks              []string
	hookTimeout        time.Duration
	none               bool // leave the project's out
	ofProject          bool // a project may have gates, too

	gates deployer.Gates // what the flags come to, after parse
}

func (f *gateFlags) register(flags *pflag.FlagSet) {
	flags.StringArrayVar(&f.checks, "check", nil, "before the swap, staging must answer as this `URL[,status=200,contains=TEXT,...]` says; may be repeated")
	flags.IntVar(&f.times, "check-times", 0, "each check must be right this often in a row; default 1")
	flags.DurationVar(&f.every, "check-every", 0, "between two requests of a check; default 2s")
	flags.DurationVar(&f.within, "check-within", 0, "a check fails after this long; default 1m")
	flags.StringArrayVar(&f.resolve, "resolve", nil, "for checks, a host is at another address, as `HOST:PORT:ADDRESS`, like curl's; may be repeated; default: the slot's name is at its virtual IP")
	flags.BoolVar(&f.pause, "pause", false, "ask before the swap; \"vipswap approve\" goes on, \"vipswap reject\" stops")
	flags.StringVar(&f.question, "question", "", "a `TEXT` that says what to look at before the swap; it is a --pause, too")
	flags.DurationVar(&f.bake, "bake", 0, "watch production for this long after the swap, and swap back when it fails")
	flags.DurationVar(&f.bakeEvery, "bake-every", 0, "with --bake: between two looks; default 10s")
	flags.IntVar(&f.budget, "bake-budget", 0, "with --bake: how many looks may fail")
	flags.IntVar(&f.inARow, "bake-in-a-row", 0, "with --bake: so many failed looks in a row fail it, even within the budget")
	flags.StringArrayVar(&f.bakeChecks, "bake-check", nil, "with --bake: a check of production, like --check; default: those of --check")
	flags.StringArrayVar(&f.hooks, "hook", nil, "run a command around a step, as `POINT=COMMAND`, such as before-swap=./warm.sh; may be repeated")
	flags.DurationVar(&f.hookTimeout, "hook-timeout", 0, "with --hook: how long each may take; default 10m")
}

// parse reads the flags. Ready is whether instances are to be waited for at all.
func (f *gateFlags) parse(ready bool, dir string) error {
	g, err := f.checked()
	if err != nil {
		return err
	}
	if g.Hooks, err = f.parseHooks(dir); err != nil {
		return err
	}
	if f.bake != 0 {
		g.Bake.For, g.Bake.Every, g.Bake.Budget, g.Bake.InARow = f.bake, f.bakeEvery, f.budget, f.inARow
	} else {
		g.Bake = nil
	}
	g.Pause, g.Question = f.pause || f.question != "", f.question
	g.Ready = ready && (len(g.Checks) > 0 || g.Pause || g.Bake != nil)
	f.gates = g
	return nil
}

// parseGates reads the flags about gates, and checks those about what comes after a
// swap and about the plan's file. Commands of hooks run in the project's
// folder, else in the one that the program was started in.
func (p *program) parseGates(f runFlags) error {
	dir, err := p.projectFolder()
	if err == nil && dir == "" {
		dir, err = p.WorkDir()
	}
	if err == nil {
		dir, err = filepath.Abs(dir)
	}
	if err != nil {
		return err
	}
	if err := errors.Join(p.after.check(), checkPlanOut(f.planOut)); err != nil {
		return err
	}
	return p.gating.parse(!f.waits().NoReady, dir)
}

// checked reads the checks, and refuses what only makes sense with others.
func (f *gateFlags) checked() (g deployer.Gates, err error) {
	if f.bake == 0 && (f.bakeEvery != 0 || f.budget != 0 || f.inARow != 0 || len(f.bakeChecks) > 0) {
		return g, usage("for example --bake 10m", "--bake is missing: it says for how long production is watched")
	}
	if f.hookTimeout != 0 && len(f.hooks) == 0 {
		return g, usage("for example --hook before-swap=./warm.sh", "--hook is missing: --hook-timeout says how long it may take")
	}
	if g.Checks, err = f.parseChecks("--check", f.checks); err != nil {
		return g, err
	}
	g.Bake = &deployer.Bake{}
	g.Bake.Checks, err = f.parseChecks("--bake-check", f.bakeChecks)
	if len(f.bakeChecks) == 0 {
		g.Bake.Checks = g.Checks
	}
	if len(f.checks)+len(f.bakeChecks) == 0 && (f.times != 0 || f.every != 0 || f.within != 0 || len(f.resolve) > 0 && !f.ofProject) {
		return g, usage("for example --check /health", "--check is missing: nothing is asked")
	}
	return g, err
}

// parseChecks reads checks, with what holds for all of them.
func (f *gateFlags) parseChecks(flag string, texts []string) ([]probe.Check, error) {
	var all []probe.Check
	for _, text := range texts {
		c, err := parseCheck(text)
		if err != nil {
			return nil, usage(hintOf(err, "for example --check '/health,status=200,contains=up'"), "%s %s: %w", flag, text, err)
		}
		c.InARow, c.Every, c.Within = cmp.Or(c.InARow, f.times), cmp.Or(c.Every, f.every), cmp.Or(c.Within, f.within)
		c.Resolve = slices.Concat(c.Resolve, f.resolve)
		if problems := c.Problems(); len(problems) > 0 {
			return nil, usage(problems[0].Hint, "%s %s: %s", flag, text, problems[0].Text)
		}
		all = append(all, c)
	}
	return all, nil
}

// parseHooks reads POINT=COMMAND.
func (f *gateFlags) parseHooks(dir string) ([]deployer.Hook, error) {
	var all []deployer.Hook
	for _, text := range f.hooks {
		at, command, found := strings.Cut(text, "=")
		switch {
		case !found || command == "":
			return nil, usage("for example --hook before-swap=./warm.sh", "--hook %s: it has no command", text)
		case !slices.Contains(deployer.HookPoints(), at):
			return nil, usage("it is one of "+strings.Join(deployer.HookPoints(), ", "), "--hook %s: there is no point %q", text, at)
		}
		all = append(all, deployer.Hook{At: at, Run: command, Timeout: f.hookTimeout, Dir: dir})
	}
	return all, nil
}

// warnOfGates says that a swap by hand is made without the gates of the project,
// unless the flags leave them out themselves.
func (p *program) warnOfGates(plan *deployer.Plan) {
	project, _, err := p.project()
	if p.gating.none || err != nil || project == nil || project.Step.Gates.Empty() || !plan.Has(deployer.StepSwap) {
		return
	}
	plan.Decisions = append(plan.Decisions, deployer.Decision{
		Code: deployer.GatesUnused, Warning: true, Text: "the project's gates hold for its releases (\"vipswap release deploy\"): this swap has those of its flags alone",
	})
}
