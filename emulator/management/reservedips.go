package management

import (
	"net/http"

	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/management/wire"
)

const (
	reservedIPsPath = "/services/networking/reservedips"
	reservedIPPath  = reservedIPsPath + "/{reserved}"
)

var reservedIPOperations = []operation{
	{"Create Reserved IP Address", "POST", reservedIPsPath, "", "2014-05-01", http.StatusAccepted, (*Server).createReservedIP, "recorded traffic; clients"},
	{"List Reserved IP Addresses", "GET", reservedIPsPath, "", "2014-05-01", 200, (*Server).listReservedIPs, "recorded traffic; clients"},
	{"Get Reserved IP Address", "GET", reservedIPPath, "", "2014-05-01", 200, (*Server).getReservedIP, "recorded traffic; clients"},
	{"Delete Reserved IP Address", "DELETE", reservedIPPath, "", "2014-05-01", http.StatusAccepted, (*Server).deleteReservedIP, "Microsoft's page; recorded traffic"},
	{"Associate Reserved IP Address", "POST", reservedIPPath + "/operations/associate", "", "2015-02-01", http.StatusAccepted, associate((*cloud.State).AssociateReservedIP), "Microsoft's page; clients"},
	{"Disassociate Reserved IP Address", "POST", reservedIPPath + "/operations/disassociate", "", "2015-02-01", http.StatusAccepted, associate((*cloud.State).DisassociateReservedIP), "Microsoft's page; clients"},
}

// reservedIPDocument is Get Reserved IP Address.
type reservedIPDocument struct {
	_ wire.Root `wire:"ReservedIP"`
	reservedIPElements
}

// reservedIPsDocument is List Reserved IP Addresses.
type reservedIPsDocument struct {
	_          wire.Root            `wire:"ReservedIPs"`
	ReservedIP []reservedIPElements `wire:"ReservedIP,flat"`
}

// reservedIPElements describe a reserved address. What is about its use is
// absent when there is none (recorded).
type reservedIPElements struct {
	Name           string `wire:"Name"`
	Address        string `wire:"Address"`
	ID             string `wire:"Id"`
	Label          string `wire:"Label,omitempty"`
	State          string `wire:"State"`
	InUse          bool   `wire:"InUse,omitempty"`
	ServiceName    string `wire:"ServiceName,omitempty"`
	DeploymentName string `wire:"DeploymentName,omitempty"`
	Location       string `wire:"Location"`
	VirtualIPName  string `wire:"VirtualIPName,omitempty"`
}

func reservedIPOf(ip *cloud.ReservedIP, use *cloud.ReservedUse) reservedIPElements {
	e := reservedIPElements{
		Name: ip.Name, Address: ip.Address, ID: dashed(ip.ID), Label: ip.Label, State: string(ip.State), Location: ip.Location,
	}
	if use != nil {
		e.InUse, e.ServiceName, e.DeploymentName, e.VirtualIPName = true, use.Service, use.Deployment, use.VirtualIP
	}
	return e
}

func (s *Server) listReservedIPs(r *request) (answer, error) {
	var doc reservedIPsDocument
	err := r.look(func(st *cloud.State) (bool, *cloud.Error) {
		doc.ReservedIP = nil
		unfinished := false
		for ip, use := range st.ReservedIPs {
			doc.ReservedIP = append(doc.ReservedIP, reservedIPOf(ip, use))
			unfinished = unfinished || ip.State != cloud.ReservedCreated
		}
		return unfinished, nil
	})
	return answer{body: doc}, err
}

func (s *Server) getReservedIP(r *request) (answer, error) {
	var doc reservedIPDocument
	err := r.look(func(st *cloud.State) (bool, *cloud.Error) {
		ip, use, err := st.ReservedIP(r.vars["reserved"])
		if err != nil {
			return false, err
		}
		doc = reservedIPDocument{reservedIPElements: reservedIPOf(ip, use)}
		return ip.State != cloud.ReservedCreated, nil
	})
	return answer{body: doc}, err
}

type createReservedIPRequest struct {
	Name           string `wire:"Name"`
	Label          string `wire:"Label"`
	ServiceName    string `wire:"ServiceName"`
	DeploymentName string `wire:"DeploymentName"`
	Location       string `wire:"Location"`
	VirtualIPName  string `wire:"VirtualIPName"`
}

func (s *Server) createReservedIP(r *request) (answer, error) {
	var body createReservedIPRequest
	if err := r.decode("ReservedIP", &body); err != nil {
		return answer{}, err
	}
	r.created = body.Name
	spec := cloud.ReservedSpec{
		Name: body.Name, Label: body.Label, Location: body.Location,
		Service: body.ServiceName, Deployment: body.DeploymentName, VirtualIP: body.VirtualIPName,
	}
	return answer{}, r.change(func(st *cloud.State) *cloud.Error { return st.CreateReservedIP(r.id, spec) })
}

func (s *Server) deleteReservedIP(r *request) (answer, error) {
	return answer{}, r.change(func(st *cloud.State) *cloud.Error { return st.DeleteReservedIP(r.id, r.vars["reserved"]) })
}

type associationRequest struct {
	ServiceName    string `wire:"ServiceName"`
	DeploymentName string `wire:"DeploymentName"`
	VirtualIPName  string `wire:"VirtualIPName"`
}

// associate makes the handler of what puts a reserved address on a deployment or
// takes it off.
func associate(change func(st *cloud.State, id, name, service, deployment, virtualIP string) *cloud.Error) func(*Server, *request) (answer, error) {
	return func(_ *Server, r *request) (answer, error) {
		var body associationRequest
		if err := r.decode("ReservedIPAssociation", &body); err != nil {
			return answer{}, err
		}
		return answer{}, r.change(func(st *cloud.State) *cloud.Error {
			return change(st, r.id, r.vars["reserved"], body.ServiceName, body.DeploymentName, body.VirtualIPName)
		})
	}
}
