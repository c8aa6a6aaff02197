package servicepackage

import "math"

// NetworkConfiguration is the network part of a configuration.
type NetworkConfiguration struct {
	DNSServers         []DNSServer
	VirtualNetworkSite string // name of the virtual network, empty when there is none
	InstanceAddresses  []InstanceAddress
	ReservedIPs        []string
	AccessControls     []AccessControl
	EndpointACLs       []EndpointACL
	LoadBalancers      []LoadBalancer
	SecurityGroups     []SecurityGroupRef
}

// DNSServer is a name server of the deployment.
type DNSServer struct{ Name, IPAddress string }

// InstanceAddress puts a role's instances into subnets and gives them public
// addresses.
type InstanceAddress struct {
	RoleName  string
	Subnets   []string
	PublicIPs []PublicIP
}

// PublicIP is a public address for each instance.
type PublicIP struct {
	Name                 string
	IdleTimeoutInMinutes int // 0 when not given
	DomainNameLabel      string
}

// AccessControl is a named list of rules; the lowest order wins.
type AccessControl struct {
	Name  string
	Rules []AccessRule
}

// AccessRule permits or denies a remote subnet in CIDR notation.
type AccessRule struct {
	Order                             int // 0 to 65535
	Action, RemoteSubnet, Description string
}

// EndpointACL applies an access control to an endpoint.
type EndpointACL struct{ Role, Endpoint, AccessControl string }

// LoadBalancer is an internal load balancer with its front end.
type LoadBalancer struct{ Name, FrontendType, Subnet, StaticIPAddress string }

// SecurityGroupRef names the network security group of a role.
type SecurityGroupRef struct{ RoleName, SecurityGroup string }

func readNetwork(d *decoder, e *element, c *configurationReader) {
	c.Network = &NetworkConfiguration{}
	readChildren(d, e, c.Network, networkChildren)
}

// networkChildren may stand in any order: the schema and Microsoft's example
// differ.
var networkChildren = map[string]child[NetworkConfiguration]{
	"Dns": nested(map[string]child[NetworkConfiguration]{
		"DnsServers": nested(listOf("DnsServer", func(d *decoder, e *element, n *NetworkConfiguration) {
			n.DNSServers = append(n.DNSServers, DNSServer{d.required(e, "name"), d.required(e, "IPAddress")})
		})),
	}),
	"VirtualNetworkSite": {read: func(d *decoder, e *element, n *NetworkConfiguration) {
		n.VirtualNetworkSite = d.required(e, "name")
	}},
	"AddressAssignments": nested(map[string]child[NetworkConfiguration]{
		"InstanceAddress": {many: true, read: readInstanceAddress},
		"ReservedIPs": nested(listOf("ReservedIP", func(d *decoder, e *element, n *NetworkConfiguration) {
			n.ReservedIPs = append(n.ReservedIPs, d.required(e, "name"))
		})),
	}),
	"AccessControls": nested(listOf("AccessControl", readAccessControl)),
	"EndpointAcls":   nested(listOf("EndpointAcl", readEndpointACL)),
	"LoadBalancers":  nested(listOf("LoadBalancer", readLoadBalancer)),
	"NetworkSecurityGroupRefs": nested(listOf("NetworkSecurityGroupRef", func(d *decoder, e *element, n *NetworkConfiguration) {
		ref := SecurityGroupRef{RoleName: d.required(e, "roleName")}
		readChildren(d, e, &ref, map[string]child[SecurityGroupRef]{
			"NetworkSecurityGroup": {read: func(d *decoder, e *element, r *SecurityGroupRef) { r.SecurityGroup = d.required(e, "name") }},
		})
		n.SecurityGroups = append(n.SecurityGroups, ref)
	})),
}

func readInstanceAddress(d *decoder, e *element, n *NetworkConfiguration) {
	a := InstanceAddress{RoleName: d.required(e, "roleName")}
	readChildren(d, e, &a, map[string]child[InstanceAddress]{
		"Subnets": nested(listOf("Subnet", func(d *decoder, e *element, a *InstanceAddress) {
			a.Subnets = append(a.Subnets, d.required(e, "name"))
		})),
		"PublicIPs": nested(listOf("PublicIP", func(d *decoder, e *element, a *InstanceAddress) {
			a.PublicIPs = append(a.PublicIPs, PublicIP{
				Name:                 d.required(e, "name"),
				IdleTimeoutInMinutes: d.integer(e, "idleTimeoutInMinutes", 0, 0, math.MaxInt32),
				DomainNameLabel:      d.optional(e, "domainNameLabel", ""),
			})
		})),
	})
	n.InstanceAddresses = append(n.InstanceAddresses, a)
}

func readAccessControl(d *decoder, e *element, n *NetworkConfiguration) {
	a := AccessControl{Name: d.required(e, "name")}
	readChildren(d, e, &a, listOf("Rule", func(d *decoder, e *element, a *AccessControl) {
		a.Rules = append(a.Rules, AccessRule{
			Order:        d.requiredInteger(e, "order", 0, maxPort),
			Action:       d.oneOf(e, "action", "", "permit", "deny"),
			RemoteSubnet: d.required(e, "remoteSubnet"),
			Description:  d.optional(e, "description", ""),
		})
	}))
	n.AccessControls = append(n.AccessControls, a)
}

// readEndpointACL reads the endpoint's name from endPoint, as the schema has
// it, or from endpoint, as Microsoft's schema page has it.
func readEndpointACL(d *decoder, e *element, n *NetworkConfiguration) {
	a := EndpointACL{Role: d.required(e, "role"), AccessControl: d.required(e, "accessControl")}
	if a.Endpoint = d.optional(e, "endpoint", ""); a.Endpoint == "" {
		a.Endpoint = d.required(e, "endPoint")
	}
	n.EndpointACLs = append(n.EndpointACLs, a)
}

func readLoadBalancer(d *decoder, e *element, n *NetworkConfiguration) {
	b := LoadBalancer{Name: d.required(e, "name")}
	readChildren(d, e, &b, map[string]child[LoadBalancer]{
		"FrontendIPConfiguration": {read: func(d *decoder, e *element, b *LoadBalancer) {
			b.FrontendType = d.required(e, "type")
			b.Subnet = d.optional(e, "subnet", "")
			b.StaticIPAddress = d.optional(e, "staticVirtualNetworkIPAddress", "")
		}},
	})
	n.LoadBalancers = append(n.LoadBalancers, b)
}
