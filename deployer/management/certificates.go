package management

import (
	"context"
	"encoding/xml"
	"net/http"
)

type certificatesDocument struct {
	XMLName      xml.Name `xml:"http://schemas.microsoft.com/windowsazure Certificates"`
	Certificates []struct {
		Thumbprint string `xml:"Thumbprint"`
		Algorithm  string `xml:"ThumbprintAlgorithm"`
	} `xml:"Certificate"`
}

// ServiceCertificates lists the thumbprints, in hex, of the certificates that a
// cloud service has (List Service Certificates).
func (c *Client) ServiceCertificates(ctx context.Context, service string) ([]string, error) {
	var doc certificatesDocument
	_, err := c.do(ctx, call{
		operation: "List Service Certificates",
		action:    "list the certificates of " + service, method: http.MethodGet,
		path: []string{"services", hostedServices, service, "certificates"}, into: &doc,
	})
	if err != nil {
		return nil, err
	}
	var thumbprints []string
	for _, found := range doc.Certificates {
		thumbprints = append(thumbprints, found.Thumbprint)
	}
	return thumbprints, nil
}
