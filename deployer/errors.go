package deployer

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/vipswap/vipswap/deployer/management"
)

// A RefusedError says that a plan was not carried out. Nothing was changed.
type RefusedError struct{ Refusals []Refusal }

// Error gives all refusals, with their hints.
func (e *RefusedError) Error() string {
	lines := []string{}
	for _, r := range e.Refusals {
		line := "refused: " + r.Text
		if r.Hint != "" {
			line += "\nhint: " + r.Hint
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// A MovedError says that the slots no longer hold what the plan saw, so that the
// step was not carried out.
type MovedError struct {
	Step Step
	Saw  string // what was found instead
}

// Error says what was found, and what to do.
func (e *MovedError) Error() string {
	return fmt.Sprintf("%s: the slots have changed since the plan was made: %s\nhint: look at the slots and make a new plan", e.Step, e.Saw)
}

// An InterruptedError says that the run was told to stop. It stops between two
// calls; what the service has begun, it goes on with.
type InterruptedError struct {
	Step        Step
	OperationID string // of the operation that was being waited for, or ""
	Err         error  // the context's
}

// Error says what is still in progress.
func (e *InterruptedError) Error() string {
	msg := fmt.Sprintf("stopped during: %s", e.Step)
	if e.OperationID != "" {
		msg += fmt.Sprintf("; operation %s is still in progress at the service", e.OperationID)
	}
	return fmt.Sprintf("%s: %v\nhint: running the same plan again goes on from here", msg, e.Err)
}

// Unwrap returns the context's error.
func (e *InterruptedError) Unwrap() error { return e.Err }

// A TimeoutError says that the run's time was up while it waited.
type TimeoutError struct {
	Step        Step
	OperationID string // of the operation that was being waited for, or ""
	Limit       time.Duration
	Why         string // what was last seen
}

// Error says what was waited for and what was last seen.
func (e *TimeoutError) Error() string {
	msg := fmt.Sprintf("%s: not done after %s: %s", e.Step, e.Limit, e.Why)
	if e.OperationID != "" {
		msg += fmt.Sprintf(" (operation %s)", e.OperationID)
	}
	if !e.Step.AtService() {
		return msg + "\nhint: allow more time"
	}
	return msg + "\nhint: the service goes on by itself; allow more time, or look at the slots later"
}

// StoppedDuring returns the step that a run was stopped in, by an [*InterruptedError] or
// a [*TimeoutError], and whether err is of that kind.
func StoppedDuring(err error) (during Step, stopped bool) {
	var (
		interrupted *InterruptedError
		late        *TimeoutError
	)
	switch {
	case errors.As(err, &interrupted):
		return interrupted.Step, true
	case errors.As(err, &late):
		return late.Step, true
	}
	return during, false
}

// A HopelessError says that what was waited for can no longer happen.
type HopelessError struct {
	Step Step
	Why  string
}

// Error says why.
func (e *HopelessError) Error() string { return fmt.Sprintf("%s: %s", e.Step, e.Why) }

// An OperationError says that the service accepted a change and failed to carry
// it out.
type OperationError struct {
	Step        Step
	OperationID string
	Err         *management.Error // the service's reason
}

// Error gives the service's code and message.
func (e *OperationError) Error() string {
	return fmt.Sprintf("%s: operation %s failed: %s: %s", e.Step, e.OperationID, e.Err.Code, e.Err.Message)
}

// Unwrap returns the service's error.
func (e *OperationError) Unwrap() error { return e.Err }
