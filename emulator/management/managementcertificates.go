package management

import (
	"net/http"
	"strings"
	"time"

	"github.com/vipswap/vipswap/emulator/certificates"
	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/management/wire"
)

const (
	managementCertificatesPath = "/certificates"
	managementCertificatePath  = managementCertificatesPath + "/{thumbprint}"
)

var managementCertificateOperations = []operation{
	{"List Management Certificates", "GET", managementCertificatesPath, "", "2012-03-01", 200, (*Server).listManagementCertificates, "Microsoft's page; recorded traffic"},
	{"Get Management Certificate", "GET", managementCertificatePath, "", "2012-03-01", 200, (*Server).getManagementCertificate, "Microsoft's page; recorded traffic"},
	{"Add Management Certificate", "POST", managementCertificatesPath, "", "2012-03-01", http.StatusOK, (*Server).addManagementCertificate, "Microsoft's page; what clients require"},
	{"Delete Management Certificate", "DELETE", managementCertificatePath, "", "2012-03-01", 200, (*Server).deleteManagementCertificate, "Microsoft's page"},
}

// managementCertificatesDocument is List Management Certificates.
type managementCertificatesDocument struct {
	_                       wire.Root                       `wire:"SubscriptionCertificates"`
	SubscriptionCertificate []managementCertificateElements `wire:"SubscriptionCertificate,flat"`
}

// managementCertificateDocument is Get Management Certificate.
type managementCertificateDocument struct {
	_ wire.Root `wire:"SubscriptionCertificate"`
	managementCertificateElements
}

type managementCertificateElements struct {
	PublicKey  wire.Base64 `wire:"SubscriptionCertificatePublicKey"`
	Thumbprint string      `wire:"SubscriptionCertificateThumbprint"`
	Data       wire.Base64 `wire:"SubscriptionCertificateData"`
	Created    string      `wire:"Created"`
}

// preciseTime is how this one group writes times: with seven decimals (recorded).
const preciseTime = "2006-01-02T15:04:05.0000000Z"

func managementCertificateOf(c *cloud.ManagementCertificate) managementCertificateElements {
	return managementCertificateElements{c.PublicKey, c.Thumbprint, c.Data, c.Created.In(time.UTC).Format(preciseTime)}
}

func (s *Server) listManagementCertificates(r *request) (answer, error) {
	var doc managementCertificatesDocument
	err := r.look(func(st *cloud.State) (bool, *cloud.Error) {
		for c := range st.ManagementCertificates {
			doc.SubscriptionCertificate = append(doc.SubscriptionCertificate, managementCertificateOf(c))
		}
		return false, nil
	})
	return answer{body: doc}, err
}

func (s *Server) getManagementCertificate(r *request) (answer, error) {
	var doc managementCertificateDocument
	err := r.look(func(st *cloud.State) (bool, *cloud.Error) {
		c, err := st.ManagementCertificate(r.vars["thumbprint"])
		if err != nil {
			return false, err
		}
		doc.managementCertificateElements = managementCertificateOf(c)
		return false, nil
	})
	return answer{body: doc}, err
}

// addManagementRequest names key and thumbprint beside the certificate that they
// follow from. The key is not looked at.
type addManagementRequest struct {
	Thumbprint string      `wire:"SubscriptionCertificateThumbprint"`
	Data       wire.Base64 `wire:"SubscriptionCertificateData"`
}

func (s *Server) addManagementCertificate(r *request) (answer, error) {
	var body addManagementRequest
	if err := r.decode("SubscriptionCertificate", &body); err != nil {
		return answer{}, err
	}
	c, err := certificates.ReadCER(body.Data)
	if err != nil {
		return answer{}, cloud.Errorf(cloud.BadRequest, "The certificate data is invalid.")
	}
	if given := strings.TrimSpace(body.Thumbprint); given != "" && !strings.EqualFold(given, c.Thumbprint) {
		return answer{}, cloud.Errorf(cloud.BadRequest, "The thumbprint %s is not that of the certificate, which is %s.", given, c.Thumbprint)
	}
	err = r.change(func(st *cloud.State) *cloud.Error {
		return st.AddManagementCertificate(r.id, cloud.ManagementCertificate{Thumbprint: c.Thumbprint, Data: c.DER, PublicKey: c.PublicKey})
	})
	return answer{location: r.base() + "/subscriptions/" + r.universe.ID() + "/certificates/" + c.Thumbprint}, err
}

func (s *Server) deleteManagementCertificate(r *request) (answer, error) {
	return answer{}, r.change(func(st *cloud.State) *cloud.Error {
		return st.DeleteManagementCertificate(r.id, r.vars["thumbprint"])
	})
}
