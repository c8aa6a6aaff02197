package cloud

import "strings"

// An AccountChange is what Update Storage Account asks for; nil and "" keep what
// is there.
type AccountChange struct {
	Label       *string
	Description *string
	Type        string
	Properties  []Property // merged by name
}

// UpdateAccount changes a storage account, at once.
func (st *State) UpdateAccount(id, name string, c AccountChange) *Error {
	a, err := st.settledAccount(name)
	if err != nil {
		return err
	}
	if c.Label == nil && c.Description == nil && c.Type == "" && len(c.Properties) == 0 {
		return NewError(BadRequest)
	}
	merged := mergeProperties(a.Properties, c.Properties)
	kind, err := changedType(a, c.Type)
	if c.Label != nil {
		err = firstError(err, checkLabel(*c.Label))
	}
	err = firstError(err, checkDescription(c.Description), checkProperties(c.Properties, maxServiceProperties), checkProperties(merged, maxServiceProperties))
	if err != nil {
		return err
	}
	if c.Label != nil {
		a.Label = *c.Label
	}
	if c.Description != nil {
		a.Description = c.Description
	}
	a.Type, a.Properties = kind, merged
	st.changes.mark(keptAccounts, key(a.Name))
	st.Done(id, "Update Storage Account", a.Name)
	return nil
}

// fixedTypes are the kinds of account that can neither be left nor chosen later.
// Source: Microsoft's page "Update Storage Account".
var fixedTypes = map[string]bool{"Standard_ZRS": true, "Premium_LRS": true}

// changedType returns the kind that an account has after a change to wanted.
func changedType(a *StorageAccount, wanted string) (string, *Error) {
	if wanted == "" {
		return a.Type, nil
	}
	kind, err := accountType(wanted)
	if err != nil {
		return "", err
	}
	if kind != a.Type && (fixedTypes[kind] || fixedTypes[a.Type]) {
		return "", Errorf(BadRequest, "The type of the storage account '%s' cannot be changed from %s to %s.", a.Name, a.Type, kind)
	}
	return kind, nil
}

// accountType returns the kind of account that a request names, in any casing.
func accountType(name string) (string, *Error) {
	kind, ok := foldIn(accountTypes, name)
	if !ok {
		return "", Errorf(BadRequest, "The account type '%s' is invalid; it must be one of %s.", name, strings.Join(accountTypes, ", "))
	}
	return kind, nil
}

// settledAccount finds a storage account that is not being created.
func (st *State) settledAccount(name string) (*StorageAccount, *Error) {
	a, err := st.Account(name)
	if err != nil {
		return nil, err
	}
	if a.Status != "Created" {
		return nil, errBusyf("The storage account '%s' is being created.", a.Name)
	}
	return a, st.unmigrated(MigratableStorage, a.Name)
}

// keyNames are the access keys of an account, in the order of its Keys.
var keyNames = []string{"Primary", "Secondary"}

// RegenerateKey makes an access key of a storage account anew, at once. What was
// signed with the old one is worth nothing from then on. which is Primary or
// Secondary.
func (st *State) RegenerateKey(id, name, which string) *Error {
	a, err := st.settledAccount(name)
	if err != nil {
		return err
	}
	for n, known := range keyNames {
		if strings.EqualFold(which, known) {
			st.makeKey(a, n)
			st.changes.mark(keptAccounts, key(a.Name))
			st.Done(id, "Regenerate Storage Account Keys", a.Name)
			return nil
		}
	}
	return Errorf(BadRequest, "The key type '%s' is invalid; it must be Primary or Secondary.", which)
}

// Replicated reports whether the account is kept in a second region, too, and
// whether it can be read there.
func (a *StorageAccount) Replicated() (kept, readable bool) {
	return a.Type == "Standard_GRS" || a.Type == "Standard_RAGRS", a.Type == "Standard_RAGRS"
}

// SecondaryRegion returns the region that accounts of a region are replicated to.
// Source: Microsoft's article on paired regions.
func SecondaryRegion(primary string) string { return pairedRegions[primary] }

var pairedRegions = map[string]string{
	"Central US": "East US 2", "East US 2": "Central US",
	"South Central US": "North Central US", "North Central US": "South Central US",
	"East US": "West US", "West US": "East US",
	"North Europe": "West Europe", "West Europe": "North Europe",
	"Southeast Asia": "East Asia", "East Asia": "Southeast Asia",
	"Japan West": "Japan East", "Japan East": "Japan West",
	"Brazil South":        "South Central US",
	"Australia Southeast": "Australia East", "Australia East": "Australia Southeast",
	"Central India": "South India", "South India": "Central India", "West India": "South India",
	"Canada Central": "Canada East", "Canada East": "Canada Central",
	"UK South": "UK West", "UK West": "UK South",
	"West Central US": "West US 2", "West US 2": "West Central US",
}
