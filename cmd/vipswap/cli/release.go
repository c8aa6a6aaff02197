package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/release"
	"github.com/vipswap/vipswap/internal/servicepackage"
)

func (p *program) releaseCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "release",
		Short:   "Create, deploy, list and show releases of a project",
		Long:    "A release is a snapshot of a package, its configurations and the project, under a\nnumber. It goes through the environments in the order of the project's lifecycle.",
		Example: "  vipswap release create 1.1.0 --package shop.cspkg --config shop.cscfg\n  vipswap release deploy 1.1.0 --to Staging\n  vipswap release list",
	}
	return p.group(c, p.releaseCreateCommand(), p.releaseDeployCommand(), p.releaseListCommand(), p.releaseShowCommand(),
		p.releaseProgressionCommand(), p.releaseBlockCommand(), p.releaseUnblockCommand())
}

// A session works on the releases of a project.
type session struct {
	*program
	dir      string // the project's folder
	project  *release.Project
	history  *release.History
	conn     *connection // nil until something is deployed
	report   deployer.Reporter
	account  string // for packages; "" is the project's
	waits    deployer.Waits
	override bool // waits.Timeout holds, whatever the project says
	ended    []endedView
}

// openSession opens the project around and its history. command is what a second
// process is told that this one does.
func (p *program) openSession(command string) (*session, error) {
	project, dir, err := p.requireProject()
	if err != nil {
		return nil, err
	}
	return p.openSessionIn(dir, project, command)
}

// waitForHistory is how long another process is given to finish with a history.
const waitForHistory = 300 * time.Millisecond

func (p *program) openSessionIn(dir string, project *release.Project, command string) (*session, error) {
	history, err := release.OpenHistory(dir, release.Options{Now: time.Now, Command: command, Wait: waitForHistory})
	if err != nil {
		return nil, err
	}
	p.state = cmp.Or(p.state, filepath.Join(dir, stateFolder))
	return &session{program: p, dir: dir, project: project, history: history, report: p.reporter()}, nil
}

// withSession opens a session for the time of do.
func (p *program) withSession(command string, do func(*session) error) (err error) {
	s, err := p.openSession(command)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.history.Close()) }()
	return do(s)
}

const releaseCreateLong = `Create takes a package and its configurations into the project's history, under a
number, with the project and its variables as they are now. Later changes of these
files do not reach the release. Environments that the lifecycle deploys to by
itself at creation are deployed to at once.

The number may be a mask, in which i counts up and c keeps the number of the last
release: 1.2.i after 1.2.6 is 1.2.7. Without a number the project's template makes
one ("versioning" in vipswap.yaml).`

func (p *program) releaseCreateCommand() *cobra.Command {
	var f runFlags
	var n release.NewRelease
	c := &cobra.Command{
		Use:   "create [VERSION]",
		Short: "Take a package into the project's history, under a number",
		Long:  releaseCreateLong,
		Example: `  vipswap release create 1.1.0 --package shop.cspkg --config ServiceConfiguration.Cloud.cscfg
  vipswap release create 1.1.0 --package shop.cspkg --config ServiceConfiguration.Staging.cscfg --config ServiceConfiguration.Production.cscfg
  vipswap release create 1.1.i --package shop.cspkg --config shop.cscfg`,
		Args: takesAtMost(1),
	}
	f.register(c.Flags(), p)
	f.ofProject()
	c.Flags().StringVar(&n.Package, "package", "", "the `FILE`: a .cspkg, or a .zip or .nupkg with one in it")
	c.Flags().StringArrayVar(&n.Configurations, "config", nil, "a service configuration, a `FILE` (.cscfg); may be repeated")
	c.Flags().StringVar(&n.Notes, "notes", "", "a `TEXT` about what is new")
	c.RunE = p.action(func(ctx context.Context, args []string) error {
		named := strings.Join(args, "")
		return p.withSession(strings.TrimSpace("vipswap release create "+named), func(s *session) (err error) {
			if n.Number, err = s.number(named); err != nil {
				return err
			}
			return s.create(ctx, f, n)
		})
	})
	return c
}

// create records a release, and deploys it where the lifecycle says so.
func (s *session) create(ctx context.Context, f runFlags, n release.NewRelease) error {
	n.Project = s.project
	if err := checkRelease(n); err != nil {
		return fmt.Errorf("create release %s: %w", n.Number, err)
	}
	for _, words := range s.project.Warnings() {
		fmt.Fprintf(s.progress(), "%s %s\n", s.style(s.progress()).warn("warning:"), words)
	}
	automatic := s.project.Lifecycle.AutomaticAtCreation()
	if f.plan {
		return s.planCreate(ctx, n, automatic)
	}
	if len(automatic) > 0 {
		if err := s.connectFor(f); err != nil {
			return err
		}
	}
	r, queued, err := s.history.CreateRelease(n)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.progress(), "release %s: created from %s (%s)%s\n", r.Number, r.Package.Name, bytesOf(r.Package.Size), fileNames(r.Configurations))
	if err := s.deployQueued(ctx, r, queued, "the lifecycle deploys to it as soon as a release is created"); err != nil {
		return err
	}
	if s.output == formatJSON {
		return s.showRelease(r.Number)
	}
	return nil
}

// checkRelease finds what would make a release useless: files that are missing or
// cannot be read.
func checkRelease(n release.NewRelease) error {
	if n.Package == "" {
		return usage("", "--package is missing")
	}
	if len(n.Configurations) == 0 && !isOuter(n.Package) {
		return usage("a .zip or .nupkg may have it inside", "--config is missing")
	}
	if err := release.CheckNumber(n.Number); err != nil {
		return usage("", "%w", err)
	}
	for _, c := range n.Configurations {
		if err := checkPair(deployer.Source{Path: n.Package, ConfigurationPath: c}); err != nil {
			return err
		}
	}
	if len(n.Configurations) > 0 {
		return nil
	}
	for _, e := range n.Project.Environments {
		choice := deployer.ConfigurationChoice{File: n.Project.Step.ConfigurationFile, Environment: e}
		if err := checkPair(deployer.Source{Path: n.Package, Choice: choice}); err != nil {
			return err
		}
	}
	return nil
}

// checkPair refuses a package and a configuration that do not belong together.
func checkPair(source deployer.Source) error {
	input, err := deployer.OpenInput(source)
	if err != nil {
		return usage("", "%w", err)
	}
	defer input.Close()
	pkg, err := servicepackage.OpenPackage(input.Package.Content, input.Package.Size)
	if err != nil {
		return usage("", "%s: %w", source.Path, err)
	}
	var problems []string
	for _, problem := range deployer.CheckConfiguration(pkg, input.Configuration) {
		problems = append(problems, problem.Text)
	}
	if len(problems) > 0 {
		return refused("", "%s does not fit the package: %s", input.ConfigurationPath, strings.Join(problems, "; "))
	}
	return nil
}

func fileNames(files []release.File) string {
	var names []string
	for _, f := range files {
		names = append(names, f.Name)
	}
	if len(names) == 0 {
		return ""
	}
	return " and " + strings.Join(names, ", ")
}

func (s *session) planCreate(ctx context.Context, n release.NewRelease, automatic []string) error {
	if r, err := s.history.Release(n.Number); err == nil {
		return &release.ExistsError{Number: n.Number, Existing: r.Number}
	}
	tasks := []task{{What: "create release " + n.Number, Why: "the history has no release of that number"}}
	for _, e := range automatic {
		tasks = append(tasks, task{What: "deploy it to " + e, Why: "the lifecycle deploys to it as soon as a release is created"})
	}
	return s.doTasks(ctx, true, tasks)
}

const releaseDeployLong = `Deploy brings a release to an environment: into the slot that the project binds to
it. To Production it is a swap when production is occupied and staging holds this
very release; otherwise the release is deployed. Then the lifecycle is looked at:
environments that are now due by themselves are deployed to in the same command.

A deployment that was interrupted goes on when the same command is given again.`

func (p *program) releaseDeployCommand() *cobra.Command {
	var f runFlags
	var to, account string
	var abandon bool
	c := &cobra.Command{
		Use:   "deploy VERSION --to ENVIRONMENT",
		Short: "Deploy a release to an environment, by swap if possible",
		Long:  releaseDeployLong + connectionHelp,
		Example: `  vipswap release deploy 1.1.0 --to Staging
  vipswap release deploy 1.1.0 --to Production --plan
  vipswap release deploy 1.0.0 --to Production`,
		Args: takes("the release's number"),
	}
	f.register(c.Flags(), p)
	f.ofProject()
	p.after.register(c.Flags())
	c.Flags().StringVar(&to, "to", "", "the `ENVIRONMENT`")
	c.Flags().StringVar(&account, "account", "", "upload to the storage account with this `NAME`; default: the project's, else the subscription's only one")
	c.Flags().BoolVar(&abandon, "abandon", false, "give up a deployment to the environment that was interrupted")
	c.RunE = p.action(func(ctx context.Context, args []string) error {
		if to == "" {
			return usage("an example is --to Staging", "release deploy: --to is missing")
		}
		return p.withSession(fmt.Sprintf("vipswap release deploy %s --to %s", args[0], to), func(s *session) error {
			s.account = account
			if err := s.connectFor(f); err != nil {
				return err
			}
			err := s.deploy(ctx, f.plan, args[0], to, abandon)
			if s.output == formatJSON && len(s.ended) > 0 {
				err = errors.Join(err, writeJSON(s.Stdout, s.ended))
			}
			return err
		})
	})
	return c
}

// connectFor connects the session and takes over the flags of its runs.
func (s *session) connectFor(f runFlags) (err error) {
	s.waits, s.override = f.waits(), f.timeoutGiven()
	s.conn, err = s.connect(f.connectionFlags)
	return err
}

// deploy brings a release to an environment.
func (s *session) deploy(ctx context.Context, planOnly bool, number, to string, abandon bool) error {
	r, err := s.history.Release(number)
	if err != nil {
		return err
	}
	environment, ok := s.project.Environment(to)
	if !ok {
		return usage("it has "+strings.Join(s.project.Environments, ", "), "release deploy: the project has no environment %s", to)
	}
	if err := s.allowed(r, environment); err != nil {
		return err
	}
	interrupted, err := s.interrupted(r, environment, abandon && !planOnly)
	if err != nil {
		return err
	}
	if planOnly {
		return s.planDeploy(ctx, r, environment)
	}
	if interrupted != nil {
		err = s.resume(ctx, r, *interrupted)
	} else {
		err = s.deployNew(ctx, r, environment)
	}
	if err != nil {
		return err
	}
	return s.deployLeft(ctx, r)
}

// queued lists the deployments of a release that wait to be carried out: those that
// a process queued before it died.
func (s *session) queued(r release.Release) ([]release.Deployment, error) {
	return s.history.Deployments(release.Filter{Release: r.Number, States: []release.State{release.Queued}})
}

// deployLeft carries out what the lifecycle queued and nobody began.
func (s *session) deployLeft(ctx context.Context, r release.Release) error {
	left, err := s.queued(r)
	if err != nil {
		return err
	}
	left = slices.DeleteFunc(left, func(d release.Deployment) bool { return !d.Automatic })
	return s.deployQueued(ctx, r, left, "the lifecycle wanted it earlier, and it was not begun")
}

// allowed refuses what the lifecycle does not permit, and says what it would.
func (s *session) allowed(r release.Release, environment string) error {
	progress, err := s.history.Progress(r.Number, s.project.Lifecycle)
	if err != nil {
		return err
	}
	e, known := progress.Environment(environment)
	if !known {
		return refused("", "release %s may not be deployed to %s: the lifecycle has no phase with it", r.Number, environment)
	}
	if e.Allowed {
		return nil
	}
	var could []string
	for _, other := range progress.Environments {
		if other.Allowed {
			could = append(could, other.Name)
		}
	}
	return refused("it may be deployed to "+strings.Join(could, ", "), "release %s may not be deployed to %s: %s", r.Number, environment, e.Reason)
}

// planDeploy prints the plan, and what the lifecycle would do after it.
func (s *session) planDeploy(ctx context.Context, r release.Release, environment string) error {
	ready, a, err := s.preview(ctx, r, release.Deployment{Release: r.Number, Environment: environment}, workDry)
	if err != nil {
		return err
	}
	defer ready.Close()
	s.planAround("before", a.project.Before)
	defer s.planAround("after", a.project.After)
	if ready.creates != "" {
		fmt.Fprintf(s.progress(), "before it, cloud service %s would be created in %s\n", ready.job.plan.Service, ready.creates)
	}
	s.sayChanges(ready.changes)
	if err := s.showPlan(ready.job.plan); err != nil {
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

// preview makes the plan before the steps before it have run. Work on the package
// that comes later is left out, where mode says so.
func (s *session) preview(ctx context.Context, r release.Release, d release.Deployment, mode workMode) (*prepared, *around, error) {
	a, err := s.surround(r, d)
	if err != nil {
		return nil, nil, err
	}
	if a.work = mode; mode == workNone && !a.stepped() {
		a.work = workDry // it is prepared this once
	}
	ready, err := s.prepareRelease(ctx, r, d, a)
	return ready, a, err
}

// deployNew records and carries out a new deployment.
func (s *session) deployNew(ctx context.Context, r release.Release, environment string) error {
	ready, _, err := s.preview(ctx, r, release.Deployment{Release: r.Number, Environment: environment}, workNone)
	if err != nil {
		return err
	}
	defer ready.Close()
	if ready.job.plan.Refused() {
		return fmt.Errorf("%s: %w", planTitle(ready.job.plan), &deployer.RefusedError{Refusals: ready.job.plan.Refusals})
	}
	d, err := s.queue(r, environment)
	if err != nil {
		return err
	}
	return s.start(ctx, r, d, ready)
}

// queue records that a release should go to an environment, unless that is recorded
// already.
func (s *session) queue(r release.Release, environment string) (release.Deployment, error) {
	queued, err := s.queued(r)
	if err != nil {
		return release.Deployment{}, err
	}
	for _, d := range queued {
		if d.Environment == environment {
			return d, nil
		}
	}
	return s.history.QueueDeployment(release.NewDeployment{Release: r.Number, Environment: environment, Project: s.project})
}

// deployQueued carries out deployments that the lifecycle queued.
func (s *session) deployQueued(ctx context.Context, r release.Release, queued []release.Deployment, why string) error {
	for _, d := range queued {
		fmt.Fprintf(s.progress(), "\n%s is next: %s\n", s.style(s.progress()).bold(d.Environment), why)
		ready, _, err := s.preview(ctx, r, d, workNone)
		if err != nil {
			_, cancelErr := s.history.FinishDeployment(d.ID, release.Ending{State: release.Canceled, Error: err.Error()})
			return errors.Join(err, cancelErr)
		}
		err = s.start(ctx, r, d, ready)
		ready.Close()
		if err != nil {
			return err
		}
	}
	return nil
}
