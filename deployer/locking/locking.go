package locking

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/vipswap/vipswap/deployer/management"
	"github.com/vipswap/vipswap/deployer/storage"
)

// Accounts tells of the subscription's storage accounts. *management.Client has these
// methods.
type Accounts interface {
	StorageAccounts(ctx context.Context) ([]management.StorageAccount, error)
	StorageKeys(ctx context.Context, name string) (management.StorageKeys, error)
}

// A Maker makes the account that packages need, which can hold the lock as well.
type Maker interface {
	Name() string // of the account
	// Ensure returns the account, after making it where it is missing.
	Ensure(ctx context.Context) (management.StorageAccount, error)
}

// A Way says what is done about a lock that cannot be had, apart from one that
// somebody else holds. The zero value is Auto.
type Way string

// The ways to lock.
const (
	Auto   Way = "auto"   // without an account, or when one cannot be reached: go on, with a warning
	Always Way = "always" // it is an error
	Never  Way = "never"  // nothing is locked, and nobody's lock is heeded
)

// A Wish says what is to be locked, how, and by whom.
type Wish struct {
	Service string
	ID      string // see storage.LockID
	Who     string // user, machine and process
	Command string // what it is for
	Way     Way
	Account string // to take the lock in; "" chooses one
	Makes   Maker  // of the account for packages; nil when there are none
}

func (w Wish) lenient() bool { return w.Way == Auto || w.Way == "" }

// unable says what was tried; who holds the lock says enough.
func (w Wish) unable(err error) error {
	if isLocked(err) {
		return err
	}
	return fmt.Errorf("lock %s: %w", w.Service, err)
}

// A Locker locks the cloud services of one subscription.
type Locker struct {
	Accounts Accounts
	Leases   Leases
	Warn     func(words string) // hears what Auto goes past
	Now      func() time.Time   // by which locks get old
}

// A NoAccountError says that the subscription has no storage account of that name; ""
// is none at all.
type NoAccountError struct{ Name string }

// Error says which account is missing.
func (e *NoAccountError) Error() string {
	return strings.TrimRight("the subscription has no storage account "+e.Name, " ")
}

// Lock locks a service. The error is a [*storage.LockedError] when somebody else has
// it locked in any of the accounts, a [*NoAccountError] when there is none to lock it
// in, else one of the ports. Where the way of the wish lets it go on without a lock, what
// it returns is held, but is the lock of nothing.
func (l *Locker) Lock(ctx context.Context, w Wish) (*Held, error) {
	if w.Way == Never {
		return &Held{}, nil
	}
	place, err := l.choose(ctx, w)
	switch {
	case err != nil:
		return nil, w.unable(err)
	case place == nil && !w.lenient():
		return nil, fmt.Errorf("%s cannot be locked: %w", w.Service, &NoAccountError{})
	case place == nil:
		l.Warn(fmt.Sprintf("%s is not locked: %v", w.Service, &NoAccountError{}))
		return &Held{}, nil
	}
	held, err := l.take(ctx, *place, w)
	if err != nil {
		return nil, err
	}
	if err := l.refuse(ctx, w, place.Account); err != nil {
		return nil, errors.Join(w.unable(err), held.Release(ctx))
	}
	return held, nil
}

// Do does something while a service is locked, and keeps the lock up meanwhile. The
// error is that of Lock, or those of do and of giving the lock up.
func (l *Locker) Do(ctx context.Context, w Wish, do func() error) error {
	held, err := l.Lock(ctx, w)
	if err != nil {
		return err
	}
	held.KeepUp(ctx)
	return errors.Join(do(), held.Release(ctx))
}

// GiveUp gives up the lock that a process left behind under the id of the wish, in
// whatever account it is. One that is somebody else's by now stays, and is no error.
func (l *Locker) GiveUp(ctx context.Context, w Wish) error {
	if w.Way == Never {
		return nil
	}
	if err := l.refuse(ctx, w, ""); !isLocked(err) {
		return err
	}
	return nil
}

// take takes the lock in one account. It goes on without, with a warning, when the
// account cannot be reached and nobody insists.
func (l *Locker) take(ctx context.Context, place storage.LockPlace, w Wish) (*Held, error) {
	lease, err := l.Leases.Acquire(ctx, place, w.ID, l.owner(w))
	var failure *storage.Error
	switch {
	case err == nil:
		return &Held{lease: lease, account: place.Account, now: l.Now, renewed: l.Now()}, nil
	case w.lenient() && errors.As(err, &failure) && failure.Status == 0:
		l.Warn(fmt.Sprintf("%s is not locked: %v", w.Service, err))
		return &Held{}, nil
	}
	return nil, err
}

// refuse looks into all storage accounts but one for a lock of somebody else. An
// account that does not let anybody look is a warning, unless somebody insists on the lock.
func (l *Locker) refuse(ctx context.Context, w Wish, but string) error {
	accounts, err := l.usable(ctx)
	if err != nil {
		return err
	}
	for _, a := range accounts {
		if strings.EqualFold(a.Name, but) {
			continue
		}
		err := l.refuseIn(ctx, a, w)
		var failure *storage.Error
		switch {
		case err == nil:
		case w.lenient() && errors.As(err, &failure) && ctx.Err() == nil:
			l.Warn(fmt.Sprintf("whether %s is locked in storage account %s is not known: %v", w.Service, a.Name, err))
		default:
			return err
		}
	}
	return nil
}

// refuseIn refuses when a service is locked in an account by somebody else. A lock
// under the same id is given up: it is of a process that died.
func (l *Locker) refuseIn(ctx context.Context, a management.StorageAccount, w Wish) error {
	place, err := l.placeIn(ctx, a, w.Service)
	if management.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	state, err := l.Leases.State(ctx, place)
	if err != nil || !state.Held {
		return err
	}
	lease, err := l.Leases.Acquire(ctx, place, w.ID, l.owner(w))
	if err != nil {
		return err
	}
	return lease.Release(ctx)
}

func (l *Locker) owner(w Wish) storage.Owner {
	return storage.Owner{Who: w.Who, Command: w.Command, Since: l.Now().UTC().Truncate(time.Second)}
}

func isLocked(err error) bool {
	var locked *storage.LockedError
	return errors.As(err, &locked)
}
