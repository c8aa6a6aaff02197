package deployer

import (
	"context"
	"fmt"
	"strings"

	"github.com/vipswap/vipswap/deployer/management"
)

// MarkProperty is the extended property that an upgrade sets on a deployment. Its
// value is the id of the plan, so that a run whose answer was lost can tell
// whether its upgrade was accepted: the name, the label and the configuration of
// an upgraded deployment may all be what they were before.
const MarkProperty = "VipswapPlan"

// standing says how the slots stand towards a step.
type standing int

const (
	due     standing = iota // the step is still to be done, and can be
	arrived                 // what the step is for is already so
	busy                    // an operation is running: look again when it is over
)

// A change is a kind of step that changes something.
type change struct {
	// stand compares the slots with the step. It says what it saw: of a busy
	// slot the reason for waiting. A *MovedError says that the plan no longer fits.
	stand func(s Step, plan string, seen Observed) (standing, string, error)
	// send asks the service for the change and returns the operation's id.
	send func(r *run, ctx context.Context, s Step) (string, error)
	// verify looks once more after the operation, for changes that nothing waits
	// for afterwards.
	verify bool
	// brings is for changes that a release is brought into a slot by.
	brings bool
}

// changes has a row for each kind of step that changes something.
var changes = map[StepKind]change{
	StepCreate:  {stand: standCreate, send: (*run).sendCreate, brings: true},
	StepUpgrade: {stand: standUpgrade, send: (*run).sendUpgrade, brings: true},
	StepSwap:    {stand: standSwap, send: (*run).sendSwap, verify: true, brings: true},
	StepDelete:  {stand: standDelete, send: (*run).sendDelete, verify: true},
	StepStatus:  {stand: standStatus, send: (*run).sendStatus},
	StepScale:   {stand: standScale, send: (*run).sendScale, verify: true},
}

// underWay reports whether an operation holds the deployment. While a deployment
// is created or deleted its status says so, too.
func underWay(d *management.Deployment) bool {
	return d != nil && (d.Locked || d.Status == management.StatusDeploying || d.Status == management.StatusDeleting)
}

// settled returns s, or busy while an operation holds one of the deployments.
func settled(s standing, ds ...*management.Deployment) (standing, string, error) {
	for _, d := range ds {
		if underWay(d) {
			return busy, fmt.Sprintf("an operation is running on deployment %s (%s)", d.Name, d.Status), nil
		}
	}
	return s, "", nil
}

func moved(s Step, format string, args ...any) (standing, string, error) {
	return due, "", &MovedError{Step: s, Saw: fmt.Sprintf(format, args...)}
}

// found describes a slot's contents for a MovedError.
func found(slot management.Slot, d *management.Deployment) string {
	if d == nil {
		return lower(slot) + " is empty"
	}
	return fmt.Sprintf("%s holds deployment %s (%q)", lower(slot), d.Name, d.Label)
}

func standCreate(s Step, _ string, seen Observed) (standing, string, error) {
	there, other := seen.In(s.Slot), seen.In(s.Slot.Other())
	switch {
	case holds(there, s.Deployment):
		return settled(arrived, there)
	case holds(other, s.Deployment):
		return moved(s, "the new deployment is in %s already", lower(s.Slot.Other()))
	case there != nil && there.Status == management.StatusDeleting:
		return settled(due, there)
	case there != nil:
		return moved(s, "%s", found(s.Slot, there))
	}
	return due, "", nil
}

func standUpgrade(s Step, plan string, seen Observed) (standing, string, error) {
	there := seen.In(s.Slot)
	switch {
	case !holds(there, s.Deployment):
		return moved(s, "%s", found(s.Slot, there))
	case markOf(there) == plan:
		return settled(arrived, there)
	case !runs(there, s.Deployment, s.Replaces):
		return moved(s, "%s, not %q", found(s.Slot, there), s.Replaces)
	}
	return settled(due, there)
}

// markOf returns the id of the plan that last upgraded the deployment, or "".
func markOf(d *management.Deployment) string {
	for _, p := range d.Properties {
		if strings.EqualFold(p.Name, MarkProperty) {
			return p.Value
		}
	}
	return ""
}

func standSwap(s Step, _ string, seen Observed) (standing, string, error) {
	live, staged := seen.Production, seen.Staging
	switch {
	case runs(live, s.Deployment, s.Label) && strings.EqualFold(nameOf(staged), s.Partner):
		return settled(arrived, live, staged)
	case runs(staged, s.Deployment, s.Label) && s.Content != "" && content(staged) != s.Content:
		return moved(s, "%s, but it was deployed anew or configured otherwise", found(management.Staging, staged))
	case runs(staged, s.Deployment, s.Label) && (live == nil && s.Partner == "" || runs(live, s.Partner, s.Replaces)):
		return settled(due, live, staged)
	}
	return moved(s, "%s, %s", found(management.Production, live), found(management.Staging, staged))
}

func standDelete(s Step, _ string, seen Observed) (standing, string, error) {
	there := seen.In(s.Slot)
	switch {
	case runs(there, s.Deployment, s.Label):
		return settled(due, there)
	case holds(there, s.Deployment):
		return moved(s, "%s", found(s.Slot, there))
	case holds(seen.In(s.Slot.Other()), s.Deployment):
		return moved(s, "deployment %s is in %s now", s.Deployment, lower(s.Slot.Other()))
	}
	return arrived, "", nil
}

// standStatus counts a deployment that rolls an update out as Running or
// Suspended, which the service writes as its own statuses.
func standStatus(s Step, _ string, seen Observed) (standing, string, error) {
	there := seen.In(s.Slot)
	switch {
	case !runs(there, s.Deployment, s.Label):
		return moved(s, "%s", found(s.Slot, there))
	case strings.TrimSuffix(string(there.Status), "Transitioning") == string(s.Status):
		return settled(arrived, there)
	}
	return settled(due, there)
}

func (r *run) sendCreate(ctx context.Context, s Step) (string, error) {
	url, err := r.packageURL(ctx, s)
	if err != nil {
		return "", err
	}
	return r.Cloud.CreateDeployment(context.WithoutCancel(ctx), s.Service, s.Slot, management.NewDeployment{
		Name: s.Deployment, PackageURL: url, Label: s.Label, Configuration: r.Artifacts.Configuration, Start: !s.Suspended,
	})
}

func (r *run) sendUpgrade(ctx context.Context, s Step) (string, error) {
	url, err := r.packageURL(ctx, s)
	if err != nil {
		return "", err
	}
	return r.Cloud.UpgradeDeployment(context.WithoutCancel(ctx), s.Service, s.Deployment, management.Upgrade{
		Mode: s.Mode, PackageURL: url, Label: s.Label, Configuration: r.Artifacts.Configuration, Force: s.Force,
		Properties: []management.Property{{Name: MarkProperty, Value: r.plan.ID}},
	})
}

func (r *run) sendSwap(ctx context.Context, s Step) (string, error) {
	return r.Cloud.Swap(context.WithoutCancel(ctx), s.Service, s.Partner, s.Deployment)
}

func (r *run) sendDelete(ctx context.Context, s Step) (string, error) {
	return r.Cloud.DeleteDeployment(context.WithoutCancel(ctx), s.Service, s.Deployment)
}

func (r *run) sendStatus(ctx context.Context, s Step) (string, error) {
	return r.Cloud.UpdateStatus(context.WithoutCancel(ctx), s.Service, s.Deployment, s.Status)
}
