package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/planfile"
	"github.com/vipswap/vipswap/deployer/runlog"
)

// writePlanFile writes the plan of a job to a file.
func (p *program) writePlanFile(path string, conn *connection, j job, of *planfile.Release) error {
	f := planfile.File{
		AfterSwap: p.after.action(), Window: p.after.window, Release: of,
		Made: p.Now().UTC(), Subscription: conn.subscription, Digest: j.seen.Digest(), Plan: j.plan,
		Source: j.source, Version: j.artifacts.Package.Version, Account: j.account, Location: j.location,
	}
	if of == nil && j.plan.Has(deployer.StepUpload) {
		f.Configuration = j.artifacts.Configuration
		if err := absolute(&f.Source); err != nil {
			return err
		}
	}
	if err := f.Write(path); err != nil {
		return usage("", "--plan-out: %w", err)
	}
	fmt.Fprintf(p.progress(), "the plan is in %s; it is carried out by: %s\n", path, commandLine([]string{"vipswap", "apply", path}))
	return nil
}

// checkPlanOut refuses what is no name for a plan's file.
func checkPlanOut(path string) error {
	if path == "-" {
		return usage("--plan --output json prints a plan", "--plan-out -: it names a file, and a plan is not written to the standard output")
	}
	return nil
}

// readPlanFile reads what writePlanFile has written.
func readPlanFile(path string) (planfile.File, error) {
	file, err := planfile.Read(path)
	return file, planFailure(err)
}

// planFailure says what can be done about a file that cannot be carried out.
func planFailure(err error) error {
	var (
		none    *planfile.NoPlanError
		newer   *planfile.NewerError
		moved   *planfile.MovedError
		altered *planfile.AlteredError
	)
	switch {
	case err == nil:
		return nil
	case errors.As(err, &none):
		return usage("--plan-out FILE writes one", "%w", err)
	case errors.As(err, &newer):
		return usage("use the newer vipswap that wrote it", "%w", err)
	case errors.As(err, &moved):
		return refused("look at the slots and make a new plan", "%w", err)
	case errors.As(err, &altered):
		return usage("make a new plan", "%w", err)
	}
	return usage("", "%w", err)
}

const applyLong = `Apply carries out a plan that --plan-out wrote: exactly its steps, when the slots
still hold what they held then. It refuses (exit code 3) when the live state has
moved: another deployment, label, configuration, number of instances, or one that
was suspended. Instances that restart do not matter.

The plan names the package by its hash; another one in its place is refused, too.

A plan of "release deploy" is carried out in the project's folder, with the steps
around it and what the lifecycle then wants. It refuses, too, when the release, what
was deployed to the environment or the lifecycle has changed, and when another plan
would be made now; Octopus.Deployment.Created is when the plan was made. A plan that
is applied has no --plan-out of its own.`

func (p *program) applyCommand() *cobra.Command {
	var f runFlags
	c := &cobra.Command{
		Use:     "apply FILE",
		Short:   "Carry out a plan that was written to a file",
		Long:    applyLong + connectionHelp,
		Example: "  vipswap swap --service shop --plan-out swap.json\n  vipswap apply swap.json",
		Args:    takes("the file with the plan"),
	}
	f.register(c.Flags(), p)
	c.RunE = p.action(func(ctx context.Context, args []string) error {
		if err := p.apply(ctx, f, args[0]); err != nil {
			return fmt.Errorf("apply %s: %w", args[0], err)
		}
		return nil
	})
	return c
}

func (p *program) apply(ctx context.Context, f runFlags, path string) error {
	file, err := readPlanFile(path)
	if err != nil {
		return err
	}
	conn, err := p.connect(f.connectionFlags)
	if err != nil {
		return err
	}
	if !equalFold(conn.subscription, file.Subscription) {
		return refused("", "the plan is for subscription %s, not %s", file.Subscription, conn.subscription)
	}
	if p.after.window = file.Window; file.AfterSwap != "" {
		p.after.way = afterWay(file.AfterSwap)
	}
	if file.Release != nil {
		return p.applyRelease(ctx, f, file)
	}
	p.spareProject()
	seen, err := observe(ctx, conn, file.Plan.Service)
	if err != nil {
		return err
	}
	if err := planFailure(file.StillHolds(seen)); err != nil {
		if again, lookErr := p.failedBefore(conn, file.Plan); lookErr != nil || !again {
			return errors.Join(err, lookErr)
		}
		fmt.Fprintln(p.progress(), "the last run of this plan failed: it goes on with what is left to do")
	}
	j := job{plan: file.Plan, seen: seen, source: file.Source, account: file.Account, location: file.Location}
	if f.timeoutGiven() {
		j.plan.Waits.Timeout = f.timeout
	}
	if needsPackage(j.plan) && !f.plan {
		input, err := p.openFor(ctx, conn, packageOf{file.Source, file.Version, file.Account, file.Location, file.Configuration}, &j)
		if err != nil {
			return err
		}
		defer input.Close()
	}
	return p.perform(ctx, conn, f, j)
}

// failedBefore reports whether the last run on the service was of this very plan, and
// failed. What it has changed is what the plan is for; each step looks whether it is
// done, and refuses what does not fit.
func (p *program) failedBefore(conn *connection, plan deployer.Plan) (bool, error) {
	log, err := p.openRuns(plan.Service)
	if err != nil {
		return false, err
	}
	defer log.Close()
	runs, err := log.Runs(conn.subscription)
	if err != nil || len(runs) == 0 || runs[0].State != runlog.Failed {
		return false, err
	}
	return planfile.Same(runs[0].Plan, plan), nil
}

// packageOf is where the package of a plan is, and what goes with it.
type packageOf struct {
	source            deployer.Source
	version           string
	account, location string
	configuration     []byte
}

// openFor opens the package of a plan for a job. Run refuses a different one.
func (p *program) openFor(ctx context.Context, conn *connection, of packageOf, j *job) (*deployer.Input, error) {
	store, err := p.packageStore(ctx, conn, of.account, of.location)
	if err != nil {
		return nil, err
	}
	input, err := deployer.OpenInput(of.source)
	if err != nil {
		return nil, usage("", "%w", err)
	}
	if sum := wantedPackage(j.plan); sum != "" && sum != input.Package.SHA256 {
		return nil, errors.Join(refused("", "%s is not the package that was planned: its contents differ", of.source.Path), input.Close())
	}
	j.store = store
	j.artifacts = deployer.Artifacts{Package: input.Package, Configuration: of.configuration}
	j.artifacts.Package.Version = of.version
	return input, nil
}

// wantedPackage returns the hash of the package that a plan sends, or "".
func wantedPackage(plan deployer.Plan) string {
	for _, s := range plan.Steps {
		if s.PackageSHA256 != "" {
			return s.PackageSHA256
		}
	}
	return ""
}
