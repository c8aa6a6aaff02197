package deployer

import (
	"context"
	"fmt"
	"slices"

	"github.com/vipswap/vipswap/deployer/management"
	"github.com/vipswap/vipswap/deployer/wait"
)

// Undo takes back what a plan that was cut off has done so far, as far as the
// slots show that it was done: a swap is swapped back, a deployment that it
// created in staging is deleted, a status or numbers of instances are set to what they were. What cannot be
// taken back (an upgrade, a deletion, a deployment that serves production) is
// refused. Look at the slots with [Settle] first.
type Undo struct {
	Of    Plan
	Waits Waits
}

func (u Undo) target() (string, management.Slot) { return u.Of.Service, u.Of.Slot }
func (u Undo) check() error                      { return u.Waits.check() }

// undoers take back each kind of step that changes something.
var undoers = map[StepKind]func(u Undo, p *Plan, s Step, seen Observed){
	StepCreate:  undoCreate,
	StepUpgrade: undoUpgrade,
	StepSwap:    undoSwap,
	StepDelete:  undoDelete,
	StepStatus:  undoStatus,
	StepScale:   undoScale,
}

func (u Undo) plan(p *Plan, seen Observed) {
	p.Action, p.Waits = "undo", u.Waits
	for _, s := range slices.Backward(u.Of.Steps) {
		if undo, changes := undoers[s.Kind]; changes {
			undo(u, p, s, seen)
		}
	}
	if len(p.Steps) == 0 && !p.Refused() {
		p.decide(AlreadyThere, "nothing of it has been done: there is nothing to take back")
	}
}

const redeploy = "deploy the release that you want; --abandon gives the run up and changes nothing"

func undoCreate(_ Undo, p *Plan, s Step, seen Observed) {
	switch made := seen.Named(s.Deployment); {
	case made == nil:
	case made.Slot == management.Production:
		p.refuse(NotConfirmed, redeploy, "deployment %s was created and serves production: it is not deleted", made.Name)
	default:
		p.decide(SlotDeleted, "%s holds deployment %s, which the run created: it is deleted", lower(made.Slot), made.Name)
		p.add(Step{
			Kind: StepDelete, Slot: made.Slot, Deployment: made.Name, Label: made.Label,
			Reason: "the run that was cut off created it", After: lower(made.Slot) + " is empty",
		})
	}
}

func undoUpgrade(u Undo, p *Plan, s Step, seen Observed) {
	if there := seen.Named(s.Deployment); there != nil && markOf(there) == u.Of.ID {
		p.refuse(CannotUndo, redeploy, "deployment %s was upgraded to %q: an upgrade cannot be taken back", there.Name, there.Label)
	}
}

func undoSwap(u Undo, p *Plan, s Step, seen Observed) {
	switch {
	case !holds(seen.Production, s.Deployment):
		return
	case s.Partner == "":
		p.refuse(CannotUndo, redeploy, "deployment %s went into an empty production slot and serves: there is nothing to swap back", s.Deployment)
	case !holds(seen.Staging, s.Partner):
		p.refuse(UnexpectedDeployment, redeploy, "%s, not deployment %s, which was in production before", found(management.Staging, seen.Staging), s.Partner)
	case u.Of.Seen.Production != nil && !u.Of.Seen.Production.Holds(describe(seen.Staging)):
		p.refuse(ContentChanged, redeploy, "%s, but not as it was in production: it was deployed anew or configured otherwise since", found(management.Staging, seen.Staging))
	default:
		p.decide(SwapBack, "the slots were swapped: %q goes back into production", seen.Staging.Label)
		planSwap(p, seen, u.Waits.NoReady, "the run that was cut off swapped them")
	}
}

func undoDelete(_ Undo, p *Plan, s Step, seen Observed) {
	if seen.Named(s.Deployment) == nil {
		p.refuse(CannotUndo, redeploy, "deployment %s (%q) was deleted and cannot be brought back", s.Deployment, s.Label)
	}
}

func undoStatus(u Undo, p *Plan, s Step, seen Observed) {
	there := seen.Named(s.Deployment)
	if there == nil || isSuspended(there) != (s.Status == management.StatusSuspended) {
		return
	}
	back := management.StatusRunning
	if s.Status == management.StatusRunning {
		back = management.StatusSuspended
	}
	p.decide(StatusChanged, "deployment %s was set to %s: it is set back", there.Name, s.Status)
	p.add(Step{
		Kind: StepStatus, Slot: there.Slot, Deployment: there.Name, Label: there.Label, Status: back,
		Reason: "the run that was cut off changed it", After: fmt.Sprintf("deployment %s is %s", there.Name, back),
	})
}

// Settle reads the slots until no operation is under way on them. It needs the
// Cloud, Clock, Poll and Reporter of the ports. Errors are those of [Observe] and
// of waiting: a [*TimeoutError] after w.Timeout, an [*InterruptedError].
func Settle(ctx context.Context, p Ports, service string, w Waits) (Observed, error) {
	var seen Observed
	r := newRun(p, Plan{Service: service, Waits: w})
	step := Step{Kind: stepSettle, Service: service}
	err := r.wait(ctx, Waiting{Step: step}, func(ctx context.Context) (_ wait.Verdict, why string, err error) {
		if seen, err = Observe(ctx, r.Cloud, service); err != nil {
			return wait.NotYet, "", err
		}
		if state, why, _ := settled(due, seen.Production, seen.Staging); state == busy {
			return wait.NotYet, why, nil
		}
		return wait.Met, "", nil
	})
	return seen, err
}
