package deployer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/vipswap/vipswap/deployer/management"
	"github.com/vipswap/vipswap/deployer/wait"
)

// Bounds on how often one change is sent. After an unclear answer there is a pause
// of four shortest pauses between polls, then twice as long each time, so that with
// the usual ones three quarters of a minute pass. Conflicts with a running operation
// are bounded by the run's time limit too, and each of them is waited for.
const (
	maxUnclear   = 8
	maxConflicts = 100

	longestUnclear = 20 * time.Second
)

// attempts counts what went wrong while one change was being made.
type attempts struct {
	unclear   int // answers, or none
	conflicts int // with running operations
	refused   int // because the slots were not as seen a moment before
}

// change makes one change: it looks, acts when that is due, and settles what the
// answer leaves open by looking again.
func (r *run) change(ctx context.Context, s Step) error {
	var tried attempts
	r.result.After = nil // what was seen before is about to change
	c := changes[s.Kind]
	for {
		stand, err := r.stand(ctx, s, c)
		if err != nil {
			return err
		}
		if stand == arrived {
			r.arrive(s, tried)
			return nil
		}
		if r.endsService(s) {
			return &MovedError{Step: s, Saw: fmt.Sprintf("deployment %s is suspended, and production would not serve", s.Deployment)}
		}
		if r.unfit(s) {
			if err := r.ready(ctx, Step{Kind: StepReady, Service: s.Service, Slot: s.Slot, Deployment: s.Deployment}); err != nil {
				return err
			}
			continue
		}
		if err := r.may(ctx, s, c); err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
		id, err := c.send(r, ctx, s)
		if err == nil {
			err = r.complete(ctx, s, c, id)
		}
		if err == nil {
			r.arrive(s, attempts{unclear: 1})
			return nil
		}
		if err = r.settle(ctx, s, err, &tried); err != nil {
			return err
		}
	}
}

// may returns why a change must not be made, though the slots stand right for it.
func (r *run) may(ctx context.Context, s Step, c change) error {
	if c.brings && !s.Back {
		if err := r.Consent.Given(ctx); err != nil {
			return err
		}
	}
	return r.Lock.Check(ctx)
}

// endsService reports whether a swap would now end the service, which its plan would
// have refused.
func (r *run) endsService(s Step) bool {
	return s.Kind == StepSwap && !s.Back && !r.plan.Waits.NoReady && endsService(r.saw)
}

// unfit reports whether a swap would bring a deployment into production that was ready
// when the plan was made, or the last step done, and is not now. A swap back asks no
// questions.
func (r *run) unfit(s Step) bool {
	staged := r.saw.Staging
	return s.Kind == StepSwap && !s.Back && !r.plan.Waits.NoReady && staged != nil && !isSuspended(staged) && !allReady(staged)
}

// arrive notes that the change is made, and by whom: without an unclear answer it
// was so before this run acted.
func (r *run) arrive(s Step, tried attempts) {
	if tried.unclear == 0 {
		r.current.Outcome = OutcomeAlready
	}
	if s.Kind == StepSwap {
		r.result.Swapped, r.result.Back = !s.Back, s.Back
		after := r.saw.Slots()
		r.result.After = &after
	}
}

// stand looks at the slots until no operation is in the way.
func (r *run) stand(ctx context.Context, s Step, c change) (standing, error) {
	var stand standing
	err := r.wait(ctx, Waiting{Step: s}, func(ctx context.Context) (wait.Verdict, string, error) {
		seen, err := Observe(ctx, r.Cloud, s.Service)
		if err != nil {
			return wait.NotYet, "", err
		}
		var why string
		r.saw = seen
		stand, why, err = c.stand(s, r.plan.ID, seen)
		if err == nil && stand == busy {
			return wait.NotYet, why, nil
		}
		return wait.Met, why, err
	})
	return stand, err
}

// complete waits for the operation that a change began.
func (r *run) complete(ctx context.Context, s Step, c change, id string) error {
	r.current.OperationID = id
	op, err := r.operation(ctx, s, id, fmt.Sprintf("operation %s is in progress", id))
	switch {
	case management.IsNotFound(err):
		return &management.UnknownOutcomeError{Action: s.String(), Err: err}
	case err != nil:
		return err
	case op.Status == management.Failed:
		return &OperationError{Step: s, OperationID: id, Err: reasonOf(op)}
	case !c.verify:
		return nil
	}
	stand, err := r.stand(ctx, s, c)
	if err == nil && stand != arrived {
		return &HopelessError{Step: s, Why: fmt.Sprintf("operation %s succeeded, but the slots are as they were", id)}
	}
	return err
}

// operation polls until the operation is over.
func (r *run) operation(ctx context.Context, s Step, id, why string) (management.Operation, error) {
	var op management.Operation
	err := r.wait(ctx, Waiting{Step: s, OperationID: id}, func(ctx context.Context) (wait.Verdict, string, error) {
		var err error
		if op, err = r.Cloud.Operation(ctx, id); err != nil || op.Status == management.InProgress {
			return wait.NotYet, why, err
		}
		return wait.Met, "", nil
	})
	return op, err
}

func reasonOf(op management.Operation) *management.Error {
	if op.Err == nil {
		return &management.Error{Code: "InternalError", Message: "the service gave no reason", RequestID: op.ID, HTTPStatus: op.HTTPStatus}
	}
	return op.Err
}

// settle decides what an error means for the change: nil is to look again, after
// waiting where there is something to wait for.
func (r *run) settle(ctx context.Context, s Step, err error, tried *attempts) error {
	var unclear *management.UnknownOutcomeError
	switch {
	case isA[*OperationError](err), isA[*HopelessError](err), isA[*MovedError](err), isA[*InterruptedError](err), isA[*TimeoutError](err):
		return err
	case errors.As(err, &unclear):
		return r.settleUnclear(ctx, s, unclear, tried)
	}
	if id, busy := management.RunningOperation(err); busy {
		return r.settleConflict(ctx, s, err, id, tried)
	}
	if management.IsConflict(err) || management.IsNotFound(err) {
		// The slots changed between looking and acting, or the refusal is final.
		if tried.refused++; tried.refused == 1 {
			return nil
		}
	}
	return fmt.Errorf("%s: %w", s, err)
}

// settleUnclear passes a pause after an answer that does not tell whether the
// change was carried out. The look that follows does, and what is under way by
// then is waited for; only a change that was not carried out is sent again.
func (r *run) settleUnclear(ctx context.Context, s Step, err *management.UnknownOutcomeError, tried *attempts) error {
	if tried.unclear++; tried.unclear > maxUnclear {
		return fmt.Errorf("%s: given up after %d unclear answers: %w", s, tried.unclear, err)
	}
	r.decide(Decision{Code: OutcomeUnknown, Warning: true, Text: fmt.Sprintf("%s: no clear answer came (%v): the slots are looked at before anything is sent again", s, err.Reason())})
	pause := wait.Poll{Min: r.Poll.Min}.Pause(0) << (tried.unclear + 1)
	pause = max(min(pause, longestUnclear), err.RetryAfter)
	w := Waiting{Step: s, Why: "no clear answer came"}
	return waitError(ctx, w, r.pause(ctx, w, pause))
}

// settleConflict waits for the operation that is in the way. Whatever it comes
// to, the slots are looked at afterwards. Where the refusal names no operation
// (id is ""), there is a pause, longer each time.
func (r *run) settleConflict(ctx context.Context, s Step, err error, id string, tried *attempts) error {
	if tried.conflicts++; tried.conflicts > maxConflicts {
		return fmt.Errorf("%s: given up after %d conflicts: %w", s, tried.conflicts, err)
	}
	w := Waiting{Step: s, Why: "another operation has exclusive access"}
	if id != "" {
		if _, err := r.operation(ctx, s, id, w.Why); !management.IsNotFound(err) {
			return err
		}
	}
	r.Reporter.Waiting(w)
	pause := wait.Poll{Min: r.Poll.Min, Max: r.Poll.Max}.Pause(tried.conflicts - 1)
	return waitError(ctx, w, r.pause(ctx, w, pause))
}
