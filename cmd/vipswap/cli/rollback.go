package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/management"
	"github.com/vipswap/vipswap/deployer/runlog"
)

// What becomes of the deployment that a swap put into staging.
const (
	afterKeep    = "keep"
	afterSuspend = "suspend"
	afterDelete  = "delete"
)

// afterFlags say what becomes of the previous deployment after a swap.
type afterFlags struct {
	way    choice
	window time.Duration
}

func (f *afterFlags) register(flags *pflag.FlagSet) {
	f.way = choice{afterKeep, []string{afterKeep, afterSuspend, afterDelete}}
	flags.Var(&f.way, "after-swap", "what becomes of the deployment that was in production")
	flags.DurationVar(&f.window, "rollback-window", 0, "with --after-swap: keep it this long, so that it can be swapped back; then \"vipswap sweep\" does it")
}

// action returns what to do, "" for nothing.
func (f *afterFlags) action() string {
	if f.way.value == afterKeep {
		return ""
	}
	return f.way.value
}

// knownRollback completes a rollback with what the last swap recorded, when
// production still holds what that swap put there.
func (p *program) knownRollback(conn *connection, d deployer.Desired, seen deployer.Observed) (deployer.Desired, error) {
	back, ok := d.(deployer.Rollback)
	if !ok || seen.Production == nil {
		return d, nil
	}
	last, err := p.lastSwap(conn, seen.Service)
	if err != nil || last == nil || !equalFold(last.Swap.Production.Name, seen.Production.Name) {
		return d, err
	}
	if last.Swap.Previous == nil {
		return nil, refused("--to VERSION deploys a release again", "the last swap, at %s, put %q into an empty production slot: there is nothing to go back to",
			last.Swap.At.Format(time.RFC3339), last.Swap.Production.Label)
	}
	back.ExpectName = last.Swap.Previous.Name
	if back.ExpectLabel == "" {
		back.ExpectLabel = last.Swap.Previous.Label
	}
	return back, nil
}

func (p *program) lastSwap(conn *connection, service string) (*runlog.Run, error) {
	log, err := p.openRuns(service)
	if err != nil {
		return nil, err
	}
	last, err := log.LastSwap(conn.subscription)
	return last, errors.Join(err, log.Close())
}

// rollbackTo deploys an earlier release to the environment that is bound to
// production.
func (p *program) rollbackTo(ctx context.Context, f runFlags, number string) error {
	if f.planOut != "" {
		return usage("--plan shows what would be done", "rollback: --plan-out and --to cannot be combined")
	}
	return p.withSession("vipswap rollback --to "+number, func(s *session) error {
		if err := s.connectFor(f); err != nil {
			return err
		}
		for _, environment := range s.project.Environments {
			if slot, ok := s.project.Slot(environment); ok && slot == management.Production {
				return s.deploy(ctx, f.plan, number, environment, false)
			}
		}
		return usage("\"vipswap release deploy VERSION --to ENVIRONMENT\" deploys it", "rollback: no environment of the project is bound to production")
	})
}

func (p *program) sweepCommand() *cobra.Command {
	var f runFlags
	var service serviceFlag
	c := &cobra.Command{
		Use:   "sweep",
		Short: "Do what --after-swap left for later",
		Long: `Sweep suspends or deletes the deployments that were in production before a swap,
once their --rollback-window is over. It looks first: only a deployment that staging
still holds, by its name, is touched; never what serves production.` + connectionHelp,
		Example: "  vipswap swap --service shop --after-swap delete --rollback-window 24h\n  vipswap sweep --service shop",
		Args:    takes(),
	}
	f.register(c.Flags(), p)
	service.register(c)
	c.RunE = p.action(func(ctx context.Context, _ []string) error {
		at, err := p.place(service.name, management.Staging)
		if err != nil {
			return fmt.Errorf("sweep: %w", err)
		}
		conn, err := p.connect(f.connectionFlags)
		if err != nil {
			return err
		}
		if err := p.sweepService(ctx, conn, at.service, f.plan); err != nil {
			return fmt.Errorf("sweep: %w", err)
		}
		return nil
	})
	return c
}

// leftovers say what each way of --after-swap wants of staging.
var leftovers = map[string]func(service, name string) deployer.Desired{
	afterDelete: func(service, name string) deployer.Desired {
		return deployer.Delete{Service: service, Slot: management.Staging, ExpectName: name}
	},
	afterSuspend: func(service, _ string) deployer.Desired {
		return deployer.SetStatus{Service: service, Slot: management.Staging, Status: management.StatusSuspended}
	},
}

// sweepService deals with what the last swap of a service left behind, when that
// is due.
func (p *program) sweepService(ctx context.Context, conn *connection, service string, planOnly bool) error {
	say := func(words string, args ...any) error {
		fmt.Fprintf(p.progress(), words+"\n", args...)
		return nil
	}
	last, err := p.lastSwap(conn, service)
	if err != nil {
		return err
	}
	if last == nil || last.Swap.Then == "" || last.Swap.Swept || last.Swap.Previous == nil {
		return say("nothing is left over in %s", service)
	}
	previous := last.Swap.Previous
	if now := time.Now(); now.Before(last.Swap.Due) {
		return say("%q (deployment %s) is kept until %s: it can be swapped back", previous.Label, previous.Name, last.Swap.Due.Format(time.RFC3339))
	}
	seen, err := observe(ctx, conn, service)
	if err != nil {
		return err
	}
	if seen.Staging == nil || !equalFold(seen.Staging.Name, previous.Name) || seen.Staging.Label != previous.Label {
		return say("staging does not hold %q (deployment %s) any more: nothing is done", previous.Label, previous.Name)
	}
	plan, err := deployer.MakePlan(leftovers[last.Swap.Then](service, seen.Staging.Name), seen)
	if err != nil {
		return err
	}
	if planOnly {
		return p.showPlan(plan)
	}
	return p.sweepOut(ctx, conn, job{plan: plan, seen: seen}, last.ID)
}

// sweepOut carries a sweep out and records it.
func (p *program) sweepOut(ctx context.Context, conn *connection, j job, swap uint64) error {
	p.after = afterFlags{}
	result, err := p.carryOut(ctx, conn, j, p.reporter())
	if err != nil {
		return err
	}
	log, err := p.openRuns(j.plan.Service)
	if err != nil {
		return err
	}
	if err := errors.Join(log.Swept(swap), log.Close()); err != nil {
		return err
	}
	if result.After == nil || p.output == formatJSON {
		return nil
	}
	return p.show(nil, func(w io.Writer) { writeSlots(w, p.style(w), *result.After) })
}
