package cli

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/universe"
)

func (p *program) stateCommand() *cobra.Command {
	var f controlFlags
	c := &cobra.Command{
		Use:   "state",
		Short: "Show what an emulator holds",
		Long: `State shows what a universe holds at present: services with their slots,
operations in progress, and what is due. As JSON it has everything, for
assertions: instances, finished operations, identifiers.` + universeHelp,
		Example: "  vipswap state\n  vipswap state --output json | jq '.services[0].production.deployment.label'",
		Args:    takes(),
	}
	f.registerUniverse(c.Flags())
	c.RunE = p.action(p.onUniverse(&f, func(ctx context.Context, k *controller, _ []string) error {
		state, err := k.State(ctx, k.universe)
		if err != nil {
			return err
		}
		return p.show(state, func(w io.Writer) { writeState(w, p.style(w), state) })
	}))
	return c
}

func writeState(w io.Writer, s style, state universe.State) {
	fmt.Fprintf(w, "%s in universe %s\n", s.bold(cloudTime(state.Now)), state.ID)
	t := table{}
	t.head(s, "SERVICE", "SLOT", "LABEL", "DEPLOYMENT", "STATUS", "READY")
	for _, service := range state.Services {
		for _, slot := range []struct {
			name string
			held universe.Slot
		}{{"production", service.Production}, {"staging", service.Staging}} {
			d := slot.held.Deployment
			if d == nil {
				t.add(plain(service.Name), plain(slot.name), cell{"(empty)", s.dim})
				continue
			}
			t.add(plain(service.Name), plain(slot.name), cell{d.Label, s.bold}, plain(d.Name), plain(string(d.Status)), plain(fmt.Sprintf("%d/%d", d.Ready, len(d.Instances))))
		}
	}
	if len(state.Services) > 0 {
		t.write(w)
	}
	if len(state.StorageAccounts) > 0 {
		fmt.Fprintf(w, "storage accounts: %s\n", strings.Join(state.StorageAccounts, ", "))
	}
	for _, op := range state.Operations {
		if op.Status == cloud.InProgress {
			fmt.Fprintf(w, "in progress: %s %s (%s)\n", op.Kind, op.Service, op.ID)
		}
	}
	if len(state.Due) > 0 {
		fmt.Fprintf(w, "due: %d, the next at %s (%s)\n", len(state.Due), cloudTime(state.Due[0].At), state.Due[0].Kind)
	}
}
