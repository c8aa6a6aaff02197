package cli

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vipswap/vipswap/deployer/locking"
	"github.com/vipswap/vipswap/deployer/management"
	"github.com/vipswap/vipswap/deployer/storage"
)

func (p *program) lockCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "lock",
		Short: "Show or break the lock on a cloud service",
		Long: `A deployer locks the service that it changes: it takes a lease on a blob in a
storage account of the subscription and renews it while it is at work. Others, which
look in all accounts, are refused meanwhile. One that loses its lock stops before its
next change. VIPSWAP_WHO says who it is; otherwise that is the user, the machine and
the process.`,
		Example: "  vipswap lock show shop\n  vipswap lock break shop",
	}
	return p.group(c, p.lockShowCommand(), p.lockBreakCommand())
}

func (p *program) lockShowCommand() *cobra.Command {
	return p.lockSubcommand("show", "Show who holds the lock on a cloud service",
		"Show says whether a service is locked, by whom, and since when.",
		func(ctx context.Context, locker *locking.Locker, places []storage.LockPlace) error {
			v, err := locker.State(ctx, places)
			if err != nil {
				return err
			}
			return p.show(v, func(w io.Writer) {
				if !v.Held {
					fmt.Fprintf(w, "%s is not locked\n", v.Service)
					return
				}
				fmt.Fprintf(w, "%s is locked by %s\nit ends within %s unless it is renewed; \"vipswap lock break\" takes it away\n", v.Service, v.Owner, storage.LockTime)
			})
		})
}

func (p *program) lockBreakCommand() *cobra.Command {
	return p.lockSubcommand("break", "Take the lock on a cloud service away",
		"Break takes the lock away from whoever holds it, at once. A deployer that is still\nat work stops before its next change; what the service has begun, it goes on with.",
		func(ctx context.Context, locker *locking.Locker, places []storage.LockPlace) error {
			v, err := locker.Break(ctx, places)
			if err != nil {
				return err
			}
			return p.show(v, func(w io.Writer) {
				if !v.Held {
					fmt.Fprintf(w, "%s was not locked\n", v.Service)
					return
				}
				fmt.Fprintf(w, "%s was locked by %s: it is not any more\n", v.Service, v.Owner)
			})
		})
}

func (p *program) lockSubcommand(name, short, long string, do func(context.Context, *locking.Locker, []storage.LockPlace) error) *cobra.Command {
	var f connectionFlags
	var account string
	c := &cobra.Command{
		Use: name + " [SERVICE]", Short: short, Long: long + connectionHelp,
		Example: fmt.Sprintf("  vipswap lock %s shop\n  vipswap lock %s shop --output json", name, name),
		Args:    cobra.MaximumNArgs(1),
	}
	f.register(c.Flags())
	c.Flags().StringVar(&account, "lock-account", "", "look only in the storage account with this `NAME`; default: in all of the subscription")
	c.RunE = p.action(func(ctx context.Context, args []string) error {
		service, err := p.lockedService(name, strings.Join(args, ""))
		if err != nil {
			return err
		}
		conn, err := p.connect(f)
		if err != nil {
			return err
		}
		if err := conn.requireService(ctx, service); err != nil {
			return err
		}
		locker := p.locker(conn)
		places, err := locker.Places(ctx, account, service)
		if err == nil && len(places) == 0 {
			err = refused("", "the subscription has no storage account, so nothing is locked in it")
		}
		if err != nil {
			return fmt.Errorf("lock %s: %w", name, lockFailure(err))
		}
		return do(ctx, locker, places)
	})
	return c
}

// lockedService returns the service that is named, else the project's.
func (p *program) lockedService(command, named string) (string, error) {
	project, _, err := p.project()
	if named == "" && err == nil && project == nil {
		return "", usage(fmt.Sprintf("\"vipswap lock %s SERVICE\" names one; in the folder of a project it is the project's", command), "no cloud service is named")
	}
	at, err := p.place(named, management.Production)
	return at.service, err
}
