package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/management"
	"github.com/vipswap/vipswap/deployer/release"
	"github.com/vipswap/vipswap/deployer/storage"
	"github.com/vipswap/vipswap/deployer/wait"
)

// An accountStore keeps packages in a storage account, which it makes when it is
// missing. It is the deployer's PackageStore.
type accountStore struct {
	conn     *connection
	account  string // name; see chooseAccount
	location string // for an account that has to be made; "" takes one
	say      func(words string, args ...any)
}

// chooseAccount returns the account to use: the one named, else the subscription's
// only one.
func (c *connection) chooseAccount(ctx context.Context, named string) (string, error) {
	if named != "" {
		if err := release.CheckAccount(named); err != nil {
			return "", usage("", "%w", err)
		}
		return named, nil
	}
	accounts, err := c.StorageAccounts(ctx)
	if err != nil {
		return "", err
	}
	switch len(accounts) {
	case 0:
		return "", usage("--account NAME names one, which is made when it is missing; so does storageAccount in a project, for the releases that are created from then on", "the subscription has no storage account for packages")
	case 1:
		return accounts[0].Name, nil
	}
	var names []string
	for _, a := range accounts {
		names = append(names, a.Name)
	}
	return "", usage("--account NAME chooses one; so does storageAccount in a project, for the releases that are created from then on", "the subscription has several storage accounts: %s", strings.Join(names, ", "))
}

// Upload stores a package in the account and returns its address.
func (s *accountStore) Upload(ctx context.Context, f deployer.PackageFile, progress func(done, total int64)) (string, bool, error) {
	account, err := s.Ensure(ctx)
	if err != nil {
		return "", false, err
	}
	keys, err := s.conn.StorageKeys(ctx, account.Name)
	if err != nil {
		return "", false, err
	}
	return s.conn.uploader.Upload(ctx, storage.UploadRequest{
		Endpoint: account.BlobEndpoint, Account: account.Name, Key: keys.Primary,
		Container: storage.DefaultContainer, Blob: storage.BlobName(f.Name, f.Version, f.SHA256),
		Source: f.Content, Size: f.Size, SHA256: f.SHA256, Progress: progress,
	})
}

// Name returns the account's name.
func (s *accountStore) Name() string { return s.account }

// Ensure returns the account, after making it where it is missing. When that fails,
// a look says whether it was made all the same: by this request, whose answer was
// lost, or by somebody else.
func (s *accountStore) Ensure(ctx context.Context) (management.StorageAccount, error) {
	account, err := s.conn.StorageAccount(ctx, s.account)
	switch v, known := account.Usable(); {
	case err == nil && known && v == wait.NotYet:
		return s.made(ctx) // somebody else is making it
	case err == nil || !management.IsNotFound(err):
		return account, err
	}
	location, err := s.conn.chooseLocation(ctx, s.location)
	if err != nil {
		return account, err
	}
	s.say("there is no storage account %s: it is created in %s", s.account, location)
	wanted := management.NewStorageAccount{Name: s.account, Label: s.account, Location: location}
	if err := s.conn.settled(ctx, s.conn.accountCreation(wanted)); err != nil {
		if _, lookErr := s.conn.StorageAccount(ctx, s.account); lookErr != nil {
			return account, err
		}
	}
	return s.made(ctx)
}

// accountMissing says that the storage account for packages is made.
const accountMissing deployer.Code = "account-missing"

// planCreation says in a plan that the account is made, if it is missing. The first one
// of a subscription is made before anything else, since the lock is in it.
func (s *accountStore) planCreation(ctx context.Context, plan *deployer.Plan) error {
	all, err := s.conn.StorageAccounts(ctx)
	if err != nil || slices.ContainsFunc(all, func(a management.StorageAccount) bool { return equalFold(a.Name, s.account) }) {
		return err
	}
	words := fmt.Sprintf("there is no storage account %s: it is created for the package", s.account)
	if len(all) == 0 {
		words += ", before anything else: the lock is kept in it"
	}
	plan.Decisions = append(plan.Decisions, deployer.Decision{Code: accountMissing, Text: words})
	return nil
}

// made waits until the account that is being made can be used.
func (s *accountStore) made(ctx context.Context) (account management.StorageAccount, err error) {
	err = wait.For(ctx, wait.Poll{Min: s.conn.poll}, func(ctx context.Context) (wait.Verdict, string, error) {
		if account, err = s.conn.StorageAccount(ctx, s.account); err != nil {
			return wait.Never, "", err
		}
		v, known := account.Usable()
		if !known {
			v = wait.Never
		}
		return v, fmt.Sprintf("storage account %s is %s", s.account, account.Status), nil
	})
	return account, err
}

// chooseLocation returns the location named, else the first that the subscription
// can create things in.
func (c *connection) chooseLocation(ctx context.Context, named string) (string, error) {
	if named != "" {
		return named, nil
	}
	all, err := c.Locations(ctx)
	if err != nil {
		return "", err
	}
	if len(all) == 0 {
		return "", failed("", "the subscription offers no location")
	}
	return all[0].Name, nil
}

// bytesOf writes a size for people.
func bytesOf(n int64) string {
	const unit = 1024
	if n < unit {
		return fmt.Sprintf("%d bytes", n)
	}
	value, names := float64(n)/unit, []string{"KB", "MB", "GB"}
	for value >= unit && len(names) > 1 {
		value, names = value/unit, names[1:]
	}
	return fmt.Sprintf("%.1f %s", value, names[0])
}

// sayTo returns a function that writes lines about what is being done.
func sayTo(w io.Writer) func(string, ...any) {
	return func(words string, args ...any) { fmt.Fprintf(w, "  "+words+"\n", args...) }
}
