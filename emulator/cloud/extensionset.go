package cloud

import "slices"

// An ExtensionSet says which extensions of its service a deployment applies: to
// all roles, and to single ones. A set without any is a deployment that applies
// none; it never changes once made.
type ExtensionSet struct {
	All   []ExtensionUse   `json:",omitempty"`
	Roles []RoleExtensions `json:",omitempty"`
}

// RoleExtensions are the extensions of one role.
type RoleExtensions struct {
	Role       string
	Extensions []ExtensionUse
}

// An ExtensionUse refers to an extension by its id.
type ExtensionUse struct {
	ID    string
	State ExtensionState `json:",omitempty"`
}

// An ExtensionState says what is to become of an extension.
type ExtensionState string

// The states that a request can give. None given means the same as Enable, and
// is shown in lower case (recorded).
const (
	ExtensionUnstated  ExtensionState = ""
	ExtensionEnable    ExtensionState = "Enable"
	ExtensionDisable   ExtensionState = "Disable"
	ExtensionUninstall ExtensionState = "Uninstall"
)

var extensionStates = []string{string(ExtensionEnable), string(ExtensionDisable), string(ExtensionUninstall)}

// ParseExtensionState reads a state in any casing. What is none stays as it is,
// to be refused.
func ParseExtensionState(text string) ExtensionState {
	if known, ok := foldIn(extensionStates, text); ok {
		return ExtensionState(known)
	}
	return ExtensionState(text)
}

// Empty reports whether the set applies nothing.
func (x *ExtensionSet) Empty() bool { return x == nil || len(x.All) == 0 && len(x.Roles) == 0 }

// uses reports whether the set refers to an extension other than to take it away.
func (x *ExtensionSet) uses(id string) bool {
	if x == nil {
		return false
	}
	return slices.ContainsFunc(x.list(), func(u ExtensionUse) bool { return key(u.ID) == key(id) && u.State != ExtensionUninstall })
}

// list returns all that the set refers to.
func (x *ExtensionSet) list() []ExtensionUse {
	all := slices.Clone(x.All)
	for _, r := range x.Roles {
		all = append(all, r.Extensions...)
	}
	return all
}

// checkExtensions refuses a set with a state that is none or with extensions that
// the service does not hold. The texts are ours.
func (st *State) checkExtensions(s *HostedService, x *ExtensionSet) *Error {
	if x == nil {
		return nil
	}
	for _, u := range x.list() {
		if u.State != ExtensionUnstated && !slices.Contains(extensionStates, string(u.State)) {
			return Errorf(BadRequest, "The extension state '%s' is invalid; it must be Enable, Disable or Uninstall.", u.State)
		}
		if _, ok := st.extensions.get(below(s.Name, u.ID)); !ok {
			return Errorf(BadRequest, "The extension with the ID '%s' in the extension configuration does not exist.", u.ID)
		}
	}
	return nil
}

// checkRoles refuses a set that names roles which the model does not have. The
// sentence is from a user's report; it is the operation that fails with it.
func (x *ExtensionSet) checkRoles(m *Model) *Error {
	if x == nil || m == nil {
		return nil
	}
	for _, r := range x.Roles {
		if m.roleFold(r.Role) == nil {
			return Errorf(ResourceNotFound, "The role name %s in the extension configuration is invalid.", r.Role)
		}
	}
	return nil
}

// roleFold finds a role by name, in any casing.
func (m *Model) roleFold(name string) *Role {
	i := slices.IndexFunc(m.Roles, func(r Role) bool { return key(r.Name) == key(name) })
	if i < 0 {
		return nil
	}
	return &m.Roles[i]
}

// applied returns the set as it is kept for a deployment. What all roles were
// told to uninstall is listed under each of them instead (recorded).
func (x *ExtensionSet) applied(m *Model) *ExtensionSet {
	if x.Empty() {
		return nil
	}
	kept := &ExtensionSet{}
	var uninstalled []ExtensionUse
	for _, u := range x.All {
		if u.State == ExtensionUninstall {
			uninstalled = append(uninstalled, u)
		} else {
			kept.All = append(kept.All, u)
		}
	}
	for _, r := range m.Roles {
		uses := slices.Clone(uninstalled)
		for _, named := range x.Roles {
			if key(named.Role) == key(r.Name) {
				uses = append(uses, named.Extensions...)
			}
		}
		if len(uses) > 0 {
			kept.Roles = append(kept.Roles, RoleExtensions{r.Name, uses})
		}
	}
	return kept
}

// checkReferences says why an update or a new deployment cannot be: it names
// certificates that its service does not hold, roles that it does not have, or a
// virtual network that is being migrated.
func (st *State) checkReferences(s *HostedService, m *Model, x *ExtensionSet) *Error {
	return firstError(st.checkCertificates(s, m), x.checkRoles(m), st.unmigrated(MigratableNetwork, m.VirtualNetwork))
}

// extensionsAfter returns what a deployment applies after an update: what it
// applied before, when the update says nothing (not documented).
func (d *Deployment) extensionsAfter(x *ExtensionSet, m *Model) *ExtensionSet {
	if x == nil {
		x = d.Extensions
	}
	return x.applied(m)
}
