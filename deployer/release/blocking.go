package release

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"go.etcd.io/bbolt"
)

// A Block is a time in which a release must not progress. Octopus calls it an
// unresolved defect.
type Block struct {
	Reason string    `json:"reason"`
	Since  time.Time `json:"since"`
	Until  time.Time `json:"until,omitzero"` // zero while it holds
}

// Blocked returns why the release must not progress, or "".
func (r Release) Blocked() string {
	if n := len(r.Blocks); n > 0 && r.Blocks[n-1].Until.IsZero() {
		return r.Blocks[n-1].Reason
	}
	return ""
}

// ErrBlockState is wrapped by errors about a release that is blocked already,
// or is not.
var ErrBlockState = errors.New("nothing to change")

// BlockRelease keeps a release from progressing, for a reason, until
// [History.UnblockRelease]. Deployments of it that the lifecycle queued and
// nobody began are canceled in the same write and returned. What a blocked
// release may still do is told by [Lifecycle.Progress]. The error wraps
// [ErrNotFound] if there is no such release, and [ErrBlockState] if it is
// blocked already.
func (h *History) BlockRelease(number, reason string) (r Release, canceled []Deployment, err error) {
	if reason = strings.TrimSpace(reason); reason == "" {
		return r, nil, errors.New("block a release: a reason is missing")
	}
	r, err = h.changeRelease(number, func(tx *bbolt.Tx, r *Release) error {
		if b := r.Blocked(); b != "" {
			return fmt.Errorf("release %s is blocked already, because: %s: %w", r.Number, b, ErrBlockState)
		}
		now := h.now().UTC()
		r.Blocks = append(r.Blocks, Block{Reason: reason, Since: now})
		canceled, err = cancelAutomatic(tx, r.Number, now)
		return err
	})
	return r, canceled, err
}

// UnblockRelease lets a blocked release progress again. The error wraps
// [ErrNotFound] if there is no such release, and [ErrBlockState] if it is not
// blocked.
func (h *History) UnblockRelease(number string) (Release, error) {
	return h.changeRelease(number, func(_ *bbolt.Tx, r *Release) error {
		if r.Blocked() == "" {
			return fmt.Errorf("release %s is not blocked: %w", r.Number, ErrBlockState)
		}
		r.Blocks[len(r.Blocks)-1].Until = h.now().UTC()
		return nil
	})
}

// StillAllowed returns a *[NotAllowedError] when the release of a deployment that was
// begun has been blocked since, and may not go to its environment any more.
func (h *History) StillAllowed(d Deployment, l Lifecycle) error {
	facts, err := h.Facts(d.Release)
	if err != nil || facts.Blocked == "" {
		return err
	}
	if e, known := l.Progress(facts).Environment(d.Environment); known && !e.Allowed {
		return &NotAllowedError{Release: d.Release, Environment: d.Environment, Reason: e.Reason}
	}
	return nil
}

// cancelAutomatic gives up what the lifecycle wants of a release.
func cancelAutomatic(tx *bbolt.Tx, number string, now time.Time) ([]Deployment, error) {
	deployments, err := all[Deployment](tx, deploymentBucket)
	if err != nil {
		return nil, err
	}
	var canceled []Deployment
	for _, d := range deployments {
		if d.State != Queued || !d.Automatic || !sameNumber(d.Release, number) {
			continue
		}
		d.State, d.Finished, d.Error = Canceled, now, "the release was blocked"
		if err := save(tx, d); err != nil {
			return nil, err
		}
		canceled = append(canceled, d)
	}
	return canceled, nil
}

// changeRelease lets f change a release, and stores it.
func (h *History) changeRelease(number string, f func(*bbolt.Tx, *Release) error) (r Release, err error) {
	err = h.update(func(tx *bbolt.Tx) error {
		if r, err = findRelease(tx, number); err != nil {
			return err
		}
		if err := f(tx, &r); err != nil {
			return err
		}
		sequence, err := releaseSequence(tx, r.Number)
		if err != nil {
			return err
		}
		return put(tx.Bucket(releasesBucket), sequence, r)
	})
	return r, err
}
