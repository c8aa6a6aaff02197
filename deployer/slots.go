package deployer

import (
	"fmt"
	"strings"

	"github.com/vipswap/vipswap/deployer/management"
)

// Swap exchanges the two slots because somebody said so, whatever the labels are.
// With production empty, the staged deployment moves there.
type Swap struct {
	Service string
	// ExpectStaged is the label that staging must hold, or "" for any.
	ExpectStaged string
	Waits        Waits
}

func (s Swap) target() (string, management.Slot) { return s.Service, management.Production }
func (s Swap) check() error                      { return s.Waits.check() }

func (s Swap) plan(p *Plan, seen Observed) {
	p.Action, p.Waits = "swap", s.Waits
	switch {
	case seen.Staging == nil:
		p.refuse(NothingStaged, "deploy a release to Staging first", "staging is empty: there is nothing to swap into production")
		return
	case s.ExpectStaged != "" && s.ExpectStaged != seen.Staging.Label:
		p.refuse(UnexpectedDeployment, "look at the slots before swapping them", "staging holds %q, not %q", seen.Staging.Label, s.ExpectStaged)
		return
	case seen.Production == nil:
		p.warn(PromoteIntoEmpty, "production is empty: %q moves from staging into production and leaves staging empty, so there will be nothing to swap back to", seen.Staging.Label)
	default:
		p.decide(SwapAsked, "staging holds %q and production holds %q: they are swapped", seen.Staging.Label, seen.Production.Label)
	}
	warnOfFewer(p, seen, nil)
	planSwap(p, seen, s.Waits.NoReady, "a swap was asked for")
}

// Rollback swaps back: what staging holds becomes production again.
type Rollback struct {
	Service string
	// Previous is what staging must hold: what was in production before the swap that is
	// taken back; nil is not known. ExpectLabel is the label that it must have, "" for any.
	Previous    *SlotState
	ExpectLabel string
	Waits       Waits
}

func (r Rollback) target() (string, management.Slot) { return r.Service, management.Production }
func (r Rollback) check() error                      { return r.Waits.check() }

func (r Rollback) plan(p *Plan, seen Observed) {
	p.Action, p.Waits = "rollback", r.Waits
	const again = "deploy the earlier release again"
	switch {
	case seen.Staging == nil:
		p.refuse(NothingStaged, again, "staging is empty: the previous deployment is gone, so there is nothing to swap back")
		return
	case seen.Production == nil:
		p.refuse(ProductionEmpty, "swap, if staging is to go into production", "production is empty: there is nothing to roll back")
		return
	case r.Previous != nil && !strings.EqualFold(r.Previous.Name, seen.Staging.Name):
		p.refuse(UnexpectedDeployment, again, "staging holds deployment %s (%q), not %s, which was in production before", seen.Staging.Name, seen.Staging.Label, r.Previous.Name)
		return
	case r.Previous != nil && r.ExpectLabel == "" && r.Previous.Label != seen.Staging.Label:
		p.refuse(UnexpectedDeployment, again, "staging holds %q, not %q, which was in production before", seen.Staging.Label, r.Previous.Label)
		return
	case r.Previous != nil && r.Previous.Label == seen.Staging.Label && !r.Previous.Holds(describe(seen.Staging)):
		p.refuse(ContentChanged, again, "staging holds %q, but it was deployed anew or configured otherwise since it was in production", seen.Staging.Label)
		return
	case r.ExpectLabel != "" && r.ExpectLabel != seen.Staging.Label:
		p.refuse(UnexpectedDeployment, again, "staging holds %q, not %q, which was in production before", seen.Staging.Label, r.ExpectLabel)
		return
	}
	p.decide(SwapBack, "staging holds %q and production holds %q: they are swapped, so that %q serves again", seen.Staging.Label, seen.Production.Label, seen.Staging.Label)
	warnOfFewer(p, seen, nil)
	planSwap(p, seen, r.Waits.NoReady, "a rollback was asked for")
}

// Delete deletes the deployment in a slot.
type Delete struct {
	Service string
	Slot    management.Slot
	// Confirmed allows deleting production, which ends its service and gives up
	// its address.
	Confirmed bool
	// ExpectName is the deployment that the slot must hold, or "" for any.
	ExpectName string
	Waits      Waits
}

func (d Delete) target() (string, management.Slot) { return d.Service, d.Slot }
func (d Delete) check() error                      { return d.Waits.check() }

func (d Delete) plan(p *Plan, seen Observed) {
	p.Action, p.Waits = "delete", d.Waits
	there := seen.In(d.Slot)
	switch {
	case there == nil:
		p.decide(AlreadyThere, "%s is empty: there is nothing to delete", lower(d.Slot))
		return
	case d.ExpectName != "" && !holds(there, d.ExpectName):
		p.refuse(UnexpectedDeployment, "look at the slots before deleting", "%s holds deployment %s, not %s", lower(d.Slot), there.Name, d.ExpectName)
		return
	case d.Slot == management.Production && !d.Confirmed:
		p.refuse(NotConfirmed, "confirm it if you mean it", "production serves %q: deleting it ends the service and gives up its address", there.Label)
		return
	}
	p.decide(SlotDeleted, "%s holds %q: its deployment %s is deleted", lower(d.Slot), there.Label, there.Name)
	warnOfOperation(p, there)
	p.add(Step{
		Kind: StepDelete, Slot: d.Slot, Deployment: there.Name, Label: there.Label,
		Reason: "a deletion was asked for", After: fmt.Sprintf("%s is empty", lower(d.Slot)),
	})
}

// SetStatus starts or suspends the deployment in a slot.
type SetStatus struct {
	Service string
	Slot    management.Slot
	Status  management.DeploymentStatus // StatusRunning or StatusSuspended
	// Confirmed allows suspending production, which ends its service until it is
	// started again.
	Confirmed bool
	Waits     Waits
}

func (s SetStatus) target() (string, management.Slot) { return s.Service, s.Slot }

func (s SetStatus) check() error {
	if s.Status != management.StatusRunning && s.Status != management.StatusSuspended {
		return fmt.Errorf("a deployment cannot be set to %q: use %s or %s", string(s.Status), management.StatusRunning, management.StatusSuspended)
	}
	return s.Waits.check()
}

func (s SetStatus) plan(p *Plan, seen Observed) {
	p.Action, p.Waits = "status", s.Waits
	there := seen.In(s.Slot)
	switch {
	case there == nil:
		p.refuse(SlotIsEmpty, "", "%s is empty: there is nothing to set to %s", lower(s.Slot), s.Status)
		return
	case there.Status == s.Status:
		p.decide(AlreadyThere, "deployment %s in %s is %s already: nothing is done", there.Name, lower(s.Slot), s.Status)
		return
	}
	if s.Slot == management.Production && s.Status == management.StatusSuspended && !s.Confirmed {
		p.refuse(NotConfirmed, "confirm it if you mean it", "production serves %q: suspending it ends the service until it is started again", there.Label)
		return
	}
	p.decide(StatusChanged, "deployment %s in %s is %s: it is set to %s", there.Name, lower(s.Slot), there.Status, s.Status)
	warnOfOperation(p, there)
	p.add(Step{
		Kind: StepStatus, Slot: s.Slot, Deployment: there.Name, Label: there.Label, Status: s.Status,
		Reason: "it was asked for", After: fmt.Sprintf("deployment %s is %s", there.Name, s.Status),
	})
	if s.Status == management.StatusRunning && !s.Waits.NoReady {
		p.add(readyStep(s.Slot, there.Name, "a started deployment is Running before its instances are up"))
	}
}

// planSwap adds the checks and steps of a swap. Staging is occupied.
func planSwap(p *Plan, seen Observed, noReady bool, reason string) {
	staged := seen.Staging
	p.Label = staged.Label
	refuseUnequalEndpoints(p, seen)
	refuseUnequalAddresses(p, seen)
	if !noReady && endsService(seen) {
		p.refuse(StagedSuspended, "start it first", "the staged deployment %s is suspended: after the swap production does not serve until it is started", staged.Name)
		return
	}
	warnOfStaged(p, staged, noReady)
	warnOfAge(p, seen)
	if seen.Production != nil && seen.Production.Label == staged.Label {
		p.warn(SameLabelSwap, "both slots hold %q: the swap exchanges two deployments of one release", staged.Label)
	}
	if !noReady && !isSuspended(staged) && !allReady(staged) {
		p.add(readyStep(management.Staging, staged.Name, "what goes into production must be ready first"))
	}
	p.add(Step{
		Kind: StepSwap, Slot: management.Staging, Deployment: staged.Name, Partner: nameOf(seen.Production), Label: staged.Label, Replaces: labelOf(seen.Production), Content: content(staged),
		Reason: reason, After: afterSwap(seen),
	})
}

// endsService reports whether a swap would put a suspended deployment in the place of
// one that serves.
func endsService(seen Observed) bool {
	return seen.Staging != nil && isSuspended(seen.Staging) && seen.Production != nil && !isSuspended(seen.Production)
}

func afterSwap(seen Observed) string {
	rest := "staging is empty"
	if seen.Production != nil {
		rest = fmt.Sprintf("staging holds %q and can be swapped back", seen.Production.Label)
	}
	return fmt.Sprintf("production serves %q, %s", seen.Staging.Label, rest)
}

// refuseUnequalEndpoints finds beforehand what the service refuses: Microsoft's
// page for Swap Deployment wants the same number and types of endpoints.
func refuseUnequalEndpoints(p *Plan, seen Observed) {
	if seen.Production == nil {
		return
	}
	staged, live := EndpointsOf(seen.Staging), EndpointsOf(seen.Production)
	if !staged.Equal(live) {
		p.refuse(EndpointsDiffer, "remote desktop on one side only is the usual cause; delete one slot and deploy into it instead",
			"staging has %s and production has %s: the service swaps only deployments with the same number and types of endpoints", staged, live)
	}
}

// refuseUnequalAddresses finds another thing that the service refuses: by
// Microsoft's article on managing cloud services both deployments have a reserved IP
// address, or neither.
func refuseUnequalAddresses(p *Plan, seen Observed) {
	if seen.Production == nil || (seen.Staging.ReservedIPName == "") == (seen.Production.ReservedIPName == "") {
		return
	}
	with, name := management.Staging, seen.Staging.ReservedIPName
	if name == "" {
		with, name = management.Production, seen.Production.ReservedIPName
	}
	p.refuse(AddressesDiffer, "give the other one a reserved address as well, or take this one away",
		"%s has the reserved address %s and %s has none: the service swaps only when both have one, or neither", lower(with), name, lower(with.Other()))
}

// warnOfStaged says what is wrong with the deployment that goes into production.
func warnOfStaged(p *Plan, staged *management.Deployment, noReady bool) {
	switch {
	case isSuspended(staged):
		p.warn(StagedSuspended, "the staged deployment %s is suspended: after the swap production does not serve until it is started", staged.Name)
	case !allReady(staged) && noReady:
		p.warn(StagedNotReady, "the staged deployment %s is not ready (%s): it is swapped all the same", staged.Name, readiness(staged))
	case !allReady(staged):
		p.warn(StagedNotReady, "the staged deployment %s is not ready (%s): the swap waits until it is", staged.Name, readiness(staged))
	}
	warnOfOperation(p, staged)
}
