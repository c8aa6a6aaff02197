package deployer

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/vipswap/vipswap/deployer/management"
)

// A bakeError says that the release did not prove itself. Run turns back then.
type bakeError struct{ why string }

func (e *bakeError) Error() string { return "the release did not prove itself: " + e.why }

func (b Bake) every() time.Duration {
	if b.Every > 0 {
		return b.Every
	}
	return DefaultBakeEvery
}

// A tally counts the looks of a bake.
type tally struct {
	looks, failed, inARow int
	last                  string // why the last look failed
}

// note counts a look: why it failed, or "". One at which the service could not be
// asked is counted, but says nothing.
func (t *tally) note(why string, unseen error) {
	t.looks++
	switch {
	case unseen != nil:
	case why == "":
		t.inARow = 0
	default:
		t.failed++
		t.inARow++
		t.last = why
	}
}

// over says why the bake has failed, or "".
func (t *tally) over(b Bake) string {
	switch {
	case t.failed > b.Budget:
		return fmt.Sprintf("%d of %s failed, and %d may: %s", t.failed, plural(t.looks, "look"), b.Budget, t.last)
	case b.InARow > 0 && t.inARow >= b.InARow:
		return fmt.Sprintf("%d looks in a row failed: %s", t.inARow, t.last)
	}
	return ""
}

// looks is how often a bake looks: at its begin, then after each pause, and at its end.
// The number does not depend on how long a look takes, so that a budget means the same
// on a slow day.
func (b Bake) looks() int {
	return int((b.For+b.every()-1)/b.every()) + 1
}

// bake watches production for its time, which does not count as the run's. A look
// at the service that gets no answer says nothing about the release; but the bake
// does not end with one.
func (r *run) bake(ctx context.Context, s Step) error {
	b, began := *r.plan.Gates.Bake, r.Clock.Now()
	defer func() {
		r.leap() // what the service has stepped ahead meanwhile does not count either
		r.granted += r.Clock.Now().Sub(began)
	}()
	var t tally
	for next := b.every(); ; next += b.every() {
		why, unseen, err := r.bakeLook(ctx, s, b)
		if err != nil {
			return waitError(ctx, Waiting{Step: s}, err)
		}
		r.bakeNote(s, b, &t, why, unseen)
		if failed := t.over(b); failed != "" {
			r.current.Outcome, r.current.Note = OutcomeFailed, failed
			return &bakeError{failed}
		}
		switch passed := r.Clock.Now().Sub(began); {
		case t.looks >= b.looks() && unseen == nil:
			r.current.Note = fmt.Sprintf("%d of %s failed", t.failed, plural(t.looks, "look"))
			return nil
		case passed > b.For+bakePatience && unseen != nil:
			return fmt.Errorf("%s: the service has not answered for long: %w", s, unseen)
		case t.looks < b.looks():
			err = r.bakePause(ctx, s, min(next, b.For)-passed)
		default:
			err = r.bakePause(ctx, s, b.every())
		}
		if err != nil {
			return err
		}
	}
}

// bakePatience is how long after its end a bake waits for an answer of the service.
const bakePatience = 10 * time.Minute

func (r *run) bakePause(ctx context.Context, s Step, d time.Duration) error {
	if err := r.Lock.Keep(ctx); err != nil {
		return fmt.Errorf("%s: %w", s, err)
	}
	if d <= 0 {
		return nil
	}
	return waitError(ctx, Waiting{Step: s}, r.Clock.Sleep(ctx, d))
}

// bakeNote counts a look and reports what is new.
func (r *run) bakeNote(s Step, b Bake, t *tally, why string, unseen error) {
	before := *t
	t.note(why, unseen)
	if why != "" {
		r.Reporter.Line(fmt.Sprintf("look %d failed (%d of %d that may): %s", t.looks, t.failed, b.Budget, why))
	}
	if unseen != nil {
		r.Reporter.Line(fmt.Sprintf("the service does not answer, which does not count: %v", unseen))
	}
	if before.looks == 0 || before.failed != t.failed {
		r.Reporter.Waiting(Waiting{Step: s, Why: fmt.Sprintf("production is watched for %s: %s so far", b.For, plural(t.failed, "failed look"))})
	}
}

// bakeLook looks at production once. It says what is wrong with the release, and
// why the service could not be asked. The error is for what ends the bake: ctx, or a
// release that is no longer in production.
func (r *run) bakeLook(ctx context.Context, s Step, b Bake) (why string, unseen, err error) {
	d, unseen := r.Cloud.DeploymentByName(ctx, s.Service, s.Deployment)
	switch {
	case ctx.Err() != nil:
		return "", nil, ctx.Err()
	case unseen != nil:
		return "", unseen, nil
	case d == nil:
		return "", nil, &MovedError{Step: s, Saw: fmt.Sprintf("deployment %s is gone", s.Deployment)}
	case d.Slot != management.Production:
		return "", nil, &MovedError{Step: s, Saw: fmt.Sprintf("deployment %s is in %s", s.Deployment, lower(d.Slot))}
	}
	var wrong []string
	if r.plan.Gates.Ready && !allReady(d) {
		wrong = append(wrong, readiness(d))
	}
	for _, c := range b.Checks {
		if err := r.Lock.Keep(ctx); err != nil {
			return "", nil, fmt.Errorf("%s: %w", s, err)
		}
		c = addressed(c, management.Production, d)
		if why := r.Checks.Ask(ctx, c); why != "" {
			wrong = append(wrong, c.String()+": "+why)
		}
	}
	if ctx.Err() != nil {
		return "", nil, ctx.Err()
	}
	return strings.Join(wrong, "; "), nil, nil
}
