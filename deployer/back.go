package deployer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/vipswap/vipswap/deployer/management"
	"github.com/vipswap/vipswap/deployer/wait"
)

// goBack does the steps of the way back, looks at the slots, and says what became of
// it as an error: the release that was asked for does not serve.
func (r *run) goBack(ctx context.Context, why string, steps []Step) (Result, error) {
	r.granted = r.now().Sub(r.started) // the way back has the time of a whole run
	previous, bad := r.plan.Seen.Production, r.plan.Label
	if previous == nil {
		result, err := r.finish(ctx)
		return result, &StrandedError{Label: bad, Why: why, Err: errors.Join(errors.New("production was empty before, so there is nothing to swap back to"), err)}
	}
	r.decide(Decision{Code: BakeFailed, Warning: true, Text: fmt.Sprintf("%q did not prove itself (%s): production is swapped back to %q", bad, why, previous.Label)})
	if err := r.wayOpen(ctx, steps); err != nil {
		return r.stranded(ctx, why, err)
	}
	for _, s := range steps {
		if err := r.step(ctx, s); err != nil {
			return r.stranded(ctx, why, err)
		}
	}
	result, err := r.finish(ctx)
	if err != nil {
		return result, fmt.Errorf("%q did not prove itself: %s: it was swapped back: %w", bad, why, err)
	}
	if !previous.Holds(result.After.Production) {
		return result, &StrandedError{Label: bad, Why: why, Err: errors.New("the slots were swapped back, and production does not hold what it held before"), After: result.After}
	}
	r.result.Swapped, r.result.Back = false, true
	return r.result, &SwappedBackError{Label: bad, Why: why, Production: *result.After.Production, Troubles: r.troubles()}
}

// wayOpen waits until what production held before serves again, on one instance at
// least, as long as instances may restart. A release that fails is better than nothing;
// more is not asked, and what is found afterwards is said. Where readiness is not to be
// asked for, and after the swap back, the way is open.
func (r *run) wayOpen(ctx context.Context, steps []Step) error {
	at := slices.IndexFunc(steps, func(s Step) bool { return s.Kind == StepSwap })
	if at < 0 || !r.plan.Gates.Ready {
		return nil
	}
	s, began, grace := steps[at], r.now(), cmp.Or(r.plan.Waits.CyclingGrace, DefaultCyclingGrace)
	err := r.wait(ctx, Waiting{Step: s}, func(ctx context.Context) (wait.Verdict, string, error) {
		d, err := r.Cloud.DeploymentByName(ctx, s.Service, s.Deployment)
		switch {
		case err != nil:
			return wait.NotYet, "", fmt.Errorf("%s: %w", s, err)
		case d == nil || d.Slot == management.Production || serves(d):
			return wait.Met, "", nil
		case d.Status != management.StatusRunning || r.now().Sub(began) > grace:
			return wait.Never, readiness(d), nil
		}
		return wait.NotYet, readiness(d), nil
	})
	if hopeless := (*HopelessError)(nil); errors.As(err, &hopeless) {
		return &NothingServesError{Label: s.Label, Why: hopeless.Why}
	}
	return err
}

// serves reports whether the deployment runs and somebody who asks it gets an answer.
func serves(d *management.Deployment) bool {
	return d.Status == management.StatusRunning &&
		slices.ContainsFunc(d.Instances, func(i management.Instance) bool { return i.Status == management.InstanceReady })
}

// troubles lists what the checks after a swap back found.
func (r *run) troubles() []string {
	var found []string
	for _, d := range r.result.Decisions {
		if d.Code == CheckFailed {
			found = append(found, d.Text)
		}
	}
	return found
}

// stranded says what state a way back that failed has left. One that was only
// stopped can go on.
func (r *run) stranded(ctx context.Context, why string, err error) (Result, error) {
	if isA[*InterruptedError](err) || isA[*TimeoutError](err) {
		return r.ended(), err
	}
	e := &StrandedError{Label: r.plan.Label, Why: why, Err: err}
	if seen, lookErr := Observe(ctx, r.Cloud, r.plan.Service); lookErr == nil {
		after := seen.Slots()
		r.result.After, e.After = &after, &after
		r.result.Swapped = !holds(seen.Production, nameIn(r.plan.Seen.Production))
	}
	return r.ended(), e
}

// lookBack asks production, after a swap back, and only tells what it finds: what
// serves again is better than what did not, whatever a check for the new release says.
func (r *run) lookBack(ctx context.Context, s Step) error {
	wrong, err := r.wrongAfter(ctx, s)
	for _, words := range wrong {
		r.decide(Decision{Code: CheckFailed, Warning: true, Text: fmt.Sprintf("production holds %q again, but: %s", s.Label, words)})
	}
	return err
}

// wrongAfter lists what is wrong with production after a swap back.
func (r *run) wrongAfter(ctx context.Context, s Step) (wrong []string, err error) {
	d, err := r.Cloud.DeploymentByName(ctx, s.Service, s.Deployment)
	switch {
	case ctx.Err() != nil:
		return nil, &InterruptedError{Step: s, Err: context.Cause(ctx)}
	case err != nil:
		return []string{fmt.Sprintf("it cannot be looked at: %v", err)}, nil
	case d == nil:
		return []string{"deployment " + s.Deployment + " is gone"}, nil
	case d.Label != s.Label:
		return []string{fmt.Sprintf("it was upgraded to %q", d.Label)}, nil
	case !allReady(d):
		wrong = append(wrong, readiness(d))
	}
	for _, c := range r.plan.Gates.Bake.Checks {
		c.InARow = 1
		failed := (*GateError)(nil)
		if err := r.until(ctx, s, c, d); errors.As(err, &failed) {
			wrong = append(wrong, failed.Err.Error())
		} else if err != nil {
			return wrong, err
		}
	}
	return wrong, nil
}

func nameIn(s *SlotState) string {
	if s == nil {
		return ""
	}
	return s.Name
}
