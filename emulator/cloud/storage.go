package cloud

import (
	"strings"
	"time"
)

// A StorageAccount is a classic storage account. What it holds is kept by the
// blob endpoint.
type StorageAccount struct {
	Name          string
	Label         string
	Description   *string
	Location      string // exactly one of Location and AffinityGroup is set
	AffinityGroup string `json:",omitempty"`
	Type          string // Standard_LRS, ...
	Properties    []Property
	Created       time.Time
	Status        string    // Creating or Created
	Keys          [2]string // primary and secondary, base64
	Generations   [2]int    // how often each key was made anew
}

// accountTypes are the kinds of storage account, as clients know them.
var accountTypes = []string{"Standard_LRS", "Standard_ZRS", "Standard_GRS", "Standard_RAGRS", "Premium_LRS"}

// An AccountSpec is what Create Storage Account asks for.
type AccountSpec struct {
	Name          string
	Label         string
	Description   *string
	Location      string
	AffinityGroup string
	Type          string // "" is Standard_GRS, the documented default
	Properties    []Property
}

// Account finds a storage account by name.
func (st *State) Account(name string) (*StorageAccount, *Error) {
	if a, ok := st.accounts.get(name); ok {
		return a, nil
	}
	return nil, Errorf(ResourceNotFound, "The storage account '%s' was not found.", name)
}

// Accounts yields the storage accounts in order of name.
func (st *State) Accounts(yield func(*StorageAccount) bool) { st.accounts.all(yield) }

// CreateAccount begins to make a storage account.
func (st *State) CreateAccount(id string, spec AccountSpec) *Error {
	if !accountName().MatchString(spec.Name) {
		return errAccountName(spec.Name)
	}
	if _, taken := st.accounts.get(spec.Name); taken {
		return Errorf(ConflictError, "A storage account named '%s' already exists in the subscription.", spec.Name)
	}
	if spec.Type == "" {
		spec.Type = "Standard_GRS"
	}
	kind, err := accountType(spec.Type)
	err = firstError(err, checkLabel(spec.Label), checkDescription(spec.Description), checkProperties(spec.Properties, maxServiceProperties),
		st.checkPlace(spec.Location, spec.AffinityGroup), st.Quotas.check("storage account count", st.Quotas.StorageAccounts, st.accounts.len(), 1))
	if err != nil {
		return err
	}
	a := &StorageAccount{
		Name: spec.Name, Label: spec.Label, Description: spec.Description, Location: spec.Location, AffinityGroup: spec.AffinityGroup, Type: kind,
		Properties: mergeProperties(nil, spec.Properties), Created: st.Now, Status: "Creating",
	}
	for n := range a.Keys {
		st.makeKey(a, n)
	}
	st.accounts.put(a.Name, a)
	st.changes.mark(keptAccounts, key(a.Name))
	st.begin(id, CreateStorageAccount, a.Name, Order{}, st.Durations.StorageAccount)
	return nil
}

func errAccountName(name string) *Error {
	return Errorf(BadRequest, "The storage account name '%s' is invalid. Names have 3 to 24 characters, digits and lower-case letters.", name)
}

func (st *State) makeKey(a *StorageAccount, n int) {
	a.Generations[n]++
	a.Keys[n] = storageKey(st.Subscription, st.Source.Seed, a.Name, [...]string{"primary", "secondary"}[n], a.Generations[n])
}

func (st *State) finishCreateAccount(op *Operation) {
	if a, ok := st.accounts.get(op.Service); ok {
		a.Status = "Created"
		st.changes.mark(keptAccounts, key(a.Name))
	}
	st.end(op, nil)
}

// DeleteAccount removes a storage account, at once.
func (st *State) DeleteAccount(id, name string) *Error {
	a, err := st.settledAccount(name)
	if err != nil {
		return err
	}
	st.accounts.remove(a.Name)
	st.changes.mark(keptAccounts, key(a.Name))
	st.Done(id, "Delete Storage Account", a.Name)
	return nil
}

// AccountNameAvailable tells whether a storage account may have this name, and
// why not. A name that can be none at all is refused instead (recorded).
func (st *State) AccountNameAvailable(name string) (bool, string, *Error) {
	if !accountName().MatchString(name) {
		return false, "", errAccountName(name)
	}
	if _, taken := st.accounts.get(name); taken {
		return false, "The storage account named '" + name + "' is already taken.", nil
	}
	return true, "", nil
}

// foldIn finds the element of list that equals s but for casing.
func foldIn(list []string, s string) (string, bool) {
	for _, have := range list {
		if strings.EqualFold(have, s) {
			return have, true
		}
	}
	return "", false
}

// HasAccount reports whether the subscription has a storage account of this name.
// It does not bring the state to the present: accounts come and go at once.
func (u *Universe) HasAccount(name string) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	_, ok := u.state.accounts.get(name)
	return ok
}
