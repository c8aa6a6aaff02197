package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/management"
	"github.com/vipswap/vipswap/deployer/process"
	"github.com/vipswap/vipswap/deployer/release"
)

// prepareRelease makes the plan for a release and an environment. It changes
// nothing.
func (s *session) prepareRelease(ctx context.Context, r release.Release, d release.Deployment, a *around) (*prepared, error) {
	del, vars, err := s.delivery(r, d, a)
	if err != nil {
		return nil, err
	}
	seen, missing, err := s.observeProject(ctx, del)
	if err != nil {
		return nil, err
	}
	ready, err := s.prepare(ctx, s.conn, del, seen)
	if err != nil {
		return nil, err
	}
	if missing {
		ready.creates = del.location
	}
	if vars.err != nil {
		return nil, errors.Join(usage("", "%w", vars.err), ready.Close())
	}
	if a.work == workNone {
		return ready, nil // what is not resolved yet may be later
	}
	if err := s.refuseUnresolved(r, vars); err != nil {
		return nil, errors.Join(err, ready.Close())
	}
	for _, words := range vars.unresolved {
		fmt.Fprintf(s.progress(), "  %s %s\n", s.style(s.progress()).warn("warning:"), words)
	}
	return ready, nil
}

// delivery evaluates a release's own project for an environment.
func (s *session) delivery(r release.Release, d release.Deployment, a *around) (delivery, *lookup, error) {
	project := a.project
	dictionary, err := a.runner.Dictionary("", a.state.Outputs)
	if err != nil {
		return delivery{}, nil, usage("", "%w", err)
	}
	target, err := project.Target(dictionary)
	if err != nil {
		return delivery{}, nil, usage(strangerHint(project, r, d), "%w", err)
	}
	source, err := s.source(r, target, d.Environment)
	if err != nil {
		return delivery{}, nil, err
	}
	vars := &lookup{dictionary: dictionary}
	del := delivery{
		service: target.Service, slot: target.Slot, label: target.Label, name: s.named, version: r.Number, source: source,
		configuring: deployer.Configuring{Slot: target.Slot, Counts: deployer.CountSource(project.Step.InstanceCount), Variables: vars, Instances: target.Instances},
		options:     s.options(project.Step), account: s.account, location: target.Location, gates: s.gatesOf(project.Step),
	}
	if a.works && a.work != workNone {
		del.redo = a.redo
		del.work = func(in *deployer.Input) (*workspace, error) { return s.openWorkspace(a, in) }
	}
	if del.account == "" {
		del.account = target.StorageAccount
	}
	return del, vars, nil
}

// strangerHint is for a release that is older than the environment it is to go to.
func strangerHint(project *release.Project, r release.Release, d release.Deployment) string {
	if _, known := project.Environment(d.Environment); known {
		return ""
	}
	return fmt.Sprintf("release %s has the project as it was when the release was created, without the environment %s: create a new release", r.Number, d.Environment)
}

// source says where the files of a release are. A release with one configuration
// uses that one everywhere.
func (s *session) source(r release.Release, t release.Target, environment string) (deployer.Source, error) {
	files, err := s.history.Files(r)
	if err != nil {
		return deployer.Source{}, err
	}
	source := deployer.Source{Path: files.Package, Choice: deployer.ConfigurationChoice{File: t.ConfigurationFile, Environment: environment}}
	if len(files.Configurations) == 1 {
		source.ConfigurationPath = files.Configurations[0]
	}
	return source, nil
}

// options are the step's settings, as the deployer has them.
func (s *session) options(step release.Step) deployer.Options {
	waits := deployer.Waits{NoReady: s.waits.NoReady || !step.WaitReady, Timeout: step.OperationTimeout + step.ReadyTimeout}
	if s.override {
		waits.Timeout = s.waits.Timeout
	}
	return deployer.Options{
		SwapIfPossible:          step.Swap == release.SwapIfPossible,
		SwapIntoEmptyProduction: step.SwapWhenProductionEmpty == release.EmptySwap,
		OnLabelMismatch:         deployer.Mismatch(step.LabelMismatch),
		UpgradeMode:             upgradeModes[string(step.UpgradeMode)],
		ForceUpgrade:            true,
		Waits:                   waits,
	}
}

// observeProject reads the slots of the project's service. It may be missing when
// the project says where to make it: a deployment makes it.
func (s *session) observeProject(ctx context.Context, d delivery) (seen deployer.Observed, missing bool, err error) {
	_, err = s.conn.Service(ctx, d.service)
	if err == nil || !management.IsNotFound(err) || d.location == "" {
		seen, err = observe(ctx, s.conn, d.service)
		return seen, false, err
	}
	return deployer.Observed{Service: d.service}, true, nil
}

// createMissing makes the service of the project when it is missing.
func (s *session) createMissing(ctx context.Context, ready *prepared) error {
	if ready.creates == "" {
		return nil
	}
	wanted := management.NewService{Name: ready.job.plan.Service, Location: ready.creates}
	return s.doTasks(ctx, false, []task{createService(s.conn, wanted, "the project names it and it is missing")})
}

// start marks a queued deployment as begun, runs the steps before it, writes down
// its plan, and runs it.
func (s *session) start(ctx context.Context, r release.Release, d release.Deployment, ready *prepared) error {
	if err := s.createMissing(ctx, ready); err != nil {
		_, cancelErr := s.history.FinishDeployment(d.ID, release.Ending{State: release.Canceled, Error: err.Error()})
		return errors.Join(err, cancelErr)
	}
	d, err := s.history.StartDeployment(d.ID)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.progress(), "release %s to %s: %s\n", r.Number, d.Environment, modes[d.Mode])
	s.telling.cases.Open(fmt.Sprintf("release %s to %s", r.Number, d.Environment))
	defer s.telling.cases.Close()
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
	err = s.history.SetDetails(d.ID, release.Details{Action: actionOf(plan), Name: subject(plan), Label: plan.Label})
	if err == nil {
		err = s.writePlan(d.ID, plan)
	}
	if err != nil {
		return err
	}
	return s.run(ctx, r, d, a, ready)
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
	ready.job.journal, ready.job.question = journal{s.history, d.ID}, d.ID+"-swap"
	var err error
	if ready.job.dictionary, err = s.gateDictionary(a, ready.job.plan); err != nil {
		a.state.Fail(err)
		return s.conclude(ctx, r, d, a, ran{})
	}
	result, err := s.carryOut(ctx, s.conn, ready.job, s.report)
	if err != nil {
		err = fmt.Errorf("%s: %w", planTitle(ready.job.plan), err)
	}
	if err != nil && unfinished(err) {
		return s.stopped(d, err)
	}
	if err == nil {
		err = a.leave(result.Result, ready)
	}
	a.state.Fail(ready.workspace.finish(ctx, result.Result, err))
	return s.conclude(ctx, r, d, a, result)
}

// conclude runs the steps after the plan, records the deployment's end, and goes on
// with what the lifecycle then wants.
func (s *session) conclude(ctx context.Context, r release.Release, d release.Deployment, a *around, result ran) error {
	if err := a.after(ctx); err != nil {
		return s.stopped(d, err)
	}
	queued, err := s.history.FinishDeployment(d.ID, release.Ending{State: release.Success, Project: s.project})
	if err != nil {
		return err
	}
	s.end(r, d, result)
	s.named, s.agreed = "", nil // what follows has names and gates of its own
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
		return failed("the service goes on by itself; the same command again goes on from here", "%w", err)
	}
	_, recordErr := s.history.FinishDeployment(d.ID, release.Ending{State: release.Failed, Error: err.Error()})
	if d.Automatic && recordErr == nil {
		f := judge(err)
		return &failure{f.code, err, fmt.Sprintf("the lifecycle does not try twice; \"vipswap release deploy %s --to %s\" tries it again", d.Release, quotedName(d.Environment))}
	}
	return errors.Join(err, recordErr)
}

// quotedName puts a name that a shell would split into quotes.
func quotedName(name string) string {
	if strings.ContainsAny(name, " \t") {
		return "'" + name + "'"
	}
	return name
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

// planEntry is the step of the history under which a plan is kept, so that a run
// that was interrupted goes on with the very same one.
const planEntry = "plan"

func (s *session) writePlan(id string, plan deployer.Plan) error {
	data, err := json.Marshal(plan)
	if err != nil {
		return err
	}
	if err := s.history.RecordIntent(id, planEntry, string(data)); err != nil {
		return err
	}
	return s.history.RecordDone(id, planEntry, "")
}

// storedPlan returns the plan of a deployment, and whether it has one.
func storedPlan(d release.Deployment) (deployer.Plan, bool, error) {
	var plan deployer.Plan
	for _, e := range d.Journal {
		if e.Step == planEntry && e.State == release.Intent {
			err := json.Unmarshal([]byte(e.Detail), &plan)
			return plan, true, err
		}
	}
	return plan, false, nil
}

// interrupted finds a deployment to the environment that was begun and not ended.
// Since this process holds the history, nobody is carrying it out. One of another
// release is in the way, unless it is to be given up.
func (s *session) interrupted(r release.Release, environment string, abandon bool) (*release.Deployment, error) {
	unfinished, err := s.history.Deployments(release.Filter{Environment: environment, States: []release.State{release.Executing}})
	if err != nil {
		return nil, err
	}
	for _, d := range unfinished {
		if _, planned, err := storedPlan(d); !planned || err != nil || abandon {
			ending := release.Ending{State: release.Canceled, Error: "given up after an interruption"}
			if _, err := s.history.FinishDeployment(d.ID, ending); err != nil {
				return nil, err
			}
			continue
		}
		if d.Release != r.Number {
			return nil, refused(
				fmt.Sprintf("go on with it by \"vipswap release deploy %s --to %s\", or give it up with --abandon", d.Release, environment),
				"release %s to %s was interrupted at %s and may have changed the slots", d.Release, environment, d.Started.Format(time.RFC3339))
		}
		return &d, nil
	}
	return nil, nil
}

// resume goes on with a deployment that was interrupted, by the plan that it had.
func (s *session) resume(ctx context.Context, r release.Release, d release.Deployment) error {
	plan, _, err := storedPlan(d)
	if err != nil {
		return err
	}
	s.telling.cases.Open(fmt.Sprintf("release %s to %s", r.Number, d.Environment))
	defer s.telling.cases.Close()
	plan = leftOf(plan, d.Journal)
	a, err := s.surround(r, d)
	if err != nil {
		return err
	}
	if err := a.runner.Run(ctx, "before", a.project.Before, &a.state); err != nil { // for what they have set
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
	fmt.Fprintf(s.progress(), "release %s to %s was interrupted at %s: it goes on where it was\n", r.Number, d.Environment, d.Started.Format(time.RFC3339))
	plan.Waits = del.options.Waits
	ready.job.plan = plan
	return s.run(ctx, r, d, a, ready)
}
