package cli

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/spf13/pflag"

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
	flags.Var(&f.way, "lock", "keep others from changing the service meanwhile, by a lease on a blob; auto: if there is a storage account, with a warning otherwise")
	flags.StringVar(&f.account, "lock-account", "", "take the lock in the storage account with this `NAME`; default: the subscription's first by name, or the one that is made for the package. A lock in any other is respected all the same")
}

// renewEvery is how old a lock may get before it is renewed.
const renewEvery = storage.LockTime / 4

// A heldLock is the lock of a run; without one it is always held.
type heldLock struct {
	mu      sync.Mutex
	lock    *storage.Lock // nil without one
	now     func() time.Time
	renewed time.Time
	stop    func() // ends what keepUp began; nil without
}

// keepUp looks every so often, until the lock is released, whether it has to be renewed,
// for what does not call Keep. One that is lost is found out by the next Check.
func (h *heldLock) keepUp(ctx context.Context, every time.Duration) {
	if h.lock == nil {
		return
	}
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	h.stop = func() { cancel(); <-ended }
	go func() { // ends with ctx
		defer close(ended)
		ticker := time.NewTicker(every)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
				_ = h.Keep(ctx)
			}
		}
	}()
}

// Check asks the storage account whether the lock is held.
func (h *heldLock) Check(ctx context.Context) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.renew(ctx)
}

func (h *heldLock) renew(ctx context.Context) error {
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
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.lock == nil || h.now().Sub(h.renewed) < renewEvery {
		return nil
	}
	var lost *storage.LockLostError
	if err := h.renew(ctx); errors.As(err, &lost) {
		return err
	}
	return nil
}

func (h *heldLock) release(ctx context.Context) error {
	if h.lock == nil {
		return nil
	}
	if h.stop != nil {
		h.stop()
	}
	return h.lock.Release(context.WithoutCancel(ctx))
}

// A lockWish says what is to be locked, and by whom.
type lockWish struct {
	service, command string
	id               string        // see storage.LockID
	store            *accountStore // for packages, which can be made to hold the lock; nil without one
}

// unable says what was tried; who holds the lock says enough.
func (w lockWish) unable(err error) error {
	if isLocked(err) {
		return err
	}
	return fmt.Errorf("lock %s: %w", w.service, err)
}

func (p *program) lockOwner(w lockWish) storage.Owner {
	return storage.Owner{Who: p.whoami(), Command: w.command, Since: time.Now().UTC().Truncate(time.Second)}
}

// lock locks a service as the flags say. Accounts come and go, and others may have
// chosen another one: so the lock is taken first, and then all other accounts are looked
// into. Of two that begin at once at least one sees the other's lock.
func (p *program) lock(ctx context.Context, conn *connection, w lockWish) (*heldLock, error) {
	none, f := &heldLock{now: time.Now}, p.locking
	if f.way.value == lockNever {
		return none, nil
	}
	place, err := p.lockPlace(ctx, conn, f.account, w)
	switch {
	case err != nil:
		return nil, w.unable(err)
	case place == nil && f.way.value == lockAlways:
		return nil, refused("a deployment makes the one that --account or the project names; --lock auto goes on without", "%s cannot be locked: the subscription has no storage account", w.service)
	case place == nil:
		p.warning(w.service + " is not locked: the subscription has no storage account")
		return none, nil
	}
	held, err := p.lockAt(ctx, conn, *place, w)
	if err != nil {
		return nil, err
	}
	if err := p.refuseLocked(ctx, conn, w, place.Account); err != nil {
		return nil, errors.Join(w.unable(err), held.release(ctx))
	}
	return held, nil
}

// locked does something while a service is locked.
func (p *program) locked(ctx context.Context, conn *connection, w lockWish, do func() error) error {
	held, err := p.lock(ctx, conn, w)
	if err != nil {
		return err
	}
	held.keepUp(ctx, renewEvery/2)
	return errors.Join(do(), held.release(ctx))
}

// lockAt takes the lock in one account. It goes on without, with a warning, when the
// account cannot be reached and nobody insisted.
func (p *program) lockAt(ctx context.Context, conn *connection, place storage.LockPlace, w lockWish) (*heldLock, error) {
	lock, err := conn.uploader.AcquireLock(ctx, place, w.id, p.lockOwner(w))
	var failure *storage.Error
	switch {
	case err == nil:
		return &heldLock{lock: lock, now: time.Now, renewed: time.Now()}, nil
	case p.locking.way.value == lockAuto && errors.As(err, &failure) && failure.Status == 0:
		p.warning(fmt.Sprintf("%s is not locked: %v", w.service, err))
		return &heldLock{now: time.Now}, nil
	}
	return nil, err
}

// refuseLocked looks into all storage accounts but one for a lock of somebody else. An
// account that does not let anybody look is a warning, unless somebody insisted on the lock.
func (p *program) refuseLocked(ctx context.Context, conn *connection, w lockWish, but string) error {
	accounts, err := conn.lockAccounts(ctx)
	if err != nil {
		return err
	}
	for _, a := range accounts {
		if equalFold(a.Name, but) {
			continue
		}
		err := conn.refuseLockedIn(ctx, a, w.service, w.id, p.lockOwner(w))
		var failure *storage.Error
		switch {
		case err == nil:
		case p.locking.way.value == lockAuto && errors.As(err, &failure) && ctx.Err() == nil:
			p.warning(fmt.Sprintf("whether %s is locked in storage account %s is not known: %v", w.service, a.Name, err))
		default:
			return err
		}
	}
	return nil
}

func isLocked(err error) bool {
	var locked *storage.LockedError
	return errors.As(err, &locked)
}
