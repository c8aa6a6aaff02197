package locking

import (
	"context"

	"github.com/vipswap/vipswap/deployer/storage"
)

// Leases grants locks, each in a place of its own. [Blobs] is one.
type Leases interface {
	// Acquire takes a lock under an id, or takes it over from whoever has it under the
	// same id. The error is a *storage.LockedError when somebody else holds it, and a
	// *storage.Error when the account cannot be used.
	Acquire(ctx context.Context, p storage.LockPlace, id string, owner storage.Owner) (Lease, error)
	// State looks at a lock. One that was never taken is not held.
	State(ctx context.Context, p storage.LockPlace) (storage.LockState, error)
	// Break takes a lock away from whoever holds it. One that nobody holds is no error.
	Break(ctx context.Context, p storage.LockPlace) error
}

// A Lease is a lock that was taken. *storage.Lock is one. It is used by one goroutine
// at a time.
type Lease interface {
	// Renew makes it last for storage.LockTime from now. The error is a
	// *storage.LockLostError when it is not held any more.
	Renew(ctx context.Context) error
	// Release gives it up. One that was lost is no error.
	Release(ctx context.Context) error
}

// Blobs grants locks as leases on blobs.
type Blobs struct{ Uploader *storage.Uploader }

// Acquire is [storage.Uploader.AcquireLock].
func (b Blobs) Acquire(ctx context.Context, p storage.LockPlace, id string, owner storage.Owner) (Lease, error) {
	lock, err := b.Uploader.AcquireLock(ctx, p, id, owner)
	if err != nil {
		return nil, err
	}
	return lock, nil
}

// State is [storage.Uploader.LockState].
func (b Blobs) State(ctx context.Context, p storage.LockPlace) (storage.LockState, error) {
	return b.Uploader.LockState(ctx, p)
}

// Break is [storage.Uploader.BreakLock].
func (b Blobs) Break(ctx context.Context, p storage.LockPlace) error {
	return b.Uploader.BreakLock(ctx, p)
}
