package servicepackage

import (
	"slices"
	"strconv"
	"strings"
)

const (
	instanceSpace = "http://www.w3.org/2001/XMLSchema-instance"
	schemaSpace   = "http://www.w3.org/2001/XMLSchema"
)

// Marshal returns the definition as the real tool writes it into a package:
// flattened, UTF-8 with byte order mark, attributes that equal their default
// left out, and the four children of a role always there. Probes and traffic
// rules stay, before and after the roles, and so do imports of modules that are
// not known (our choice; no source shows them).
func (d *Definition) Marshal() []byte {
	flat := d.Flatten()
	var w xmlWriter
	w.start("ServiceDefinition", flat.rootAttributes()...)
	writeProbes(&w, flat.Probes)
	for _, r := range flat.Roles {
		writeRole(&w, r)
	}
	writeTrafficRules(&w, flat.TrafficRules)
	w.end()
	return w.document(declarationUTF8)
}

func (d *Definition) rootAttributes() []string {
	attrs := []string{"xmlns:xsi", instanceSpace, "xmlns:xsd", schemaSpace, "name", d.Name}
	if d.UpgradeDomainCount != 5 {
		attrs = append(attrs, "upgradeDomainCount", strconv.Itoa(d.UpgradeDomainCount))
	}
	attrs = appendUnless(attrs, "schemaVersion", d.SchemaVersion, "")
	attrs = appendUnless(attrs, "topologyChangeDiscovery", d.TopologyChangeDiscovery, "UpgradeDomainWalk")
	return append(attrs, "xmlns", definitionSpace)
}

// appendUnless adds an attribute whose value is not the default and not empty.
func appendUnless(attrs []string, name, value, otherwise string) []string {
	if value == otherwise || value == "" {
		return attrs
	}
	return append(attrs, name, value)
}

// appendNumber adds a number that is not zero.
func appendNumber(attrs []string, name string, n int) []string {
	if n == 0 {
		return attrs
	}
	return append(attrs, name, strconv.Itoa(n))
}

func writeProbes(w *xmlWriter, probes []Probe) {
	if len(probes) == 0 {
		return
	}
	w.group("LoadBalancerProbes", func() {
		for _, p := range probes {
			attrs := appendUnless([]string{"name", p.Name, "protocol", p.Protocol}, "path", p.Path, "")
			attrs = appendNumber(attrs, "port", p.Port)
			attrs = append(attrs, "intervalInSeconds", strconv.Itoa(p.IntervalSeconds), "timeoutInSeconds", strconv.Itoa(p.TimeoutSeconds))
			w.leaf("LoadBalancerProbe", attrs...)
		}
	})
}

func writeRole(w *xmlWriter, r Role) {
	attrs := []string{"name", r.Name}
	if !strings.EqualFold(r.VMSize, defaultSize) {
		attrs = append(attrs, "vmsize", r.VMSize)
	}
	if !r.NativeCodeExecution {
		attrs = append(attrs, "enableNativeCodeExecution", "false")
	}
	w.start(string(r.Kind), attrs...)
	if len(r.Imports) > 0 {
		w.group("Imports", func() {
			for _, name := range r.Imports {
				w.leaf("Import", "moduleName", name)
			}
		})
	}
	w.group("LocalResources", func() { writeLocalStorage(w, r.LocalStorage) })
	w.group("ConfigurationSettings", func() {
		for _, s := range r.Settings {
			w.leaf("Setting", "name", s)
		}
	})
	w.group("Endpoints", func() { writeEndpoints(w, r) })
	w.group("Certificates", func() {
		for _, c := range r.Certificates {
			w.leaf("Certificate", "name", c.Name, "storeLocation", c.StoreLocation, "storeName", c.StoreName)
		}
	})
	w.end()
}

func writeLocalStorage(w *xmlWriter, list []LocalStorage) {
	for _, s := range list {
		attrs := []string{"name", s.Name}
		if s.SizeMB != defaultStorageMB {
			attrs = append(attrs, "sizeInMB", strconv.Itoa(s.SizeMB))
		}
		if !s.CleanOnRecycle {
			attrs = append(attrs, "cleanOnRoleRecycle", "false")
		}
		w.leaf("LocalStorage", attrs...)
	}
}

// writeEndpoints writes the three kinds in one order of names.
func writeEndpoints(w *xmlWriter, r Role) {
	type entry struct {
		name  string
		write func()
	}
	var all []entry
	for _, e := range r.InputEndpoints {
		all = append(all, entry{e.Name, func() { writeInputEndpoint(w, e) }})
	}
	for _, e := range r.InternalEndpoints {
		all = append(all, entry{e.Name, func() { writeInternalEndpoint(w, e) }})
	}
	for _, e := range r.InstanceInputEndpoints {
		all = append(all, entry{e.Name, func() { writeInstanceInputEndpoint(w, e) }})
	}
	slices.SortStableFunc(all, func(a, b entry) int { return strings.Compare(a.name, b.name) })
	for _, e := range all {
		e.write()
	}
}

func writeInputEndpoint(w *xmlWriter, e InputEndpoint) {
	attrs := []string{"name", e.Name, "protocol", e.Protocol, "port", strconv.Itoa(e.Port), "localPort", portOrStar(e.LocalPort)}
	if e.IgnoreRoleInstanceStatus {
		attrs = append(attrs, "ignoreRoleInstanceStatus", "true")
	}
	attrs = appendUnless(attrs, "certificate", e.Certificate, "")
	attrs = appendUnless(attrs, "loadBalancerProbe", e.LoadBalancerProbe, "")
	attrs = appendUnless(attrs, "loadBalancer", e.LoadBalancer, "")
	attrs = appendNumber(attrs, "idleTimeoutInMinutes", e.IdleTimeoutInMinutes)
	attrs = appendUnless(attrs, "loadBalancerDistribution", e.LoadBalancerDistribution, "")
	w.leaf("InputEndpoint", attrs...)
}

func portOrStar(port int) string {
	if port == 0 {
		return "*"
	}
	return strconv.Itoa(port)
}

func writeInternalEndpoint(w *xmlWriter, e InternalEndpoint) {
	w.start("InternalEndpoint", "name", e.Name, "protocol", e.Protocol)
	for _, r := range e.Ports {
		writePortRange(w, r)
	}
	w.end()
}

func writeInstanceInputEndpoint(w *xmlWriter, e InstanceInputEndpoint) {
	attrs := []string{"name", e.Name, "protocol", e.Protocol, "localPort", strconv.Itoa(e.LocalPort)}
	w.start("InstanceInputEndpoint", appendNumber(attrs, "idleTimeoutInMinutes", e.IdleTimeoutInMinutes)...)
	w.group("AllocatePublicPortFrom", func() { writePortRange(w, e.PublicPorts) })
	w.end()
}

func writePortRange(w *xmlWriter, r PortRange) {
	w.leaf("FixedPortRange", "min", strconv.Itoa(r.Min), "max", strconv.Itoa(r.Max))
}

func writeTrafficRules(w *xmlWriter, rules []TrafficRule) {
	if len(rules) == 0 {
		return
	}
	w.group("NetworkTrafficRules", func() {
		for _, r := range rules {
			w.group("OnlyAllowTrafficTo", func() { writeTrafficRule(w, r) })
		}
	})
}

func writeTrafficRule(w *xmlWriter, r TrafficRule) {
	w.group("Destinations", func() {
		for _, d := range r.Destinations {
			w.leaf("RoleEndpoint", "endpointName", d.EndpointName, "roleName", d.RoleName)
		}
	})
	if r.AllowAll {
		w.leaf("AllowAllTraffic")
	}
	if len(r.FromRoles) > 0 {
		w.start("WhenSource", "matches", "AnyRule")
		for _, name := range r.FromRoles {
			w.leaf("FromRole", "roleName", name)
		}
		w.end()
	}
}
