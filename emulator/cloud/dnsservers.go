package cloud

import (
	"net/netip"
	"slices"
)

// DNS lists the name servers of a deployment: those of its configuration, then
// those that were added to it. Of two with one name the configuration's counts.
func (d *Deployment) DNS() []DNSServer {
	if d.Model == nil {
		return d.DNSServers
	}
	servers := slices.Clone(d.Model.DNSServers)
	for _, added := range d.DNSServers {
		if indexDNS(servers, added.Name) < 0 {
			servers = append(servers, added)
		}
	}
	return servers
}

func indexDNS(servers []DNSServer, name string) int {
	return slices.IndexFunc(servers, func(s DNSServer) bool { return key(s.Name) == key(name) })
}

// checkDNS refuses a name server that is ill named or at no address.
func checkDNS(server DNSServer) *Error {
	if !resourceName().MatchString(server.Name) {
		return Errorf(BadRequest, "The DNS server name is invalid.")
	}
	if _, err := netip.ParseAddr(server.Address); err != nil {
		return Errorf(BadRequest, "The address of the DNS server '%s' is not an IP address.", server.Name)
	}
	return nil
}

// AddDNSServer begins to give a deployment a further name server.
func (st *State) AddDNSServer(id, service, deployment string, server DNSServer) *Error {
	s, d, err := st.free(service, Selector{Name: deployment})
	if err != nil {
		return err
	}
	if err := checkDNS(server); err != nil {
		return err
	}
	if indexDNS(d.DNS(), server.Name) >= 0 {
		return Errorf(ConflictError, "The deployment '%s' has a DNS server '%s' already.", d.Name, server.Name)
	}
	st.hold(s, d, id, AddDNSServer, Order{DNS: &server}, st.Durations.Network)
	return nil
}

// UpdateDNSServer begins to change the address of a name server that was added.
// server.Name may be ""; else it must be name.
func (st *State) UpdateDNSServer(id, service, deployment, name string, server DNSServer) *Error {
	s, d, i, err := st.addedDNS(service, deployment, name)
	if err != nil {
		return err
	}
	if server.Name != "" && key(server.Name) != key(name) {
		return Errorf(BadRequest, "The DNS server '%s' cannot be renamed to '%s'.", name, server.Name)
	}
	server.Name = d.DNSServers[i].Name
	if err := checkDNS(server); err != nil {
		return err
	}
	st.hold(s, d, id, UpdateDNSServer, Order{DNS: &server}, st.Durations.Network)
	return nil
}

// DeleteDNSServer begins to take a name server that was added.
func (st *State) DeleteDNSServer(id, service, deployment, name string) *Error {
	s, d, i, err := st.addedDNS(service, deployment, name)
	if err != nil {
		return err
	}
	st.hold(s, d, id, DeleteDNSServer, Order{DNS: &DNSServer{Name: d.DNSServers[i].Name}}, st.Durations.Network)
	return nil
}

// addedDNS finds a name server that was added to a deployment. One that the
// configuration names changes with the configuration only.
func (st *State) addedDNS(service, deployment, name string) (*HostedService, *Deployment, int, *Error) {
	s, d, err := st.free(service, Selector{Name: deployment})
	if err != nil {
		return nil, nil, 0, err
	}
	i := indexDNS(d.DNSServers, name)
	switch {
	case indexDNS(d.Model.DNSServers, name) >= 0:
		err = Errorf(BadRequest, "The DNS server '%s' is defined in the service configuration and can be changed only there.", name)
	case i < 0:
		err = Errorf(ResourceNotFound, "The deployment '%s' has no DNS server '%s'.", d.Name, name)
	}
	return s, d, i, err
}

// finishDNS ends what adds, changes or removes a name server.
func (st *State) finishDNS(op *Operation) {
	if _, _, d := st.held(op); d != nil {
		server := *op.Order.DNS
		kept := slices.DeleteFunc(slices.Clone(d.DNSServers), func(s DNSServer) bool {
			return op.Kind == DeleteDNSServer && key(s.Name) == key(server.Name)
		})
		switch i := indexDNS(kept, server.Name); {
		case op.Kind == AddDNSServer:
			kept = append(kept, server)
		case op.Kind == UpdateDNSServer && i >= 0:
			kept[i] = server
		}
		d.DNSServers = kept
	}
	st.release(op)
}
