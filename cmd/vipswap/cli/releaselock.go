package cli

import (
	"context"
	"crypto/rand"
	"fmt"

	"github.com/vipswap/vipswap/deployer/provision"
	"github.com/vipswap/vipswap/deployer/release"
	"github.com/vipswap/vipswap/deployer/release/journal"
	"github.com/vipswap/vipswap/deployer/storage"
)

// lockFor locks the service for a deployment with all its steps, until unlock. The lock is
// renewed meanwhile.
func (s *session) lockFor(ctx context.Context, d release.Deployment, service string, store *provision.Account) error {
	l, known := journal.LockOf(d)
	if !known {
		l = journal.Lock{Service: service, ID: storage.LockID(rand.Text())}
		if err := journal.RecordLock(s.history, d.ID, l); err != nil {
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
	l, known := journal.LockOf(d)
	if !known {
		return nil
	}
	return s.locker(s.conn).GiveUp(ctx, s.wish(l.Service, "abandon", l.ID))
}
