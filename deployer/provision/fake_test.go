package provision_test

import (
	"context"
	"errors"
	"net/http"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/locking"
	"github.com/vipswap/vipswap/deployer/management"
	"github.com/vipswap/vipswap/deployer/provision"
	"github.com/vipswap/vipswap/deployer/storage"
)

// What the package is meant to be connected with fits its ports.
var (
	_ provision.Cloud       = (*management.Client)(nil)
	_ provision.Uploads     = (*storage.Uploader)(nil)
	_ deployer.PackageStore = (*provision.Account)(nil)
	_ locking.Maker         = (*provision.Account)(nil)
)

var (
	errLost    = &management.UnknownOutcomeError{Err: errors.New("the connection broke")}
	errRefused = &management.Error{HTTPStatus: http.StatusConflict, Code: management.CodeConflict, Message: "the name is taken"}
	errMissing = &management.Error{HTTPStatus: http.StatusNotFound, Code: management.CodeNotFound, Message: "there is none"}
	errBroken  = errors.New("no route to host")
)

// absent and broken are looks that find nothing, or end with an error; any other text is
// the status of what was found.
const absent, broken = "absent", "broken"

// A cloud answers as it is told: sent has what becomes of each change, looks what each
// look at its subject sees.
type cloud struct {
	sent      []error
	looks     []string
	locations []management.Location
	accounts  []management.StorageAccount
	fails     map[string]error // by method

	changes []string // that were sent
	waited  []string // operations
}

func (c *cloud) send(words, id string) (string, error) {
	c.changes = append(c.changes, words)
	err := c.sent[0]
	if c.sent = c.sent[1:]; err != nil {
		return "", err
	}
	return id, nil
}

func (c *cloud) look() (string, error) {
	seen := c.looks[0]
	c.looks = c.looks[1:]
	switch seen {
	case absent:
		return "", errMissing
	case broken:
		return "", errBroken
	}
	return seen, nil
}

func (c *cloud) Locations(context.Context) ([]management.Location, error) {
	return c.locations, c.fails["Locations"]
}

func (c *cloud) Service(_ context.Context, name string) (management.Service, error) {
	status, err := c.look()
	return management.Service{Name: name, Status: status}, err
}

func (c *cloud) CreateService(_ context.Context, s management.NewService) error {
	_, err := c.send("create service "+s.Name+" in "+s.Location, "")
	return err
}

func (c *cloud) DeleteService(_ context.Context, name string, withSlots bool) (string, error) {
	if withSlots {
		name += " with its slots"
	}
	return c.send("delete service "+name, "op")
}

func (c *cloud) StorageAccount(_ context.Context, name string) (management.StorageAccount, error) {
	status, err := c.look()
	return management.StorageAccount{Name: name, Status: status, BlobEndpoint: "https://" + name + ".blob.example/"}, err
}

func (c *cloud) StorageAccounts(context.Context) ([]management.StorageAccount, error) {
	return c.accounts, c.fails["StorageAccounts"]
}

func (c *cloud) StorageKeys(_ context.Context, account string) (management.StorageKeys, error) {
	return management.StorageKeys{Primary: "key of " + account}, c.fails["StorageKeys"]
}

func (c *cloud) CreateStorageAccount(_ context.Context, a management.NewStorageAccount) (string, error) {
	return c.send("create account "+a.Name+" ("+a.Label+") in "+a.Location, "op")
}

func (c *cloud) WaitOperation(_ context.Context, id string) error {
	c.waited = append(c.waited, id)
	return c.fails["WaitOperation"]
}
