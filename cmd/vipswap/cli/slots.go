package cli

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/management"
)

func equalFold(a, b string) bool { return strings.EqualFold(a, b) }

// serviceFlag is the cloud service that a command is about.
type serviceFlag struct{ name string }

func (f *serviceFlag) register(c *cobra.Command) {
	c.Flags().StringVar(&f.name, "service", "", "the cloud service, by `NAME`; default: the one of the project")
}

func (p *program) slotsCommand() *cobra.Command {
	var f connectionFlags
	var service serviceFlag
	c := &cobra.Command{
		Use:   "slots [SERVICE]",
		Short: "Show what the two slots of a cloud service hold",
		Long:  "Slots shows the deployments in production and staging: label, name, status,\ninstances, virtual IP address and URL." + connectionHelp,
		Example: `  vipswap slots shop
  vipswap slots shop --output json`,
		Args: cobra.MaximumNArgs(1),
	}
	f.register(c.Flags())
	service.register(c)
	c.RunE = p.action(func(ctx context.Context, args []string) error {
		name := service.name
		if len(args) == 1 {
			name = args[0]
		}
		return p.slots(ctx, f, name)
	})
	return c
}

func (p *program) slots(ctx context.Context, f connectionFlags, named string) error {
	at, err := p.place(named, management.Production)
	if err != nil {
		return fmt.Errorf("slots: %w", err)
	}
	conn, err := p.connect(f)
	if err != nil {
		return err
	}
	seen, err := observe(ctx, conn, at.service)
	if err != nil {
		return fmt.Errorf("slots: %w", err)
	}
	return p.show(seen.Slots(), func(w io.Writer) {
		s := p.style(w)
		fmt.Fprintln(w, s.bold(at.service))
		writeSlots(w, s, seen.Slots())
	})
}

// A slotChange is a command that changes slots without a package.
type slotChange struct {
	use, short, long, example string
	args                      cobra.PositionalArgs
	slot                      func(args []string) (management.Slot, error)
	flags                     func(*cobra.Command)
	gated                     bool                                                                                         // a project's gates are missed
	instead                   func(ctx context.Context, f runFlags) (done bool, err error)                                 // nil for nothing
	known                     func(conn *connection, d deployer.Desired, seen deployer.Observed) (deployer.Desired, error) // completes d; nil for nothing
	desired                   func(service string, slot management.Slot, waits deployer.Waits) deployer.Desired
}

// slotCommand makes the command of a slotChange.
func (p *program) slotCommand(ch slotChange) *cobra.Command {
	var f runFlags
	var service serviceFlag
	c := &cobra.Command{Use: ch.use, Short: ch.short, Long: ch.long + connectionHelp, Example: ch.example, Args: ch.args}
	f.register(c.Flags(), p)
	f.registerPlanOut()
	service.register(c)
	ch.flags(c)
	c.RunE = p.action(func(ctx context.Context, args []string) error {
		if ch.instead != nil {
			if done, err := ch.instead(ctx, f); done || err != nil {
				return err
			}
		}
		conn, j, err := p.planSlots(ctx, f, service.name, args, ch)
		if err != nil {
			return fmt.Errorf("%s: %w", c.Name(), err)
		}
		return p.perform(ctx, conn, f, j)
	})
	return c
}

// planSlots connects and makes the plan of a slotChange.
func (p *program) planSlots(ctx context.Context, f runFlags, named string, args []string, ch slotChange) (*connection, job, error) {
	slot, err := ch.slot(args)
	if err != nil {
		return nil, job{}, err
	}
	if err := p.parseGates(f); err != nil {
		return nil, job{}, err
	}
	at, err := p.place(named, slot)
	if err != nil {
		return nil, job{}, err
	}
	conn, err := p.connect(f.connectionFlags)
	if err != nil {
		return nil, job{}, err
	}
	desired := ch.desired(at.service, slot, f.waits())
	if ch.known != nil {
		seen, err := observe(ctx, conn, at.service)
		if err != nil {
			return nil, job{}, err
		}
		if desired, err = ch.known(conn, desired, seen); err != nil {
			return nil, job{}, err
		}
	}
	j, err := p.planChange(ctx, conn, at.service, desired)
	if ch.gated && named == "" {
		p.warnOfGates(&j.plan)
	}
	return conn, j, err
}

// ofProduction is the slot that swaps are about.
func ofProduction([]string) (management.Slot, error) { return management.Production, nil }

func (p *program) swapCommand() *cobra.Command {
	var expect string
	return p.slotCommand(slotChange{
		use:   "swap",
		short: "Exchange staging and production",
		long: `Swap puts what staging holds into production, and what production holds into
staging. With production empty, the staged deployment moves there. Endpoints that
differ, which the service refuses to swap, are found beforehand.` + gatesHelp,
		example: `  vipswap swap --service shop
  vipswap swap --service shop --expect "Deploy shop v1.1.0"
  vipswap swap --service shop --plan
  vipswap swap --service shop --check /health,contains=ok --check-times 3 --bake 10m --bake-budget 2
  vipswap swap --service shop --check https://www.shop.example/,resolve=www.shop.example:443:#{Slot.Vip} --pause
  vipswap swap --service shop --hook before-swap=./warm.sh --hook after-swap-back=./page.sh --bake 10m`,
		args: takes(),
		slot: ofProduction, gated: true,
		flags: func(c *cobra.Command) {
			c.Flags().StringVar(&expect, "expect", "", "swap only if staging holds a deployment with this `LABEL`")
			p.after.register(c.Flags())
			p.gating.register(c.Flags())
		},
		desired: func(service string, _ management.Slot, w deployer.Waits) deployer.Desired {
			return deployer.Swap{Service: service, ExpectStaged: expect, Waits: w}
		},
	})
}

func (p *program) rollbackCommand() *cobra.Command {
	var expect, to string
	return p.slotCommand(slotChange{
		use:   "rollback",
		short: "Swap back: what staging holds serves again",
		long: `Rollback undoes a swap by another swap. It needs the previous deployment, which
a swap leaves in staging: when the last swap was recorded here, staging must hold
exactly what was in production before it. Once staging was deployed to or deleted,
--to VERSION deploys the earlier release of the project again.` + gatesHelp,
		example: "  vipswap rollback --service shop\n  vipswap rollback --service shop --expect \"Deploy shop v1.0.0\"\n  vipswap rollback --service shop --plan\n  vipswap rollback --to 1.0.0",
		args:    takes(),
		slot:    ofProduction, gated: true,
		flags: func(c *cobra.Command) {
			c.Flags().StringVar(&expect, "expect", "", "roll back only if staging holds a deployment with this `LABEL`")
			c.Flags().StringVar(&to, "to", "", "deploy the project's release `VERSION` to production again")
			p.gating.register(c.Flags())
			p.gating.registerNone(c.Flags())
		},
		instead: func(ctx context.Context, f runFlags) (bool, error) {
			if to == "" {
				return false, nil
			}
			return true, p.rollbackTo(ctx, f, to)
		},
		known: p.knownRollback,
		desired: func(service string, _ management.Slot, w deployer.Waits) deployer.Desired {
			return deployer.Rollback{Service: service, ExpectLabel: expect, Waits: w}
		},
	})
}

func (p *program) deleteCommand() *cobra.Command {
	var yes bool
	return p.slotCommand(slotChange{
		use:   "delete SLOT",
		short: "Delete the deployment in a slot",
		long: `Delete deletes the deployment in a slot; the cloud service stays. Deleting
production ends the service for its users, so it wants --yes.`,
		example: "  vipswap delete staging --service shop\n  vipswap delete production --service shop --yes",
		args:    takes("the slot (staging or production)"),
		slot:    func(args []string) (management.Slot, error) { return parseSlot(args[0]) },
		flags: func(c *cobra.Command) {
			c.Flags().BoolVar(&yes, "yes", false, "delete production, too")
		},
		desired: func(service string, slot management.Slot, w deployer.Waits) deployer.Desired {
			return deployer.Delete{Service: service, Slot: slot, Confirmed: yes, Waits: w}
		},
	})
}
