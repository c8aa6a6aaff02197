package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/release"
	"github.com/vipswap/vipswap/deployer/release/journal"
	"github.com/vipswap/vipswap/internal/tempfolder"
)

// interrupted finds a deployment to the environment that was begun and not ended.
// This process holds the history, so nobody is carrying it out; a plan, which needs no
// hold and records nothing, takes none for cut off while somebody deploys. One of
// another release is in the way, unless it is to be given up or has done nothing.
func (s *session) interrupted(ctx context.Context, r release.Release, environment string, abandon, planOnly bool) (*release.Deployment, error) {
	holder, err := s.history.Holder()
	if holder != nil {
		s.warning(holder.String() + " is at work: the slots may be others then")
	}
	if holder != nil || err != nil {
		return nil, err
	}
	unfinished, err := s.history.Deployments(release.Filter{Environment: environment, States: []release.State{release.Executing}})
	if err != nil {
		return nil, err
	}
	for _, d := range unfinished {
		other := d.Release != r.Number
		switch _, _, err := journal.PlanOf(d); {
		case abandon, other && journal.BegunNothing(d):
			if err := s.cancel(ctx, d, planOnly); err != nil {
				return nil, err
			}
		case err != nil:
			return nil, refused("--abandon gives it up and leaves the slots as they are", "release %s to %s was interrupted, and its plan in the history cannot be read: %w", d.Release, environment, err)
		case other:
			return nil, refused(
				fmt.Sprintf("go on with it by \"vipswap release deploy %s --to %s\", or give it up with --abandon", d.Release, environment),
				"release %s to %s was interrupted at %s and may have changed the slots", d.Release, environment, d.Started.Format(time.RFC3339))
		default:
			return &d, nil
		}
	}
	return nil, nil
}

// cancel records that a deployment was given up, and takes away what it asked.
func (s *session) cancel(ctx context.Context, d release.Deployment, planOnly bool) error {
	if planOnly {
		s.sayCutOff(d)
		fmt.Fprintln(s.progress(), "it would be given up; the slots stay as they are")
		return nil
	}
	return s.endCutOff(ctx, d, release.Ending{State: release.Canceled, Error: "given up after an interruption"})
}

// endCutOff records how a deployment that was cut off has ended, and gives its lock up.
// What it left in the folder for temporary files is removed.
func (s *session) endCutOff(ctx context.Context, d release.Deployment, end release.Ending) error {
	tempfolder.Place{}.Clear()
	if _, err := s.finish(d, end); err != nil {
		return err
	}
	return s.unlockCutOff(ctx, d)
}

// finish records how a deployment ended, and returns what the lifecycle then wants.
// Nobody answers its questions any more.
func (s *session) finish(d release.Deployment, end release.Ending) ([]release.Deployment, error) {
	queued, err := s.history.FinishDeployment(d.ID, end)
	if err != nil {
		return nil, err
	}
	desk, err := s.desk()
	if err != nil {
		return nil, err
	}
	return queued, desk.RemoveOf(d.ID)
}

// resume goes on with a deployment that was interrupted: by the plan that it had, or,
// when it had come to none, with the steps before it that are left.
func (s *session) resume(ctx context.Context, r release.Release, d release.Deployment) error {
	s.keepAfter(d)
	tempfolder.Place{}.Clear()
	plan, planned, err := journal.PlanOf(d)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.progress(), "release %s to %s was interrupted at %s: it goes on where it was\n", r.Number, d.Environment, d.Started.Format(time.RFC3339))
	for _, name := range journal.ProcessCutOff(d) {
		s.warning("step " + name + " was under way: it begins again")
	}
	if planned {
		return s.resumePlan(ctx, r, d, journal.Left(plan, d.Journal))
	}
	ready, _, err := s.preview(ctx, r, d, workNone)
	if err != nil {
		return err
	}
	defer ready.Close()
	return s.deployBegun(ctx, r, d, ready)
}

// planResume prints what resume would do.
func (s *session) planResume(ctx context.Context, r release.Release, d release.Deployment) error {
	s.sayCutOff(d)
	plan, planned, err := journal.PlanOf(d)
	if err != nil {
		return err
	}
	if planned {
		a, err := s.surround(r, d)
		if err != nil {
			return err
		}
		plan.Waits = s.options(a.project.Step).Waits
		if plan, err = asItStands(ctx, s.conn, journal.Left(plan, d.Journal)); err != nil {
			return err
		}
		return s.showAround(r, d.Environment, plan, a)
	}
	ready, a, err := s.preview(ctx, r, d, workDry)
	if err != nil {
		return err
	}
	defer ready.Close()
	return s.showReleasePlan(r, d.Environment, ready, a)
}

// resumePlan goes on with what is left of the plan of a deployment.
func (s *session) resumePlan(ctx context.Context, r release.Release, d release.Deployment, plan deployer.Plan) error {
	s.telling.cases.Open(fmt.Sprintf("release %s to %s", r.Number, d.Environment))
	defer s.telling.cases.Close()
	if err := s.lockFor(ctx, d, plan.Service, nil); err != nil {
		return s.unbegun(d, err)
	}
	defer s.unlock(ctx)
	a, err := s.surround(r, d)
	if err != nil {
		return err
	}
	if err := a.runner.Run(ctx, phaseBefore, a.project.Before, &a.state); err != nil { // for what they have set
		return s.stopped(d, err)
	}
	if a.work = workNone; needsPackage(plan) {
		a.work, a.redo = workLive, true
	}
	del, _, err := s.delivery(r, d, a)
	if err != nil {
		return err
	}
	ready, err := s.prepareRelease(ctx, r, d, a)
	if err != nil {
		return err
	}
	defer ready.Close()
	if err := s.createMissing(ctx, ready); err != nil {
		return err
	}
	if ready.store == nil {
		if ready.store, err = s.packageStore(ctx, s.conn, del.account, del.location); err != nil {
			return err
		}
	}
	plan.Waits = del.options.Waits
	ready.job.plan = plan
	return s.run(ctx, r, d, a, ready)
}
