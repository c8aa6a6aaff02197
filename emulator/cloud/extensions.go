package cloud

import (
	"strings"

	"github.com/vipswap/vipswap/internal/lazyregexp"
)

// An Extension is a configuration of an extension that a hosted service holds,
// for its deployments to refer to. Its private configuration is not kept:
// nothing ever shows it, and it holds passwords.
type Extension struct {
	Service             string // as the service is named
	ProviderNamespace   string
	Type                string
	ID                  string
	Version             string
	Thumbprint          string // of the certificate that encrypts the private configuration, or ""
	ThumbprintAlgorithm string
	PublicConfiguration []byte
}

const keptExtensions = "extensions"

// The operations on extensions.
const (
	AddExtension    Kind = "Add Extension"
	DeleteExtension Kind = "Delete Extension"
)

// extensionID is what the id of an extension may be. Letters, digits and hyphens
// are documented; clients begin it with the name of a role, which may hold more.
var extensionID = lazyregexp.New(`^[A-Za-z0-9][A-Za-z0-9._-]{0,254}$`)

// anyVersion is the version of an extension that was added without one.
const anyVersion = "*"

// Extensions yields the extensions of a hosted service in order of id.
func (st *State) Extensions(s *HostedService) func(yield func(*Extension) bool) {
	return st.extensions.within(s.Name)
}

// Extension finds an extension of a hosted service by its id.
func (st *State) Extension(service, extension string) (*Extension, *Error) {
	s, err := st.Service(service)
	if err != nil {
		return nil, err
	}
	if e, ok := st.extensions.get(below(s.Name, extension)); ok {
		return e, nil
	}
	return nil, Errorf(ResourceNotFound, "The extension with the ID '%s' does not exist.", extension)
}

// AddExtension begins to add an extension to a hosted service. e.Service plays
// no part.
func (st *State) AddExtension(id, service string, e Extension) *Error {
	s, err := st.Service(service)
	if err != nil {
		return err
	}
	if err := firstError(st.checkExtension(s, e), st.extensible(s, e)); err != nil {
		return err
	}
	if have, taken := st.extensions.get(below(s.Name, e.ID)); taken {
		return Errorf(ConflictError, "An extension with the ID '%s' already exists.", have.ID)
	}
	e.Service, e.Thumbprint = s.Name, strings.ToUpper(e.Thumbprint)
	if e.Version == "" {
		e.Version = anyVersion
	}
	if e.Thumbprint != "" && e.ThumbprintAlgorithm == "" {
		e.ThumbprintAlgorithm = "sha1"
	}
	st.holdService(s, id, AddExtension, Order{Extension: &e}, st.Durations.Extension)
	return nil
}

// checkExtension refuses an extension that can be none. That the certificate
// must be there follows from what it is for; in strict mode the type must be one
// that List Available Extensions shows.
func (st *State) checkExtension(s *HostedService, e Extension) *Error {
	switch {
	case e.ProviderNamespace == "" || e.Type == "" || e.ID == "":
		return Errorf(BadRequest, "ProviderNameSpace, Type and Id must be specified.")
	case !extensionID().MatchString(e.ID):
		return Errorf(BadRequest, "The extension ID '%s' is invalid.", e.ID)
	case e.ThumbprintAlgorithm != "" && !strings.EqualFold(e.ThumbprintAlgorithm, "sha1"):
		return Errorf(BadRequest, "The thumbprint algorithm '%s' is invalid; it must be sha1.", e.ThumbprintAlgorithm)
	case st.Strict && len(ExtensionVersions(e.ProviderNamespace, e.Type)) == 0:
		return Errorf(BadRequest, "The extension with namespace %s, type %s is not available.", e.ProviderNamespace, e.Type)
	}
	if e.Thumbprint == "" {
		return nil
	}
	return st.checkCertificates(s, &Model{Roles: []Role{{Certificates: []string{e.Thumbprint}}}})
}

// extensible refuses while an operation holds the service; the text is another
// one when that is on an extension of the same type (reported by users).
func (st *State) extensible(s *HostedService, e Extension) *Error {
	if op := st.operations[s.Busy]; op != nil && op.Order != nil && op.Order.Extension.like(e) {
		err := Errorf(ConflictError, "Another operation on extension with namespace %s, type %s is already in progress.", e.ProviderNamespace, e.Type)
		err.busy = true
		return err
	}
	_, err := st.changeable(s.Name)
	return err
}

// like reports whether two extensions are of the same type.
func (e *Extension) like(other Extension) bool {
	return e != nil && key(e.ProviderNamespace) == key(other.ProviderNamespace) && key(e.Type) == key(other.Type)
}

func (st *State) finishAddExtension(op *Operation) {
	e := op.Order.Extension
	if s, ok := st.releaseService(op); ok {
		at := below(s.Name, e.ID)
		st.extensions.put(at, e)
		st.changes.mark(keptExtensions, at)
	}
}

// DeleteExtension begins to delete an extension that no deployment of the
// service refers to. The refusal of one in use is not documented.
func (st *State) DeleteExtension(id, service, extension string) *Error {
	e, err := st.Extension(service, extension)
	if err != nil {
		return err
	}
	s, err := st.Service(service)
	if err != nil {
		return err
	}
	if err := st.extensible(s, *e); err != nil {
		return err
	}
	for v := range st.versions(s) {
		if v.Extensions.uses(e.ID) {
			return Errorf(BadRequest, "The extension '%s' is in use by a deployment and cannot be deleted.", e.ID)
		}
	}
	st.holdService(s, id, DeleteExtension, Order{Extension: e}, st.Durations.Extension)
	return nil
}

func (st *State) finishDeleteExtension(op *Operation) {
	gone := op.Order.Extension.ID
	if s, ok := st.releaseService(op); ok {
		at := below(s.Name, gone)
		st.extensions.remove(at)
		st.changes.mark(keptExtensions, at)
	}
}
