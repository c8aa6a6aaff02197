package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/management"
	"github.com/vipswap/vipswap/deployer/storage"
)

// The ways of --lock.
const (
	lockAuto   = "auto"
	lockAlways = "always"
	lockNever  = "never"
)

// lockFlags say whether and where a run locks its service.
type lockFlags struct {
	way     choice
	account string
}

func (f *lockFlags) register(flags *pflag.FlagSet) {
	f.way = choice{lockAuto, []string{lockAuto, lockAlways, lockNever}}
	flags.Var(&f.way, "lock", "keep others from changing the service meanwhile, by a lease on a blob; auto: if the subscription has a storage account")
	f.registerAccount(flags)
}

func (f *lockFlags) registerAccount(flags *pflag.FlagSet) {
	flags.StringVar(&f.account, "lock-account", "", "keep locks in the storage account with this `NAME`; default: the subscription's first by name")
}

// lockID returns the id under which a job locks its service. That of a release's
// deployment comes from its plan, which the history keeps.
func lockID(j job) string {
	if j.journal != nil && j.plan.ID != "" {
		return storage.LockID(j.plan.ID)
	}
	return storage.LockID(rand.Text())
}

// renewEvery is how old a lock may get before it is renewed.
const renewEvery = storage.LockTime / 4

// A heldLock is the lock of a run; without one it is always held.
type heldLock struct {
	lock    *storage.Lock // nil without one
	now     func() time.Time
	renewed time.Time
}

// Check asks the storage account whether the lock is held.
func (h *heldLock) Check(ctx context.Context) error {
	if h.lock == nil {
		return nil
	}
	if err := h.lock.Renew(ctx); err != nil {
		return err
	}
	h.renewed = h.now()
	return nil
}

// Keep renews a lock that gets old. Only a lock that was lost is an error.
func (h *heldLock) Keep(ctx context.Context) error {
	if h.lock == nil || h.now().Sub(h.renewed) < renewEvery {
		return nil
	}
	var lost *storage.LockLostError
	if err := h.Check(ctx); errors.As(err, &lost) {
		return err
	}
	return nil
}

func (h *heldLock) release(ctx context.Context) error {
	if h.lock == nil {
		return nil
	}
	return h.lock.Release(context.WithoutCancel(ctx))
}

// lock locks the service of a plan as the flags say.
func (p *program) lock(ctx context.Context, conn *connection, plan deployer.Plan, id string) (*heldLock, error) {
	none, f := &heldLock{now: time.Now}, p.locking
	if f.way.value == lockNever {
		return none, nil
	}
	place, err := conn.lockPlace(ctx, f.account, plan.Service)
	switch {
	case err != nil:
		return nil, fmt.Errorf("lock %s: %w", plan.Service, err)
	case place == nil && f.way.value == lockAlways:
		return nil, refused("--lock-account NAME names one", "%s cannot be locked: the subscription has no storage account", plan.Service)
	case place == nil:
		return none, nil
	}
	lock, err := conn.uploader.AcquireLock(ctx, *place, id, storage.Owner{Who: p.whoami(), Command: plan.Action, Since: time.Now().UTC().Truncate(time.Second)})
	if err != nil {
		return p.unlocked(plan, none, err)
	}
	return &heldLock{lock: lock, now: time.Now, renewed: time.Now()}, nil
}

// unlocked goes on without a lock, with a warning, when the storage account cannot
// be reached and nobody insisted.
func (p *program) unlocked(plan deployer.Plan, none *heldLock, err error) (*heldLock, error) {
	var failure *storage.Error
	if p.locking.way.value == lockAuto && errors.As(err, &failure) && failure.Status == 0 {
		p.warning(fmt.Sprintf("%s is not locked: %v", plan.Service, err))
		return none, nil
	}
	return nil, err
}

func isLocked(err error) bool {
	var locked *storage.LockedError
	return errors.As(err, &locked)
}

// lockPlace returns where the lock of a service is, or nil when there is no
// account. Without a name it is the first account, so that all machines take the
// same one.
func (c *connection) lockPlace(ctx context.Context, named, service string) (*storage.LockPlace, error) {
	all, err := c.StorageAccounts(ctx)
	if err != nil {
		return nil, err
	}
	if named != "" {
		all = slices.DeleteFunc(all, func(a management.StorageAccount) bool { return !equalFold(a.Name, named) })
		if len(all) == 0 {
			return nil, usage("", "the subscription has no storage account %s", named)
		}
	}
	if len(all) == 0 {
		return nil, nil
	}
	first := slices.MinFunc(all, func(a, b management.StorageAccount) int { return strings.Compare(a.Name, b.Name) })
	keys, err := c.StorageKeys(ctx, first.Name)
	if err != nil {
		return nil, err
	}
	return &storage.LockPlace{Endpoint: first.BlobEndpoint, Account: first.Name, Key: keys.Primary, Service: service}, nil
}

func (p *program) lockCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "lock",
		Short: "Show or break the lock on a cloud service",
		Long: `A deployer locks the service that it changes: it takes a lease on a blob in a
storage account of the subscription and renews it while it is at work. Others are
refused meanwhile. One that loses its lock stops before its next change. VIPSWAP_WHO
says who it is; otherwise that is the user, the machine and the process.`,
		Example: "  vipswap lock show shop\n  vipswap lock break shop",
	}
	return p.group(c, p.lockShowCommand(), p.lockBreakCommand())
}

// lockView is a lock as JSON.
type lockView struct {
	Service string `json:"service"`
	Account string `json:"account"`
	storage.LockState
}

func (p *program) lockShowCommand() *cobra.Command {
	return p.lockSubcommand("show", "Show who holds the lock on a cloud service",
		"Show says whether a service is locked, by whom, and since when.",
		func(ctx context.Context, conn *connection, place storage.LockPlace) error {
			state, err := conn.uploader.LockState(ctx, place)
			if err != nil {
				return err
			}
			return p.show(lockView{place.Service, place.Account, state}, func(w io.Writer) {
				if !state.Held {
					fmt.Fprintf(w, "%s is not locked\n", place.Service)
					return
				}
				fmt.Fprintf(w, "%s is locked by %s\nit ends within %s unless it is renewed; \"vipswap lock break\" takes it away\n", place.Service, state.Owner, storage.LockTime)
			})
		})
}

func (p *program) lockBreakCommand() *cobra.Command {
	return p.lockSubcommand("break", "Take the lock on a cloud service away",
		"Break takes the lock away from whoever holds it, at once. A deployer that is still\nat work stops before its next change; what the service has begun, it goes on with.",
		func(ctx context.Context, conn *connection, place storage.LockPlace) error {
			state, err := conn.uploader.LockState(ctx, place)
			if err != nil {
				return err
			}
			if err := conn.uploader.BreakLock(ctx, place); err != nil {
				return err
			}
			return p.show(lockView{place.Service, place.Account, state}, func(w io.Writer) {
				if !state.Held {
					fmt.Fprintf(w, "%s was not locked\n", place.Service)
					return
				}
				fmt.Fprintf(w, "%s was locked by %s: it is not any more\n", place.Service, state.Owner)
			})
		})
}

func (p *program) lockSubcommand(name, short, long string, do func(context.Context, *connection, storage.LockPlace) error) *cobra.Command {
	var f connectionFlags
	var locking lockFlags
	c := &cobra.Command{
		Use: name + " [SERVICE]", Short: short, Long: long + connectionHelp,
		Example: fmt.Sprintf("  vipswap lock %s shop\n  vipswap lock %s shop --output json", name, name),
		Args:    cobra.MaximumNArgs(1),
	}
	f.register(c.Flags())
	locking.registerAccount(c.Flags())
	c.RunE = p.action(func(ctx context.Context, args []string) error {
		at, err := p.place(strings.Join(args, ""), management.Production)
		if err != nil {
			return err
		}
		conn, err := p.connect(f)
		if err != nil {
			return err
		}
		if err := conn.requireService(ctx, at.service); err != nil {
			return err
		}
		place, err := conn.lockPlace(ctx, locking.account, at.service)
		if err == nil && place == nil {
			err = refused("", "the subscription has no storage account, so nothing is locked in it")
		}
		if err != nil {
			return fmt.Errorf("lock %s: %w", name, err)
		}
		return do(ctx, conn, *place)
	})
	return c
}
