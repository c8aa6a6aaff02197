package network

import (
	"encoding/xml"
	"net/netip"
	"strings"

	"github.com/vipswap/vipswap/emulator/cloud"
)

// document is a network configuration as the file has it.
type document struct {
	XMLName xml.Name `xml:"http://schemas.microsoft.com/ServiceHosting/2011/07/NetworkConfiguration NetworkConfiguration"`
	DNS     []dns    `xml:"VirtualNetworkConfiguration>Dns>DnsServers>DnsServer"`
	Local   []site   `xml:"VirtualNetworkConfiguration>LocalNetworkSites>LocalNetworkSite"`
	Virtual []site   `xml:"VirtualNetworkConfiguration>VirtualNetworkSites>VirtualNetworkSite"`
}

type dns struct {
	Name    string `xml:"name,attr"`
	Address string `xml:"IPAddress,attr"`
}

type site struct {
	Name          string   `xml:"name,attr"`
	Location      string   `xml:"Location,attr"`
	AffinityGroup string   `xml:"AffinityGroup,attr"`
	Prefixes      []string `xml:"AddressSpace>AddressPrefix"`
	Subnets       []subnet `xml:"Subnets>Subnet"`
	DNS           []struct {
		Name string `xml:"name,attr"`
	} `xml:"DnsServersRef>DnsServerRef"`
}

type subnet struct {
	Name   string   `xml:"name,attr"`
	Prefix []string `xml:"AddressPrefix"`
}

// names refuses names of one kind that are missing or given twice; they are
// compared without regard to case.
type names struct {
	what string
	seen map[string]bool
}

func newNames(what string) names { return names{what, map[string]bool{}} }

func (n names) add(name string) error {
	k := strings.ToLower(name)
	switch {
	case name == "":
		return errorf("a %s has no name", n.what)
	case len(name) > 256:
		return errorf("the name of a %s is longer than 256 characters", n.what)
	case n.seen[k]:
		return errorf("the %s '%s' is given twice", n.what, name)
	}
	n.seen[k] = true
	return nil
}

func (f *document) check() error {
	servers, local, virtual := newNames("DNS server"), newNames("local network site"), newNames("virtual network site")
	for _, s := range f.DNS {
		if err := servers.add(s.Name); err != nil {
			return err
		}
		if _, err := netip.ParseAddr(s.Address); err != nil {
			return errorf("the IPAddress of the DNS server '%s' is not an IP address", s.Name)
		}
	}
	for i := range f.Local {
		if err := local.add(f.Local[i].Name); err != nil {
			return err
		}
	}
	for i := range f.Virtual {
		if err := virtual.add(f.Virtual[i].Name); err != nil {
			return err
		}
		if err := f.Virtual[i].check(servers); err != nil {
			return err
		}
	}
	return nil
}

// check refuses a virtual network site whose addresses do not fit together.
func (s *site) check(servers names) error {
	if (s.Location == "") == (s.AffinityGroup == "") {
		return errorf("the virtual network site '%s' must have a Location or an AffinityGroup, and not both", s.Name)
	}
	space, err := s.space()
	if err != nil {
		return err
	}
	if err := s.checkSubnets(space); err != nil {
		return err
	}
	for _, ref := range s.DNS {
		if !servers.seen[strings.ToLower(ref.Name)] {
			return errorf("the virtual network site '%s' refers to the DNS server '%s', which is not defined", s.Name, ref.Name)
		}
	}
	return nil
}

// space returns the site's address space.
func (s *site) space() ([]netip.Prefix, error) {
	var space []netip.Prefix
	for i, text := range s.Prefixes {
		s.Prefixes[i] = strings.TrimSpace(text)
		p, err := netip.ParsePrefix(s.Prefixes[i])
		if err != nil {
			return nil, errorf("an address prefix of the virtual network site '%s' is not in the form 10.0.0.0/8", s.Name)
		}
		space = append(space, p.Masked())
	}
	if len(space) == 0 {
		return nil, errorf("the virtual network site '%s' has no address space", s.Name)
	}
	return space, nil
}

func (s *site) checkSubnets(space []netip.Prefix) error {
	known := newNames("subnet of '" + s.Name + "'")
	var taken []netip.Prefix
	for i := range s.Subnets {
		sub := &s.Subnets[i]
		if err := known.add(sub.Name); err != nil {
			return err
		}
		if len(sub.Prefix) != 1 {
			return errorf("the subnet '%s' of the virtual network site '%s' must have one address prefix", sub.Name, s.Name)
		}
		sub.Prefix[0] = strings.TrimSpace(sub.Prefix[0])
		p, err := netip.ParsePrefix(sub.Prefix[0])
		if err != nil || !inside(p.Masked(), space) {
			return errorf("the address prefix of the subnet '%s' is not within the address space of the virtual network site '%s'", sub.Name, s.Name)
		}
		for _, other := range taken {
			if other.Overlaps(p) {
				return errorf("the subnet '%s' of the virtual network site '%s' overlaps with another", sub.Name, s.Name)
			}
		}
		taken = append(taken, p.Masked())
	}
	return nil
}

// inside reports whether one prefix of space holds p.
func inside(p netip.Prefix, space []netip.Prefix) bool {
	for _, whole := range space {
		if whole.Bits() <= p.Bits() && whole.Contains(p.Addr()) {
			return true
		}
	}
	return false
}

// sites returns what the file says of virtual networks.
func (f *document) sites() []cloud.VirtualNetworkSite {
	servers := map[string]cloud.DNSServer{}
	for _, s := range f.DNS {
		servers[strings.ToLower(s.Name)] = cloud.DNSServer(s)
	}
	var all []cloud.VirtualNetworkSite
	for _, s := range f.Virtual {
		v := cloud.VirtualNetworkSite{Name: s.Name, Location: s.Location, AffinityGroup: s.AffinityGroup, Prefixes: s.Prefixes}
		for _, sub := range s.Subnets {
			v.Subnets = append(v.Subnets, cloud.Subnet{Name: sub.Name, Prefix: sub.Prefix[0]})
		}
		for _, ref := range s.DNS {
			v.DNSServers = append(v.DNSServers, servers[strings.ToLower(ref.Name)])
		}
		all = append(all, v)
	}
	return all
}
