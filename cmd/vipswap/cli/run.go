package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/pflag"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/gatework"
	"github.com/vipswap/vipswap/deployer/locking"
	"github.com/vipswap/vipswap/deployer/management"
	"github.com/vipswap/vipswap/deployer/probe"
	"github.com/vipswap/vipswap/deployer/process"
	"github.com/vipswap/vipswap/deployer/provision"
	"github.com/vipswap/vipswap/deployer/report"
	"github.com/vipswap/vipswap/deployer/runlog"
	"github.com/vipswap/vipswap/deployer/variables"
	"github.com/vipswap/vipswap/deployer/wait"
)

// runFlags are shared by the commands that change slots.
type runFlags struct {
	connectionFlags
	plan        bool
	planOut     string // file for the plan, "" for none
	waitReady   bool
	noWaitReady bool
	timeout     time.Duration
	flags       *pflag.FlagSet // tells what was given; nil when nothing was
}

const defaultTimeout = 90 * time.Minute

// register adds the flags; those about locks and the like are the program's.
func (f *runFlags) register(flags *pflag.FlagSet, p *program) {
	f.flags = flags
	f.connectionFlags.register(flags)
	p.locking.register(flags)
	p.care.register(flags)
	p.telling.flags.register(flags)
	flags.BoolVar(&f.plan, "plan", false, "print what would be done and why, and change nothing")
	flags.BoolVar(&f.waitReady, "wait-ready", true, "wait until all instances are ready")
	flags.BoolVar(&f.noWaitReady, "no-wait-ready", false, "be done when the operation is; do not wait for instances")
	flags.DurationVar(&f.timeout, "timeout", defaultTimeout, "give up waiting after this long; 0 never")
}

// registerPlanOut adds the flag of the commands whose plans can be applied later.
func (f *runFlags) registerPlanOut() {
	f.flags.StringVar(&f.planOut, "plan-out", "", "write the plan to this `FILE` for \"vipswap apply\", and change nothing")
}

// timeoutGiven reports whether --timeout is on the command line.
func (f *runFlags) timeoutGiven() bool { return f.flags != nil && f.flags.Changed("timeout") }

// ofProject says in the help that the project sets what is not given.
func (f *runFlags) ofProject() {
	timeout := f.flags.Lookup("timeout")
	timeout.Usage, timeout.DefValue = "give up waiting after this long; 0 never; default: the project's operationTimeout and readyTimeout together", ""
}

func (f *runFlags) waits() deployer.Waits {
	return deployer.Waits{NoReady: f.noWaitReady || !f.waitReady, Timeout: f.timeout}
}

// A job is a plan with all that it takes to carry it out.
type job struct {
	plan      deployer.Plan
	artifacts deployer.Artifacts
	store     *provision.Account // nil when nothing is uploaded
	journal   deployer.Journal   // of a history; nil is the log of runs
	seen      deployer.Observed  // what the plan was made from
	source    deployer.Source    // where the package is
	account   string             // for the package
	location  string             // for an account that has to be made

	consent    deployer.Consent      // nil is always given
	question   string                // the id of what a pause asks; "" is made of the run's
	dictionary *variables.Dictionary // for checks and hooks; nil without a project
}

// planChange compares what is wanted with the slots of a service that exists.
func (p *program) planChange(ctx context.Context, conn *connection, service string, desired deployer.Desired) (job, error) {
	seen, err := observe(ctx, conn, service)
	if err != nil {
		return job{}, err
	}
	plan, err := deployer.MakePlan(desired, seen)
	if err != nil {
		return job{}, usage("", "%w", err)
	}
	nameFlags(plan.Refusals)
	plan = plan.Refusing(p.care.codes()...)
	if plan, err = plan.With(p.gating.gates, seen); err != nil {
		return job{}, usage("", "%w", err)
	}
	return job{plan: plan, seen: seen}, nil
}

// flagHints name the flag that lifts a refusal.
var flagHints = map[deployer.Code]string{
	deployer.NotConfirmed:    "--yes does it all the same",
	deployer.ContentChanged:  `"vipswap swap" exchanges the slots all the same; "vipswap rollback --to VERSION" deploys an earlier release`,
	deployer.StagedSuspended: `"vipswap start staging" starts it; --no-wait-ready swaps all the same`,
}

// nameFlags puts flags into the hints of refusals.
func nameFlags(refusals []deployer.Refusal) {
	for i, r := range refusals {
		if hint, ok := flagHints[r.Code]; ok {
			refusals[i].Hint = hint
		}
	}
}

// observe reads the slots of a service, which must exist.
func observe(ctx context.Context, conn *connection, service string) (deployer.Observed, error) {
	if err := conn.requireService(ctx, service); err != nil {
		return deployer.Observed{}, err
	}
	return deployer.Observe(ctx, conn, service)
}

// perform prints the plan of a job, or carries the job out and prints the slots.
func (p *program) perform(ctx context.Context, conn *connection, f runFlags, j job) error {
	if f.plan || f.planOut != "" {
		if err := p.showPlan(j.plan); err != nil || f.planOut == "" {
			return err
		}
		return p.writePlanFile(f.planOut, conn, j, nil)
	}
	result, err := p.carryOut(ctx, conn, j, p.reporter())
	if p.output == formatJSON {
		if err := writeJSON(p.Stdout, result); err != nil {
			return err
		}
	}
	if err != nil {
		return fmt.Errorf("%s: %w", planTitle(j.plan), err)
	}
	if p.output == formatText && result.After != nil {
		writeSlots(p.Stdout, p.style(p.Stdout), *result.After)
	}
	return nil
}

// carryOut runs a job. A plan with refusals is a refusal, before anything is done.
// Otherwise the run is recorded, so that another process can go on with it.
func (p *program) carryOut(ctx context.Context, conn *connection, j job, r deployer.Reporter) (ran, error) {
	p.telling.cases.Plan(planTitle(j.plan), j.plan)
	if j.plan.Refused() {
		return ran{}, &deployer.RefusedError{Refusals: j.plan.Refusals}
	}
	rec, err := p.record(conn, j)
	if err != nil {
		return ran{}, err
	}
	w := p.progress()
	fmt.Fprintln(w, p.style(w).bold(planTitle(j.plan)))
	result, err := p.runLocked(ctx, conn, j, rec, r)
	if err == nil && rec.Kept == nil && result.Swapped {
		p.noteSwap(result.Result)
	}
	if err = finishRecording(rec, result.Result, err); err == nil && result.Swapped && rec.Run.AfterSwap != "" && rec.Run.Window == 0 {
		err = p.sweepNow(ctx, conn, &result)
	}
	return result, err
}

// runLocked runs a job while it holds the service's lock, writes down what is done,
// and sums it up.
func (p *program) runLocked(ctx context.Context, conn *connection, j job, rec *runlog.Recording, r deployer.Reporter) (ran, error) {
	result, err := p.audited(j.plan, func(log *report.Log) (deployer.Result, error) {
		return p.runWritten(ctx, conn, j, rec, log.Following(r))
	})
	return p.sum(j.plan, result, err), err
}

// runWritten runs a job under the lock that is held already, else under one of its own.
func (p *program) runWritten(ctx context.Context, conn *connection, j job, rec *runlog.Recording, r deployer.Reporter) (deployer.Result, error) {
	if p.held != nil {
		return p.runUnder(ctx, conn, j, rec, r, p.held)
	}
	lock, err := p.lock(ctx, conn, p.wish(j.plan.Service, j.plan.Action, rec.Run.LockID), j.store)
	if err != nil {
		return deployer.Result{}, err
	}
	result, err := p.runUnder(ctx, conn, j, rec, r, lock)
	return result, errors.Join(err, lock.Release(ctx))
}

func (p *program) runUnder(ctx context.Context, conn *connection, j job, rec *runlog.Recording, r deployer.Reporter, lock *locking.Held) (deployer.Result, error) {
	asks, err := p.asking(cmp.Or(j.question, rec.Question()), j.dictionary)
	if err != nil {
		return deployer.Result{}, err
	}
	ports := j.ports(conn, rec.Journal(), r, lock)
	ports.Checks = gatework.Checker{Checks: probe.Asker{Client: probe.Client, Now: time.Now}, Words: j.dictionary}
	ports.Hooks = gatework.Hooks{Scripts: process.Machine{Environ: os.Environ()}, Words: j.dictionary}
	ports.Approver = asks
	result, err := deployer.Run(ctx, ports, j.plan)
	return result, errors.Join(err, asks.Forget())
}

// packages returns where packages go, or nil.
func (j job) packages() deployer.PackageStore {
	if j.store == nil {
		return nil
	}
	return j.store
}

func (j job) ports(conn *connection, journal deployer.Journal, r deployer.Reporter, lock deployer.Lock) deployer.Ports {
	return deployer.Ports{
		Cloud: conn, Packages: j.packages(), Clock: wait.System, Time: conn, Journal: journal, Reporter: r, Lock: lock, Consent: j.consent,
		Poll: deployer.Poll{Min: conn.poll}, Artifacts: j.artifacts,
	}
}

// showPlan prints a plan; a refused one is a refusal here, too.
func (p *program) showPlan(plan deployer.Plan) error { return p.showPlanAs(plan, plan) }

// showPlanAs is showPlan with a view of its own as JSON.
func (p *program) showPlanAs(plan deployer.Plan, view any) error {
	p.telling.cases.Plan(planTitle(plan), plan)
	err := p.show(view, func(w io.Writer) {
		writePlan(w, p.style(w), plan)
		fmt.Fprintln(w, "nothing was changed: this is a plan")
	})
	if err == nil && plan.Refused() {
		err = fmt.Errorf("%s: %w", planTitle(plan), &deployer.RefusedError{Refusals: plan.Refusals})
	}
	return err
}

// parseSlot reads a slot, in any case.
func parseSlot(text string) (management.Slot, error) {
	for _, slot := range management.Slots {
		if equalFold(text, string(slot)) {
			return slot, nil
		}
	}
	return "", usage("it is staging or production", "%q is no slot", text)
}
