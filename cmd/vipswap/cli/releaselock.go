package cli

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/vipswap/vipswap/deployer/provision"
	"github.com/vipswap/vipswap/deployer/release"
	"github.com/vipswap/vipswap/deployer/storage"
)

// lockEntry is the step of the history under which it is kept how a deployment locks
// its service, so that a process that goes on with it takes the lock over.
const lockEntry = "lock"

// A releaseLock is the detail of that entry.
type releaseLock struct {
	Service string `json:"service"`
	ID      string `json:"id"`
}

// lockOf returns how a deployment locks its service. Those of older versions locked it
// under the id of their plan.
func lockOf(d release.Deployment) (releaseLock, bool) {
	for _, e := range d.Journal {
		var l releaseLock
		if e.Step == lockEntry && json.Unmarshal([]byte(e.Detail), &l) == nil {
			return l, true
		}
	}
	plan, planned, err := storedPlan(d)
	if err != nil || !planned {
		return releaseLock{}, false
	}
	return releaseLock{plan.Service, storage.LockID(plan.ID)}, true
}

// begunNothing reports whether a deployment that was cut off had come to no step.
func begunNothing(d release.Deployment) bool {
	return !slices.ContainsFunc(d.Journal, func(e release.Entry) bool { return e.Step != lockEntry })
}

// lockFor locks the service for a deployment with all its steps, until unlock. The lock is
// renewed meanwhile.
func (s *session) lockFor(ctx context.Context, d release.Deployment, service string, store *provision.Account) error {
	l, known := lockOf(d)
	if !known {
		l = releaseLock{service, storage.LockID(rand.Text())}
		data, err := json.Marshal(l)
		if err == nil {
			err = s.history.RecordDone(d.ID, lockEntry, string(data))
		}
		if err != nil {
			return err
		}
	}
	held, err := s.lock(ctx, s.conn, s.wish(service, fmt.Sprintf("release %s to %s", d.Release, d.Environment), l.ID), store)
	if err != nil {
		return err
	}
	held.KeepUp(ctx)
	s.held = held
	return nil
}

// mayChange refuses when the lock was lost.
func (s *session) mayChange(ctx context.Context) error {
	if s.held == nil {
		return nil
	}
	return s.held.Check(ctx)
}

// unlock gives the lock up that lockFor took, if there is one. It ends by itself when that
// fails, which is no failure of the deployment.
func (s *session) unlock(ctx context.Context) {
	if s.held == nil {
		return
	}
	if err := s.held.Release(ctx); err != nil {
		s.warning(fmt.Sprintf("the lock ends within %s by itself: %v", storage.LockTime, err))
	}
	s.held = nil
}

// unlockCutOff gives up the lock of a deployment that was cut off, and that nobody goes on
// with. One that is somebody else's by now stays.
func (s *session) unlockCutOff(ctx context.Context, d release.Deployment) error {
	l, known := lockOf(d)
	if !known {
		return nil
	}
	return s.locker(s.conn).GiveUp(ctx, s.wish(l.Service, "abandon", l.ID))
}
