package cloud

import (
	"slices"
	"strings"
)

// A ServiceCertificate is a certificate that a hosted service holds for its
// deployments. Its private key, where it came with one, is not kept: nothing
// ever shows it.
type ServiceCertificate struct {
	Service    string // as the service is named
	Thumbprint string // SHA-1, upper-case hex
	Data       []byte // the certificate, DER
}

const keptServiceCertificates = "servicecertificates"

// The operations on service certificates.
const (
	AddServiceCertificate    Kind = "Add Service Certificate"
	DeleteServiceCertificate Kind = "Delete Service Certificate"
)

// ServiceCertificates yields the certificates of a hosted service in order of
// thumbprint.
func (st *State) ServiceCertificates(s *HostedService) func(yield func(*ServiceCertificate) bool) {
	return st.serviceCertificates.within(s.Name)
}

// ServiceCertificate finds a certificate of a hosted service by its thumbprint.
// The refusals are recorded.
func (st *State) ServiceCertificate(service, thumbprint string) (*ServiceCertificate, *Error) {
	s, err := st.Service(service)
	if err != nil {
		return nil, err
	}
	if c, ok := st.serviceCertificates.get(below(s.Name, thumbprint)); ok {
		return c, nil
	}
	return nil, errNoCertificate()
}

func errNoCertificate() *Error {
	return Errorf(ResourceNotFound, "The certificate was not found.")
}

// AddServiceCertificate begins to add a certificate to a hosted service. One
// that is there already is added again without effect.
func (st *State) AddServiceCertificate(id, service, thumbprint string, der []byte) *Error {
	s, err := st.changeable(service)
	if err != nil {
		return err
	}
	c := ServiceCertificate{Service: s.Name, Thumbprint: strings.ToUpper(thumbprint), Data: der}
	st.holdService(s, id, AddServiceCertificate, Order{Certificate: &c}, st.Durations.Certificate)
	return nil
}

func (st *State) finishAddCertificate(op *Operation) {
	c := op.Order.Certificate
	if s, ok := st.releaseService(op); ok {
		at := below(s.Name, c.Thumbprint)
		st.serviceCertificates.put(at, c)
		st.changes.mark(keptServiceCertificates, at)
	}
}

// DeleteServiceCertificate begins to delete a certificate that no deployment of
// the service names. That one in use is a conflict is not documented.
func (st *State) DeleteServiceCertificate(id, service, thumbprint string) *Error {
	c, err := st.ServiceCertificate(service, thumbprint)
	if err != nil {
		return err
	}
	s, err := st.changeable(service)
	if err != nil {
		return err
	}
	for v := range st.versions(s) {
		if slices.Contains(v.Model.certificates(), c.Thumbprint) {
			return Errorf(ConflictError, "The certificate with thumbprint %s is in use by a deployment and cannot be deleted.", strings.ToLower(c.Thumbprint))
		}
	}
	st.holdService(s, id, DeleteServiceCertificate, Order{Certificate: &ServiceCertificate{Thumbprint: c.Thumbprint}}, st.Durations.Certificate)
	return nil
}

func (st *State) finishDeleteCertificate(op *Operation) {
	thumbprint := op.Order.Certificate.Thumbprint
	if s, ok := st.releaseService(op); ok {
		at := below(s.Name, thumbprint)
		st.serviceCertificates.remove(at)
		st.changes.mark(keptServiceCertificates, at)
	}
}

// certificates returns the thumbprints that the roles of a model name, each once.
func (m *Model) certificates() []string {
	if m == nil {
		return nil
	}
	var all []string
	for _, r := range m.Roles {
		for _, thumbprint := range r.Certificates {
			if !slices.Contains(all, thumbprint) {
				all = append(all, thumbprint)
			}
		}
	}
	return all
}

// checkCertificates refuses a model that names certificates which the service
// does not hold. The sentence is from users' reports, in lower case there; that
// several are reported together is ours.
func (st *State) checkCertificates(s *HostedService, m *Model) *Error {
	var missing []string
	for _, thumbprint := range m.certificates() {
		if _, ok := st.serviceCertificates.get(below(s.Name, thumbprint)); !ok {
			missing = append(missing, "The certificate with thumbprint "+strings.ToLower(thumbprint)+" was not found.")
		}
	}
	if missing == nil {
		return nil
	}
	return Errorf(BadRequest, "%s", strings.Join(missing, " "))
}

// versions yields all that deployments of a service are, may be put back to, or
// are about to become.
func (st *State) versions(s *HostedService) func(yield func(*Version) bool) {
	return func(yield func(*Version) bool) {
		for _, slot := range Slots {
			d := s.Slots[slot].Deployment
			if d == nil {
				continue
			}
			all := []*Version{&d.Version}
			if d.Rollout != nil && d.Rollout.Previous != nil {
				all = append(all, d.Rollout.Previous)
			}
			if op := st.operations[d.Busy]; op != nil && op.Order != nil && op.Order.Version != nil {
				all = append(all, op.Order.Version)
			}
			for _, v := range all {
				if !yield(v) {
					return
				}
			}
		}
	}
}

// changeable finds a hosted service to change what it holds beside deployments.
// An operation on a deployment does not stand in the way; one on the service
// does, and so does a migration.
func (st *State) changeable(service string) (*HostedService, *Error) {
	s, err := st.Service(service)
	switch {
	case err != nil:
		return nil, err
	case s.Busy != "":
		return nil, errBusyService()
	}
	return s, s.migrating()
}
