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
	command  string // what another process is told that this one does
	dir      string // the project's folder
	project  *release.Project
	history  *release.History
	conn     *connection // nil until something is deployed
	report   deployer.Reporter
	account  string // for packages; "" is the project's
	waits    deployer.Waits
	override bool // waits.Timeout holds, whatever the project says
	ended    []endedView

	resumed   bool            // "vipswap resume" goes on with a deployment
	flags     []string        // of the command, which say how a run goes
	planned   bool            // a plan is printed, and nothing is changed
	planOut   string          // file for the plan, "" for none
	named     string          // name of the next deployment in the cloud, as planned; "" is a fresh one
	createdBy string          // who asked for the next deployment, as planned; "" is the user
	created   time.Time       // when the next deployment was asked for, as planned; zero is now
	agreed    *deployer.Gates // of the plan that is applied; nil makes them of the project and the flags
}

// A need says what a session is for, where the project's file cannot be read.
type need struct {
	command string // what another process is told that this one does, if it deploys
	spare   bool   // the history is enough: the session's project is nil then
	hint    string // what does without the project, when this does not
}

// openSessionFor opens the project around; nil when there is none.
func (p *program) openSessionFor(n need) (*session, error) {
	project, dir, err := p.project()
	if err != nil && n.spare {
		if dir, err = p.projectFolder(); !release.HasHistory(dir) {
			return nil, err
		}
		p.spareProject()
	}
	switch {
	case err != nil && n.hint != "":
		return nil, usage(n.hint, "%w", err)
	case err != nil || dir == "":
		return nil, err
	}
	return p.openSessionIn(dir, project, n.command)
}

// waitForHistory is how long another process is given to finish deploying.
const waitForHistory = 300 * time.Millisecond

func (p *program) openSessionIn(dir string, project *release.Project, command string) (*session, error) {
	history, err := release.OpenHistory(dir, release.Options{Now: p.Now, Wait: waitForHistory})
	if err != nil {
		return nil, err
	}
	p.state = cmp.Or(p.state, filepath.Join(dir, stateFolder))
	return &session{program: p, command: command, dir: dir, project: project, history: history, report: p.reporter()}, nil
}

// hold makes this process the one that deploys releases of the project.
func (s *session) hold() error { return s.history.Hold(s.command) }

// withSession opens a session for the time of do. command is what another process is told
// that this one does, if it deploys.
func (p *program) withSession(command string, do func(*session) error) error {
	return p.withNeed(need{command: command}, do)
}

// withNeed is withSession for a need.
func (p *program) withNeed(n need, do func(*session) error) (err error) {
	s, err := p.openSessionFor(n)
	if s == nil && err == nil {
		_, _, err = p.requireProject()
	}
	if err != nil || s == nil {
		return err
	}
	defer func() { err = errors.Join(err, s.history.Close()) }()
	return do(s)
}

const releaseDeployLong = `Deploy brings a release to an environment: into the slot that the project binds to
it. To Production it is a swap when production is occupied and staging holds this
very release; otherwise the release is deployed. Then the lifecycle is looked at:
environments that are now due by themselves are deployed to in the same command.

A deployment that was interrupted goes on when the same command is given again.

With --plan-out the plan is for "vipswap apply": the steps around it run then, and
may make what is deployed another.`

func (p *program) releaseDeployCommand() *cobra.Command {
	var f runFlags
	var to, account string
	var abandon bool
	c := &cobra.Command{
		Use:   "deploy VERSION --to ENVIRONMENT",
		Short: "Deploy a release to an environment, by swap if possible",
		Long:  releaseDeployLong + gatesHelp + connectionHelp,
		Example: `  vipswap release deploy 1.1.0 --to Staging
  vipswap release deploy 1.1.0 --to Production --plan
  vipswap release deploy 1.1.0 --to Production --check /health --bake 10m --bake-budget 2
  vipswap release deploy 1.0.0 --to Production`,
		Args: takes("the release's number"),
	}
	f.register(c.Flags(), p)
	f.registerPlanOut()
	f.ofProject()
	p.after.register(c.Flags())
	p.gating.register(c.Flags())
	p.gating.registerNone(c.Flags())
	c.Flags().StringVar(&to, "to", "", "the `ENVIRONMENT`")
	c.Flags().StringVar(&account, "account", "", "upload to the storage account with this `NAME`; default: the project's, else the subscription's only one")
	c.Flags().BoolVar(&abandon, "abandon", false, "give up a deployment to the environment that was interrupted")
	c.RunE = p.action(func(ctx context.Context, args []string) error {
		if to == "" {
			return usage("an example is --to Staging", "release deploy: --to is missing")
		}
		n := need{command: fmt.Sprintf("vipswap release deploy %s --to %s", args[0], to)}
		if abandon {
			n.hint = `"vipswap resume --abandon" gives up without it what was interrupted`
		}
		return p.withNeed(n, func(s *session) error {
			s.account = account
			if err := s.connectFor(f); err != nil {
				return err
			}
			return s.ending(s.deploy(ctx, s.planned, args[0], to, abandon))
		})
	})
	return c
}

// connectFor connects the session and takes over the flags of its runs.
func (s *session) connectFor(f runFlags) (err error) {
	s.gating.ofProject = true
	if err := s.parseGates(f); err != nil {
		return err
	}
	s.waits, s.override = f.waits(), f.timeoutGiven()
	s.planned, s.planOut, s.flags = f.plan || f.planOut != "", f.planOut, flagsOf(f.flags)
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
	if !planOnly {
		err = s.hold()
	}
	if err != nil {
		return err
	}
	interrupted, err := s.interrupted(ctx, r, environment, abandon, planOnly)
	switch {
	case err != nil:
		return err
	case planOnly && interrupted != nil && s.planOut == "":
		return s.planResume(ctx, r, *interrupted)
	case planOnly:
		return s.planDeploy(ctx, r, environment)
	case interrupted != nil:
		err = s.resume(ctx, r, *interrupted)
	default:
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

// preview makes the plan before the steps before it have run, or with what those have
// set that ran before an interruption. Work on the package
// that comes later is left out, where mode says so.
func (s *session) preview(ctx context.Context, r release.Release, d release.Deployment, mode workMode) (*prepared, *around, error) {
	a, err := s.surround(r, d)
	if err != nil {
		return nil, nil, err
	}
	if err := a.runner.Recall(phaseBefore, a.project.Before, &a.state); err != nil {
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
	next, err := s.upcoming(r, environment)
	if err != nil {
		return err
	}
	ready, _, err := s.preview(ctx, r, next, workNone)
	if err != nil {
		return err
	}
	defer ready.Close()
	if ready.job.plan.Refused() {
		return fmt.Errorf("%s: %w", planTitle(ready.job.plan), &deployer.RefusedError{Refusals: ready.job.plan.Refusals})
	}
	d, err := s.queue(r, next)
	if err != nil {
		return err
	}
	return s.start(ctx, r, d, ready)
}

// upcoming returns the deployment that queue will return, so that variables about it
// have their values before it is recorded.
func (s *session) upcoming(r release.Release, environment string) (release.Deployment, error) {
	queued, err := s.queued(r)
	if err != nil {
		return release.Deployment{}, err
	}
	for _, d := range queued {
		if d.Environment == environment {
			return d, nil
		}
	}
	next, err := s.history.Upcoming(r.Number, environment)
	next.CreatedBy = cmp.Or(s.createdBy, s.user())
	if !s.created.IsZero() {
		next.Created = s.created
	}
	return next, err
}

// queue records the deployment that upcoming returned, unless it is recorded already.
func (s *session) queue(r release.Release, next release.Deployment) (release.Deployment, error) {
	if next.State == release.Queued {
		return next, nil
	}
	return s.history.QueueDeployment(release.NewDeployment{Release: r.Number, Environment: next.Environment, Project: s.project, Created: next.Created, CreatedBy: next.CreatedBy})
}

// deployQueued carries out deployments that the lifecycle queued.
func (s *session) deployQueued(ctx context.Context, r release.Release, queued []release.Deployment, why string) error {
	for _, d := range queued {
		now, err := s.history.Deployment(d.ID) // somebody may have blocked the release meanwhile
		if err != nil {
			return err
		}
		if now.State == release.Canceled {
			fmt.Fprintf(s.progress(), "\n%s is left out: %s\n", d.Environment, now.Error)
			continue
		}
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
