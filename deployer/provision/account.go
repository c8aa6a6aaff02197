package provision

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/management"
	"github.com/vipswap/vipswap/deployer/storage"
	"github.com/vipswap/vipswap/deployer/wait"
)

// AccountMissing is the code of the decision that a storage account is made.
const AccountMissing deployer.Code = "account-missing"

// Uploads sends packages. *storage.Uploader has this method.
type Uploads interface {
	Upload(ctx context.Context, r storage.UploadRequest) (url string, reused bool, err error)
}

// An Account keeps packages in a storage account, which it makes when it is missing. It
// is a deployer.PackageStore.
type Account struct {
	Provider    Provider
	Uploads     Uploads
	AccountName string
	Location    string                          // of an account that has to be made; "" takes the first one offered
	Say         func(words string, args ...any) // hears that the account is made, as fmt.Sprintf does
}

// Name returns the account's name.
func (a *Account) Name() string { return a.AccountName }

// Upload stores a package in the account and returns its address; reused is that it was
// there. Errors are those of Ensure and of [storage.Uploader.Upload].
func (a *Account) Upload(ctx context.Context, f deployer.PackageFile, progress func(done, total int64)) (url string, reused bool, err error) {
	account, err := a.Ensure(ctx)
	if err != nil {
		return "", false, err
	}
	keys, err := a.Provider.Cloud.StorageKeys(ctx, account.Name)
	if err != nil {
		return "", false, err
	}
	return a.Uploads.Upload(ctx, storage.UploadRequest{
		Endpoint: account.BlobEndpoint, Account: account.Name, Key: keys.Primary,
		Container: storage.DefaultContainer, Blob: storage.BlobName(f.Name, f.Version, f.SHA256),
		Source: f.Content, Size: f.Size, SHA256: f.SHA256, Progress: progress,
	})
}

// Ensure returns the account, after making it where it is missing. When that fails,
// a look says whether it was made all the same: by this request, whose answer was
// lost, or by somebody else. The error is a [*wait.NeverError] when the account that is
// being made can no longer be used, else as of [Provider.CreateService].
func (a *Account) Ensure(ctx context.Context) (management.StorageAccount, error) {
	account, err := a.Provider.Cloud.StorageAccount(ctx, a.AccountName)
	switch v, known := account.Usable(); {
	case err == nil && known && v == wait.NotYet:
		return a.made(ctx) // somebody else is making it
	case err == nil || !management.IsNotFound(err):
		return account, err
	}
	location, err := a.Provider.Location(ctx, a.Location)
	if err != nil {
		return account, err
	}
	a.Say("there is no storage account %s: it is created in %s", a.AccountName, location)
	wanted := management.NewStorageAccount{Name: a.AccountName, Label: a.AccountName, Location: location}
	if err := a.Provider.createAccount(ctx, wanted); err != nil {
		if _, lookErr := a.Provider.Cloud.StorageAccount(ctx, a.AccountName); lookErr != nil {
			return account, err
		}
	}
	return a.made(ctx)
}

// made waits until the account that is being made can be used.
func (a *Account) made(ctx context.Context) (account management.StorageAccount, err error) {
	err = wait.For(ctx, a.Provider.Poll, func(ctx context.Context) (wait.Verdict, string, error) {
		if account, err = a.Provider.Cloud.StorageAccount(ctx, a.AccountName); err != nil {
			return wait.Never, "", err
		}
		v, known := account.Usable()
		if !known {
			v = wait.Never
		}
		return v, fmt.Sprintf("storage account %s is %s", a.AccountName, account.Status), nil
	})
	return account, err
}

// Announce says in a plan that the account is made, if it is missing. The first one
// of a subscription is made before anything else, since the lock is in it.
func (a *Account) Announce(ctx context.Context, plan *deployer.Plan) error {
	all, err := a.Provider.Cloud.StorageAccounts(ctx)
	if err != nil || slices.ContainsFunc(all, func(one management.StorageAccount) bool { return strings.EqualFold(one.Name, a.AccountName) }) {
		return err
	}
	words := fmt.Sprintf("there is no storage account %s: it is created for the package", a.AccountName)
	if len(all) == 0 {
		words += ", before anything else: the lock is kept in it"
	}
	plan.Decisions = append(plan.Decisions, deployer.Decision{Code: AccountMissing, Text: words})
	return nil
}
