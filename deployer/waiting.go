package deployer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/vipswap/vipswap/deployer/wait"
)

// wait looks until the condition is met or can no longer be, the run's time is
// up, or ctx ends. It reports each new reason for waiting.
func (r *run) wait(ctx context.Context, w Waiting, look wait.Condition) error {
	said := ""
	err := wait.For(ctx, wait.Poll{
		Min: r.Poll.Min,
		Max: r.Poll.Max,
		Each: func(why string) {
			if w.Why = why; why != said {
				said = why
				r.Reporter.Waiting(w)
			}
		},
		Sleep: func(ctx context.Context, d time.Duration) error { return r.pause(ctx, w, d) },
	}, look)
	return waitError(ctx, w, err)
}

// pause sleeps, but not past the end of the run's time.
func (r *run) pause(ctx context.Context, w Waiting, d time.Duration) error {
	if err := r.Lock.Keep(ctx); err != nil {
		return fmt.Errorf("%s: %w", w.Step, err)
	}
	if limit := r.plan.Waits.Timeout; limit > 0 {
		left := r.started.Add(limit).Sub(r.Clock.Now())
		if left <= 0 {
			return &TimeoutError{Step: w.Step, OperationID: w.OperationID, Limit: limit, Why: w.Why}
		}
		d = min(d, left)
	}
	return r.Clock.Sleep(ctx, d)
}

// interrupted puts an error of a step that ctx cut off into the step's words,
// unless it has them.
func interrupted(ctx context.Context, s Step, err error) error {
	if err == nil || ctx.Err() == nil || isA[*InterruptedError](err) || !errors.Is(err, ctx.Err()) && !errors.Is(err, context.Cause(ctx)) {
		return err
	}
	return &InterruptedError{Step: s, Err: context.Cause(ctx)}
}

// waitError puts the end of a wait into the words of the step.
func waitError(ctx context.Context, w Waiting, err error) error {
	var (
		hopeless *wait.NeverError
		late     *TimeoutError
	)
	switch {
	case err == nil:
		return nil
	case errors.As(err, &late):
		return late
	case errors.As(err, &hopeless):
		return &HopelessError{Step: w.Step, Why: hopeless.Why}
	case ctx.Err() != nil:
		return &InterruptedError{Step: w.Step, OperationID: w.OperationID, Err: context.Cause(ctx)}
	}
	return err
}
