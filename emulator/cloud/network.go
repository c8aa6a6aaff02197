package cloud

import "slices"

// A Network is the network configuration of a subscription: the file as it was
// put, and what it says.
type Network struct {
	Document []byte // without a byte order mark; nil until the first one has been taken
	Sites    []VirtualNetworkSite
	Next     *Network `json:",omitempty"` // the one that is being put
}

// A VirtualNetworkSite is a virtual network that deployments can be in.
type VirtualNetworkSite struct {
	Name          string
	ID            string `json:",omitempty"` // 32 hex digits, given when the site first appears
	Location      string `json:",omitempty"` // exactly one of Location and AffinityGroup is set
	AffinityGroup string `json:",omitempty"`
	Prefixes      []string
	Subnets       []Subnet
	DNSServers    []DNSServer
}

// A Subnet is a named part of a virtual network.
type Subnet struct{ Name, Prefix string }

// theNetwork is the key of the one network configuration.
const theNetwork = "network"

// Network returns the file that was put as the subscription's network
// configuration.
func (st *State) Network() ([]byte, *Error) {
	if n, ok := st.networks.get(theNetwork); ok && n.Document != nil {
		return n.Document, nil
	}
	return nil, Errorf(ResourceNotFound, "The subscription has no network configuration.")
}

// NetworkBusy reports whether a network configuration is being put.
func (st *State) NetworkBusy() bool {
	n, ok := st.networks.get(theNetwork)
	return ok && n.Next != nil
}

// Sites lists the virtual networks of the subscription, in the order of its
// network configuration.
func (st *State) Sites() []VirtualNetworkSite {
	if n, ok := st.networks.get(theNetwork); ok {
		return n.Sites
	}
	return nil
}

// SitesInUse returns the keys of the virtual networks that deployments are in;
// [SiteKey] makes the key of a name.
func (st *State) SitesInUse() map[string]bool {
	used := map[string]bool{}
	for s := range st.services.all {
		for _, slot := range Slots {
			if d := s.Slots[slot].Deployment; d != nil && d.Model != nil && d.Model.VirtualNetwork != "" {
				used[key(d.Model.VirtualNetwork)] = true
			}
		}
	}
	return used
}

// SiteKey returns the form of a virtual network's name in which names are equal
// when they mean the same.
func SiteKey(name string) string { return key(name) }

// PutNetwork begins to replace the whole network configuration.
func (st *State) PutNetwork(id string, next Network) *Error {
	if st.NetworkBusy() {
		return errBusyf("Windows Azure is currently setting the network configuration of this subscription, which requires exclusive access.")
	}
	if err := firstError(st.sitesUnmigrated(), st.checkSites(next.Sites)); err != nil {
		return err
	}
	have := st.Sites()
	for i := range next.Sites {
		site := &next.Sites[i]
		if at := indexSite(have, site.Name); at >= 0 {
			site.ID = have[at].ID
		} else {
			site.ID = st.Source.ID()
		}
	}
	n, ok := st.networks.get(theNetwork)
	if !ok {
		n = &Network{}
		st.networks.put(theNetwork, n)
	}
	n.Next = &next
	st.changes.mark(keptNetworks, theNetwork)
	st.begin(id, SetNetwork, "", Order{}, st.Durations.Network)
	return nil
}

// finishNetwork is the moment in which the network configuration changes.
func (st *State) finishNetwork(op *Operation) {
	n, ok := st.networks.get(theNetwork)
	if !ok || n.Next == nil {
		st.end(op, nil)
		return
	}
	next := n.Next
	n.Next = nil
	err := st.checkSites(next.Sites)
	if err == nil {
		*n = *next
	}
	st.changes.mark(keptNetworks, theNetwork)
	st.end(op, err)
}

func indexSite(sites []VirtualNetworkSite, name string) int {
	return slices.IndexFunc(sites, func(s VirtualNetworkSite) bool { return key(s.Name) == key(name) })
}

// checkSites refuses a network configuration with a virtual network at a place
// that is not there, or without one that is there now and that deployments are in.
func (st *State) checkSites(next []VirtualNetworkSite) *Error {
	for i := range next {
		if err := st.checkPlace(next[i].Location, next[i].AffinityGroup); err != nil {
			return err
		}
	}
	used := st.SitesInUse()
	for _, site := range st.Sites() {
		if used[key(site.Name)] && indexSite(next, site.Name) < 0 {
			return Errorf(BadRequest, "The virtual network site '%s' is in use and cannot be deleted.", site.Name)
		}
	}
	return nil
}

// checkSite says why a deployment cannot be in the virtual network and the
// subnets that its configuration names. A subscription without a network
// configuration is not judged, unless rules are strict.
func (st *State) checkSite(m *Model) *Error {
	if m.VirtualNetwork == "" || st.networks.len() == 0 && !st.Strict {
		return nil
	}
	sites := st.Sites()
	at := indexSite(sites, m.VirtualNetwork)
	if at < 0 {
		return Errorf(BadRequest, "The virtual network site '%s' that the configuration names does not exist.", m.VirtualNetwork)
	}
	for _, r := range m.Roles {
		for _, subnet := range r.Subnets {
			if !slices.ContainsFunc(sites[at].Subnets, func(s Subnet) bool { return key(s.Name) == key(subnet) }) {
				return Errorf(BadRequest, "The virtual network site '%s' has no subnet '%s', which the configuration names for the role %s.", m.VirtualNetwork, subnet, r.Name)
			}
		}
	}
	return nil
}

// checkReach says why a deployment cannot have the addresses and networks that
// its new model names; was is the model that it has, or nil.
func (st *State) checkReach(s *HostedService, slot Slot, was, now *Model) *Error {
	return firstError(st.checkReserved(s, &s.Slots[slot], was, now), st.checkSite(now))
}

// recheckReach finds out at the end of an update whether what its new model
// names is still to be had.
func (st *State) recheckReach(op *Operation) {
	s, slot, d := st.held(op)
	if d == nil || op.Order.Err != nil || op.Order.Version == nil {
		return
	}
	op.Order.Err = st.checkReach(s, slot, d.Model, op.Order.Version.Model)
}
