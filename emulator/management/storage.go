package management

import (
	"net/http"
	"strings"
	"time"

	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/management/wire"
)

const (
	accountsPath = "/services/storageservices"
	accountPath  = accountsPath + "/{account}"
)

var storageOperations = []operation{
	{"Get Storage Account Properties", "GET", accountPath, "", "2009-10-01", 200, (*Server).getAccount, "Microsoft's page; recorded traffic"},
	{"List Storage Accounts", "GET", accountsPath, "", "2009-10-01", 200, (*Server).listAccounts, "recorded traffic"},
	{"Create Storage Account", "POST", accountsPath, "", "2011-06-01", http.StatusAccepted, (*Server).createAccount, "Microsoft's page; recorded traffic"},
	{"Delete Storage Account", "DELETE", accountPath, "", "2011-06-01", 200, (*Server).deleteAccount, "clients"},
	{"Get Storage Account Keys", "GET", accountPath + "/keys", "", "2009-10-01", 200, (*Server).getKeys, "recorded traffic"},
	{"Update Storage Account", "PUT", accountPath, "", "2011-06-01", 200, (*Server).updateAccount, "Microsoft's page; recorded traffic"},
	{"Regenerate Storage Account Keys", "POST", accountPath + "/keys", "", "2009-10-01", 200, (*Server).regenerateKey, "clients"},
	{"Check Storage Account Name Availability", "GET", accountsPath + "/operations/isavailable/{name}", "", "2011-06-01", 200, (*Server).accountNameAvailable, "recorded traffic"},
}

// accountDocument is Get Storage Account Properties.
type accountDocument struct {
	_ wire.Root `wire:"StorageService"`
	accountElements
	Capabilities   []string `wire:"Capabilities>Capability"`
	MigrationState string   `wire:"MigrationState,omitempty"`
}

// accountsDocument is List Storage Accounts, which has no capabilities.
type accountsDocument struct {
	_              wire.Root         `wire:"StorageServices"`
	StorageService []accountElements `wire:"StorageService,flat"`
}

type accountElements struct {
	URL                string             `wire:"Url"`
	ServiceName        string             `wire:"ServiceName"`
	Properties         accountProperties  `wire:"StorageServiceProperties"`
	ExtendedProperties []extendedProperty `wire:"ExtendedProperties>ExtendedProperty"`
}

type accountProperties struct {
	Description           *string     `wire:"Description,nil"`
	AffinityGroup         string      `wire:"AffinityGroup,omitempty"`
	Location              string      `wire:"Location,omitempty"`
	Label                 wire.Base64 `wire:"Label"`
	Status                string      `wire:"Status"`
	Endpoints             []string    `wire:"Endpoints>Endpoint"`
	GeoReplicationEnabled bool        `wire:"GeoReplicationEnabled,until=2014-06-01"`
	GeoPrimaryRegion      string      `wire:"GeoPrimaryRegion"`
	StatusOfPrimary       string      `wire:"StatusOfPrimary"`
	GeoSecondaryRegion    string      `wire:"GeoSecondaryRegion"`
	StatusOfSecondary     string      `wire:"StatusOfSecondary"`
	CreationTime          time.Time   `wire:"CreationTime"`
	CustomDomains         []string    `wire:"CustomDomains>CustomDomain"`
	SecondaryEndpoints    []string    `wire:"SecondaryEndpoints>Endpoint,omitempty"`
	AccountType           string      `wire:"AccountType"`
}

func (s *Server) accountElements(r *request, st *cloud.State, a *cloud.StorageAccount) accountElements {
	region := st.AccountRegion(a)
	group := "Default-Storage-" + strings.ReplaceAll(region, " ", "")
	e := accountElements{
		URL:         r.accountURL(a),
		ServiceName: a.Name,
		Properties: accountProperties{
			Description: a.Description, AffinityGroup: a.AffinityGroup, Location: a.Location, Label: wire.Base64(a.Label), Status: a.Status,
			Endpoints: s.storage.Endpoints(a.Name), GeoPrimaryRegion: region, StatusOfPrimary: "Available",
			CreationTime: a.Created, AccountType: a.Type,
		},
		ExtendedProperties: append(propertyElements(a.Properties),
			extendedProperty{"ResourceGroup", &group}, extendedProperty{"ResourceLocation", &region}),
	}
	e.Properties.replicate(a, region)
	return e
}

// replicate tells of the second region of an account. Its endpoints keep their
// real names, since nothing is served there.
func (p *accountProperties) replicate(a *cloud.StorageAccount, region string) {
	kept, readable := a.Replicated()
	if kept {
		p.GeoReplicationEnabled = true
		p.GeoSecondaryRegion, p.StatusOfSecondary = cloud.SecondaryRegion(region), "Available"
	}
	if readable {
		for _, service := range []string{"blob", "queue", "table"} {
			p.SecondaryEndpoints = append(p.SecondaryEndpoints, "https://"+a.Name+"-secondary."+service+".core.windows.net/")
		}
	}
}

func (r *request) accountURL(a *cloud.StorageAccount) string {
	return r.base() + "/" + r.universe.ID() + accountsPath + "/" + a.Name
}

func (s *Server) getAccount(r *request) (answer, error) {
	doc := accountDocument{Capabilities: []string{"PersistentVMRole"}}
	err := r.look(func(st *cloud.State) (bool, *cloud.Error) {
		a, err := st.Account(r.vars["account"])
		if err != nil {
			return false, err
		}
		doc.accountElements = s.accountElements(r, st, a)
		doc.MigrationState = string(st.MigrationOf(cloud.MigratableStorage, a.Name))
		return a.Status != "Created", nil
	})
	return answer{body: doc}, err
}

func (s *Server) listAccounts(r *request) (answer, error) {
	var doc accountsDocument
	err := r.look(func(st *cloud.State) (bool, *cloud.Error) {
		doc.StorageService = nil
		for a := range st.Accounts {
			doc.StorageService = append(doc.StorageService, s.accountElements(r, st, a))
		}
		return false, nil
	})
	return answer{body: doc}, err
}

type createAccountRequest struct {
	ServiceName           string             `wire:"ServiceName"`
	Description           *string            `wire:"Description"`
	Label                 wire.Base64        `wire:"Label"`
	AffinityGroup         string             `wire:"AffinityGroup"`
	Location              string             `wire:"Location"`
	GeoReplicationEnabled *bool              `wire:"GeoReplicationEnabled"`
	ExtendedProperties    []extendedProperty `wire:"ExtendedProperties>ExtendedProperty"`
	AccountType           string             `wire:"AccountType"`
}

// accountType returns the type that a request asks for; older clients say
// instead whether to replicate.
func accountType(name string, replicate *bool) string {
	switch {
	case name != "" || replicate == nil:
		return name
	case *replicate:
		return "Standard_GRS"
	}
	return "Standard_LRS"
}

func (s *Server) createAccount(r *request) (answer, error) {
	var body createAccountRequest
	if err := r.decode("CreateStorageServiceInput", &body); err != nil {
		return answer{}, err
	}
	r.created = body.ServiceName
	spec := cloud.AccountSpec{
		Name: body.ServiceName, Label: string(body.Label), Description: body.Description,
		Location: body.Location, AffinityGroup: body.AffinityGroup, Type: accountType(body.AccountType, body.GeoReplicationEnabled),
		Properties: properties(body.ExtendedProperties),
	}
	err := r.change(func(st *cloud.State) *cloud.Error { return st.CreateAccount(r.id, spec) })
	return answer{location: r.base() + "/subscriptions/" + r.universe.ID() + "/storage/" + spec.Name}, err
}

func (s *Server) deleteAccount(r *request) (answer, error) {
	err := r.change(func(st *cloud.State) *cloud.Error { return st.DeleteAccount(r.id, r.vars["account"]) })
	if err != nil {
		return answer{}, err
	}
	return answer{}, s.storage.DeleteAccount(r.universe.ID(), r.vars["account"])
}

// keysDocument is Get Storage Account Keys.
type keysDocument struct {
	_    wire.Root   `wire:"StorageService"`
	URL  string      `wire:"Url"`
	Keys keyElements `wire:"StorageServiceKeys"`
}

type keyElements struct {
	Primary   string `wire:"Primary"`
	Secondary string `wire:"Secondary"`
}

func (s *Server) getKeys(r *request) (answer, error) {
	var doc keysDocument
	err := r.look(func(st *cloud.State) (_ bool, err *cloud.Error) {
		doc, err = r.keysOf(st)
		return false, err
	})
	return answer{body: doc}, err
}

func (r *request) keysOf(st *cloud.State) (keysDocument, *cloud.Error) {
	a, err := st.Account(r.vars["account"])
	if err != nil {
		return keysDocument{}, err
	}
	return keysDocument{URL: r.accountURL(a), Keys: keyElements{a.Keys[0], a.Keys[1]}}, nil
}

type updateAccountRequest struct {
	Description           *string            `wire:"Description"`
	Label                 wire.Base64        `wire:"Label"`
	GeoReplicationEnabled *bool              `wire:"GeoReplicationEnabled"`
	ExtendedProperties    []extendedProperty `wire:"ExtendedProperties>ExtendedProperty"`
	AccountType           string             `wire:"AccountType"`
}

func (s *Server) updateAccount(r *request) (answer, error) {
	var body updateAccountRequest
	if err := r.decode("UpdateStorageServiceInput", &body); err != nil {
		return answer{}, err
	}
	change := cloud.AccountChange{
		Label: optional(body.Label), Description: body.Description,
		Type: accountType(body.AccountType, body.GeoReplicationEnabled), Properties: properties(body.ExtendedProperties),
	}
	return answer{}, r.change(func(st *cloud.State) *cloud.Error { return st.UpdateAccount(r.id, r.vars["account"], change) })
}

type regenerateKeyRequest struct {
	KeyType string `wire:"KeyType"`
}

// regenerateKey makes one key anew and answers as Get Storage Account Keys does.
func (s *Server) regenerateKey(r *request) (answer, error) {
	if !strings.EqualFold(r.query.Get("action"), "regenerate") {
		return answer{}, cloud.NewError(cloud.MissingOrInvalidRequiredQueryParameter)
	}
	var body regenerateKeyRequest
	if err := r.decode("RegenerateKeys", &body); err != nil {
		return answer{}, err
	}
	var doc keysDocument
	err := r.change(func(st *cloud.State) *cloud.Error {
		err := st.RegenerateKey(r.id, r.vars["account"], strings.TrimSpace(body.KeyType))
		if err == nil {
			doc, err = r.keysOf(st)
		}
		return err
	})
	return answer{body: doc}, err
}

func (s *Server) accountNameAvailable(r *request) (answer, error) {
	free, reason := false, ""
	err := r.look(func(st *cloud.State) (unfinished bool, err *cloud.Error) {
		free, reason, err = st.AccountNameAvailable(r.vars["name"])
		return false, err
	})
	return availability(free, reason), err
}
