package storage

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/lease"
)

// LockContainer is where locks are, one blob for each cloud service.
const LockContainer = "vipswap-locks"

// LockTime is how long a lock lasts without being renewed: the longest that the
// service grants to a lease that ends by itself (Microsoft's page for Lease Blob).
const LockTime = 60 * time.Second

// maxOwner bounds what is read of an owner, in bytes.
const maxOwner = 64 << 10

// An Owner says who holds a lock. It is written into the lock's blob.
type Owner struct {
	Who     string    `json:"who"`     // user, machine and process
	Command string    `json:"command"` // what it does
	Since   time.Time `json:"since"`
}

// String names the owner in one line.
func (o Owner) String() string {
	if o.Who == "" {
		return "somebody who left no name"
	}
	return fmt.Sprintf("%s (%s, since %s)", o.Who, o.Command, o.Since.UTC().Format(time.RFC3339))
}

// A LockPlace says which lock is meant.
type LockPlace struct {
	Endpoint string // of the blob service, as in UploadRequest
	Account  string
	Key      string // in base64; never in an error
	Service  string // the cloud service that is locked
}

// A Lock is a lease on a blob: whoever has it may change the cloud service. It is
// not safe for use by several goroutines.
type Lock struct {
	lease *lease.BlobClient
	blob  *blockblob.Client
	place LockPlace
}

// A LockedError says that somebody else holds the lock.
type LockedError struct {
	Service string
	Owner   Owner
}

// Error names the owner, and what to do.
func (e *LockedError) Error() string {
	return fmt.Sprintf("%s is locked by %s\nhint: wait until that has finished; a lock that nobody renews ends within %s; \"vipswap lock break\" takes it away", e.Service, e.Owner, LockTime)
}

// A LockLostError says that a lock that was held is somebody else's now, or was
// taken away.
type LockLostError struct {
	Service string
	Code    string // the service's
}

// Error says that nothing more was changed.
func (e *LockLostError) Error() string {
	return fmt.Sprintf("the lock on %s was lost (%s): nothing more is changed\nhint: look at the slots, then make a new plan; \"vipswap lock show\" says who has the lock now", e.Service, e.Code)
}

// LockID makes an id for a lock from text. A process that knows the text can take
// the lock over from another that held it under the same id and died.
func LockID(text string) string {
	sum := sha256.Sum256([]byte(text))
	return fmt.Sprintf("%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}

// AcquireLock takes the lock under an id (see LockID) for LockTime. The error is a
// [*LockedError] when somebody else holds it, and an [*Error] when the account
// cannot be used.
func (u *Uploader) AcquireLock(ctx context.Context, p LockPlace, id string, owner Owner) (*Lock, error) {
	l, err := u.lock(p, id)
	if err != nil {
		return nil, err
	}
	if err := l.ensureBlob(ctx, u); err != nil {
		return nil, err
	}
	for range lockTries {
		var ended *Error
		if err = l.take(ctx, owner); err == nil {
			return l, nil
		}
		if !errors.As(err, &ended) || ended.Code != string(bloberror.LeaseLost) {
			break
		}
	}
	return nil, err
}

// lockTries is how often a lock is taken that ends before it is signed: on a machine
// that sleeps, or where the account's time runs faster.
const lockTries = 5

// take takes the lease and signs it.
func (l *Lock) take(ctx context.Context, owner Owner) error {
	_, err := l.lease.AcquireLease(ctx, int32(LockTime/time.Second), nil)
	switch {
	case bloberror.HasCode(err, bloberror.LeaseAlreadyPresent, bloberror.LeaseIsBreakingAndCannotBeAcquired):
		held, err := l.owner(ctx)
		if err != nil {
			return err
		}
		return &LockedError{Service: l.place.Service, Owner: held}
	case err != nil:
		return newError("take the lock", l.blob.URL(), err)
	}
	if err := l.sign(ctx, owner); err != nil {
		return errors.Join(err, l.Release(context.WithoutCancel(ctx)))
	}
	return nil
}

// lock prepares the clients; it calls nothing.
func (u *Uploader) lock(p LockPlace, id string) (*Lock, error) {
	c, err := u.container(p.Endpoint, p.Account, p.Key, LockContainer)
	if err != nil {
		return nil, err
	}
	b := c.NewBlockBlobClient(strings.ToLower(p.Service) + ".lock")
	leased, err := lease.NewBlobClient(b, &lease.BlobClientOptions{LeaseID: &id})
	if err != nil {
		return nil, err
	}
	return &Lock{lease: leased, blob: b, place: p}, nil
}

// ensureBlob makes the container and the blob, unless they are there.
func (l *Lock) ensureBlob(ctx context.Context, u *Uploader) error {
	c, err := u.container(l.place.Endpoint, l.place.Account, l.place.Key, LockContainer)
	if err != nil {
		return err
	}
	absent := &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: to.Ptr(azcore.ETagAny)}}
	put := func() error {
		_, err := l.blob.Upload(ctx, streaming.NopCloser(strings.NewReader("")), &blockblob.UploadOptions{AccessConditions: absent})
		return err
	}
	err = put()
	if bloberror.HasCode(err, bloberror.ContainerNotFound) {
		if _, err := c.Create(ctx, &container.CreateOptions{}); err != nil && !bloberror.HasCode(err, bloberror.ContainerAlreadyExists) {
			return newError("create container", c.URL(), err)
		}
		err = put()
	}
	if err != nil && !bloberror.HasCode(err, bloberror.BlobAlreadyExists, bloberror.LeaseIDMissing, bloberror.ConditionNotMet) {
		return newError("make the lock", l.blob.URL(), err)
	}
	return nil
}

// sign writes the owner into the blob.
func (l *Lock) sign(ctx context.Context, owner Owner) error {
	data, err := json.Marshal(owner)
	if err != nil {
		return err
	}
	_, err = l.blob.Upload(ctx, streaming.NopCloser(bytes.NewReader(data)), &blockblob.UploadOptions{
		AccessConditions: &blob.AccessConditions{LeaseAccessConditions: &blob.LeaseAccessConditions{LeaseID: l.lease.LeaseID()}},
	})
	if err != nil {
		return newError("sign the lock", l.blob.URL(), err)
	}
	return nil
}

// owner reads who signed the lock last.
func (l *Lock) owner(ctx context.Context) (Owner, error) {
	answer, err := l.blob.DownloadStream(ctx, nil)
	if err != nil {
		return Owner{}, newError("read the lock", l.blob.URL(), err)
	}
	defer answer.Body.Close()
	data, err := io.ReadAll(io.LimitReader(answer.Body, maxOwner))
	if err != nil {
		return Owner{}, newError("read the lock", l.blob.URL(), err)
	}
	var o Owner
	if json.Unmarshal(data, &o) != nil {
		return Owner{}, nil // a lock that somebody took and has not signed yet
	}
	return o, nil
}

// lost are the codes that say that the lease is not ours any more.
var lost = []bloberror.Code{
	bloberror.LeaseIDMismatchWithLeaseOperation, bloberror.LeaseIsBrokenAndCannotBeRenewed,
	bloberror.LeaseNotPresentWithLeaseOperation, bloberror.LeaseLost, bloberror.BlobNotFound, bloberror.ContainerNotFound,
}

// Renew makes the lock last for LockTime from now. The error is a
// [*LockLostError] when it is not held any more. A lock whose time is over and
// that nobody has taken since is still held.
func (l *Lock) Renew(ctx context.Context) error {
	_, err := l.lease.RenewLease(ctx, nil)
	switch {
	case err == nil:
		return nil
	case bloberror.HasCode(err, lost...):
		return &LockLostError{Service: l.place.Service, Code: newError("", "", err).Code}
	}
	return newError("renew the lock", l.blob.URL(), err)
}

// Release gives the lock up. One that was lost is no error.
func (l *Lock) Release(ctx context.Context) error {
	_, err := l.lease.ReleaseLease(ctx, nil)
	if err == nil || bloberror.HasCode(err, lost...) {
		return nil
	}
	return newError("give up the lock", l.blob.URL(), err)
}

// LockState says what is known of a lock.
type LockState struct {
	Held  bool   `json:"held"`
	State string `json:"state"` // the service's: available, leased, expired, breaking or broken
	Owner Owner  `json:"owner"` // the last one
}

// LockState looks at a lock. One that was never taken is available.
func (u *Uploader) LockState(ctx context.Context, p LockPlace) (LockState, error) {
	l, err := u.lock(p, LockID(""))
	if err != nil {
		return LockState{}, err
	}
	found, err := l.blob.GetProperties(ctx, nil)
	if missing(err) {
		return LockState{State: string(lease.StateTypeAvailable)}, nil
	}
	if err != nil {
		return LockState{}, newError("look at the lock", l.blob.URL(), err)
	}
	state := LockState{State: string(lease.StateTypeAvailable)}
	if found.LeaseState != nil {
		state.State = string(*found.LeaseState)
	}
	state.Held = state.State == string(lease.StateTypeLeased) || state.State == string(lease.StateTypeBreaking)
	state.Owner, err = l.owner(ctx)
	return state, err
}

// BreakLock takes the lock away from whoever holds it, at once. A lock that nobody
// holds is no error.
func (u *Uploader) BreakLock(ctx context.Context, p LockPlace) error {
	l, err := u.lock(p, LockID(""))
	if err != nil {
		return err
	}
	_, err = l.lease.BreakLease(ctx, &lease.BlobBreakOptions{BreakPeriod: to.Ptr(int32(0))})
	if err == nil || missing(err) || bloberror.HasCode(err, bloberror.LeaseNotPresentWithLeaseOperation) {
		return nil
	}
	return newError("break the lock", l.blob.URL(), err)
}
