package cli

import (
	"cmp"
	"slices"

	"github.com/spf13/pflag"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/gatework"
	"github.com/vipswap/vipswap/deployer/probe"
	"github.com/vipswap/vipswap/deployer/release"
	"github.com/vipswap/vipswap/deployer/variables"
)

// registerNone adds the flag that leaves the project's gates out.
func (f *gateFlags) registerNone(flags *pflag.FlagSet) {
	flags.BoolVar(&f.none, "no-gates", false, "leave out the gates and hooks of the project; those of flags stay")
}

// gatesOf puts the gates of the project and those of flags together: checks are
// added, the rest goes before what the project says. A plan that is applied brings
// its own.
func (s *session) gatesOf(step release.Step) deployer.Gates {
	if s.agreed != nil {
		return *s.agreed
	}
	own, asked := s.gating.resolving(step.Gates), s.gating.gates
	if s.gating.none {
		own = deployer.Gates{}
	}
	g := deployer.Gates{
		Ready:    (own.Ready || asked.Ready) && !s.waits.NoReady && step.WaitReady,
		Checks:   slices.Concat(own.Checks, asked.Checks),
		Pause:    own.Pause || asked.Pause,
		Question: cmp.Or(asked.Question, own.Question),
		Bake:     cmp.Or(asked.Bake, own.Bake),
		Hooks:    slices.Clone(asked.Hooks),
	}
	for _, h := range own.Hooks {
		h.Dir = s.dir
		if !slices.ContainsFunc(asked.Hooks, func(a deployer.Hook) bool { return a.At == h.At }) {
			g.Hooks = append(g.Hooks, h)
		}
	}
	return g
}

// resolving returns gates whose checks resolve names as --resolve says, before what
// they say themselves.
func (f *gateFlags) resolving(g deployer.Gates) deployer.Gates {
	with := func(checks []probe.Check) []probe.Check {
		checks = slices.Clone(checks)
		for i := range checks {
			checks[i].Resolve = slices.Concat(f.resolve, checks[i].Resolve)
		}
		return checks
	}
	g.Checks = with(g.Checks)
	if g.Bake != nil {
		bake := *g.Bake
		bake.Checks = with(bake.Checks)
		g.Bake = &bake
	}
	return g
}

// gateDictionary returns the variables for checks and hooks, nil when there are
// none. The error is for a check whose expressions cannot be resolved.
func (s *session) gateDictionary(a *around, plan deployer.Plan) (*variables.Dictionary, error) {
	if plan.Gates == nil {
		return nil, nil
	}
	d, err := a.runner.Dictionary("", a.state.Outputs)
	if err != nil {
		return nil, err
	}
	checks := plan.Gates.Checks
	if plan.Gates.Bake != nil {
		checks = slices.Concat(checks, plan.Gates.Bake.Checks)
	}
	for _, c := range checks {
		words := gatework.Checker{Words: d}
		if _, err := deployer.WithoutSlotWords(c).Evaluate(words.Text, words.Pattern); err != nil {
			return nil, refused("nothing was changed; \"vipswap variables\" explains values", "check %s: %w", c, err)
		}
	}
	return d, nil
}
