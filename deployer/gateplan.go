package deployer

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/vipswap/vipswap/deployer/management"
	"github.com/vipswap/vipswap/deployer/probe"
)

// With returns the plan with gates: checks and a pause before its swap, a bake and
// the way back after it, and hooks around its steps. A plan without a swap gets
// the hooks alone, and a refused one stays as it is. The error is for gates that
// make no sense.
func (p Plan) With(g Gates, seen Observed) (Plan, error) {
	if err := g.check(); err != nil {
		return p, err
	}
	if p.Refused() || g.Empty() {
		return p, nil
	}
	if p.Empty() {
		return p, nil // there is nothing to be around
	}
	p.Decisions, p.Gates = slices.Clone(p.Decisions), &g
	at := slices.IndexFunc(p.Steps, func(s Step) bool { return s.Kind == StepSwap })
	switch {
	case at >= 0 && g.Ready && isSuspended(seen.Staging):
		p.refuse(StagedSuspended, "start it first, or do without instances that are ready", "the staged deployment %s is suspended: the gate before the swap wants its instances ready", seen.Staging.Name)
		p.Steps, p.Gates = []Step{}, nil
		return p, nil
	case at >= 0:
		p.gate(at, g, seen)
	case len(g.Checks) > 0 || g.Pause || g.Bake != nil:
		p.decide(GatesUnused, "nothing is swapped, so nothing is checked before a swap or watched after one")
	}
	p.Steps, p.Back = p.hookUp(p.Steps), p.hookUp(p.Back)
	return p, nil
}

// gate puts the gates around the swap.
func (p *Plan) gate(at int, g Gates, seen Observed) {
	swap := p.Steps[at]
	before := g.before(swap)
	for i := range before {
		before[i].Service = p.Service
	}
	p.Steps = slices.Insert(slices.Clone(p.Steps), at, before...)
	if g.Bake == nil {
		return
	}
	p.add(Step{
		Kind: StepBake, Slot: management.Production, Deployment: swap.Deployment, Label: swap.Label, For: g.Bake.For.String(),
		Reason: "a release has to prove itself in production: " + g.Bake.words(g.Ready), After: "the release is good, or production is swapped back",
	})
	if seen.Production == nil {
		p.warn(NoWayBack, "production is empty before the swap: if the release does not prove itself, there is nothing to swap back to")
		return
	}
	p.planBack(swap, seen, *g.Bake)
}

// before returns the steps before a swap. A pause may take long, so the checks
// that let it come to the pause are made again.
func (g Gates) before(swap Step) []Step {
	look := Step{
		Kind: StepCheck, Slot: management.Staging, Deployment: swap.Deployment, Label: swap.Label,
		Reason: "what goes into production must pass first: " + wanted(g.Ready, g.Checks), After: "the staged deployment has passed",
	}
	var steps []Step
	if g.Ready || len(g.Checks) > 0 {
		steps = append(steps, look)
	}
	if !g.Pause {
		return steps
	}
	pause := Step{
		Kind: StepPause, Slot: management.Staging, Deployment: swap.Deployment, Label: swap.Label,
		Reason: "somebody has to say that it goes on", After: "it was approved",
	}
	if len(steps) == 0 {
		return []Step{pause}
	}
	again := look
	again.Reason = "the pause may have taken long"
	return append(steps, pause, again)
}

// planBack adds the way back: what is done when the bake fails.
func (p *Plan) planBack(swap Step, seen Observed, b Bake) {
	p.Back = []Step{{
		Kind: StepSwap, Service: p.Service, Slot: management.Staging, Deployment: swap.Partner, Partner: swap.Deployment, Label: seen.Production.Label, Replaces: swap.Label, Content: content(seen.Production), Back: true,
		Reason: "the release did not prove itself", After: fmt.Sprintf("production serves %q again, staging holds %q", seen.Production.Label, swap.Label),
	}, {
		Kind: StepCheck, Service: p.Service, Slot: management.Production, Deployment: swap.Partner, Label: seen.Production.Label, Back: true,
		Reason: "a swap back is looked at: " + wanted(true, b.Checks), After: "it is known whether production serves again",
	}}
}

// hookUp puts the hooks around steps.
func (p Plan) hookUp(steps []Step) []Step {
	var all []Step
	for _, s := range steps {
		all = append(all, p.hookStep("before-", s)...)
		all = append(all, s)
		all = append(all, p.hookStep("after-", s)...)
	}
	return all
}

// hookStep returns the step of the hook before or after a step, if there is one.
func (p Plan) hookStep(when string, s Step) []Step {
	h, found := p.Gates.hook(when + s.Name())
	if !found {
		return nil
	}
	after := "the command has succeeded"
	if !h.stops() {
		after = "the command was run"
	}
	return []Step{{
		Kind: StepHook, Service: s.Service, Slot: cmp.Or(s.Slot, p.Slot), Deployment: s.Deployment, Label: cmp.Or(s.Label, p.Label), Back: s.Back,
		Hook: h.At, Command: h.command(), Around: s.String(), Reason: "a hook was asked for", After: after,
	}}
}

// wanted says what a look asks for.
func wanted(ready bool, checks []probe.Check) string {
	var words []string
	if ready {
		words = append(words, "all instances ready")
	}
	for _, c := range checks {
		words = append(words, fmt.Sprintf("%s (%s)", c, c.Wanted()))
	}
	return strings.Join(words, "; ")
}

// words says what a bake looks at, how often, and when it fails.
func (b Bake) words(ready bool) string {
	words := fmt.Sprintf("every %s %s; ", b.every(), wanted(ready, b.Checks))
	if !ready && len(b.Checks) == 0 {
		words = fmt.Sprintf("every %s that production still holds it; ", b.every())
	}
	words += fmt.Sprintf("%s may fail", plural(b.Budget, "look"))
	if b.InARow > 0 {
		words += fmt.Sprintf(", %d in a row may not", b.InARow)
	}
	return words
}
