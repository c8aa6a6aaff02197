package servicepackage

import "math"

var endpointChildren = map[string]child[roleReader]{
	"InputEndpoint":         {many: true, read: readInputEndpoint},
	"InternalEndpoint":      {many: true, read: readInternalEndpoint},
	"InstanceInputEndpoint": {many: true, read: readInstanceInputEndpoint},
}

func readInputEndpoint(d *decoder, e *element, r *roleReader) {
	p := InputEndpoint{
		Name:                     d.required(e, "name"),
		Protocol:                 d.oneOf(e, "protocol", "", "http", "https", "tcp", "udp"),
		Port:                     d.requiredInteger(e, "port", 1, maxPort),
		Certificate:              d.optional(e, "certificate", ""),
		IgnoreRoleInstanceStatus: d.boolean(e, "ignoreRoleInstanceStatus", false),
		LoadBalancerProbe:        d.optional(e, "loadBalancerProbe", ""),
		LoadBalancer:             d.optional(e, "loadBalancer", ""),
		IdleTimeoutInMinutes:     d.integer(e, "idleTimeoutInMinutes", 0, 0, math.MaxInt32),
	}
	p.LocalPort = d.portOrAny(e, "localPort", p.Port)
	if e.attr("loadBalancerDistribution") != nil {
		p.LoadBalancerDistribution = d.oneOf(e, "loadBalancerDistribution", "", "sourceIP", "sourceIPProtocol", "none")
	}
	d.unique(e, r.endpoints, p.Name)
	r.InputEndpoints = append(r.InputEndpoints, p)
}

func readInternalEndpoint(d *decoder, e *element, r *roleReader) {
	p := InternalEndpoint{
		Name:     d.required(e, "name"),
		Protocol: d.oneOf(e, "protocol", "", "http", "tcp", "udp", "any"),
	}
	if port := d.portOrAny(e, "port", 0); port != 0 {
		p.Ports = append(p.Ports, PortRange{port, port})
	}
	readChildren(d, e, &p, map[string]child[InternalEndpoint]{
		"FixedPort": {many: true, read: func(d *decoder, e *element, p *InternalEndpoint) {
			port := d.requiredInteger(e, "port", 1, maxPort)
			p.Ports = append(p.Ports, PortRange{port, port})
		}},
		"FixedPortRange": {many: true, read: func(d *decoder, e *element, p *InternalEndpoint) {
			p.Ports = append(p.Ports, readPortRange(d, e))
		}},
	})
	d.unique(e, r.endpoints, p.Name)
	r.InternalEndpoints = append(r.InternalEndpoints, p)
}

func readInstanceInputEndpoint(d *decoder, e *element, r *roleReader) {
	p := InstanceInputEndpoint{
		Name:                 d.required(e, "name"),
		Protocol:             d.oneOf(e, "protocol", "", "tcp", "udp"),
		LocalPort:            d.requiredInteger(e, "localPort", 1, maxPort),
		IdleTimeoutInMinutes: d.integer(e, "idleTimeoutInMinutes", 0, 0, math.MaxInt32),
	}
	readChildren(d, e, &p, map[string]child[InstanceInputEndpoint]{
		"AllocatePublicPortFrom": nested(map[string]child[InstanceInputEndpoint]{
			"FixedPortRange": {read: func(d *decoder, e *element, p *InstanceInputEndpoint) { p.PublicPorts = readPortRange(d, e) }},
		}),
	})
	if p.PublicPorts == (PortRange{}) {
		d.fail(e, "<InstanceInputEndpoint> needs <AllocatePublicPortFrom> with a <FixedPortRange>")
	}
	d.unique(e, r.endpoints, p.Name)
	r.InstanceInputEndpoints = append(r.InstanceInputEndpoints, p)
}

func readPortRange(d *decoder, e *element) PortRange {
	r := PortRange{d.requiredInteger(e, "min", 1, maxPort), d.requiredInteger(e, "max", 1, maxPort)}
	if r.Min > r.Max {
		d.fail(e, "min of <%s> must not be greater than max", e.name.Local)
	}
	return r
}

func readSite(d *decoder, e *element, r *roleReader) {
	s := Site{Name: d.required(e, "name"), PhysicalDirectory: d.optional(e, "physicalDirectory", "")}
	readChildren(d, e, &s, map[string]child[Site]{
		"Bindings": nested(listOf("Binding", readBinding)),
		"VirtualApplication": {many: true, read: func(d *decoder, e *element, s *Site) {
			s.Applications = append(s.Applications, readVirtualDirectory(d, e))
		}},
		"VirtualDirectory": {many: true, read: func(d *decoder, e *element, s *Site) {
			s.Applications = append(s.Applications, readVirtualDirectory(d, e))
		}},
	})
	if len(s.Bindings) == 0 {
		d.fail(e, "<Site> %q needs <Bindings> with at least one <Binding>", s.Name)
	}
	r.Sites = append(r.Sites, s)
}

func readBinding(d *decoder, e *element, s *Site) {
	s.Bindings = append(s.Bindings, Binding{
		Name: d.required(e, "name"), EndpointName: d.required(e, "endpointName"), HostHeader: d.optional(e, "hostHeader", "")})
}

// readVirtualDirectory reads a virtual application or directory with those
// inside it, to any depth.
func readVirtualDirectory(d *decoder, e *element) VirtualDirectory {
	v := VirtualDirectory{
		Name:              d.required(e, "name"),
		PhysicalDirectory: d.optional(e, "physicalDirectory", ""),
		Application:       e.name.Local == "VirtualApplication",
	}
	within := child[VirtualDirectory]{many: true, read: func(d *decoder, e *element, v *VirtualDirectory) {
		v.Children = append(v.Children, readVirtualDirectory(d, e))
	}}
	readChildren(d, e, &v, map[string]child[VirtualDirectory]{"VirtualApplication": within, "VirtualDirectory": within})
	return v
}
