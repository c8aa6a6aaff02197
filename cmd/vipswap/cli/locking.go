package cli

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/pflag"

	"github.com/vipswap/vipswap/deployer/locking"
	"github.com/vipswap/vipswap/deployer/provision"
)

// lockFlags say whether and where a run locks its service.
type lockFlags struct {
	way     choice
	account string
}

func (f *lockFlags) register(flags *pflag.FlagSet) {
	f.way = choice{string(locking.Auto), []string{string(locking.Auto), string(locking.Always), string(locking.Never)}}
	flags.Var(&f.way, "lock", "keep others from changing the service meanwhile, by a lease on a blob; auto: if there is a storage account, with a warning otherwise")
	flags.StringVar(&f.account, "lock-account", "", "take the lock in the storage account with this `NAME`; default: the subscription's first by name, or the one that is made for the package. A lock in any other is respected all the same")
}

// locker locks the services of a subscription.
func (p *program) locker(conn *connection) *locking.Locker {
	return &locking.Locker{Accounts: conn, Leases: locking.Blobs{Uploader: conn.uploader}, Warn: p.warning, Now: time.Now}
}

// wish says, as the flags have it, what is to be locked under an id, and what for.
func (p *program) wish(service, command, id string) locking.Wish {
	return locking.Wish{Service: service, ID: id, Who: p.whoami(), Command: command, Way: locking.Way(p.locking.way.value), Account: p.locking.account}
}

// lock takes the lock that is wished for. The account of a store, where packages go, can
// be made to hold it; store may be nil.
func (p *program) lock(ctx context.Context, conn *connection, w locking.Wish, store *provision.Account) (*locking.Held, error) {
	if store != nil {
		w.Makes = store
	}
	held, err := p.locker(conn).Lock(ctx, w)
	return held, lockFailure(err)
}

// lockFailure tells a wrong flag from a subscription that has no account to lock in.
func lockFailure(err error) error {
	var missing *locking.NoAccountError
	switch {
	case !errors.As(err, &missing):
		return err
	case missing.Name != "":
		return usage("", "%w", err)
	}
	return refused("a deployment makes the one that --account or the project names; --lock auto goes on without", "%w", err)
}
