package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/management"
	"github.com/vipswap/vipswap/deployer/runlog"
)

const sweepLong = `Sweep suspends, scales or deletes the deployments that were in production before a
swap, once their --rollback-window is over: of all cloud services whose swaps are on
record here, or of the one that --service names. It looks first, and goes by name:
what serves production again, or was changed by somebody else, is refused (exit code
3) while the others are dealt with. What is gone is crossed off, and so is what a
later run here upgraded. After a later swap of the same deployment only what that one
asked for counts.

What is refused stays on record, and the next sweep refuses it again. --list shows
what is on record; --forget NAME takes it off, by the name of the deployment, or of
the cloud service for all of it. Nothing is changed then but the record.

There is no --plan-out: each sweep looks anew, and does nothing that was not asked
for when the slots were swapped.`

// What a sweep came to, for one deployment.
const (
	sweptKept    = "kept"    // its time has not come
	sweptGone    = "gone"    // the slots do not hold it any more
	sweptRefused = "refused" // it is not what it was, or not where it was
	sweptPlanned = "planned"
	sweptDone    = "done"
	sweptFailed  = "failed"
)

// A sweptView is what became of one deployment, as JSON.
type sweptView struct {
	Service    string         `json:"service"`
	Deployment string         `json:"deployment"`
	Label      string         `json:"label"`
	Then       string         `json:"then"` // what was asked for when the slots were swapped
	Due        time.Time      `json:"due"`
	Outcome    string         `json:"outcome"` // kept, due, gone, refused, planned, done, forgotten or failed
	Text       string         `json:"text"`
	Plan       *deployer.Plan `json:"plan,omitempty"`
	Result     *ran           `json:"result,omitempty"`

	err error // why it failed
}

func (p *program) sweepCommand() *cobra.Command {
	var f runFlags
	var about sweepFlags
	c := &cobra.Command{
		Use:     "sweep",
		Short:   "Do what --after-swap left for later",
		Long:    sweepLong + connectionHelp,
		Example: "  vipswap swap --service shop --after-swap delete --rollback-window 24h\n  vipswap sweep\n  vipswap sweep --service shop --plan\n  vipswap sweep --list",
		Args:    takes(),
	}
	f.register(c.Flags(), p)
	c.Flags().StringVar(&about.service, "service", "", "only this cloud service, by `NAME`; default: all whose swaps are on record here")
	c.Flags().BoolVar(&about.list, "list", false, "only show what is on record; no slot is looked at")
	c.Flags().StringArrayVar(&about.forget, "forget", nil, "only take the deployment of this `NAME`, or all of the cloud service of this name, off the record; may be given more than once")
	c.MarkFlagsMutuallyExclusive("list", "forget")
	c.RunE = p.action(func(ctx context.Context, _ []string) error {
		if err := about.check(); err != nil {
			return fmt.Errorf("sweep: %w", err)
		}
		p.spareProject()
		conn, err := p.connect(f.connectionFlags)
		if err != nil {
			return err
		}
		if err := p.sweepAs(ctx, conn, about, f); err != nil {
			return fmt.Errorf("sweep: %w", err)
		}
		return nil
	})
	return c
}

// sweepAll sweeps the services on record, one after the other, and says at the end
// what was refused or failed.
func (p *program) sweepAll(ctx context.Context, conn *connection, named string, f runFlags) error {
	services, err := p.servicesOnRecord(named)
	if err != nil {
		return err
	}
	all := []sweptView{}
	var problems []error
	for _, service := range services {
		swept, err := p.sweepService(ctx, conn, service, f)
		all, problems = append(all, swept...), append(problems, err)
	}
	if err := errors.Join(problems...); err != nil {
		return err
	}
	if p.output == formatJSON {
		err := writeJSON(p.Stdout, all)
		return errors.Join(err, sweptError(all))
	}
	if len(all) == 0 {
		fmt.Fprintln(p.progress(), "nothing is left over")
	}
	for _, v := range all {
		if v.Result != nil && v.Result.After != nil {
			fmt.Fprintln(p.Stdout, p.style(p.Stdout).bold(v.Service))
			writeSlots(p.Stdout, p.style(p.Stdout), *v.Result.After)
		}
	}
	return sweptError(all)
}

// sweptError is what is wrong about a sweep: a failure goes before a refusal.
func sweptError(all []sweptView) error {
	var refusals, failures []error
	for _, v := range all {
		switch v.Outcome {
		case sweptRefused:
			refusals = append(refusals, errors.New(v.Text))
		case sweptFailed:
			failures = append(failures, v.err)
		}
	}
	if len(failures) > 0 {
		return errors.Join(append(failures, refusals...)...)
	}
	if len(refusals) > 0 {
		return refused("\"vipswap slots\" shows what is there; what is to go is deleted by \"vipswap delete SLOT\", and what is to stay is left alone after \""+forgetHint(all)+"\"",
			"%w", errors.Join(refusals...))
	}
	return nil
}

// sweepService deals with what swaps of a service left behind, when that is due.
func (p *program) sweepService(ctx context.Context, conn *connection, service string, f runFlags) ([]sweptView, error) {
	left, err := p.leftovers(conn, service)
	if err != nil {
		return nil, err
	}
	var all []sweptView
	for _, run := range left {
		v := p.sweep(ctx, conn, run, f)
		if v.Outcome == sweptKept || v.Outcome == sweptGone {
			fmt.Fprintln(p.progress(), v.Text)
		}
		if v.Outcome == sweptGone && !f.plan {
			v.err = p.crossOff(run)
		}
		if v.err != nil {
			v.Outcome = sweptFailed
		}
		all = append(all, v)
	}
	return all, nil
}

// sweepNow does at once what --after-swap wants without a window, and corrects in the
// result what the slots hold.
func (p *program) sweepNow(ctx context.Context, conn *connection, result *ran) error {
	all, err := p.sweepService(ctx, conn, result.Service, runFlags{})
	for _, v := range all {
		if v.Result != nil && v.Result.After != nil {
			result.After = v.Result.After
		}
	}
	if err = errors.Join(err, sweptError(all)); err != nil {
		return failed("\"vipswap sweep\" tries again", "%w", &unsweptError{err})
	}
	return nil
}

// An unsweptError says that the slots were swapped, and that what was to become of the
// deployment that was in production has not been done.
type unsweptError struct{ err error }

func (e *unsweptError) Error() string {
	return fmt.Sprintf("the slots are swapped, but --after-swap was not done: %v", e.err)
}

func (e *unsweptError) Unwrap() error { return e.err }

// crossOff records that nothing is left to do about a swap.
func (p *program) crossOff(run runlog.Run) error {
	log, err := p.openRuns(run.Plan.Service)
	if err != nil {
		return err
	}
	return errors.Join(log.Swept(run.ID), log.Close())
}

// sweep deals with one deployment.
func (p *program) sweep(ctx context.Context, conn *connection, run runlog.Run, f runFlags) sweptView {
	previous, v := run.Swap.Previous, viewOfLeftover(run)
	name := v.name()
	if p.Now().Before(v.Due) {
		return v.as(sweptKept, "%s is kept until %s: it can be swapped back; then it %s", name, v.Due.Format(time.RFC3339), afterWords(v.Then))
	}
	seen, err := p.lookForSwept(ctx, conn, v.Service)
	if err != nil {
		return v.failing(err)
	}
	switch there := seen.Named(previous.Name); {
	case there == nil:
		return v.as(sweptGone, "%s is in no slot any more: nothing is done", name)
	case there.Slot == management.Production:
		return v.as(sweptRefused, "%s serves production: nothing is done", name)
	case there.Label != previous.Label:
		return v.as(sweptRefused, "%s was upgraded to %q since: nothing is done", name, there.Label)
	case !previous.Holds(seen.Slots().Staging):
		return v.as(sweptRefused, "%s was deployed anew or configured otherwise since: nothing is done", name)
	}
	return p.sweepOut(ctx, conn, run, seen, f, v)
}

// lookForSwept reads the slots; those of a service that is gone are empty.
func (p *program) lookForSwept(ctx context.Context, conn *connection, service string) (deployer.Observed, error) {
	if _, err := conn.Service(ctx, service); management.IsNotFound(err) {
		return deployer.Observed{Service: service}, nil
	}
	return observe(ctx, conn, service)
}

// sweepOut plans a sweep, carries it out and records it.
func (p *program) sweepOut(ctx context.Context, conn *connection, run runlog.Run, seen deployer.Observed, f runFlags, v sweptView) sweptView {
	wanted, err := leftover(v.Service, v.Deployment, v.Then)
	if err != nil {
		return v.failing(fmt.Errorf("%s: %w", v.Then, err))
	}
	plan, err := deployer.MakePlan(wanted, seen)
	if err != nil {
		return v.failing(err)
	}
	if f.timeoutGiven() {
		plan.Waits.Timeout = f.timeout
	}
	if v = v.as(sweptPlanned, "%q %s", v.Label, afterWords(v.Then)); f.plan {
		v.Plan = &plan
		p.sayPlan(plan)
		return v
	}
	p.after = afterFlags{}
	result, err := p.carryOut(ctx, conn, job{plan: plan, seen: seen}, p.reporter())
	v.Result = &result
	if err == nil {
		err = p.crossOff(run)
	}
	if err != nil {
		return v.failing(fmt.Errorf("%s: %w", planTitle(plan), err))
	}
	v.Outcome = sweptDone
	return v
}

// sayPlan prints a plan, unless the command prints JSON.
func (p *program) sayPlan(plan deployer.Plan) {
	if p.output == formatJSON {
		return
	}
	writePlan(p.Stdout, p.style(p.Stdout), plan)
	fmt.Fprintln(p.Stdout, "nothing was changed: this is a plan")
}

// viewOfLeftover is what is known of a deployment before it is looked for.
func viewOfLeftover(run runlog.Run) sweptView {
	previous := run.Swap.Previous
	return sweptView{Service: run.Plan.Service, Deployment: previous.Name, Label: previous.Label, Then: run.Swap.Then, Due: run.Swap.Due}
}

// name names the deployment for people.
func (v sweptView) name() string {
	return fmt.Sprintf("%q (deployment %s of %s)", v.Label, v.Deployment, v.Service)
}

// as sets what became of the deployment.
func (v sweptView) as(outcome, words string, args ...any) sweptView {
	v.Outcome, v.Text = outcome, fmt.Sprintf(words, args...)
	return v
}

func (v sweptView) failing(err error) sweptView {
	v.err = err
	return v.as(sweptFailed, "%v", err)
}
