package management

import (
	"context"
	"encoding/xml"
	"fmt"
	"net/http"
)

const (
	hostedServices     = "hostedservices"
	continuationHeader = "x-ms-continuation-token"
	maxPages           = 1000 // of a listing
)

type serviceDocument struct {
	XMLName    xml.Name `xml:"http://schemas.microsoft.com/windowsazure HostedService"`
	URL        string   `xml:"Url"`
	Name       string   `xml:"ServiceName"`
	Properties struct {
		Description   string             `xml:"Description"`
		AffinityGroup string             `xml:"AffinityGroup"`
		Location      string             `xml:"Location"`
		Label         encoded            `xml:"Label"`
		Status        string             `xml:"Status"`
		Created       timestamp          `xml:"DateCreated"`
		LastModified  timestamp          `xml:"DateLastModified"`
		Extended      []propertyDocument `xml:"ExtendedProperties>ExtendedProperty"`
	} `xml:"HostedServiceProperties"`
	Deployments []deploymentDocument `xml:"Deployments>Deployment"` // with embed-detail=true only
}

func (d *serviceDocument) service() Service {
	p := &d.Properties
	return Service{
		Name:          d.Name,
		URL:           d.URL,
		Label:         string(p.Label),
		Description:   p.Description,
		Location:      p.Location,
		AffinityGroup: p.AffinityGroup,
		Status:        p.Status,
		Created:       p.Created.Time,
		LastModified:  p.LastModified.Time,
		Properties:    properties(p.Extended),
	}
}

type servicesDocument struct {
	XMLName  xml.Name          `xml:"http://schemas.microsoft.com/windowsazure HostedServices"`
	Services []serviceDocument `xml:"HostedService"`
}

// Services lists the subscription's cloud services, all pages of it (List Cloud
// Services).
func (c *Client) Services(ctx context.Context) ([]Service, error) {
	k := call{operation: "List Cloud Services", action: "list services", method: http.MethodGet, path: []string{"services", hostedServices}}
	var all []Service
	for range maxPages {
		var doc servicesDocument
		k.into = &doc
		a, err := c.do(ctx, k)
		if err != nil {
			return nil, err
		}
		for i := range doc.Services {
			all = append(all, doc.Services[i].service())
		}
		if k.page = a.header.Get(continuationHeader); k.page == "" {
			return all, nil
		}
	}
	return nil, fmt.Errorf("%s: the list has no end after %d pages", k.action, maxPages)
}

// Service reads one cloud service without its deployments (Get Cloud Service
// Properties). A service that does not exist gives an [*Error] with CodeNotFound.
func (c *Client) Service(ctx context.Context, name string) (Service, error) {
	doc, err := c.serviceProperties(ctx, name, "")
	return doc.service(), err
}

// ServiceDetail reads one cloud service and what its slots hold, at one moment
// (Get Cloud Service Properties with embed-detail). A service that does not exist
// gives an [*Error] with CodeNotFound.
func (c *Client) ServiceDetail(ctx context.Context, name string) (ServiceDetail, error) {
	doc, err := c.serviceProperties(ctx, name, "embed-detail=true")
	if err != nil {
		return ServiceDetail{}, err
	}
	detail := ServiceDetail{Service: doc.service()}
	for i := range doc.Deployments {
		detail.Deployments = append(detail.Deployments, doc.Deployments[i].deployment())
	}
	return detail, nil
}

func (c *Client) serviceProperties(ctx context.Context, name, query string) (*serviceDocument, error) {
	doc := &serviceDocument{}
	_, err := c.do(ctx, call{
		operation: "Get Cloud Service Properties",
		action:    "read service " + name,
		method:    http.MethodGet,
		path:      []string{"services", hostedServices, name},
		query:     query,
		into:      doc,
	})
	if err != nil {
		return &serviceDocument{}, err
	}
	return doc, nil
}

// createServiceDocument and the request documents below have their elements in
// the order of the service's data contract, which drops those out of order.
type createServiceDocument struct {
	XMLName       xml.Name      `xml:"http://schemas.microsoft.com/windowsazure CreateHostedService"`
	Name          string        `xml:"ServiceName"`
	Label         encoded       `xml:"Label"`
	Description   string        `xml:"Description,omitempty"`
	Location      string        `xml:"Location,omitempty"`
	AffinityGroup string        `xml:"AffinityGroup,omitempty"`
	Properties    *propertyList `xml:"ExtendedProperties,omitempty"`
}

// CreateService makes a cloud service (Create Cloud Service). It is there when
// the call returns nil. A name that is taken anywhere gives an [*Error] with
// CodeConflict, a bad name or location one with code BadRequest.
func (c *Client) CreateService(ctx context.Context, s NewService) error {
	_, err := c.do(ctx, call{
		operation: "Create Cloud Service",
		action:    "create service " + s.Name,
		method:    http.MethodPost,
		path:      []string{"services", hostedServices},
		body: &createServiceDocument{
			Name:          s.Name,
			Label:         encoded(orDefault(s.Label, s.Name)),
			Description:   s.Description,
			Location:      s.Location,
			AffinityGroup: s.AffinityGroup,
			Properties:    newPropertyList(s.Properties),
		},
	})
	return err
}

type updateServiceDocument struct {
	XMLName     xml.Name      `xml:"http://schemas.microsoft.com/windowsazure UpdateHostedService"`
	Label       *encoded      `xml:"Label,omitempty"`
	Description *string       `xml:"Description,omitempty"`
	Properties  *propertyList `xml:"ExtendedProperties,omitempty"`
}

// UpdateService changes a service's label, description and extended properties
// (Update Cloud Service). It is done when the call returns nil. A service that
// does not exist gives an [*Error] with CodeNotFound.
func (c *Client) UpdateService(ctx context.Context, name string, u ServiceUpdate) error {
	doc := &updateServiceDocument{Description: u.Description, Properties: newPropertyList(u.Properties)}
	if u.Label != "" {
		label := encoded(u.Label)
		doc.Label = &label
	}
	_, err := c.do(ctx, call{
		operation: "Update Cloud Service",
		action:    "update service " + name,
		method:    http.MethodPut,
		path:      []string{"services", hostedServices, name},
		body:      doc,
	})
	return err
}

// DeleteService deletes a cloud service (Delete Cloud Service) and returns the
// id of the operation. With deleteMedia its deployments and their disks go too;
// without it a service that still has deployments is refused. A service that
// does not exist gives an [*Error] with CodeNotFound.
func (c *Client) DeleteService(ctx context.Context, name string, deleteMedia bool) (operationID string, err error) {
	k := call{
		operation: "Delete Cloud Service",
		action:    "delete service " + name,
		method:    http.MethodDelete,
		path:      []string{"services", hostedServices, name},
	}
	if deleteMedia {
		k.query = "comp=media"
	}
	return c.begin(ctx, k)
}

// ServiceNameAvailable asks whether a cloud service of that name can be created
// anywhere (Check Cloud Service Name Availability). If not, reason is the
// service's sentence about it.
func (c *Client) ServiceNameAvailable(ctx context.Context, name string) (available bool, reason string, err error) {
	return c.nameAvailable(ctx, hostedServices, "service", name)
}
