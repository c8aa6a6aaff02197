package cloud

import (
	"slices"
	"time"
)

// An AffinityGroup is a name for a place: what is in the same group is put close
// together.
type AffinityGroup struct {
	Name        string
	Label       string
	Description *string
	Location    string
	Created     time.Time
}

// A GroupSpec is what Create Affinity Group asks for.
type GroupSpec struct {
	Name        string
	Label       string
	Description *string
	Location    string
}

// Group finds an affinity group by name, in any casing. The text is recorded.
func (st *State) Group(name string) (*AffinityGroup, *Error) {
	if g, ok := st.groups.get(name); ok {
		return g, nil
	}
	return nil, Errorf(ResourceNotFound, "The affinity group name could not be found or is malformed.")
}

// Groups yields the affinity groups in order of name.
func (st *State) Groups(yield func(*AffinityGroup) bool) { st.groups.all(yield) }

// CreateGroup makes an affinity group, at once.
func (st *State) CreateGroup(id string, spec GroupSpec) *Error {
	if !validGroupName(spec.Name) {
		return errGroupName()
	}
	if _, taken := st.groups.get(spec.Name); taken {
		return Errorf(ConflictError, "The affinity group '%s' already exists.", spec.Name)
	}
	err := firstError(checkLabel(spec.Label), checkDescription(spec.Description), checkLocation(spec.Location))
	if err != nil {
		return err
	}
	g := &AffinityGroup{Name: spec.Name, Label: spec.Label, Description: spec.Description, Location: spec.Location, Created: st.Now}
	st.groups.put(g.Name, g)
	st.changes.mark(keptGroups, key(g.Name))
	st.Done(id, "Create Affinity Group", g.Name)
	return nil
}

func errGroupName() *Error { return Errorf(BadRequest, "The affinity group name is invalid.") }

// UpdateGroup changes label and description of an affinity group, at once. The
// label is required; a description of nil keeps the one that is there.
func (st *State) UpdateGroup(id, name, label string, description *string) *Error {
	g, err := st.Group(name)
	if err != nil {
		return err
	}
	if err := firstError(checkLabel(label), checkDescription(description)); err != nil {
		return err
	}
	g.Label = label
	if description != nil {
		g.Description = description
	}
	st.changes.mark(keptGroups, key(g.Name))
	st.Done(id, "Update Affinity Group", g.Name)
	return nil
}

// DeleteGroup removes an affinity group that nothing is in, at once. A name that
// no group can have is refused as such (recorded).
func (st *State) DeleteGroup(id, name string) *Error {
	if !validGroupName(name) {
		return errGroupName()
	}
	g, err := st.Group(name)
	if err != nil {
		return err
	}
	if st.groupInUse(g) {
		return Errorf(ConflictError, "The affinity group '%s' is in use and cannot be deleted.", g.Name)
	}
	st.groups.remove(g.Name)
	st.changes.mark(keptGroups, key(g.Name))
	st.Done(id, "Delete Affinity Group", g.Name)
	return nil
}

// InGroup lists the hosted services and the storage accounts of an affinity
// group, each in order of name.
func (st *State) InGroup(g *AffinityGroup) (services []*HostedService, accounts []*StorageAccount) {
	for s := range st.services.all {
		if key(s.AffinityGroup) == key(g.Name) {
			services = append(services, s)
		}
	}
	for a := range st.accounts.all {
		if key(a.AffinityGroup) == key(g.Name) {
			accounts = append(accounts, a)
		}
	}
	return services, accounts
}

// groupInUse reports whether a service, a storage account or a virtual network
// is in the group.
func (st *State) groupInUse(g *AffinityGroup) bool {
	services, accounts := st.InGroup(g)
	return len(services)+len(accounts) > 0 ||
		slices.ContainsFunc(st.Sites(), func(site VirtualNetworkSite) bool { return key(site.AffinityGroup) == key(g.Name) })
}

// checkLocation refuses a location that the subscription does not have.
func checkLocation(location string) *Error {
	if !knownLocation(location) {
		return Errorf(BadRequest, "The location '%s' is not available to this subscription.", location)
	}
	return nil
}

// checkPlace refuses anything but one known location or one affinity group.
func (st *State) checkPlace(location, group string) *Error {
	if (location == "") == (group == "") {
		return Errorf(BadRequest, "Exactly one of Location and AffinityGroup must be specified.")
	}
	if location != "" {
		return checkLocation(location)
	}
	if _, known := st.groups.get(group); !known {
		return Errorf(BadRequest, "The affinity group '%s' does not exist.", group)
	}
	return nil
}

// placeOf returns the location of what is at a location or in an affinity group,
// spelt as List Locations has it.
func (st *State) placeOf(location, group string) string {
	if g, ok := st.groups.get(group); ok {
		location = g.Location
	}
	known, _ := foldIn(regions, location)
	return known
}

// Region returns the location that a hosted service is at, by itself or through
// its affinity group.
func (st *State) Region(s *HostedService) string { return st.placeOf(s.Location, s.AffinityGroup) }

// AccountRegion returns the location that a storage account is at, by itself or
// through its affinity group.
func (st *State) AccountRegion(a *StorageAccount) string {
	return st.placeOf(a.Location, a.AffinityGroup)
}
