package runlog

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/vipswap/vipswap/deployer"
)

// A Recording is how one run is remembered while it goes on.
type Recording struct {
	Log *Log
	Run Run

	// Kept remembers the steps instead of the log, such as a history of releases that has
	// the run as well; nil is the log.
	Kept deployer.Journal
}

// Begin records the run before its first call, unless Kept does. The error is an
// [*UnfinishedError] while an earlier run of the service is unfinished.
func (r *Recording) Begin() (err error) {
	if r.Kept == nil {
		r.Run, err = r.Log.Begin(r.Run)
		return err
	}
	earlier, err := r.Log.Unfinished(r.Run.Subscription)
	if err != nil {
		return err
	}
	return asUnfinished(earlier)
}

// Journal returns what remembers the steps of the run.
func (r *Recording) Journal() deployer.Journal {
	if r.Kept != nil {
		return r.Kept
	}
	return r.Log.Journal(r.Run)
}

// Question returns the id under which the run asks somebody.
func (r *Recording) Question() string { return fmt.Sprintf("%s-%d", r.Run.Plan.Service, r.Run.ID) }

// Finish records the end of the run, closes the log, and returns the run's error with
// those of recording it. A run that stopped while it changed something is cut off: it
// stays unfinished, so that it can be gone on with. What Kept remembers is only recorded
// here when it succeeded.
func (r *Recording) Finish(result deployer.Result, err error) (cutOff bool, _ error) {
	defer r.Log.Close()
	ending := Ending{State: Succeeded, Result: &result}
	switch {
	case r.Kept != nil && err == nil:
		return false, r.Log.Record(r.Run, ending)
	case r.Kept != nil:
		return false, err
	case err == nil:
		return false, r.Log.Finish(r.Run.ID, ending)
	case stoppedInChange(err):
		return true, err
	}
	ending = Ending{State: Failed, Error: err.Error(), Result: &result}
	return false, errors.Join(err, r.Log.Finish(r.Run.ID, ending))
}

// stoppedInChange reports whether err ended a run during a step that changes
// something, so that the slots are not known.
func stoppedInChange(err error) bool {
	during, known := deployer.StoppedDuring(err)
	if !known {
		return errors.Is(err, context.Canceled)
	}
	return !harmless(during)
}

// harmless reports whether the step changes nothing, and comes before what does.
func harmless(s deployer.Step) bool {
	if s.Kind == deployer.StepHook {
		return strings.HasPrefix(s.Hook, "before-") && !s.Back
	}
	return slices.Contains([]deployer.StepKind{deployer.StepReady, deployer.StepUpload, deployer.StepCheck, deployer.StepPause}, s.Kind) && !s.Back
}
