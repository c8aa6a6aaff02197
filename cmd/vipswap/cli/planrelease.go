package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/planfile"
	"github.com/vipswap/vipswap/deployer/release"
)

// writeReleasePlan writes the plan of a deployment to the file that --plan-out names.
func (s *session) writeReleasePlan(r release.Release, next release.Deployment, ready *prepared) error {
	unfinished, err := s.history.Deployments(release.Filter{Environment: next.Environment, States: []release.State{release.Executing}})
	if err != nil {
		return err
	}
	if len(unfinished) > 0 {
		if err := s.heldByOther(); err != nil {
			return err
		}
		return refused("\"vipswap resume\" goes on with it", "release %s to %s was interrupted: a plan would be another afterwards", unfinished[0].Release, next.Environment)
	}
	digest, err := s.history.Digest(r, next.Environment, s.project)
	if err != nil {
		return err
	}
	return s.writePlanFile(s.planOut, s.conn, ready.job, &planfile.Release{
		Number: r.Number, Environment: next.Environment, Digest: digest, Flags: s.flags, Created: next.Created, CreatedBy: next.CreatedBy,
	})
}

// applyRelease carries out the plan of a release's deployment, when it would still be
// the plan.
func (p *program) applyRelease(ctx context.Context, f runFlags, file planfile.File) error {
	return p.withSession("vipswap apply", func(s *session) error {
		if err := s.connectFor(f); err != nil {
			return err
		}
		s.account, s.waits.NoReady = file.Account, file.Plan.Waits.NoReady
		s.named, s.created, s.createdBy, s.flags = file.Plan.ID, file.Release.Created, file.Release.CreatedBy, file.Release.Flags
		s.agreed = cmp.Or(file.Plan.Gates, &deployer.Gates{})
		if !f.timeoutGiven() {
			s.waits.Timeout, s.override = file.Plan.Waits.Timeout, true
		}
		r, err := s.history.Release(file.Release.Number)
		if errors.Is(err, release.ErrNotFound) {
			return refused("is this the folder of the project?", "the plan is for release %s, which the history does not have", file.Release.Number)
		}
		if err != nil {
			return err
		}
		if !s.planned {
			if err := s.hold(); err != nil {
				return err
			}
		}
		if err := s.stillPlanned(ctx, r, file); err != nil || f.plan {
			return err
		}
		return s.ending(s.deployNew(ctx, r, file.Release.Environment))
	})
}

// stillPlanned refuses when the release, the slots, or what would be done about them
// has changed since the plan was made. It prints the plan if that was asked for.
func (s *session) stillPlanned(ctx context.Context, r release.Release, file planfile.File) error {
	environment, made := file.Release.Environment, file.Made.Format(time.RFC3339)
	digest, err := s.history.Digest(r, environment, s.project)
	if err != nil {
		return err
	}
	if digest != file.Release.Digest {
		return refused("look at \"vipswap release progression "+r.Number+"\" and make a new plan",
			"release %s, what was deployed to %s, or the project's lifecycle has changed since the plan was made at %s", r.Number, environment, made)
	}
	next, err := s.upcoming(r, environment)
	if err != nil {
		return err
	}
	ready, a, err := s.preview(ctx, r, next, workDry)
	if err != nil {
		return err
	}
	defer ready.Close()
	if err := planFailure(file.StillHolds(ready.job.seen)); err != nil {
		return err
	}
	if !reflect.DeepEqual(ready.job.plan.Steps, file.Plan.Steps) {
		return refused("make a new plan", "another plan would be made now than at %s: variables, files or flags differ%s", made, firstDifference(ready, file))
	}
	if !s.planned {
		return nil
	}
	return s.showReleasePlan(r, environment, ready, a)
}

// firstDifference says which step is another one.
func firstDifference(ready *prepared, file planfile.File) string {
	for i, step := range ready.job.plan.Steps {
		if i >= len(file.Plan.Steps) || step != file.Plan.Steps[i] {
			return fmt.Sprintf(" (step %d: %s)", i+1, step)
		}
	}
	return ""
}

// ending prints what was deployed as JSON, whatever the error.
func (s *session) ending(err error) error {
	if s.output == formatJSON && len(s.ended) > 0 {
		err = errors.Join(err, writeJSON(s.Stdout, s.ended))
	}
	return err
}

// planDeploy prints the plan, and what the lifecycle would do after it; --plan-out
// writes it to a file.
func (s *session) planDeploy(ctx context.Context, r release.Release, environment string) error {
	next, err := s.upcoming(r, environment)
	if err != nil {
		return err
	}
	ready, a, err := s.preview(ctx, r, next, workDry)
	if err != nil {
		return err
	}
	defer ready.Close()
	if err := s.showReleasePlan(r, environment, ready, a); err != nil || s.planOut == "" {
		return err
	}
	return s.writeReleasePlan(r, next, ready)
}

// showReleasePlan prints a plan with what is around it.
func (s *session) showReleasePlan(r release.Release, environment string, ready *prepared, a *around) error {
	if ready.creates != "" {
		fmt.Fprintf(s.progress(), "before it, cloud service %s would be created in %s\n", ready.job.plan.Service, ready.creates)
	}
	s.sayChanges(ready.changes)
	return s.showAround(r, environment, ready.job.plan, a)
}

// showAround prints a plan between the steps before and after it, and what the
// lifecycle would do then.
func (s *session) showAround(r release.Release, environment string, plan deployer.Plan, a *around) error {
	view := deploymentPlan{plan, a.planSteps(phaseBefore, a.project.Before), a.planSteps(phaseAfter, a.project.After)}
	s.sayAround(phaseBefore, view.Before)
	defer s.sayAround(phaseAfter, view.After)
	if err := s.showPlanAs(plan, view); err != nil {
		return err
	}
	facts, err := s.history.Facts(r.Number)
	if err != nil {
		return err
	}
	for _, next := range s.project.Lifecycle.AutomaticAfter(facts, environment) {
		fmt.Fprintf(s.progress(), "after it the lifecycle would deploy release %s to %s by itself\n", r.Number, next)
	}
	return nil
}
