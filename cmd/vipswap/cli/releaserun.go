package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/management"
	"github.com/vipswap/vipswap/deployer/process"
	"github.com/vipswap/vipswap/deployer/release"
	"github.com/vipswap/vipswap/deployer/release/journal"
)

// createMissing makes the service of the project when it is missing.
func (s *session) createMissing(ctx context.Context, ready *prepared) error {
	if ready.creates == "" {
		return nil
	}
	wanted := management.NewService{Name: ready.job.plan.Service, Location: ready.creates}
	return s.doTasks(ctx, false, []task{createService(s.conn, wanted, "the project names it and it is missing")})
}

// start marks a queued deployment as begun, and carries it out.
func (s *session) start(ctx context.Context, r release.Release, d release.Deployment, ready *prepared) error {
	d, err := s.history.StartDeployment(d.ID)
	if err == nil && s.after.action() != "" {
		err = s.history.SetDetails(d.ID, s.details(deployer.Plan{}))
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(s.progress(), "release %s to %s: %s\n", r.Number, d.Environment, modes[d.Mode])
	return s.deployBegun(ctx, r, d, ready)
}

// deployBegun locks the service, runs the steps before a deployment, writes down its
// plan, and runs it.
func (s *session) deployBegun(ctx context.Context, r release.Release, d release.Deployment, ready *prepared) error {
	s.telling.cases.Open(fmt.Sprintf("release %s to %s", r.Number, d.Environment))
	defer s.telling.cases.Close()
	if err := s.lockFor(ctx, d, ready.job.plan.Service, ready.job.store); err != nil {
		return s.unbegun(d, err)
	}
	defer s.unlock(ctx)
	if err := s.createMissing(ctx, ready); err != nil {
		return s.unbegun(d, err)
	}
	a, err := s.surround(r, d)
	if err != nil {
		return err
	}
	if err := s.before(ctx, r, d, a, ready); err != nil {
		return s.stopped(d, err)
	}
	if a.state.Err != nil {
		return s.conclude(ctx, r, d, a, ran{})
	}
	plan := ready.job.plan
	s.sayChanges(ready.changes)
	err = s.history.SetDetails(d.ID, s.details(plan))
	if err == nil {
		err = journal.RecordPlan(s.history, d.ID, plan)
	}
	if err != nil {
		return err
	}
	return s.run(ctx, r, d, a, ready)
}

// details are what the history keeps of a deployment; its plan is empty before it is made.
func (s *session) details(plan deployer.Plan) release.Details {
	d := release.Details{AfterSwap: s.after.action(), Window: s.after.window}
	if plan.Service != "" {
		d.Action, d.Name, d.Label = actionOf(plan), subject(plan), plan.Label
	}
	return d
}

// keepAfter has the swap of a deployment that goes on followed by what was asked for when
// it began, unless this command says something else.
func (s *session) keepAfter(d release.Deployment) {
	if !s.after.said() && d.AfterSwap != "" {
		s.after = afterFlags{way: afterWay(d.AfterSwap), window: d.Window}
	}
}

// modes says what a deployment means to its environment.
var modes = map[release.Mode]string{
	release.ModeDeploy:       "a new release there",
	release.ModeRollback:     "a rollback to an earlier release",
	release.ModeRedeployment: "the same release again",
}

// actionOf says how a plan gets the release into its slot.
func actionOf(plan deployer.Plan) release.Action {
	switch {
	case plan.Has(deployer.StepSwap):
		return release.ActionSwap
	case plan.Has(deployer.StepUpgrade):
		return release.ActionUpgrade
	}
	return release.ActionDeploy
}

// subject returns the name of the deployment that a plan is about.
func subject(plan deployer.Plan) string {
	for _, step := range plan.Steps {
		if step.Deployment != "" {
			return step.Deployment
		}
	}
	return ""
}

// run carries the plan of a begun deployment out, and then what is after it.
func (s *session) run(ctx context.Context, r release.Release, d release.Deployment, a *around, ready *prepared) error {
	ready.job.journal, ready.job.question = journal.Steps{History: s.history, ID: d.ID}, d.ID+"-swap"
	ready.job.consent = unblocked{s, d}
	var err error
	if ready.job.dictionary, err = s.gateDictionary(a, ready.job.plan); err != nil {
		a.ended(process.Failed, err)
		return s.conclude(ctx, r, d, a, ran{})
	}
	result, err := s.carryOut(ctx, s.conn, ready.job, s.report)
	if err != nil {
		err = fmt.Errorf("%s: %w", planTitle(ready.job.plan), err)
	}
	switch {
	case err != nil && unfinished(err):
		return s.stopped(d, err)
	case err != nil && s.resumed && !decided(err):
		return failed(resumeAgain, "release %s to %s: %w", d.Release, d.Environment, err)
	}
	if err == nil {
		err = a.leave(result.Result, ready)
	}
	a.ended(process.Succeeded, ready.workspace.finish(ctx, result.Result, err))
	return s.conclude(ctx, r, d, a, result)
}

// conclude runs the steps after the plan, records the deployment's end, and goes on
// with what the lifecycle then wants.
func (s *session) conclude(ctx context.Context, r release.Release, d release.Deployment, a *around, result ran) error {
	if err := a.after(ctx); err != nil {
		return s.stopped(d, err)
	}
	queued, err := s.finish(d, release.Ending{State: release.Success, Project: s.project})
	if err != nil {
		return err
	}
	s.unlock(ctx)
	s.end(r, d, result)
	s.named, s.created, s.createdBy, s.agreed = "", time.Time{}, "", nil // what follows has its own
	return s.deployQueued(ctx, r, queued, fmt.Sprintf("the lifecycle deploys to it by itself after %s", d.Environment))
}

// stopped records why a deployment failed. One that was interrupted, or whose time
// was up, stays unfinished, so that it can go on.
func (s *session) stopped(d release.Deployment, err error) error {
	err = fmt.Errorf("release %s to %s: %w", d.Release, d.Environment, err)
	var lost *process.RecallError
	switch {
	case errors.As(err, &lost):
		return failed("", "%w", err)
	case unfinished(err):
		return failed(meanwhile(err)+s.again(d)+" goes on from here", "%w", err)
	}
	return s.over(d, release.Failed, err)
}

// unbegun records that a deployment has done nothing. One that was cut off after a step
// stays so.
func (s *session) unbegun(d release.Deployment, err error) error {
	err = fmt.Errorf("release %s to %s: %w", d.Release, d.Environment, err)
	if !journal.BegunNothing(d) {
		return err
	}
	return s.over(d, release.Canceled, err)
}

// over records that a deployment has come to an end that is no success.
func (s *session) over(d release.Deployment, end release.State, err error) error {
	_, recordErr := s.finish(d, release.Ending{State: end, Error: err.Error()})
	unswept := (*unsweptError)(nil) // deploying again would not help
	if (d.Automatic || s.agreed != nil) && recordErr == nil && !errors.As(err, &unswept) {
		f := judge(err)
		return &failure{f.code, err, notTwice[d.Automatic] + "; " + s.anew(d)}
	}
	return errors.Join(err, recordErr)
}

// notTwice says why the same command does not try again a deployment that is, or is
// not, the lifecycle's.
var notTwice = map[bool]string{
	true:  "the lifecycle does not try twice",
	false: "a plan of a release is carried out once",
}

// again names the command that goes on with a deployment. One that the lifecycle began
// was not asked for by a command of its own, and a plan is not carried out twice.
func (s *session) again(d release.Deployment, flags ...string) string {
	if !d.Automatic && s.agreed == nil {
		return "the same command again"
	}
	return `"` + commandLine(append([]string{"vipswap", "release", "deploy", d.Release, "--to", d.Environment}, flags...)) + `"`
}

// anew says how to begin a deployment once more: that of a plan with the flags of the
// plan.
func (s *session) anew(d release.Deployment) string {
	switch {
	case d.Automatic:
		return s.again(d) + " tries it again"
	case tellsSecrets(s.flags):
		return "make a new one"
	}
	return s.again(d, s.flags...) + " tries it again"
}

// unfinished reports whether err ended a run that can go on.
func unfinished(err error) bool {
	var (
		interrupted *deployer.InterruptedError
		late        *deployer.TimeoutError
	)
	return errors.As(err, &interrupted) || errors.As(err, &late) || errors.Is(err, context.Canceled)
}

// endedView is a deployment that succeeded, as JSON.
type endedView struct {
	Release     string `json:"release"`
	Environment string `json:"environment"`
	ID          string `json:"id"`
	Automatic   bool   `json:"automatic"`
	ran
}

// end tells of a deployment that succeeded, or keeps it for the JSON at the end.
func (s *session) end(r release.Release, d release.Deployment, result ran) {
	s.ended = append(s.ended, endedView{r.Number, d.Environment, d.ID, d.Automatic, result})
	if s.output == formatJSON {
		return
	}
	style := s.style(s.Stdout)
	how := "deployed to " + lowerSlot(result.Slot)
	if result.Swapped {
		how = "swapped into production"
	}
	fmt.Fprintf(s.Stdout, "%s release %s is %s\n", style.good("done:"), r.Number, how)
	if result.After != nil {
		writeSlots(s.Stdout, style, *result.After)
	}
}
