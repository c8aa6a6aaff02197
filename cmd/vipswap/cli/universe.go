package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/universe"
)

func (p *program) universeCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "universe",
		Short: "Create, list, show, reset and delete universes of an emulator",
		Long: `A universe is one subscription of a running emulator, with a state, a clock, a
seed, faults and a journal of its own. Tests that run at the same time take one
each; creating one costs next to nothing.`,
		Example: "  vipswap universe create --clock auto --seed 7\n  vipswap universe list",
	}
	return p.group(c, p.universeCreateCommand(), p.universeListCommand(), p.universeShowCommand(), p.universeResetCommand(), p.universeDeleteCommand())
}

// universeFlags say what a universe is to be made of.
type universeFlags struct {
	controlFlags
	spec         universe.Spec
	seed         uint64
	strict       bool
	clock, auth  choice
	cores        int
	services     int
	accounts     int
	throttle     int
	settingsFile string
}

func (p *program) universeCreateCommand() *cobra.Command {
	f := universeFlags{
		clock: choice{"", []string{"real", "auto", "manual"}},
		auth:  choice{"", []string{"certificate", "token", "none"}},
	}
	c := &cobra.Command{
		Use:   "create",
		Short: "Create a universe",
		Long: `Create makes an empty universe. What is not given is as the emulator was started.
--publish-settings writes a file that lets a client into this universe alone.` + controlHelp,
		Example: `  vipswap universe create
  vipswap universe create --name "pull request 17" --clock auto --seed 7 --publish-settings pr17.publishsettings
  export VIPSWAP_SUBSCRIPTION_ID="$(vipswap universe create --clock auto --output json | jq -r .id)"`,
		Args: takes(),
	}
	flags := c.Flags()
	f.register(flags)
	flags.StringVar(&f.spec.ID, "id", "", "the `GUID` of the subscription; by default a new one")
	flags.StringVar(&f.spec.Name, "name", "", "a `TEXT` for people")
	flags.Uint64Var(&f.seed, "seed", 0, "seed of identifiers, faults and jitter")
	flags.Var(&f.clock, "clock", "how time passes")
	flags.Float64Var(&f.spec.Speed, "speed", 0, "with the real clock: seconds in the cloud for one here")
	flags.BoolVar(&f.strict, "strict", false, "enforce rules that are documented but were not enforced")
	flags.Var(&f.auth, "auth", "who is let in beside the holders of management certificates: nobody, the bearer of a token, everyone")
	flags.StringVar(&f.spec.BearerToken, "bearer-token", "", "the one bearer `TOKEN` that is let in, with --auth token")
	flags.IntVar(&f.cores, "quota-cores", 0, "how many cores the subscription may use")
	flags.IntVar(&f.services, "quota-services", 0, "how many cloud services it may have")
	flags.IntVar(&f.accounts, "quota-storage-accounts", 0, "how many storage accounts it may have")
	flags.IntVar(&f.throttle, "throttle", 0, "how many requests are answered in five minutes; 0 is any number")
	flags.StringVar(&f.settingsFile, "publish-settings", "", "write publish settings with a certificate of the universe's own to `FILE`")
	c.RunE = p.action(p.controlling(&f.controlFlags, func(ctx context.Context, k *controller, _ []string) error {
		return p.universeCreate(ctx, k, f.complete(flags), f.settingsFile)
	}))
	return c
}

// complete returns what the flags ask for; only those that are given count.
func (f *universeFlags) complete(flags *pflag.FlagSet) universe.Spec {
	spec := f.spec
	spec.Clock, spec.Authentication = cloud.ClockMode(f.clock.value), cloud.AccessMode(f.auth.value)
	if flags.Changed("seed") {
		spec.Seed = &f.seed
	}
	if flags.Changed("strict") {
		spec.Strict = &f.strict
	}
	quotas := universe.Quotas{}
	for name, q := range map[string]struct {
		to   **int
		from *int
	}{
		"quota-cores": {&quotas.Cores, &f.cores}, "quota-services": {&quotas.Services, &f.services},
		"quota-storage-accounts": {&quotas.StorageAccounts, &f.accounts}, "throttle": {&quotas.Requests, &f.throttle},
	} {
		if flags.Changed(name) {
			*q.to = q.from
			spec.Quotas = &quotas
		}
	}
	return spec
}

func (p *program) universeCreate(ctx context.Context, k *controller, spec universe.Spec, settingsFile string) error {
	made, err := k.CreateUniverse(ctx, spec)
	if err != nil {
		return err
	}
	if settingsFile != "" {
		secret, err := k.Credentials(ctx, made.ID)
		if err != nil {
			return err
		}
		if err := writeFile(settingsFile, []byte(secret.PublishSettings)); err != nil {
			return usage("", "universe create: --publish-settings: %w", err)
		}
	}
	return p.showUniverse(made)
}

func (p *program) showUniverse(info universe.Info) error {
	return p.show(info, func(w io.Writer) {
		s := p.style(w)
		t := table{}
		for _, row := range [][2]string{
			{"universe", info.ID}, {"name", info.Name}, {"seed", fmt.Sprint(info.Seed)},
			{"clock", clockWords(info.Clock) + ", " + cloudTime(info.Clock.Now)}, {"pending", fmt.Sprint(info.Clock.Pending)},
			{"services", fmt.Sprint(info.Services)}, {"operations in progress", fmt.Sprint(info.InProgress)},
			{"requests", fmt.Sprint(info.Requests)}, {"management API", info.ManagementURL}, {"blob endpoint", info.BlobURL},
		} {
			t.add(cell{row[0], s.dim}, plain(row[1]))
		}
		t.write(w)
	})
}

func (p *program) universeListCommand() *cobra.Command {
	var f controlFlags
	c := &cobra.Command{
		Use:     "list",
		Short:   "List the universes of the emulator",
		Long:    "List prints the universes of the emulator with their clocks." + controlHelp,
		Example: "  vipswap universe list\n  vipswap universe list --output json",
		Args:    takes(),
	}
	f.register(c.Flags())
	c.RunE = p.action(p.controlling(&f, func(ctx context.Context, k *controller, _ []string) error {
		all, err := k.Universes(ctx)
		if err != nil {
			return err
		}
		return p.show(all, func(w io.Writer) {
			t := table{}
			t.head(p.style(w), "UNIVERSE", "NAME", "CLOCK", "TIME", "SERVICES", "IN PROGRESS", "REQUESTS")
			for _, u := range all {
				t.add(plain(u.ID), plain(u.Name), plain(clockWords(u.Clock)), plain(cloudTime(u.Clock.Now)),
					plain(fmt.Sprint(u.Services)), plain(fmt.Sprint(u.InProgress)), plain(fmt.Sprint(u.Requests)))
			}
			t.write(w)
		})
	}))
	return c
}

func (p *program) universeShowCommand() *cobra.Command {
	var f controlFlags
	c := &cobra.Command{
		Use:     "show",
		Short:   "Show a universe",
		Long:    "Show prints how a universe stands." + universeHelp,
		Example: "  vipswap universe show\n  vipswap universe show --universe 5ae1c0de-0b1e-4e9e-8a5e-b10e9ee75afe --output json",
		Args:    takes(),
	}
	f.registerUniverse(c.Flags())
	c.RunE = p.action(p.onUniverse(&f, func(ctx context.Context, k *controller, _ []string) error {
		info, err := k.Universe(ctx, k.universe)
		if err != nil {
			return err
		}
		return p.showUniverse(info)
	}))
	return c
}

func (p *program) universeResetCommand() *cobra.Command {
	var f controlFlags
	c := &cobra.Command{
		Use:   "reset",
		Short: "Empty a universe",
		Long: `Reset makes a universe what it was when it was created: empty, with its seed,
settings and credentials, at the beginning of its time. Its journal begins anew.` + universeHelp,
		Example: "  vipswap universe reset",
		Args:    takes(),
	}
	f.registerUniverse(c.Flags())
	c.RunE = p.action(p.onUniverse(&f, func(ctx context.Context, k *controller, _ []string) error {
		info, err := k.ResetUniverse(ctx, k.universe)
		if err != nil {
			return err
		}
		return p.showUniverse(info)
	}))
	return c
}

func (p *program) universeDeleteCommand() *cobra.Command {
	var f controlFlags
	c := &cobra.Command{
		Use:   "delete ID",
		Short: "Delete a universe",
		Long: `Delete makes the emulator forget a universe with all that it holds. The
subscriptions that the emulator was started with stay.` + controlHelp,
		Example: "  vipswap universe delete 4d8f8996-4ebe-4340-a097-d1b1f01e7932",
		Args:    takes("the id"),
	}
	f.register(c.Flags())
	c.RunE = p.action(p.controlling(&f, func(ctx context.Context, k *controller, args []string) error {
		if err := k.DeleteUniverse(ctx, args[0]); err != nil {
			return err
		}
		return p.show(map[string]string{"deleted": args[0]}, func(w io.Writer) { fmt.Fprintf(w, "universe %s: deleted\n", args[0]) })
	}))
	return c
}
