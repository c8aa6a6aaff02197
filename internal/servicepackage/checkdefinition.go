package servicepackage

import (
	"fmt"
	"slices"
	"strings"
)

// Limits of one deployment, from Microsoft's page on cloud service limits. Its
// schema page counts 25 endpoints of all kinds together; the limit per kind is
// the one kept here.
const (
	maxRoles            = 25
	maxEndpointsPerKind = 25
	maxCertificates     = 199
	maxUpgradeDomains   = 20
)

// definition checks a flattened definition by itself.
func (c *checker) definition(d *Definition) {
	c.counts(d)
	for i := range d.Probes {
		c.probe(&d.Probes[i])
	}
	for i := range d.Roles {
		c.role(d, &d.Roles[i])
	}
	c.publicPorts(d)
	c.trafficRules(d)
}

func (c *checker) counts(d *Definition) {
	var inputs, internals, instanceInputs, certificates int
	for _, r := range d.Roles {
		inputs += len(r.InputEndpoints)
		internals += len(r.InternalEndpoints)
		instanceInputs += len(r.InstanceInputEndpoints)
		certificates += len(r.Certificates)
	}
	if len(d.Roles) == 0 {
		c.add("", "The service definition file declares no role. A deployment needs at least one.")
	}
	for _, limit := range []struct {
		what    string
		n, most int
	}{
		{"roles", len(d.Roles), maxRoles},
		{"input endpoints", inputs, maxEndpointsPerKind},
		{"internal endpoints", internals, maxEndpointsPerKind},
		{"instance input endpoints", instanceInputs, maxEndpointsPerKind},
		{"certificates", certificates, maxCertificates},
		{"upgrade domains", d.UpgradeDomainCount, maxUpgradeDomains},
	} {
		if limit.n > limit.most {
			c.add("", "The service definition file declares %d %s. A deployment may have at most %d.", limit.n, limit.what, limit.most)
		}
	}
}

// probe checks the rules of Microsoft's page on load balancer probes.
func (c *checker) probe(p *Probe) {
	if p.Protocol == "http" && p.Path == "" {
		c.add("", "The load balancer probe '%s' uses http and needs a path.", p.Name)
	}
	if p.Protocol == "tcp" && p.Path != "" {
		c.add("", "The load balancer probe '%s' uses tcp and may not have a path.", p.Name)
	}
	if p.IntervalSeconds < 5 {
		c.add("", "The interval of load balancer probe '%s' is %d seconds. It must be at least 5.", p.Name, p.IntervalSeconds)
	}
	if p.TimeoutSeconds < 11 {
		c.add("", "The timeout of load balancer probe '%s' is %d seconds. It must be at least 11.", p.Name, p.TimeoutSeconds)
	}
}

func (c *checker) role(d *Definition, r *Role) {
	c.names(r)
	if r.Kind == VMRole {
		c.add(r.Name, "Role '%s' is a VirtualMachineRole, which can no longer be deployed.", r.Name)
	}
	size, known := LookupSize(r.VMSize)
	if !known || r.Kind == VMRole && !vmRoleSizes[size.Name] {
		c.add(r.Name, "The size '%s' of role '%s' is not a size that it can have.", r.VMSize, r.Name)
	} else {
		c.localStorage(r, size)
	}
	for i := range r.InputEndpoints {
		c.inputEndpoint(d, r, &r.InputEndpoints[i])
	}
}

// localStorage refuses only what exceeds the whole disk: which share of it is
// for local storage is not documented.
func (c *checker) localStorage(r *Role, size VMSize) {
	total := 0
	for _, s := range r.LocalStorage {
		total += s.SizeMB
	}
	if total > size.DiskGB*1024 {
		c.add(r.Name, "The local storage of role '%s' sums to %d MB. Size '%s' has a disk of %d MB.", r.Name, total, r.VMSize, size.DiskGB*1024)
	}
}

func (c *checker) inputEndpoint(d *Definition, r *Role, e *InputEndpoint) {
	named := func(cert Certificate) bool { return cert.Name == e.Certificate }
	switch {
	case e.Protocol == "https" && e.Certificate == "":
		c.add(r.Name, "Endpoint '%s' of role '%s' uses https and needs a certificate.", e.Name, r.Name)
	case e.Certificate != "" && !slices.ContainsFunc(r.Certificates, named):
		c.add(r.Name, "Certificate '%s' of endpoint '%s' is not declared in role '%s'.", e.Certificate, e.Name, r.Name)
	}
	probe := func(p Probe) bool { return p.Name == e.LoadBalancerProbe }
	if e.LoadBalancerProbe != "" && !slices.ContainsFunc(d.Probes, probe) {
		c.add(r.Name, "The load balancer probe '%s' of endpoint '%s' of role '%s' is not declared in the service definition file.", e.LoadBalancerProbe, e.Name, r.Name)
	}
}

// names checks the spelling of names (our choice; no source gives the allowed
// characters) and that endpoints of different kinds do not share one.
func (c *checker) names(r *Role) {
	c.name(r.Name, "role", r.Name, folderForbidden)
	for _, s := range r.LocalStorage {
		c.name(r.Name, "local storage", s.Name, folderForbidden)
	}
	for _, s := range r.Settings {
		c.name(r.Name, "setting", s, "")
	}
	for _, cert := range r.Certificates {
		c.name(r.Name, "certificate", cert.Name, "")
	}
	for _, name := range r.endpointNames() {
		c.name(r.Name, "endpoint", name, "")
	}
}

// folderForbidden cannot stand in the name of a folder on Windows, which role
// and local storage names become.
const folderForbidden = `/\<>:"|?*`

func (c *checker) name(role, what, name, forbidden string) {
	if reason := badName(name, forbidden); reason != "" {
		c.add(role, "The %s name '%s' in the service definition file is not valid: %s.", what, name, reason)
	}
}

// badName says why a name is not valid; it is empty for a valid one.
func badName(name, forbidden string) string {
	control := func(r rune) bool { return r < ' ' || r == 0x7f }
	switch {
	case name == "":
		return "it is empty"
	case strings.TrimSpace(name) != name:
		return "it begins or ends with a space"
	case strings.ContainsFunc(name, control):
		return "it has control characters"
	case strings.ContainsAny(name, forbidden):
		return "it has one of " + forbidden
	case forbidden != "" && strings.Trim(name, ".") == "":
		return "it has only dots"
	}
	return ""
}

func (r *Role) endpointNames() []string {
	var names []string
	for _, e := range r.InputEndpoints {
		names = append(names, e.Name)
	}
	for _, e := range r.InternalEndpoints {
		names = append(names, e.Name)
	}
	for _, e := range r.InstanceInputEndpoints {
		names = append(names, e.Name)
	}
	return names
}

// claim is a public port or range that an endpoint takes.
type claim struct {
	role, endpoint string
	udp            bool
	ports          PortRange
}

// String gives "80" for a range of one port, "80-90" for others.
func (p PortRange) String() string {
	if p.Min == p.Max {
		return fmt.Sprint(p.Min)
	}
	return fmt.Sprintf("%d-%d", p.Min, p.Max)
}

// publicPorts checks that no public port is taken twice over all roles. The
// same port for tcp and for udp is allowed (our choice).
func (c *checker) publicPorts(d *Definition) {
	var claims []claim
	for _, r := range d.Roles {
		for _, e := range r.InputEndpoints {
			if e.LoadBalancer == "" { // else the port is one of the internal load balancer's
				claims = append(claims, claim{r.Name, e.Name, e.Protocol == "udp", PortRange{e.Port, e.Port}})
			}
		}
		for _, e := range r.InstanceInputEndpoints {
			claims = append(claims, claim{r.Name, e.Name, e.Protocol == "udp", e.PublicPorts})
		}
	}
	for i, b := range claims {
		for _, a := range claims[:i] {
			if a.udp == b.udp && a.ports.Min <= b.ports.Max && b.ports.Min <= a.ports.Max {
				c.add(b.role, "The reserved port range '%s' for endpoint %s of role '%s' overlaps with an already defined port or range.", b.ports, b.endpoint, b.role)
				break
			}
		}
	}
}
