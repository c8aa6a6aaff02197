package probe

import (
	"cmp"
	"context"
	"fmt"
	"time"
)

// A Loop asks again and again.
type Loop struct {
	// Ask asks once and says what is wrong, or "".
	Ask func(ctx context.Context, c Check) string
	Now func() time.Time
	// Sleep passes the time between two requests. Its error ends the loop.
	Sleep func(ctx context.Context, d time.Duration) error
	// Say, when set, hears of each right answer, and of each new reason why one is
	// wrong.
	Say func(words string)
}

// A FailedError says that a check did not get enough right answers in time.
type FailedError struct {
	Check  Check
	Within time.Duration
	Why    string // what was wrong with the last answer
}

// Error names the check and what was wrong last.
func (e *FailedError) Error() string {
	return fmt.Sprintf("%s did not answer as it should within %s: %s", e.Check, e.Within, e.Why)
}

// Until asks until c.InARow answers in a row were right. The error is a
// [*FailedError] when that has not come after c.Within, or that of Sleep or ctx.
func (l Loop) Until(ctx context.Context, c Check) error {
	within := cmp.Or(max(c.Within, 0), DefaultWithin)
	row, end := row{need: max(c.InARow, 1)}, l.Now().Add(within)
	for {
		why := l.Ask(ctx, c)
		if err := ctx.Err(); err != nil {
			return err
		}
		if words := row.note(why); words != "" && l.Say != nil {
			l.Say(c.String() + ": " + words)
		}
		switch {
		case row.complete():
			return nil
		case !l.Now().Before(end):
			return &FailedError{Check: c, Within: within, Why: row.why()}
		}
		if err := l.Sleep(ctx, cmp.Or(max(c.Every, 0), DefaultEvery)); err != nil {
			return err
		}
	}
}

// A row counts right answers in a row.
type row struct {
	need, right int
	last        string // what was wrong last, "" before anything was
	wrong       bool   // the last answer was
}

// note takes an answer in, and returns what is new about it, or "".
func (r *row) note(why string) string {
	known := r.wrong && why == r.last
	r.wrong = why != ""
	if r.wrong {
		r.right, r.last = 0, why
		if known {
			return ""
		}
		return why
	}
	r.right++
	return fmt.Sprintf("as it should be (%d of %d)", r.right, r.need)
}

func (r *row) complete() bool { return r.right >= r.need }

// why says what kept the row from being complete.
func (r *row) why() string {
	if r.wrong {
		return r.last
	}
	words := fmt.Sprintf("only %d of %d answers in a row were right", r.right, r.need)
	if r.last != "" {
		words += "; before them: " + r.last
	}
	return words
}
