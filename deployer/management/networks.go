package management

import (
	"context"
	"encoding/xml"
	"net/http"
)

// A ReservedIP is a public address that the subscription keeps, and who uses it.
type ReservedIP struct {
	Name       string
	Address    string
	Location   string
	InUse      bool
	Service    string // that uses it, "" when it is free
	Deployment string // of the service
}

// A VirtualNetwork is a network that deployments can be in.
type VirtualNetwork struct {
	Name    string
	Subnets []string // names
}

type reservedIPsDocument struct {
	XMLName xml.Name `xml:"http://schemas.microsoft.com/windowsazure ReservedIPs"`
	All     []struct {
		Name       string `xml:"Name"`
		Address    string `xml:"Address"`
		Location   string `xml:"Location"`
		InUse      bool   `xml:"InUse"`
		Service    string `xml:"ServiceName"`
		Deployment string `xml:"DeploymentName"`
	} `xml:"ReservedIP"`
}

// ReservedIPs lists the reserved addresses of the subscription (List Reserved IP
// Addresses), in the service's order.
func (c *Client) ReservedIPs(ctx context.Context) ([]ReservedIP, error) {
	var doc reservedIPsDocument
	if err := c.listNetworking(ctx, "List Reserved IP Addresses", "list reserved addresses", "reservedips", &doc); err != nil {
		return nil, err
	}
	var all []ReservedIP
	for _, ip := range doc.All {
		all = append(all, ReservedIP(ip))
	}
	return all, nil
}

type virtualNetworksDocument struct {
	XMLName xml.Name `xml:"http://schemas.microsoft.com/windowsazure VirtualNetworkSites"`
	All     []struct {
		Name    string   `xml:"Name"`
		Subnets []string `xml:"Subnets>Subnet>Name"`
	} `xml:"VirtualNetworkSite"`
}

// VirtualNetworks lists the virtual networks of the subscription with their subnets
// (List Virtual Network Sites), in the service's order.
func (c *Client) VirtualNetworks(ctx context.Context) ([]VirtualNetwork, error) {
	var doc virtualNetworksDocument
	if err := c.listNetworking(ctx, "List Virtual Network Sites", "list virtual networks", "virtualnetwork", &doc); err != nil {
		return nil, err
	}
	var all []VirtualNetwork
	for _, n := range doc.All {
		all = append(all, VirtualNetwork(n))
	}
	return all, nil
}

func (c *Client) listNetworking(ctx context.Context, operation, action, kind string, into any) error {
	_, err := c.do(ctx, call{operation: operation, action: action, method: http.MethodGet, path: []string{"services", "networking", kind}, into: into})
	return err
}
