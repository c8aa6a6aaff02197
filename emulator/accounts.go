package emulator

import (
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/vipswap/vipswap/emulator/blob"
	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/packages"
)

// accounts joins the storage accounts that universes hold with the blobs that
// the blob endpoint keeps.
type accounts struct {
	universes *universes
	store     *blob.Store
	server    *blob.Server
	packages  *packages.Reader
	base      string // of the blob endpoint, without a slash at the end
	azure     bool   // publish the real names instead
}

// Accounts returns the accounts of that name in all subscriptions.
func (a *accounts) Accounts(name string) []blob.Account {
	var found []blob.Account
	for _, u := range a.universes.Universes() {
		if !u.HasAccount(name) {
			continue
		}
		if account, ok := a.find(u, name); ok {
			found = append(found, account)
		}
	}
	return found
}

func (a *accounts) find(u *cloud.Universe, name string) (blob.Account, bool) {
	account := blob.Account{Now: u.Now, Second: u.WallSecond()}
	err := u.View(func(st *cloud.State) *cloud.Error {
		account.ID = accountID(u.ID(), name, st.Contents)
		have, err := st.Account(name)
		if err != nil {
			return err
		}
		account.Name = have.Name
		for _, k := range have.Keys {
			decoded, _ := base64.StdEncoding.DecodeString(k)
			account.Keys = append(account.Keys, decoded)
		}
		return nil
	})
	return account, err == nil
}

// Endpoints returns the addresses of an account. Queues and tables are not
// served: they keep their real names, so that nobody takes them for ours.
func (a *accounts) Endpoints(account string) []string {
	blobs := a.base + "/" + account + "/"
	if a.azure {
		blobs = "https://" + account + ".blob.core.windows.net/"
	}
	return []string{blobs, "https://" + account + ".queue.core.windows.net/", "https://" + account + ".table.core.windows.net/"}
}

// DeleteAccount drops the blobs of an account.
func (a *accounts) DeleteAccount(subscription, account string) error {
	u := a.universes.Universe(subscription)
	if u == nil {
		return nil
	}
	id := ""
	err := u.View(func(st *cloud.State) *cloud.Error {
		id = accountID(subscription, account, st.Contents)
		return nil
	})
	if err == nil {
		err = a.store.DeleteAccount(id)
	}
	a.packages.Forget()
	return err
}

// owns reports whether an account is one of a subscription.
func owns(subscription string, account blob.Account) bool {
	return strings.HasPrefix(account.ID, accountID(subscription, "", 0))
}

// OpenBlob opens a blob of the subscription's own accounts, or one of another
// subscription that query is a shared access signature for.
func (a *accounts) OpenBlob(subscription, account, container, name, query string) (packages.Blob, error) {
	for _, candidate := range a.Accounts(account) {
		if !owns(subscription, candidate) && a.server.VerifySAS(candidate, container, name, query) != nil {
			continue
		}
		b, err := a.store.Open(candidate.ID, container, name)
		if errors.Is(err, blob.ErrNotFound) {
			return nil, packages.ErrNotFound
		}
		if err != nil {
			return nil, err
		}
		return b, nil
	}
	return nil, packages.ErrNotFound
}

// PutBlob writes a blob of an account of the subscription.
func (a *accounts) PutBlob(subscription, account, container, name string, r io.Reader) error {
	for _, candidate := range a.Accounts(account) {
		if owns(subscription, candidate) {
			err := a.store.Put(candidate.ID, container, name, r, candidate.Now())
			if errors.Is(err, blob.ErrNotFound) {
				err = packages.ErrNotFound
			}
			return err
		}
	}
	return packages.ErrNotFound
}

// ServeHTTP serves the blob endpoint.
func (a *accounts) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.server.ServeHTTP(w, r) }
