package management

import (
	"context"
	"encoding/xml"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/vipswap/vipswap/deployer/wait"
)

const (
	storageServices = "storageservices"

	// DefaultAccountType is the redundancy of storage accounts that name none:
	// three copies in one place, the cheapest.
	DefaultAccountType = "Standard_LRS"
)

type storageDocument struct {
	XMLName    xml.Name `xml:"http://schemas.microsoft.com/windowsazure StorageService"`
	Name       string   `xml:"ServiceName"`
	Properties struct {
		Location  string   `xml:"Location"`
		Label     encoded  `xml:"Label"`
		Status    string   `xml:"Status"`
		Endpoints []string `xml:"Endpoints>Endpoint"` // blob, queue, table, file
	} `xml:"StorageServiceProperties"`
	Keys struct {
		Primary   string `xml:"Primary"`
		Secondary string `xml:"Secondary"`
	} `xml:"StorageServiceKeys"` // of Get Storage Account Keys only
}

func (d *storageDocument) account() StorageAccount {
	return StorageAccount{
		Name:         d.Name,
		Label:        string(d.Properties.Label),
		Location:     d.Properties.Location,
		Status:       d.Properties.Status,
		BlobEndpoint: blobEndpoint(d.Properties.Endpoints),
	}
}

// blobEndpoint picks the blob service's address from an account's endpoints: the
// one whose host says so, else the first, where recorded traffic has it.
func blobEndpoint(endpoints []string) string {
	if len(endpoints) == 0 {
		return ""
	}
	chosen := endpoints[0]
	for _, e := range endpoints {
		if u, err := url.Parse(e); err == nil && strings.Contains(u.Host, ".blob.") {
			chosen = e
			break
		}
	}
	return strings.TrimRight(strings.TrimSpace(chosen), "/") + "/"
}

type storageListDocument struct {
	XMLName  xml.Name          `xml:"http://schemas.microsoft.com/windowsazure StorageServices"`
	Accounts []storageDocument `xml:"StorageService"`
}

// accountStates say what the status of a new account means (Microsoft's page for Get
// Storage Account Properties).
var accountStates = map[string]wait.Verdict{"Created": wait.Met, "Creating": wait.NotYet, "ResolvingDns": wait.NotYet, "Deleting": wait.Never}

// Usable judges by its status whether the account can be used: now, not yet, or never.
// It is not known of a status that the service does not document.
func (a StorageAccount) Usable() (v wait.Verdict, known bool) {
	v, known = accountStates[a.Status]
	return v, known
}

// StorageAccounts lists the subscription's classic storage accounts (List Storage
// Accounts).
func (c *Client) StorageAccounts(ctx context.Context) ([]StorageAccount, error) {
	var doc storageListDocument
	_, err := c.do(ctx, call{
		operation: "List Storage Accounts",
		action:    "list storage accounts",
		method:    http.MethodGet,
		path:      []string{"services", storageServices},
		into:      &doc,
	})
	if err != nil {
		return nil, err
	}
	var accounts []StorageAccount
	for i := range doc.Accounts {
		accounts = append(accounts, doc.Accounts[i].account())
	}
	return accounts, nil
}

// StorageAccount reads one storage account (Get Storage Account Properties). One
// that does not exist gives an [*Error] with CodeNotFound.
func (c *Client) StorageAccount(ctx context.Context, name string) (StorageAccount, error) {
	var doc storageDocument
	_, err := c.do(ctx, call{
		operation: "Get Storage Account Properties",
		action:    "read storage account " + name,
		method:    http.MethodGet,
		path:      []string{"services", storageServices, name},
		into:      &doc,
	})
	if err != nil {
		return StorageAccount{}, err
	}
	return doc.account(), nil
}

// StorageKeys reads the access keys of a storage account (Get Storage Account
// Keys). An account that does not exist gives an [*Error] with CodeNotFound.
func (c *Client) StorageKeys(ctx context.Context, name string) (StorageKeys, error) {
	action := "read the keys of storage account " + name
	var doc storageDocument
	_, err := c.do(ctx, call{
		operation: "Get Storage Account Keys",
		action:    action,
		method:    http.MethodGet,
		path:      []string{"services", storageServices, name, "keys"},
		into:      &doc,
	})
	if err != nil {
		return StorageKeys{}, err
	}
	if doc.Keys.Primary == "" {
		return StorageKeys{}, errors.New(action + ": the answer has no primary key")
	}
	return StorageKeys(doc.Keys), nil
}

type createStorageDocument struct {
	XMLName  xml.Name `xml:"http://schemas.microsoft.com/windowsazure CreateStorageServiceInput"`
	Name     string   `xml:"ServiceName"`
	Label    encoded  `xml:"Label"`
	Location string   `xml:"Location"`
	Type     string   `xml:"AccountType"`
}

// CreateStorageAccount makes a storage account (Create Storage Account) and
// returns the id of the operation. A name that is taken gives an [*Error] with
// CodeConflict; names are 3 to 24 digits and lower-case letters, others are
// refused with code BadRequest.
func (c *Client) CreateStorageAccount(ctx context.Context, a NewStorageAccount) (operationID string, err error) {
	return c.begin(ctx, call{
		operation: "Create Storage Account",
		action:    "create storage account " + a.Name,
		method:    http.MethodPost,
		path:      []string{"services", storageServices},
		body: &createStorageDocument{
			Name:     a.Name,
			Label:    encoded(orDefault(a.Label, a.Name)),
			Location: a.Location,
			Type:     orDefault(a.Type, DefaultAccountType),
		},
	})
}

// DeleteStorageAccount deletes a storage account with all it holds (Delete
// Storage Account). It is gone when the call returns nil. One that does not exist
// gives an [*Error] with CodeNotFound.
func (c *Client) DeleteStorageAccount(ctx context.Context, name string) error {
	_, err := c.do(ctx, call{
		operation: "Delete Storage Account",
		action:    "delete storage account " + name,
		method:    http.MethodDelete,
		path:      []string{"services", storageServices, name},
	})
	return err
}

// StorageNameAvailable asks whether a storage account of that name can be created
// (Check Storage Account Name Availability). If not, reason is the service's
// sentence about it. A name that breaks the rules is an [*Error] with code
// BadRequest, as recorded traffic has it.
func (c *Client) StorageNameAvailable(ctx context.Context, name string) (available bool, reason string, err error) {
	return c.nameAvailable(ctx, storageServices, "storage account", name)
}
