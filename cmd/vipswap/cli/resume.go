package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/runlog"
	"github.com/vipswap/vipswap/internal/tempfolder"
)

const resumeLong = `Resume goes on with a run that was cut off: its process was killed, the machine
went down, or somebody stopped it. What is done is not done again: each step looks
at the slots before it acts, so a swap that was carried out is not carried out a
second time, and deployments are deleted by name.

With --undo it takes back what was done instead: it swaps back, deletes what the
run created in staging. What cannot be taken back is refused and said. Of a release's
deployment the steps around it are not taken back; the history has it as failed.

There is no --plan-out: the plan is on record already.

Until then other commands that change the service are refused: the same command
again could swap back what was swapped. Runs are recorded in .vipswap, in the
folder of the project or the one that you are in; VIPSWAP_STATE names another.`

type resumeFlags struct {
	runFlags
	service       serviceFlag
	undo, abandon bool
}

func (p *program) resumeCommand() *cobra.Command {
	var f resumeFlags
	c := &cobra.Command{
		Use:   "resume",
		Short: "Finish, or take back, a run that was cut off",
		Long:  resumeLong + connectionHelp,
		Example: `  vipswap resume
  vipswap resume --service shop --plan
  vipswap resume --undo
  vipswap resume --abandon`,
		Args: takes(),
	}
	f.register(c.Flags(), p)
	f.service.register(c)
	c.Flags().BoolVar(&f.undo, "undo", false, "take back what the run has done, instead of finishing it")
	c.Flags().BoolVar(&f.abandon, "abandon", false, "give the run up and change nothing")
	c.MarkFlagsMutuallyExclusive("undo", "abandon")
	c.RunE = p.action(func(ctx context.Context, _ []string) error {
		if err := p.resume(ctx, f); err != nil {
			return fmt.Errorf("resume: %w", err)
		}
		return nil
	})
	return c
}

// resume finds the run that was cut off, and does with it what the flags say.
func (p *program) resume(ctx context.Context, f resumeFlags) error {
	conn, err := p.connect(f.connectionFlags)
	if err != nil {
		return err
	}
	service, err := p.cutOff(conn, f.service.name)
	if err != nil {
		return err
	}
	if service == "" {
		return p.resumeRelease(ctx, f)
	}
	p.spareProject()
	log, err := p.openRuns(service)
	if err != nil {
		return err
	}
	run, err := log.Unfinished(conn.subscription)
	if err != nil || run == nil {
		return errors.Join(err, log.Close())
	}
	rec := &runlog.Recording{Log: log, Run: *run}
	if !f.plan {
		fmt.Fprintln(p.progress(), describeRun(*run))
		tempfolder.Place{}.Clear()
	}
	how := p.finishRun
	switch {
	case f.abandon:
		how = p.abandonRun
	case f.undo:
		how = p.undoRun
	}
	return errors.Join(how(ctx, conn, f, rec), log.Close())
}

// cutOff returns the service that has an unfinished run, or "".
func (p *program) cutOff(conn *connection, named string) (string, error) {
	dir, err := p.runsDir()
	if err != nil {
		return "", err
	}
	services, err := runlog.Services(dir)
	if err != nil {
		return "", err
	}
	var found []string
	for _, service := range services {
		if named != "" && !equalFold(named, service) {
			continue
		}
		unfinished, err := p.hasUnfinished(conn, service)
		if err != nil {
			return "", err
		}
		if unfinished {
			found = append(found, service)
		}
	}
	if len(found) > 1 {
		return "", usage("--service NAME chooses one", "runs on several services were cut off: %s", strings.Join(found, ", "))
	}
	return strings.Join(found, ""), nil
}

func (p *program) hasUnfinished(conn *connection, service string) (bool, error) {
	log, err := p.openRuns(service)
	if err != nil {
		return false, err
	}
	run, err := log.Unfinished(conn.subscription)
	return run != nil, errors.Join(err, log.Close())
}

// abandonRun forgets the run.
func (p *program) abandonRun(ctx context.Context, conn *connection, f resumeFlags, rec *runlog.Recording) error {
	if f.plan {
		return p.show(rec.Run.Remaining(), func(w io.Writer) { fmt.Fprintln(w, "the run would be given up; the slots stay as they are") })
	}
	if err := rec.Log.Finish(rec.Run.ID, runlog.Ending{State: runlog.Abandoned}); err != nil {
		return err
	}
	if err := p.forgetQuestion(rec); err != nil {
		return err
	}
	fmt.Fprintln(p.progress(), "the run is given up; the slots are as they are")
	return p.locker(conn).GiveUp(ctx, p.wish(rec.Run.Plan.Service, rec.Run.Plan.Action, rec.Run.LockID))
}

// finishRun carries out the steps that are left.
func (p *program) finishRun(ctx context.Context, conn *connection, f resumeFlags, rec *runlog.Recording) error {
	plan := rec.Run.Remaining()
	plan.Waits.Timeout = f.timeout
	if f.plan {
		return p.showLeft(ctx, conn, plan)
	}
	j := job{plan: plan}
	if needsPackage(plan) {
		input, err := p.openFor(ctx, conn, packageOf{rec.Run.Source, rec.Run.Version, rec.Run.Account, rec.Run.Location, rec.Run.Configuration}, &j)
		if err != nil {
			return err
		}
		defer input.Close()
	}
	return p.goOn(ctx, conn, j, rec, runlog.Succeeded)
}

// showLeft prints what is left of a plan, which is refused when the slots no longer fit it.
func (p *program) showLeft(ctx context.Context, conn *connection, plan deployer.Plan) error {
	plan, err := asItStands(ctx, conn, plan)
	if err != nil {
		return err
	}
	return p.showPlan(plan)
}

// asItStands returns a plan that was cut off with the slots as they are now.
func asItStands(ctx context.Context, conn *connection, plan deployer.Plan) (deployer.Plan, error) {
	seen, err := observe(ctx, conn, plan.Service)
	if err != nil {
		return plan, err
	}
	plan.Seen = seen.Slots()
	plan.Refusals = append(plan.Refusals, plan.Misfits(seen)...)
	return plan, nil
}

// needsPackage reports whether a step of the plan sends the package.
func needsPackage(plan deployer.Plan) bool {
	return plan.Has(deployer.StepUpload) || plan.Has(deployer.StepCreate) || plan.Has(deployer.StepUpgrade)
}

// undoRun takes back what the run has done. The run stays unfinished until that
// is done, so that this can be cut off, too.
func (p *program) undoRun(ctx context.Context, conn *connection, f resumeFlags, rec *runlog.Recording) error {
	plan, err := p.planUndo(ctx, conn, f, rec.Run.Plan)
	if err != nil {
		return err
	}
	if f.plan {
		return p.showPlan(plan)
	}
	if plan.Refused() {
		return &deployer.RefusedError{Refusals: plan.Refusals}
	}
	rec.Kept = unkept{}
	if err := p.goOn(ctx, conn, job{plan: plan}, rec, runlog.Undone); err != nil {
		return err
	}
	return p.forgetQuestion(rec)
}

// forgetQuestion takes the question of a run that nobody goes on with off the desk.
func (p *program) forgetQuestion(rec *runlog.Recording) error {
	desk, err := p.desk()
	if err != nil {
		return err
	}
	return desk.Remove(rec.Question())
}

// planUndo plans how to take back what was done of a plan, once nothing is under way.
func (p *program) planUndo(ctx context.Context, conn *connection, f resumeFlags, of deployer.Plan) (deployer.Plan, error) {
	waits := f.waits()
	seen, err := deployer.Settle(ctx, job{}.ports(conn, nil, p.reporter(), nil), of.Service, waits)
	if err != nil {
		return deployer.Plan{}, err
	}
	return deployer.MakePlan(deployer.Undo{Of: of, Waits: waits}, seen)
}

// unkept is the journal of taking something back: that is planned afresh from the
// slots each time.
type unkept struct{}

func (unkept) Intent(deployer.Step) error                    { return nil }
func (unkept) Done(deployer.Step, deployer.StepResult) error { return nil }

// goOn carries a plan out for a recorded run, and records that it came to an end.
func (p *program) goOn(ctx context.Context, conn *connection, j job, rec *runlog.Recording, end runlog.State) error {
	p.telling.cases.Plan(planTitle(j.plan), j.plan)
	result, err := p.runLocked(ctx, conn, j, rec, p.reporter())
	if err == nil && (result.Swapped || end == runlog.Succeeded && rec.Run.Swapped()) {
		p.noteSwap(result.Result)
	}
	if p.output == formatJSON {
		err = errors.Join(err, writeJSON(p.Stdout, result))
	}
	switch {
	case err == nil:
		err = rec.Log.Finish(rec.Run.ID, runlog.Ending{State: end, Result: &result.Result})
	case end == runlog.Succeeded && !decided(err):
		err = failed(resumeAgain, "%w", err)
	case end == runlog.Succeeded:
		err = errors.Join(err, rec.Log.Finish(rec.Run.ID, runlog.Ending{State: runlog.Failed, Error: err.Error(), Result: &result.Result}))
	}
	if err == nil && end == runlog.Succeeded && (result.Swapped || rec.Run.Swapped()) && rec.Run.AfterSwap != "" && rec.Run.Window == 0 {
		if err = rec.Log.Close(); err == nil {
			err = p.sweepNow(ctx, conn, &result)
		}
	}
	if err == nil && p.output == formatText && result.After != nil {
		writeSlots(p.Stdout, p.style(p.Stdout), *result.After)
	}
	return err
}

// resumeAgain is the hint about a run that was cut off, and failed when it went on: it
// stays one that was cut off.
const resumeAgain = `"vipswap resume" tries it again, with --undo takes it back, with --abandon gives it up`

// decided reports whether an error ends a run for good: what it was to do does not fit
// any more, was rejected, or was taken back. After others, such as an operation that
// failed, the run can be finished another time.
func decided(err error) bool {
	var (
		gate     *deployer.GateError
		rejected *deployer.RejectedError
		hook     *deployer.HookError
		back     *deployer.SwappedBackError
		stranded *deployer.StrandedError
	)
	return isRefusal(err) || errors.As(err, &gate) || errors.As(err, &rejected) || errors.As(err, &hook) ||
		errors.As(err, &back) || errors.As(err, &stranded)
}
