package cli

import (
	"cmp"
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/management"
)

const deployLong = `Deploy brings a package into a slot, without a project: it uploads the package,
creates a deployment in an empty slot or upgrades the one that is there, and
waits until all instances are ready.

With --swap, a deployment to production becomes a swap when production is
occupied and staging holds a deployment with the very same label. That is the
decision of the VIP-swap guide; each decision is said in one line.`

// deployFlags are the flags of deploy.
type deployFlags struct {
	runFlags
	service                       serviceFlag
	slot, pkg, config, label      string
	account, location             string
	swap, swapIntoEmpty, skipSame bool
	mismatch, mode, counts        choice
	suspended                     bool
	instances                     map[string]int
}

func (p *program) deployCommand() *cobra.Command {
	f := deployFlags{
		mismatch: choice{"deploy", []string{"deploy", "fail"}},
		mode:     choice{"auto", []string{"auto", "manual", "simultaneous"}},
		counts:   choice{"file", []string{"file", "target", "production", "maximum"}},
	}
	c := &cobra.Command{
		Use:   "deploy",
		Short: "Deploy a package into a slot",
		Long:  deployLong + gatesHelp + connectionHelp,
		Example: `  vipswap deploy --service shop --slot staging --package shop.cspkg --config shop.cscfg --label 1.1.0
  vipswap deploy --service shop --slot production --package shop.cspkg --config shop.cscfg --label 1.1.0 --swap
  vipswap deploy --service shop --slot production --package shop.cspkg --config shop.cscfg --label 1.1.0 --swap --plan
  vipswap deploy --service shop --slot production --package shop.cspkg --config shop.cscfg --label 1.1.0 --swap --check /health --bake 10m`,
		Args: takes(),
	}
	f.register(c, p)
	c.RunE = p.action(func(ctx context.Context, _ []string) error {
		conn, ready, err := p.prepareDeploy(ctx, f)
		if err != nil {
			return fmt.Errorf("deploy: %w", err)
		}
		defer ready.Close()
		p.sayChanges(ready.changes)
		return p.perform(ctx, conn, f.runFlags, ready.job)
	})
	return c
}

func (f *deployFlags) register(c *cobra.Command, p *program) {
	flags := c.Flags()
	f.runFlags.register(flags, p)
	f.registerPlanOut()
	p.after.register(flags)
	p.gating.register(flags)
	f.service.register(c)
	flags.StringVar(&f.slot, "slot", "", "the `SLOT`: staging or production")
	flags.StringVar(&f.pkg, "package", "", "the `FILE` to deploy: a .cspkg, a folder, or a .zip or .nupkg with one in it")
	flags.StringVar(&f.config, "config", "", "the service configuration, a `FILE`; default: ServiceConfiguration.Cloud.cscfg beside the package")
	flags.StringVar(&f.label, "label", "", "the deployment's `LABEL`, by which a swap recognises it")
	flags.StringVar(&f.account, "account", "", "upload to the storage account with this `NAME`; default: the project's, else the subscription's only one")
	flags.StringVar(&f.location, "location", "", "where to make a storage account that is missing; default: the first `PLACE` offered")
	flags.BoolVar(&f.swap, "swap", false, "swap staging to production if possible")
	flags.BoolVar(&f.swapIntoEmpty, "swap-into-empty", false, "with --swap: move the staged deployment into an empty production slot, too")
	flags.BoolVar(&f.skipSame, "skip-same-label", false, "do nothing when the slot holds the label already")
	flags.Var(&f.mismatch, "label-mismatch", "with --swap: what to do when staging holds another label")
	flags.Var(&f.mode, "mode", "how to upgrade an occupied slot")
	flags.Var(&f.counts, "instance-count", "where the numbers of instances come from")
	flags.StringToIntVar(&f.instances, "instances", nil, "run that many instances of a role, as `ROLE=N`")
	flags.BoolVar(&f.suspended, "suspended", false, "create the deployment without starting it")
}

// upgradeModes are the modes as the service writes them.
var upgradeModes = map[string]string{
	"auto": deployer.ModeAuto, "manual": deployer.ModeManual, "simultaneous": deployer.ModeSimultaneous,
}

func (f *deployFlags) options() deployer.Options {
	return deployer.Options{
		SwapIfPossible: f.swap, SwapIntoEmptyProduction: f.swapIntoEmpty, SkipSameLabel: f.skipSame,
		OnLabelMismatch: deployer.Mismatch(f.mismatch.value), UpgradeMode: upgradeModes[f.mode.value],
		ForceUpgrade: true, Suspended: f.suspended, Waits: f.waits(),
	}
}

// required refuses flags that are missing.
func (f *deployFlags) required() error {
	for _, flag := range []struct{ name, value string }{{"slot", f.slot}, {"package", f.pkg}, {"label", f.label}} {
		if flag.value == "" {
			return usage(`"vipswap deploy --help" shows an example`, "--%s is missing", flag.name)
		}
	}
	return nil
}

// prepareDeploy connects, and makes the plan that the flags ask for.
func (p *program) prepareDeploy(ctx context.Context, f deployFlags) (*connection, *prepared, error) {
	if err := f.required(); err != nil {
		return nil, nil, err
	}
	if err := p.parseGates(f.runFlags); err != nil {
		return nil, nil, err
	}
	slot, err := parseSlot(f.slot)
	if err != nil {
		return nil, nil, err
	}
	at, err := p.place(f.service.name, slot)
	if err != nil {
		return nil, nil, err
	}
	conn, err := p.connect(f.connectionFlags)
	if err != nil {
		return nil, nil, err
	}
	seen, err := observe(ctx, conn, at.service)
	if err != nil {
		return nil, nil, err
	}
	d := f.delivery(at, slot)
	d.gates = p.gating.gates
	ready, err := p.prepare(ctx, conn, d, seen)
	if err == nil && f.service.name == "" {
		p.warnOfGates(&ready.job.plan)
	}
	return conn, ready, err
}

func (f *deployFlags) delivery(at place, slot management.Slot) delivery {
	return delivery{
		service: at.service, slot: slot, label: f.label,
		source:      deployer.Source{Path: f.pkg, ConfigurationPath: f.config},
		configuring: deployer.Configuring{Slot: slot, Counts: deployer.CountSource(f.counts.value), Instances: f.instances},
		options:     f.options(), account: cmp.Or(f.account, at.account), location: cmp.Or(f.location, at.location),
	}
}
