package deployer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/vipswap/vipswap/deployer/management"
	"github.com/vipswap/vipswap/deployer/wait"
)

// A run is one execution of a plan.
type run struct {
	Ports
	plan    Plan
	started time.Time
	saw     Observed      // at the last look before a change
	stepped time.Duration // how far the service was ahead at the last pause
	ahead   time.Duration // what of it counts
	url     string        // of the uploaded package, "" before
	result  Result
	current StepResult
	last    Outcome       // of the last step that is no hook, "" when it was in another process
	granted time.Duration // what the run's time was extended by
}

// executors say how each kind of step is carried out.
var executors = map[StepKind]func(*run, context.Context, Step) error{
	StepUpload:  (*run).upload,
	StepCreate:  (*run).change,
	StepUpgrade: (*run).change,
	StepSwap:    (*run).change,
	StepDelete:  (*run).change,
	StepStatus:  (*run).change,
	StepScale:   (*run).change,
	StepReady:   (*run).ready,
	StepCheck:   (*run).gate,
	StepPause:   (*run).pauseForAnswer,
	StepBake:    (*run).bake,
	StepHook:    (*run).hook,
}

// Run carries a plan out, step by step, and may be called again with the same
// plan after it failed or was killed: what is done is not done again. The result
// is filled as far as the run got, also with an error.
//
// Errors: a [*RefusedError] for a plan with refusals, and errors about missing or
// different artifacts, before anything is called; a [*MovedError] when the slots
// no longer fit the plan; an [*OperationError] when the service failed a change;
// a [*HopelessError] when instances cannot get ready any more; a [*TimeoutError];
// an [*InterruptedError] when ctx ended. A change that is being sent when ctx ends
// is not cut off, so that its answer is not lost. A [Lock] that was lost ends the
// run before its next change with the lock's error, and so does a [Consent] that is
// given no more. Other errors are those of the ports.
//
// Of a plan with gates: a [*GateError] when a check before the swap does not pass, a
// [*RejectedError], a [*HookError], and after a bake that failed a [*SwappedBackError]
// or a [*StrandedError].
func Run(ctx context.Context, p Ports, plan Plan) (Result, error) {
	r := newRun(p, plan)
	if err := r.check(); err != nil {
		return r.result, err
	}
	for _, d := range plan.Decisions {
		r.decide(d)
	}
	if plan.Turned != "" {
		return r.goBack(ctx, plan.Turned, plan.Steps)
	}
	for _, step := range plan.Steps {
		err := r.step(ctx, step)
		if failed := (*bakeError)(nil); errors.As(err, &failed) {
			return r.goBack(ctx, failed.why, plan.Back)
		}
		if err != nil {
			return r.ended(), err
		}
	}
	return r.finish(ctx)
}

// ended returns the result as far as the run got.
func (r *run) ended() Result {
	r.result.Took = r.Clock.Now().Sub(r.started)
	return r.result
}

func newRun(p Ports, plan Plan) *run {
	if p.Journal == nil {
		p.Journal = unjournaled{}
	}
	if p.Reporter == nil {
		p.Reporter = Silent{}
	}
	if p.Lock == nil {
		p.Lock = unlocked{}
	}
	if p.Consent == nil {
		p.Consent = unasked{}
	}
	if p.Time == nil {
		p.Time = inStep{}
	}
	r := &run{Ports: p, plan: plan, started: p.Clock.Now(), stepped: p.Time.Ahead()}
	r.result = Result{
		Action: plan.Action, Service: plan.Service, Slot: plan.Slot, Label: plan.Label,
		Before: plan.Seen, Decisions: []Decision{}, Steps: []StepResult{},
	}
	return r
}

// check finds what makes the plan impossible before anything is called.
func (r *run) check() error {
	if r.plan.Refused() {
		return &RefusedError{Refusals: r.plan.Refusals}
	}
	if err := r.plan.Check(); err != nil {
		return err
	}
	for _, s := range r.plan.All() {
		if err := r.checkGate(s); err != nil {
			return err
		}
		if s.Kind == StepCreate || s.Kind == StepUpgrade {
			if err := r.checkArtifacts(s); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkArtifacts compares what the run was given with what was planned.
func (r *run) checkArtifacts(s Step) error {
	a := r.Artifacts
	switch {
	case r.Packages == nil || a.Package.Content == nil || a.Configuration == nil:
		return fmt.Errorf("%s: a package, a configuration and a package store are needed", s)
	case s.PackageSHA256 != "" && s.PackageSHA256 != a.Package.SHA256:
		return fmt.Errorf("%s: %s is not the package that was planned: its contents differ", s, a.Package.Name)
	case s.ConfigSHA256 != "" && s.ConfigSHA256 != digest(a.Configuration):
		return fmt.Errorf("%s: the configuration is not the one that was planned", s)
	}
	return nil
}

func (r *run) decide(d Decision) {
	r.result.Decisions = append(r.result.Decisions, d)
	r.Reporter.Decision(d)
}

// step carries one step out between its two entries in the journal.
func (r *run) step(ctx context.Context, s Step) error {
	if ctx.Err() != nil {
		return &InterruptedError{Step: s, Err: context.Cause(ctx)}
	}
	if err := r.Journal.Intent(s); err != nil {
		return fmt.Errorf("%s: write the journal: %w", s, err)
	}
	r.Reporter.StepStarted(s)
	r.current = StepResult{Step: s, Started: r.Clock.Now()}
	err := interrupted(ctx, s, executors[s.Kind](r, ctx, s))
	r.current.Took = r.Clock.Now().Sub(r.current.Started)
	if err == nil && r.current.Outcome == "" {
		r.current.Outcome = OutcomeDone
	}
	if err = r.note(s, err); s.Kind != StepHook {
		r.last = r.current.Outcome
	}
	r.result.Steps = append(r.result.Steps, r.current)
	r.Reporter.StepEnded(r.current, err)
	return err
}

// note writes the end of a step into the journal. A bake that failed has come to its
// end, too: what follows is the way back.
func (r *run) note(s Step, err error) error {
	failed := isA[*bakeError](err)
	if err != nil && !failed {
		r.current.Outcome = ""
		return err
	}
	if journalErr := r.Journal.Done(s, r.current); journalErr != nil {
		return fmt.Errorf("%s: write the journal: %w", s, journalErr)
	}
	return err
}

// upload stores the package, unless the change that needs it has been made.
func (r *run) upload(ctx context.Context, s Step) error {
	needed, err := r.stillNeeded(ctx)
	if err != nil {
		return err
	}
	if !needed {
		r.current.Outcome = OutcomeAlready
		return nil
	}
	_, err = r.packageURL(ctx, s)
	if r.result.Reused {
		r.current.Outcome = OutcomeAlready
	}
	return err
}

// stillNeeded looks at the slots before the first byte is sent: a plan that no
// longer fits uploads nothing, and neither does one whose change was made before
// it was interrupted.
func (r *run) stillNeeded(ctx context.Context) (bool, error) {
	for _, s := range r.plan.Steps {
		c, isChange := changes[s.Kind]
		if !isChange {
			continue
		}
		seen, err := Observe(ctx, r.Cloud, s.Service)
		if err != nil {
			return false, err
		}
		stand, _, err := c.stand(s, r.plan.ID, seen)
		return stand != arrived, err
	}
	return true, nil
}

// packageURL returns the address of the package, and uploads it the first time.
func (r *run) packageURL(ctx context.Context, s Step) (string, error) {
	if r.url != "" {
		return r.url, nil
	}
	url, reused, err := r.Packages.Upload(ctx, r.Artifacts.Package, func(done, total int64) {
		_ = r.Lock.Keep(ctx) // a lock that is lost is found out before the change
		r.Reporter.Uploading(done, total)
	})
	switch {
	case err != nil && ctx.Err() != nil:
		return "", &InterruptedError{Step: s, Err: context.Cause(ctx)}
	case err != nil:
		return "", fmt.Errorf("upload %s: %w", r.Artifacts.Package.Name, err)
	}
	r.url, r.result.PackageURL, r.result.Reused = url, url, reused
	return url, nil
}

// ready waits until all instances of the deployment are ready. One that stays
// suspended is as ready as it gets.
func (r *run) ready(ctx context.Context, s Step) error {
	watch := newReadyWatch(s, r.plan.Waits.CyclingGrace)
	said, rest := "", false
	return r.wait(ctx, Waiting{Step: s}, func(ctx context.Context) (wait.Verdict, string, error) {
		d, err := r.Cloud.DeploymentByName(ctx, s.Service, s.Deployment)
		if err != nil {
			return wait.NotYet, "", fmt.Errorf("%s: %w", s, err)
		}
		v, why := watch.judge(d, r.now())
		if d != nil && why != said {
			said = why
			r.Reporter.Instances(progressOf(d))
		}
		if v == wait.Met && atRest(d) && !rest {
			rest = true
			r.decide(Decision{Code: StaysSuspended, Warning: true, Text: fmt.Sprintf("deployment %s is suspended and all its instances are stopped: there is nothing to wait for", d.Name)})
		}
		return v, why, nil
	})
}

// finish looks at both slots once more.
func (r *run) finish(ctx context.Context) (Result, error) {
	seen, err := Observe(ctx, r.Cloud, r.plan.Service)
	r.result.Took = r.Clock.Now().Sub(r.started)
	if err = interrupted(ctx, Step{Kind: stepLook, Service: r.plan.Service}, err); err != nil {
		return r.result, fmt.Errorf("everything is done, but: %w", err)
	}
	after := seen.Slots()
	r.result.After = &after
	r.result.fill(r.subject(seen))
	return r.result, nil
}

// subject returns the deployment that the plan was about, or nil.
func (r *run) subject(seen Observed) *management.Deployment {
	for _, s := range r.plan.Steps {
		if _, isChange := changes[s.Kind]; isChange {
			return seen.Named(s.Deployment)
		}
	}
	return seen.In(r.plan.Slot)
}

// isA reports whether err is, or wraps, an error of type T.
func isA[T error](err error) bool {
	var target T
	return errors.As(err, &target)
}
