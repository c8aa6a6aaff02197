package wait

import (
	"context"
	"fmt"
	"time"
)

// A Verdict is what one look at the awaited thing tells.
type Verdict int

// The three verdicts.
const (
	NotYet Verdict = iota // it may still come: look again later
	Met                   // it has come
	Never                 // it can no longer come: waiting on is useless
)

var verdictNames = [...]string{NotYet: "not yet", Met: "met", Never: "never"}

// String names the verdict in lower case.
func (v Verdict) String() string {
	if v < 0 || int(v) >= len(verdictNames) {
		return fmt.Sprintf("verdict %d", int(v))
	}
	return verdictNames[v]
}

// A Condition looks once. The words in why say what was seen ("2 of 4 instances
// are ready"); they end up in the error when the wait ends badly, and a change
// in them counts as progress, after which looking becomes frequent again. An err
// ends the wait and is returned as it is.
type Condition func(ctx context.Context) (v Verdict, why string, err error)

// The pauses that a zero Poll uses, and how they grow. Clients of the real
// service look every 5 to 30 seconds; much more often than 5 seconds brings
// throttling there, while a fast endpoint deserves an early look.
const (
	DefaultMin = 50 * time.Millisecond
	DefaultMax = 5 * time.Second

	growthTenths = 16 // the next pause in tenths of the last
)

// A Poll says how often to look. The zero value is useful.
type Poll struct {
	Min time.Duration // the first pause; 0 is DefaultMin
	Max time.Duration // the longest pause; 0 is DefaultMax; raised to Min when smaller

	// Sleep passes the time between two looks; nil is System.Sleep. It returns
	// the context's error when the context ends first.
	Sleep func(ctx context.Context, d time.Duration) error

	// Each, when set, hears what every look saw that was not the last one.
	Each func(why string)
}

// For looks until the condition is met and then returns nil. It returns a
// [*NeverError] when the condition can no longer come true, an
// [*InterruptedError] when the context ends during a pause, and the condition's
// own error as it is.
func For(ctx context.Context, p Poll, look Condition) error {
	p = p.withDefaults()
	unchanged, last := 0, ""
	for {
		v, why, err := look(ctx)
		switch {
		case err != nil:
			return err
		case v == Met:
			return nil
		case v == Never:
			return &NeverError{Why: why}
		}
		if why != last {
			unchanged, last = 0, why
		}
		p.Each(why)
		if err := p.Sleep(ctx, p.Pause(unchanged)); err != nil {
			return &InterruptedError{Why: why, Err: err}
		}
		unchanged++
	}
}

// Pause returns how long to wait after a look, when n looks before it in a row
// saw the same: Min for 0, then growing up to Max.
func (p Poll) Pause(n int) time.Duration {
	p = p.withDefaults()
	d := p.Min
	for ; n > 0 && d < p.Max; n-- {
		d = max(d*growthTenths/10, d+1)
	}
	return min(d, p.Max)
}

func (p Poll) withDefaults() Poll {
	if p.Min <= 0 {
		p.Min = DefaultMin
	}
	if p.Max <= 0 {
		p.Max = DefaultMax
	}
	p.Max = max(p.Max, p.Min)
	if p.Sleep == nil {
		p.Sleep = System.Sleep
	}
	if p.Each == nil {
		p.Each = func(string) {}
	}
	return p
}

// A NeverError says that what was awaited can no longer come.
type NeverError struct{ Why string }

// Error returns what was seen.
func (e *NeverError) Error() string { return e.Why }

// An InterruptedError says that a wait was ended from outside, and what was last
// seen. It unwraps to the context's error.
type InterruptedError struct {
	Why string
	Err error
}

// Error says what was still awaited, and why the wait ended.
func (e *InterruptedError) Error() string {
	if e.Why == "" {
		return fmt.Sprintf("stopped waiting: %v", e.Err)
	}
	return fmt.Sprintf("stopped waiting: %v (last seen: %s)", e.Err, e.Why)
}

// Unwrap returns what ended the wait.
func (e *InterruptedError) Unwrap() error { return e.Err }
