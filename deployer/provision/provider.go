package provision

import (
	"context"
	"errors"

	"github.com/vipswap/vipswap/deployer/management"
	"github.com/vipswap/vipswap/deployer/wait"
)

// Cloud is what is needed of the Service Management API. *management.Client has these
// methods, and says what each does.
type Cloud interface {
	Locations(ctx context.Context) ([]management.Location, error)
	Service(ctx context.Context, name string) (management.Service, error)
	CreateService(ctx context.Context, s management.NewService) error
	DeleteService(ctx context.Context, name string, withSlots bool) (operationID string, err error)
	StorageAccount(ctx context.Context, name string) (management.StorageAccount, error)
	StorageAccounts(ctx context.Context) ([]management.StorageAccount, error)
	StorageKeys(ctx context.Context, account string) (management.StorageKeys, error)
	CreateStorageAccount(ctx context.Context, a management.NewStorageAccount) (operationID string, err error)
	WaitOperation(ctx context.Context, id string) error
}

// A Provider makes and deletes cloud services and storage accounts.
type Provider struct {
	Cloud Cloud
	Poll  wait.Poll // how often it looks; Min also sets the first pause before a change is sent again
}

// ErrNoLocation says that a subscription cannot create anything anywhere.
var ErrNoLocation = errors.New("the subscription offers no location")

// Location returns the location named, else the first that the subscription can
// create things in. Without any the error is [ErrNoLocation].
func (p Provider) Location(ctx context.Context, named string) (string, error) {
	if named != "" {
		return named, nil
	}
	all, err := p.Cloud.Locations(ctx)
	if err != nil {
		return "", err
	}
	if len(all) == 0 {
		return "", ErrNoLocation
	}
	return all[0].Name, nil
}

// CreateService makes a cloud service. Refusals are a [*management.Error]; it is a
// [*management.UnknownOutcomeError] that remains when answers were lost again and again.
func (p Provider) CreateService(ctx context.Context, s management.NewService) error {
	return p.settle(ctx, change{
		send: func(ctx context.Context) (string, error) { return "", p.Cloud.CreateService(ctx, s) },
		made: func(ctx context.Context) (wait.Verdict, string, error) {
			_, err := p.Cloud.Service(ctx, s.Name)
			return there(err)
		},
	})
}

// statusDeleting is the status of a service that goes (Microsoft's page for Get Cloud
// Service Properties).
const statusDeleting = "Deleting"

// DeleteService deletes a cloud service, with what is in its slots if withSlots says so,
// and waits until it is gone. Errors are as of CreateService.
func (p Provider) DeleteService(ctx context.Context, name string, withSlots bool) error {
	return p.settle(ctx, change{
		send: func(ctx context.Context) (string, error) { return p.Cloud.DeleteService(ctx, name, withSlots) },
		made: func(ctx context.Context) (wait.Verdict, string, error) {
			s, err := p.Cloud.Service(ctx, name)
			switch {
			case management.IsNotFound(err):
				return wait.Met, "", nil
			case err == nil && s.Status == statusDeleting:
				return wait.NotYet, name + " is being deleted", nil
			}
			return wait.Never, name + " is there", err
		},
	})
}

// createAccount makes a storage account. It cannot be used before its status says so.
func (p Provider) createAccount(ctx context.Context, a management.NewStorageAccount) error {
	return p.settle(ctx, change{
		send: func(ctx context.Context) (string, error) { return p.Cloud.CreateStorageAccount(ctx, a) },
		made: func(ctx context.Context) (wait.Verdict, string, error) {
			_, err := p.Cloud.StorageAccount(ctx, a.Name)
			return there(err)
		},
	})
}
