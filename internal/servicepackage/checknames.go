package servicepackage

import "slices"

// siteBindings checks the sites of an author's definition: a binding names an
// input endpoint of its role, or an internal one for http (our choice). A
// flattened definition has no sites any more.
func (c *checker) siteBindings(d *Definition) {
	for i := range d.Roles {
		r := &d.Roles[i]
		for _, s := range r.Sites {
			for _, b := range s.Bindings {
				if !r.canBind(b.EndpointName) {
					c.add(r.Name, "Binding '%s' of site '%s' of role '%s' names the endpoint '%s', which is not an input endpoint or internal http endpoint of that role.", b.Name, s.Name, r.Name, b.EndpointName)
				}
			}
		}
	}
}

func (r *Role) canBind(endpoint string) bool {
	return slices.ContainsFunc(r.InputEndpoints, func(e InputEndpoint) bool { return e.Name == endpoint }) ||
		slices.ContainsFunc(r.InternalEndpoints, func(e InternalEndpoint) bool { return e.Name == endpoint && e.Protocol == "http" })
}

// trafficRules checks that rules name declared roles and internal endpoints.
func (c *checker) trafficRules(d *Definition) {
	for _, rule := range d.TrafficRules {
		for _, to := range rule.Destinations {
			r := d.Role(to.RoleName)
			if r == nil || !slices.ContainsFunc(r.InternalEndpoints, func(e InternalEndpoint) bool { return e.Name == to.EndpointName }) {
				c.add(to.RoleName, "A network traffic rule names the internal endpoint '%s' of role '%s', which is not declared in the service definition file.", to.EndpointName, to.RoleName)
			}
		}
		for _, from := range rule.FromRoles {
			if d.Role(from) == nil {
				c.add(from, "A network traffic rule names the role '%s', which is not declared in the service definition file.", from)
			}
		}
	}
}

// network checks that the network configuration names what is there.
func (c *checker) network(d *Definition, n *NetworkConfiguration) {
	var named []string
	for _, a := range n.InstanceAddresses {
		named = append(named, a.RoleName)
	}
	for _, ref := range n.SecurityGroups {
		named = append(named, ref.RoleName)
	}
	for _, role := range named {
		if d.Role(role) == nil {
			c.add(role, "Role '%s' named in the network configuration of the service configuration file is not declared in the service definition file.", role)
		}
	}
	for _, acl := range n.EndpointACLs {
		c.endpointACL(d, n, acl)
	}
	if len(n.ReservedIPs) > 1 {
		c.add("", "The service configuration file names %d reserved addresses. A deployment may have one.", len(n.ReservedIPs))
	}
}

func (c *checker) endpointACL(d *Definition, n *NetworkConfiguration, acl EndpointACL) {
	if r := d.Role(acl.Role); r == nil || !slices.Contains(r.endpointNames(), acl.Endpoint) {
		c.add(acl.Role, "An endpoint access control in the service configuration file names the endpoint '%s' of role '%s', which is not declared in the service definition file.", acl.Endpoint, acl.Role)
	}
	if !slices.ContainsFunc(n.AccessControls, func(a AccessControl) bool { return a.Name == acl.AccessControl }) {
		c.add(acl.Role, "The access control '%s' is not declared in the service configuration file.", acl.AccessControl)
	}
}

// loadBalancers checks that endpoints name internal load balancers of the
// configuration.
func (c *checker) loadBalancers(d *Definition, n *NetworkConfiguration) {
	declared := map[string]bool{}
	if n != nil {
		for _, b := range n.LoadBalancers {
			declared[b.Name] = true
		}
	}
	for _, r := range d.Roles {
		for _, e := range r.InputEndpoints {
			if e.LoadBalancer != "" && !declared[e.LoadBalancer] {
				c.add(r.Name, "The load balancer '%s' of endpoint '%s' of role '%s' is not declared in the service configuration file.", e.LoadBalancer, e.Name, r.Name)
			}
		}
	}
}

// Warnings returns what is allowed but probably not meant in def with cfg:
// unknown elements and attributes, modules that are not known, and settings
// that point at the storage emulator (the tool's warning WAT170). With
// TreatWarningsAsError the service refuses a deployment for its warnings.
func Warnings(def *Definition, cfg *Configuration) []Problem {
	c := &checker{}
	for _, w := range def.Warnings {
		c.add("", "Service definition file, line %d: %s", w.Line, w.Msg)
	}
	for _, w := range cfg.Warnings {
		c.add("", "Service configuration file, line %d: %s", w.Line, w.Msg)
	}
	for _, r := range def.Flatten().Roles {
		for _, name := range r.Imports {
			c.add(r.Name, "The module '%s' imported by role '%s' is not known; settings beginning with '%s%s.' are allowed.", name, r.Name, pluginPrefix, name)
		}
	}
	for _, r := range cfg.Roles {
		for _, s := range r.Settings {
			if s.Value == developmentStorage {
				c.add(r.Name, "WAT170: The setting '%s' of role '%s' points at the storage emulator, which a deployment cannot reach.", s.Name, r.Name)
			}
		}
	}
	return c.problems
}

const developmentStorage = "UseDevelopmentStorage=true"
