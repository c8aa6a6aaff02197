package deployer

import (
	"fmt"
	"strings"

	"github.com/vipswap/vipswap/deployer/approval"
)

// A GateError says that what is staged did not pass before a swap. Nothing was
// swapped.
type GateError struct {
	Step Step
	Err  error // what did not pass
}

// Error says what did not pass.
func (e *GateError) Error() string {
	return fmt.Sprintf("%s: it does not pass: %v\nhint: nothing was swapped; production is as it was", e.Step, e.Err)
}

// Unwrap returns what did not pass.
func (e *GateError) Unwrap() error { return e.Err }

// A RejectedError says that somebody answered no before a swap. Nothing was swapped,
// and what is staged stays.
type RejectedError struct {
	Step   Step
	Answer approval.Answer
}

// Error says who it was, with the notes.
func (e *RejectedError) Error() string {
	return fmt.Sprintf("%s: %s\nhint: nothing was swapped; what is staged stays", e.Step, e.Answer)
}

// A HookError says that a hook failed that stops the run.
type HookError struct {
	Step Step
	Err  error
}

// Error names the hook and the reason.
func (e *HookError) Error() string { return fmt.Sprintf("%s: %v", e.Step, e.Err) }

// Unwrap returns the reason.
func (e *HookError) Unwrap() error { return e.Err }

// A SwappedBackError says that a release did not prove itself in production, and that
// production holds again what it held before.
type SwappedBackError struct {
	Label      string    // of the release
	Why        string    // it did not prove itself
	Production SlotState // what serves now
	Troubles   []string  // what checks found after the swap back
}

// Error says what failed and what serves now.
func (e *SwappedBackError) Error() string {
	words := fmt.Sprintf("%q did not prove itself: %s\nswapped back: production holds %q again (deployment %s)", e.Label, e.Why, e.Production.Label, e.Production.Name)
	for _, trouble := range e.Troubles {
		words += "\n" + trouble
	}
	return words + fmt.Sprintf("\nhint: %q is in staging, to be looked at", e.Label)
}

// A StrandedError says that a release did not prove itself in production, and that
// production could not be swapped back.
type StrandedError struct {
	Label string
	Why   string
	Err   error  // why there was no way back
	After *Slots // what the slots hold now; nil when that is not known
}

// Error says what state things are in, and what to do.
func (e *StrandedError) Error() string {
	lines := []string{fmt.Sprintf("%q did not prove itself: %s", e.Label, e.Why)}
	reason, hint, _ := strings.Cut(fmt.Sprint(e.Err), "\nhint: ")
	lines = append(lines, "NOT SWAPPED BACK: "+reason)
	switch {
	case e.After != nil && e.After.Production != nil:
		lines = append(lines, fmt.Sprintf("production holds %q (deployment %s)", e.After.Production.Label, e.After.Production.Name))
	case e.After != nil:
		lines = append(lines, "production is empty")
	}
	if hint == "" {
		hint = "look at the slots; \"vipswap rollback\" swaps back by hand"
	}
	return strings.Join(lines, "\n") + "\nhint: " + hint
}

// Unwrap returns why there was no way back.
func (e *StrandedError) Unwrap() error { return e.Err }

// A NothingServesError says that what production held before is no way back: it does
// not run, or no instance of it is ready.
type NothingServesError struct {
	Label string // of what production held before
	Why   string // how far it is
}

// Error says so, and what to do.
func (e *NothingServesError) Error() string {
	return fmt.Sprintf("%q serves nothing (%s)\nhint: when its instances are ready again, \"vipswap rollback\" tries again", e.Label, e.Why)
}
