package deployer

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/vipswap/vipswap/deployer/approval"
	"github.com/vipswap/vipswap/deployer/management"
	"github.com/vipswap/vipswap/deployer/probe"
	"github.com/vipswap/vipswap/deployer/wait"
)

// needs say what each kind of step of a gate cannot do without.
var needs = map[StepKind]func(r *run, g Gates) string{
	StepCheck: needsChecks,
	StepBake:  needsChecks,
	StepPause: func(r *run, _ Gates) string {
		if r.Approver == nil {
			return "somebody to ask"
		}
		return ""
	},
	StepHook: func(r *run, _ Gates) string {
		if r.Hooks == nil {
			return "something that runs commands"
		}
		return ""
	},
}

func needsChecks(r *run, g Gates) string {
	if r.Checks == nil && len(g.allChecks()) > 0 {
		return "something that asks web addresses"
	}
	return ""
}

// checkGate finds gates that the run has no ports for.
func (r *run) checkGate(s Step) error {
	need, isGate := needs[s.Kind]
	if !isGate {
		return nil
	}
	if what := need(r, *r.plan.Gates); what != "" {
		return fmt.Errorf("%s: %s is needed", s, what)
	}
	return nil
}

// gate looks whether the staged deployment may go into production, or, on the way
// back, whether production serves again.
func (r *run) gate(ctx context.Context, s Step) error {
	if s.Back {
		return r.lookBack(ctx, s)
	}
	if swapped, err := r.swapArrived(ctx); swapped || err != nil {
		return err
	}
	d, err := r.standing(ctx, s)
	if err != nil {
		return err
	}
	for _, c := range r.plan.Gates.Checks {
		if err := r.until(ctx, s, c, d); err != nil {
			return err
		}
	}
	return nil
}

// swapArrived looks whether the swap that a gate is before has been carried out: by a
// process that died before it could write that down. Then the gate is behind it.
func (r *run) swapArrived(ctx context.Context) (bool, error) {
	for _, s := range r.plan.Steps {
		if s.Kind == StepSwap {
			stand, err := r.stand(ctx, s, changes[StepSwap])
			if err != nil || stand != arrived {
				return false, err
			}
			r.current.Outcome = OutcomeAlready
			return true, nil
		}
	}
	return false, nil
}

// standing returns the deployment that a check is about, when its instances are
// ready where that is asked for.
func (r *run) standing(ctx context.Context, s Step) (*management.Deployment, error) {
	if r.plan.Gates.Ready {
		if err := r.ready(ctx, s); err != nil {
			return nil, err
		}
	}
	d, err := r.Cloud.DeploymentByName(ctx, s.Service, s.Deployment)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w", s, err)
	case d == nil:
		return nil, &MovedError{Step: s, Saw: fmt.Sprintf("deployment %s is gone", s.Deployment)}
	case r.plan.Gates.Ready && !allReady(d):
		return nil, &GateError{Step: s, Err: errors.New(readiness(d))}
	}
	return d, nil
}

// until asks for a check until enough answers in a row are right.
func (r *run) until(ctx context.Context, s Step, c probe.Check, d *management.Deployment) error {
	if err := r.Lock.Keep(ctx); err != nil {
		return fmt.Errorf("%s: %w", s, err)
	}
	c = addressed(c, s.Slot, d)
	w := Waiting{Step: s, Why: "check " + c.String()}
	err := probe.Loop{
		Ask: r.Checks.Ask, Now: r.Clock.Now, Say: r.Reporter.Line,
		Sleep: func(ctx context.Context, d time.Duration) error { return r.pause(ctx, w, d) },
	}.Until(ctx, c)
	if failed := (*probe.FailedError)(nil); errors.As(err, &failed) {
		return &GateError{Step: s, Err: failed}
	}
	return waitError(ctx, w, err)
}

// addressed returns the check as it is for what a slot holds now: a path is behind the
// slot's address, its expressions about the slot are resolved, and the slot's public name is
// at its virtual address, unless the check says otherwise.
func addressed(c probe.Check, slot management.Slot, d *management.Deployment) probe.Check {
	host := ""
	if u, err := url.Parse(d.URL); err == nil {
		host = u.Hostname()
	}
	words := map[string]string{
		"Slot.Name": string(slot), "Slot.Url": d.URL, "Slot.Host": host, "Slot.Vip": d.VIP(), "Slot.Label": d.Label, "Slot.Deployment": d.Name,
	}
	c = fill(c, func(word string) string { return words[word] })
	if c.Base = d.URL; d.VIP() == "" || host == "" {
		return c
	}
	for _, port := range portsOf(c.URL) {
		c.Resolve = append(c.Resolve, fmt.Sprintf("%s:%s:%s", host, port, d.VIP()))
	}
	return c
}

// portsOf lists the ports at which the slot's name may be asked for: those of the web,
// and the one in an address.
func portsOf(address string) []string {
	ports := []string{"80", "443"}
	if u, err := probe.Address(address); err == nil && !slices.Contains(ports, probe.PortOf(u)) {
		ports = append(ports, probe.PortOf(u))
	}
	return ports
}

// pauseForAnswer asks somebody and waits for the answer.
func (r *run) pauseForAnswer(ctx context.Context, s Step) error {
	if swapped, err := r.swapArrived(ctx); swapped || err != nil {
		return err
	}
	title := fmt.Sprintf("%s into production of %s", s.Label, s.Service)
	if err := r.Approver.Ask(ctx, title, r.question(s)); err != nil {
		return fmt.Errorf("%s: %w", s, err)
	}
	var answer approval.Answer
	err := r.wait(ctx, Waiting{Step: s}, func(ctx context.Context) (wait.Verdict, string, error) {
		var answered bool
		var err error
		if answer, answered, err = r.Approver.Answer(ctx); answered || err != nil {
			return wait.Met, "", err
		}
		return wait.NotYet, "nobody has answered yet", nil
	})
	switch {
	case err != nil:
		return err
	case !answer.Approved:
		return &RejectedError{Step: s, Answer: answer}
	}
	r.current.Note = answer.String()
	r.Reporter.Line(r.current.Note)
	return nil
}

// question says what somebody is asked.
func (r *run) question(s Step) string {
	lines := []string{fmt.Sprintf("Staging of %s holds %q (deployment %s). Production gets it when you approve.", s.Service, s.Label, s.Deployment)}
	if seen := r.plan.Seen; seen.Staging != nil && seen.Staging.URL != "" {
		lines = append(lines, "It is at "+seen.Staging.URL+" (address "+seen.Staging.VIP+").")
	}
	if q := strings.TrimSpace(r.plan.Gates.Question); q != "" {
		lines = append(lines, q)
	}
	return strings.Join(lines, "\n")
}

// hook runs the command of a hook.
func (r *run) hook(ctx context.Context, s Step) error {
	h, found := r.plan.Gates.hook(s.Hook)
	if !found {
		return fmt.Errorf("%s: the plan does not say how", s)
	}
	vars, err := r.hookVariables(ctx, s)
	if err == nil {
		err = r.runHook(ctx, s, h, vars)
	}
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return &InterruptedError{Step: s, Err: context.Cause(ctx)}
	case h.stops():
		return &HookError{Step: s, Err: err}
	}
	r.current.Outcome, r.current.Note = OutcomeFailed, err.Error()
	r.decide(Decision{Code: HookFailed, Warning: true, Text: fmt.Sprintf("hook %s failed: %v", s.Hook, err)})
	return nil
}

// runHook runs the command within its time, which does not count as the run's.
func (r *run) runHook(ctx context.Context, s Step, h Hook, vars map[string]string) error {
	limit := h.Timeout
	if limit == 0 {
		limit = DefaultHookTime
	}
	began := r.Clock.Now()
	err := r.Hooks.Run(ctx, HookRun{Hook: h, Variables: vars, Say: r.Reporter.Line}, func() error {
		if r.Clock.Now().Sub(began) >= limit {
			return fmt.Errorf("it did not end within %s", limit)
		}
		return r.Lock.Keep(ctx)
	})
	r.granted += r.Clock.Now().Sub(began)
	return err
}

// hookVariables tells a command what it is run for, and what the slots hold.
func (r *run) hookVariables(ctx context.Context, s Step) (map[string]string, error) {
	seen, err := Observe(ctx, r.Cloud, s.Service)
	if err != nil {
		return nil, err
	}
	result := r.last
	if result == "" && strings.HasPrefix(s.Hook, "after-") {
		result = OutcomeDone // in another process
	}
	vars := map[string]string{
		"VIPSWAP_HOOK": s.Hook, "VIPSWAP_STEP": s.Around, "VIPSWAP_ACTION": r.plan.Action, "VIPSWAP_SERVICE": s.Service,
		"VIPSWAP_SLOT": lower(s.Slot), "VIPSWAP_DEPLOYMENT": s.Deployment, "VIPSWAP_LABEL": s.Label,
	}
	if strings.HasPrefix(s.Hook, "after-") {
		vars["VIPSWAP_RESULT"] = string(result)
	}
	for _, slot := range management.Slots {
		prefix, d := "VIPSWAP_"+strings.ToUpper(string(slot))+"_", seen.In(slot)
		if d == nil {
			d = &management.Deployment{}
		}
		for name, value := range map[string]string{"NAME": d.Name, "LABEL": d.Label, "URL": d.URL, "VIP": d.VIP()} {
			vars[prefix+name] = value
		}
	}
	return vars, nil
}
