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

// longestLeap is how much of the time counts that the service has stepped ahead
// between two looks of a wait: whatever it is dated, a wait has looked some times
// before its time is up.
const longestLeap = 5 * time.Minute

// now is the present as waits measure it: what has passed by the clock, and what the
// service has stepped ahead of it. So a wait comes to its end, too, when the time of
// an emulator goes by in a moment. With steps it is in whole seconds, as these are.
func (r *run) now() time.Time {
	passed := r.Clock.Now().Sub(r.started) + r.ahead
	if r.ahead > 0 {
		passed = passed.Round(time.Second)
	}
	return r.started.Add(passed)
}

// leap returns how much time has stepped ahead for the service since the last call.
func (r *run) leap() time.Duration {
	before := r.stepped
	r.stepped = r.Time.Ahead()
	return r.stepped - before
}

// pause sleeps, but not past the end of the run's time. As much as time has stepped
// ahead for the service since the last pause is spared, down to the shortest pause.
func (r *run) pause(ctx context.Context, w Waiting, d time.Duration) error {
	if err := r.Lock.Keep(ctx); err != nil {
		return fmt.Errorf("%s: %w", w.Step, err)
	}
	leap := r.leap()
	r.ahead += min(leap, longestLeap)
	d = max(d-leap, min(d, wait.Poll{Min: r.Poll.Min}.Pause(0)))
	if limit := r.plan.Waits.Timeout; limit > 0 {
		left := r.started.Add(limit + r.granted).Sub(r.now())
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
