package management

import (
	"errors"
	"net/http"

	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/management/wire"
	"github.com/vipswap/vipswap/emulator/network"
)

const networkPath = "/services/networking/media"

var networkOperations = []operation{
	{"Get Network Configuration", "GET", networkPath, "", "2012-03-01", 200, (*Server).getNetwork, "Microsoft's page; recorded traffic"},
	{"Set Network Configuration", "PUT", networkPath, "", "2012-03-01", http.StatusAccepted, (*Server).putNetwork, "recorded traffic; clients"},
	{"List Virtual Network Sites", "GET", "/services/networking/virtualnetwork", "", "2012-03-01", 200, (*Server).listSites, "recorded traffic; clients"},
}

// byteOrderMark stands in front of the file whenever it is read (recorded).
const byteOrderMark = "\uFEFF"

func (s *Server) getNetwork(r *request) (answer, error) {
	var file []byte
	err := r.look(func(st *cloud.State) (bool, *cloud.Error) {
		document, err := st.Network()
		file = append([]byte(byteOrderMark), document...)
		return st.NetworkBusy(), err
	})
	return answer{encoded: file, plain: true}, err
}

// putNetwork replaces the file. What is wrong with it is told at once.
func (s *Server) putNetwork(r *request) (answer, error) {
	next, err := network.Parse(r.body)
	var wrong *network.Error
	if errors.As(err, &wrong) {
		return answer{}, cloud.Errorf(cloud.BadRequest, "The network configuration is invalid: %v", wrong)
	}
	if err != nil {
		return answer{}, err
	}
	return answer{}, r.change(func(st *cloud.State) *cloud.Error { return st.PutNetwork(r.id, *next) })
}

// sitesDocument is List Virtual Network Sites.
type sitesDocument struct {
	_    wire.Root      `wire:"VirtualNetworkSites"`
	Site []siteElements `wire:"VirtualNetworkSite,flat"`
}

type siteElements struct {
	Name           string           `wire:"Name"`
	ID             string           `wire:"Id"`
	AffinityGroup  string           `wire:"AffinityGroup,omitempty"`
	State          string           `wire:"State"`
	InUse          bool             `wire:"InUse,omitempty"`
	AddressSpace   addressSpace     `wire:"AddressSpace"`
	Subnets        []subnetElements `wire:"Subnets>Subnet"`
	DNS            *dnsElements     `wire:"Dns"`
	Location       string           `wire:"Location,omitempty"`
	MigrationState string           `wire:"MigrationState,omitempty"`
}

type addressSpace struct {
	AddressPrefixes []string `wire:"AddressPrefixes>AddressPrefix"`
}

type subnetElements struct {
	Name          string `wire:"Name"`
	AddressPrefix string `wire:"AddressPrefix"`
}

func siteOf(site cloud.VirtualNetworkSite, used bool) siteElements {
	e := siteElements{
		Name: site.Name, ID: dashed(site.ID), AffinityGroup: site.AffinityGroup, State: "Created", InUse: used,
		AddressSpace: addressSpace{site.Prefixes}, DNS: dnsOf(site.DNSServers), Location: site.Location,
	}
	for _, subnet := range site.Subnets {
		e.Subnets = append(e.Subnets, subnetElements{subnet.Name, subnet.Prefix})
	}
	return e
}

func (s *Server) listSites(r *request) (answer, error) {
	var doc sitesDocument
	err := r.look(func(st *cloud.State) (bool, *cloud.Error) {
		doc.Site = nil
		used := st.SitesInUse()
		for _, site := range st.Sites() {
			doc.Site = append(doc.Site, siteOf(site, used[cloud.SiteKey(site.Name)]))
			doc.Site[len(doc.Site)-1].MigrationState = string(st.MigrationOf(cloud.MigratableNetwork, site.Name))
		}
		return st.NetworkBusy(), nil
	})
	return answer{body: doc}, err
}
