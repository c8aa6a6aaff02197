package cli

import (
	"github.com/spf13/cobra"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/management"
)

// statusChange is what start and suspend have in common.
func statusChange(status management.DeploymentStatus, yes *bool, ch slotChange) slotChange {
	ch.args = takes("the slot (staging or production)")
	ch.slot = func(args []string) (management.Slot, error) { return parseSlot(args[0]) }
	ch.desired = func(service string, slot management.Slot, w deployer.Waits) deployer.Desired {
		return deployer.SetStatus{Service: service, Slot: slot, Status: status, Confirmed: *yes, Waits: w}
	}
	return ch
}

func (p *program) startCommand() *cobra.Command {
	return p.slotCommand(statusChange(management.StatusRunning, new(bool), slotChange{
		use:   "start SLOT",
		short: "Start the deployment in a slot that is suspended",
		long: `Start starts a suspended deployment, and waits until its instances are ready: one
that --after-swap suspended is started before it is swapped back, so that what goes
into production serves.`,
		example: "  vipswap start staging --service shop\n  vipswap rollback --service shop",
		flags:   func(*cobra.Command) {},
	}))
}

func (p *program) suspendCommand() *cobra.Command {
	var yes bool
	return p.slotCommand(statusChange(management.StatusSuspended, &yes, slotChange{
		use:   "suspend SLOT",
		short: "Stop all instances of the deployment in a slot",
		long: `Suspend stops all instances of a deployment; it keeps its slot, its address and its
configuration. Suspending production ends the service for its users, so it wants
--yes.`,
		example: "  vipswap suspend staging --service shop\n  vipswap suspend production --service shop --yes",
		flags: func(c *cobra.Command) {
			c.Flags().BoolVar(&yes, "yes", false, "suspend production, too")
		},
	}))
}
