package cli

import (
	"context"
	"slices"
	"strings"

	"github.com/vipswap/vipswap/deployer/management"
	"github.com/vipswap/vipswap/deployer/storage"
	"github.com/vipswap/vipswap/deployer/wait"
)

// lockAccounts returns the subscription's storage accounts that a lock can be in, by name.
func (c *connection) lockAccounts(ctx context.Context) ([]management.StorageAccount, error) {
	all, err := c.StorageAccounts(ctx)
	all = slices.DeleteFunc(all, func(a management.StorageAccount) bool {
		v, known := accountStates[a.Status]
		return known && v != wait.Met
	})
	slices.SortFunc(all, func(a, b management.StorageAccount) int { return strings.Compare(a.Name, b.Name) })
	return all, err
}

// lockIn returns the place of a service's lock in an account.
func (c *connection) lockIn(ctx context.Context, a management.StorageAccount, service string) (storage.LockPlace, error) {
	keys, err := c.StorageKeys(ctx, a.Name)
	return storage.LockPlace{Endpoint: a.BlobEndpoint, Account: a.Name, Key: keys.Primary, Service: service}, err
}

// lockPlace returns where to take a lock: in the account that is named, else in the
// first, else in the one that packages need, which is made. It is nil when there is none.
func (p *program) lockPlace(ctx context.Context, conn *connection, named string, w lockWish) (*storage.LockPlace, error) {
	accounts, err := conn.lockAccounts(ctx)
	if err != nil {
		return nil, err
	}
	makes := w.store != nil && (named == "" || equalFold(named, w.store.account))
	if accounts = onlyNamed(accounts, named); len(accounts) == 0 && makes {
		if accounts, err = p.makeAccount(ctx, conn, w); err != nil {
			return nil, err
		}
	}
	switch {
	case len(accounts) == 0 && named != "":
		return nil, usage("", "the subscription has no storage account %s", named)
	case len(accounts) == 0:
		return nil, nil
	}
	place, err := conn.lockIn(ctx, accounts[0], w.service)
	return &place, err
}

// makeAccount makes the account that packages need, unless the service is locked in another.
func (p *program) makeAccount(ctx context.Context, conn *connection, w lockWish) ([]management.StorageAccount, error) {
	if err := p.refuseLocked(ctx, conn, w, ""); err != nil {
		return nil, err
	}
	made, err := w.store.ensure(ctx)
	return []management.StorageAccount{made}, err
}

// lockPlaces returns where locks of a service may be: in the account that is named, else
// in all of them.
func (c *connection) lockPlaces(ctx context.Context, named, service string) ([]storage.LockPlace, error) {
	accounts, err := c.lockAccounts(ctx)
	if err != nil {
		return nil, err
	}
	if accounts = onlyNamed(accounts, named); len(accounts) == 0 && named != "" {
		return nil, usage("", "the subscription has no storage account %s", named)
	}
	var places []storage.LockPlace
	for _, a := range accounts {
		place, err := c.lockIn(ctx, a, service)
		if management.IsNotFound(err) {
			continue // it was deleted meanwhile
		}
		if err != nil {
			return nil, err
		}
		places = append(places, place)
	}
	return places, nil
}

func onlyNamed(accounts []management.StorageAccount, named string) []management.StorageAccount {
	return slices.DeleteFunc(accounts, func(a management.StorageAccount) bool { return named != "" && !equalFold(a.Name, named) })
}

// refuseLockedIn refuses when a service is locked in an account by somebody else. A lock
// under the same id is given up: it is of a process that died.
func (c *connection) refuseLockedIn(ctx context.Context, a management.StorageAccount, service, id string, owner storage.Owner) error {
	place, err := c.lockIn(ctx, a, service)
	if management.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	state, err := c.uploader.LockState(ctx, place)
	if err != nil || !state.Held {
		return err
	}
	lock, err := c.uploader.AcquireLock(ctx, place, id, owner)
	if err != nil {
		return err
	}
	return lock.Release(ctx)
}
