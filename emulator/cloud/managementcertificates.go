package cloud

import (
	"strings"
	"time"
)

// A ManagementCertificate may manage the subscription.
type ManagementCertificate struct {
	Thumbprint string // SHA-1, upper-case hex
	Data       []byte // the certificate, DER
	PublicKey  []byte // PKCS #1 for an RSA key, otherwise SubjectPublicKeyInfo
	Created    time.Time
}

const keptManagementCertificates = "managementcertificates"

// The operations on management certificates, which are done at once.
const (
	AddManagementCertificate    Kind = "Add Management Certificate"
	DeleteManagementCertificate Kind = "Delete Management Certificate"
)

// Authorized reports whether the certificate with this SHA-1 thumbprint (hex)
// may manage the subscription.
func (st *State) Authorized(thumbprint string) bool {
	_, ok := st.managers.get(thumbprint)
	return ok
}

// Authorize lets a certificate manage the subscription, without a request. One
// that may already stays as it is.
func (st *State) Authorize(c ManagementCertificate) {
	if st.Authorized(c.Thumbprint) {
		return
	}
	c.Thumbprint, c.Created = strings.ToUpper(c.Thumbprint), st.Now
	st.managers.put(c.Thumbprint, &c)
	st.changes.mark(keptManagementCertificates, key(c.Thumbprint))
}

// ManagementCertificates yields the certificates that may manage the
// subscription, in order of thumbprint.
func (st *State) ManagementCertificates(yield func(*ManagementCertificate) bool) {
	st.managers.all(yield)
}

// ManagementCertificate finds a certificate by its thumbprint. The text is the
// one recorded for service certificates.
func (st *State) ManagementCertificate(thumbprint string) (*ManagementCertificate, *Error) {
	if c, ok := st.managers.get(thumbprint); ok {
		return c, nil
	}
	return nil, errNoCertificate()
}

// AddManagementCertificate lets a certificate manage the subscription from now
// on. What happens to one that is there already is not documented: nothing.
func (st *State) AddManagementCertificate(id string, c ManagementCertificate) *Error {
	if !st.Authorized(c.Thumbprint) {
		if err := st.Quotas.check("management certificate count", st.Quotas.ManagementCertificates, st.managers.len(), 1); err != nil {
			return err
		}
	}
	st.Authorize(c)
	st.Done(id, AddManagementCertificate, "")
	return nil
}

// DeleteManagementCertificate shuts a certificate out from now on, be it the one
// that asks for it or the last one.
func (st *State) DeleteManagementCertificate(id, thumbprint string) *Error {
	c, err := st.ManagementCertificate(thumbprint)
	if err != nil {
		return err
	}
	st.managers.remove(c.Thumbprint)
	st.changes.mark(keptManagementCertificates, key(c.Thumbprint))
	st.Done(id, DeleteManagementCertificate, "")
	return nil
}
