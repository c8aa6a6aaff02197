package locking

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/vipswap/vipswap/deployer/storage"
)

// renewEvery is how old a lock may get before it is renewed.
const renewEvery = storage.LockTime / 4

// A Held is a lock that is held, or nothing that needs none: the zero value. It is a
// deployer.Lock, and safe for use by several goroutines.
type Held struct {
	account string

	mu      sync.Mutex
	lease   Lease // nil without one
	now     func() time.Time
	renewed time.Time
	stop    func() // ends what KeepUp began; nil without
}

// Account returns the storage account that the lock is in, or "".
func (h *Held) Account() string { return h.account }

// KeepUp looks every so often, until the lock is released or ctx ends, whether it has
// to be renewed, for what does not call Keep. One that is lost is found out by the next
// Check. It is called once, by the goroutine that releases the lock.
func (h *Held) KeepUp(ctx context.Context) {
	if h.lease == nil {
		return
	}
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	h.stop = func() { cancel(); <-ended }
	go func() { // ends with ctx
		defer close(ended)
		ticker := time.NewTicker(renewEvery / 2)
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

// Check renews the lock. The error is a [*storage.LockLostError] when it is not held
// any more, and another when the storage account does not say.
func (h *Held) Check(ctx context.Context) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.renew(ctx)
}

func (h *Held) renew(ctx context.Context) error {
	if h.lease == nil {
		return nil
	}
	if err := h.lease.Renew(ctx); err != nil {
		return err
	}
	h.renewed = h.now()
	return nil
}

// Keep renews a lock that gets old. Only a lock that was lost is an error, a
// [*storage.LockLostError].
func (h *Held) Keep(ctx context.Context) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.lease == nil || h.now().Sub(h.renewed) < renewEvery {
		return nil
	}
	var lost *storage.LockLostError
	if err := h.renew(ctx); errors.As(err, &lost) {
		return err
	}
	return nil
}

// Release gives the lock up, even when ctx has ended, and waits until nothing renews it
// any more. One that was lost is no error; after any other it ends by itself within
// storage.LockTime.
func (h *Held) Release(ctx context.Context) error {
	if h.lease == nil {
		return nil
	}
	if h.stop != nil {
		h.stop()
	}
	return h.lease.Release(context.WithoutCancel(ctx))
}
