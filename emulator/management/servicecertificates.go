package management

import (
	"net/http"
	"strings"

	"github.com/vipswap/vipswap/emulator/certificates"
	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/management/wire"
)

const (
	serviceCertificatesPath = servicePath + "/certificates"
	serviceCertificatePath  = serviceCertificatesPath + "/{certificate}"
)

var serviceCertificateOperations = []operation{
	{"List Service Certificates", "GET", serviceCertificatesPath, "", "2009-10-01", 200, (*Server).listServiceCertificates, "Microsoft's page; recorded traffic"},
	{"Get Service Certificate", "GET", serviceCertificatePath, "", "2009-10-01", 200, (*Server).getServiceCertificate, "Microsoft's page; recorded traffic"},
	{"Add Service Certificate", "POST", serviceCertificatesPath, "", "2009-10-01", http.StatusAccepted, (*Server).addServiceCertificate, "Microsoft's page; recorded traffic"},
	{"Delete Service Certificate", "DELETE", serviceCertificatePath, "", "2009-10-01", http.StatusAccepted, (*Server).deleteServiceCertificate, "Microsoft's page; recorded traffic"},
}

// thumbprintAlgorithm is the only one there is.
const thumbprintAlgorithm = "sha1"

// serviceCertificatesDocument is List Service Certificates.
type serviceCertificatesDocument struct {
	_           wire.Root                    `wire:"Certificates"`
	Certificate []serviceCertificateElements `wire:"Certificate,flat"`
}

type serviceCertificateElements struct {
	CertificateURL      string      `wire:"CertificateUrl"`
	Thumbprint          string      `wire:"Thumbprint"`
	ThumbprintAlgorithm string      `wire:"ThumbprintAlgorithm"`
	Data                wire.Base64 `wire:"Data"`
}

// serviceCertificateDocument is Get Service Certificate, which has nothing but
// the certificate.
type serviceCertificateDocument struct {
	_    wire.Root   `wire:"Certificate"`
	Data wire.Base64 `wire:"Data"`
}

func (s *Server) listServiceCertificates(r *request) (answer, error) {
	var doc serviceCertificatesDocument
	err := r.look(func(st *cloud.State) (bool, *cloud.Error) {
		service, err := st.Service(r.vars["service"])
		if err != nil {
			return false, err
		}
		base := r.base() + "/" + r.universe.ID() + servicesPath + "/" + service.Name + "/certificates/" + thumbprintAlgorithm + "-"
		for c := range st.ServiceCertificates(service) {
			doc.Certificate = append(doc.Certificate, serviceCertificateElements{base + c.Thumbprint, c.Thumbprint, thumbprintAlgorithm, c.Data})
		}
		return false, nil
	})
	return answer{body: doc}, err
}

// thumbprintInPath reads the name of a certificate: sha1-THUMBPRINT, in any
// casing. Of anything else there is no certificate.
func (r *request) thumbprintInPath() string {
	algorithm, thumbprint, _ := strings.Cut(r.vars["certificate"], "-")
	if !strings.EqualFold(algorithm, thumbprintAlgorithm) {
		return ""
	}
	return thumbprint
}

func (s *Server) getServiceCertificate(r *request) (answer, error) {
	var doc serviceCertificateDocument
	err := r.look(func(st *cloud.State) (bool, *cloud.Error) {
		c, err := st.ServiceCertificate(r.vars["service"], r.thumbprintInPath())
		if err != nil {
			return false, err
		}
		doc.Data = c.Data
		return false, nil
	})
	return answer{body: doc}, err
}

type addCertificateRequest struct {
	Data              wire.Base64 `wire:"Data"`
	CertificateFormat string      `wire:"CertificateFormat"`
	Password          string      `wire:"Password"`
}

// read reads the file that was sent. A missing format is pfx, the only one of
// the oldest versions.
func (b addCertificateRequest) read() (certificates.Certificate, error) {
	var c certificates.Certificate
	var err error
	switch strings.ToLower(strings.TrimSpace(b.CertificateFormat)) {
	case "pfx", "":
		c, err = certificates.ReadPFX(b.Data, b.Password)
	case "cer":
		c, err = certificates.ReadCER(b.Data)
	default:
		return c, cloud.Errorf(cloud.BadRequest, "The certificate format '%s' is invalid; it must be pfx or cer.", b.CertificateFormat)
	}
	if err != nil {
		return c, cloud.Errorf(cloud.BadRequest, "The certificate data is invalid or the password is incorrect.")
	}
	return c, nil
}

func (s *Server) addServiceCertificate(r *request) (answer, error) {
	var body addCertificateRequest
	if err := r.decode("CertificateFile", &body); err != nil {
		return answer{}, err
	}
	c, err := body.read()
	if err != nil {
		return answer{}, err
	}
	return answer{}, r.change(func(st *cloud.State) *cloud.Error {
		return st.AddServiceCertificate(r.id, r.vars["service"], c.Thumbprint, c.DER)
	})
}

func (s *Server) deleteServiceCertificate(r *request) (answer, error) {
	return answer{}, r.change(func(st *cloud.State) *cloud.Error {
		return st.DeleteServiceCertificate(r.id, r.vars["service"], r.thumbprintInPath())
	})
}
