package locking

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/vipswap/vipswap/deployer/management"
	"github.com/vipswap/vipswap/deployer/storage"
	"github.com/vipswap/vipswap/deployer/wait"
)

// usable returns the subscription's storage accounts that a lock can be in, by name.
func (l *Locker) usable(ctx context.Context) ([]management.StorageAccount, error) {
	all, err := l.Accounts.StorageAccounts(ctx)
	all = slices.DeleteFunc(all, func(a management.StorageAccount) bool {
		v, known := a.Usable()
		return known && v != wait.Met
	})
	slices.SortFunc(all, func(a, b management.StorageAccount) int { return strings.Compare(a.Name, b.Name) })
	return all, err
}

// placeIn returns the place of a service's lock in an account.
func (l *Locker) placeIn(ctx context.Context, a management.StorageAccount, service string) (storage.LockPlace, error) {
	keys, err := l.Accounts.StorageKeys(ctx, a.Name)
	return storage.LockPlace{Endpoint: a.BlobEndpoint, Account: a.Name, Key: keys.Primary, Service: service}, err
}

// choose returns where to take a lock: in the account that is named, else in the
// first, else in the one that packages need, which is made. It is nil when there is none.
func (l *Locker) choose(ctx context.Context, w Wish) (*storage.LockPlace, error) {
	accounts, err := l.usable(ctx)
	if err != nil {
		return nil, err
	}
	makes := w.Makes != nil && (w.Account == "" || strings.EqualFold(w.Account, w.Makes.Name()))
	if accounts = onlyNamed(accounts, w.Account); len(accounts) == 0 && makes {
		if accounts, err = l.makeAccount(ctx, w); err != nil {
			return nil, err
		}
	}
	switch {
	case len(accounts) == 0 && w.Account != "":
		return nil, &NoAccountError{w.Account}
	case len(accounts) == 0:
		return nil, nil
	}
	place, err := l.placeIn(ctx, accounts[0], w.Service)
	return &place, err
}

// makeAccount makes the account that packages need, unless the service is locked in another.
func (l *Locker) makeAccount(ctx context.Context, w Wish) ([]management.StorageAccount, error) {
	if err := l.refuse(ctx, w, ""); err != nil {
		return nil, err
	}
	made, err := w.Makes.Ensure(ctx)
	return []management.StorageAccount{made}, err
}

// Places returns where locks of a service may be: in the account that is named, else
// in all of them, by name. A name that no account has is a [*NoAccountError]; without
// any account and name there is no place.
func (l *Locker) Places(ctx context.Context, account, service string) ([]storage.LockPlace, error) {
	accounts, err := l.usable(ctx)
	if err != nil {
		return nil, err
	}
	if accounts = onlyNamed(accounts, account); len(accounts) == 0 && account != "" {
		return nil, &NoAccountError{account}
	}
	var places []storage.LockPlace
	for _, a := range accounts {
		place, err := l.placeIn(ctx, a, service)
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
	return slices.DeleteFunc(accounts, func(a management.StorageAccount) bool { return named != "" && !strings.EqualFold(a.Name, named) })
}

// A State says what is known of the lock of a service.
type State struct {
	Service string `json:"service"`
	Account string `json:"account"` // that it is in
	storage.LockState
}

// State looks at all places and returns the lock that is held; when none is, the
// first. A place that cannot be looked at is an error, unless the lock is found.
func (l *Locker) State(ctx context.Context, places []storage.LockPlace) (State, error) {
	var first State
	var problems []error
	for _, place := range places {
		state, err := l.Leases.State(ctx, place)
		s := State{place.Service, place.Account, state}
		if err == nil && state.Held {
			return s, nil
		}
		if problems = append(problems, err); first.Service == "" {
			first = s
		}
	}
	return first, errors.Join(problems...)
}

// Break takes the locks in all places away from whoever holds them, at once, and
// returns the state before, as State does. All places are tried, whatever the errors.
func (l *Locker) Break(ctx context.Context, places []storage.LockPlace) (State, error) {
	before, err := l.State(ctx, places)
	for _, place := range places {
		err = errors.Join(err, l.Leases.Break(ctx, place))
	}
	return before, err
}
