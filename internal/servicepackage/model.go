package servicepackage

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Namespaces of the model and the contract.
const (
	modelSpace    = "http://schemas.microsoft.com/dsltools/RDSM"
	contractSpace = "http://schemas.microsoft.com/dsltools/Contracts"
)

// modelWriter writes the .rd, the service as the platform's fabric sees it: a
// group with its ports, settings and roles, tied together by monikers. It
// follows the models in real packages; that Azure takes it is not proven.
type modelWriter struct {
	xmlWriter
	def   *Definition
	group string // name of the one group
}

// writeModel writes the model of a flattened definition.
func writeModel(def *Definition) []byte {
	m := &modelWriter{def: def, group: def.Name + "Group"}
	m.start("serviceModel", "xmlns:xsi", instanceSpace, "xmlns:xsd", schemaSpace, "name", def.Name,
		"generation", "1", "functional", "0", "release", "0", "Id", stableID("model", def), "dslVersion", "1.2.0.0", "xmlns", modelSpace)
	m.start("groups")
	m.start("group", "name", m.group, "generation", "1", "functional", "0", "release", "0")
	m.componentPorts()
	m.section("settings", m.settings)
	m.channels()
	m.section("maps", m.maps)
	m.section("components", func() {
		m.section("groupHascomponents", func() {
			for i := range def.Roles {
				m.role(&def.Roles[i])
			}
		})
	})
	m.section("sCSPolicy", m.policies)
	m.end()
	m.end()
	m.implements()
	m.end()
	return m.document(declarationPlain)
}

// section is group of the embedded writer, whose name the field hides.
func (m *modelWriter) section(name string, body func()) { m.xmlWriter.group(name, body) }

// path returns the moniker of something in the group.
func (m *modelWriter) path(elements ...string) string {
	return "/" + m.def.Name + "/" + m.group + "/" + strings.Join(elements, "/")
}

// wrapped writes an element that holds one moniker.
func (m *modelWriter) wrapped(element, moniker, name string) {
	m.section(element, func() { m.leaf(moniker, "name", name) })
}

// publicPort is an endpoint that the load balancer leads to.
type publicPort struct{ role, name, protocol string }

func (p publicPort) key() string { return p.role + ":" + p.name }

// publicPorts lists input endpoints, then instance input endpoints, by role.
func (m *modelWriter) publicPorts() []publicPort {
	var list []publicPort
	for _, r := range m.def.Roles {
		for _, e := range r.InputEndpoints {
			list = append(list, publicPort{r.Name, e.Name, e.Protocol})
		}
		for _, e := range r.InstanceInputEndpoints {
			list = append(list, publicPort{r.Name, e.Name, e.Protocol})
		}
	}
	return list
}

func (m *modelWriter) internalPorts() []publicPort {
	var list []publicPort
	for _, r := range m.def.Roles {
		for _, e := range r.InternalEndpoints {
			list = append(list, publicPort{r.Name, e.Name, e.Protocol})
		}
	}
	return list
}

func (m *modelWriter) componentPorts() {
	ports := m.publicPorts()
	if len(ports) == 0 {
		return
	}
	m.section("componentports", func() {
		for _, p := range ports {
			m.start("inPort", "name", p.key(), "protocol", p.protocol)
			m.wrapped("inToChannel", "lBChannelMoniker", m.path("LB:"+p.key()))
			m.end()
		}
	})
}

func (m *modelWriter) channels() {
	public, internal := m.publicPorts(), m.internalPorts()
	if len(public)+len(internal) == 0 {
		return
	}
	m.section("channels", func() {
		for _, p := range public {
			m.channel("lBChannel", "LB:", p)
		}
		for _, p := range internal {
			m.channel("sFSwitchChannel", "SW:", p)
		}
	})
}

func (m *modelWriter) channel(kind, prefix string, p publicPort) {
	m.start(kind, "name", prefix+p.key())
	m.wrapped("toPorts", "inPortMoniker", m.path(p.role, p.name))
	m.end()
}

// modelSetting is something that the configuration sets: a setting, a
// certificate or the number of instances.
type modelSetting struct {
	key, defaultValue        string
	element, moniker, target string // what it is mapped to
}

func (m *modelWriter) modelSettings() []modelSetting {
	var list []modelSetting
	for _, r := range m.def.Roles {
		for _, c := range r.Certificates {
			list = append(list, modelSetting{"Certificate|" + r.Name + ":" + c.Name, "", "certificate", "certificateMoniker", m.path(r.Name, c.Name)})
		}
		for _, s := range r.Settings {
			list = append(list, modelSetting{r.Name + ":" + s, "", "setting", "aCSMoniker", m.path(r.Name, s)})
		}
		list = append(list, modelSetting{r.Name + "Instances", "[1,1,1]", "setting", "sCSPolicyIDMoniker", m.path(r.Name + "Instances")})
	}
	return list
}

func (m *modelWriter) settings() {
	for _, s := range m.modelSettings() {
		m.start("aCS", "name", s.key, "defaultValue", s.defaultValue)
		m.wrapped("maps", "mapMoniker", m.path("Map"+s.key))
		m.end()
	}
}

func (m *modelWriter) maps() {
	for _, s := range m.modelSettings() {
		m.start("map", "name", "Map"+s.key, "kind", "Identity")
		m.wrapped(s.element, s.moniker, s.target)
		m.end()
	}
}

// hosts are the programs that run a role, and the environments they run in.
var hosts = map[RoleKind][2]string{
	WebRole:    {`base\x64\WaIISHost.exe `, "frontendadmin"},
	WorkerRole: {`base\x64\WaWorkerHost.exe `, "consoleroleadmin"},
}

func (m *modelWriter) role(r *Role) {
	host := hosts[r.Kind]
	m.start("role", "name", r.Name, "generation", "1", "functional", "0", "release", "0", "software", r.Name+rolePackage,
		"entryPoint", `base\x64\WaHostBootstrapper.exe`, "parameters", host[0], "memIndex", "-1",
		"hostingEnvironment", host[1], "hostingEnvironmentVersion", "2")
	m.rolePorts(r)
	m.section("settings", func() {
		for _, s := range r.Settings {
			m.leaf("aCS", "name", s, "defaultValue", "")
		}
		m.leaf("aCS", "name", "__ModelData", "defaultValue", m.modelData(r.Name))
	})
	m.section("resourcereferences", func() {
		for _, s := range r.LocalStorage {
			m.resource(s.Name, s.SizeMB, !s.CleanOnRecycle, "Directory")
		}
		m.resource("EventStore", 1000, false, "LogStore")
	})
	m.roleCertificates(r)
	m.end()
	m.section("sCSPolicy", func() {
		m.leaf("sCSPolicyIDMoniker", "name", m.path(r.Name+"Instances"))
		m.leaf("sCSPolicyUpdateDomainMoniker", "name", m.path(r.Name+"UpgradeDomains"))
		m.leaf("sCSPolicyFaultDomainMoniker", "name", m.path(r.Name+"FaultDomains"))
	})
}

func (m *modelWriter) resource(name string, amount int, sticky bool, kind string) {
	m.leaf("resourceReference", "name", name, "defaultAmount", fmt.Sprintf("[%d,%d,%d]", amount, amount, amount),
		"defaultSticky", strconv.FormatBool(sticky), "kind", kind)
}

// rolePorts writes the ports that a role listens on and those of the service
// that it may reach.
func (m *modelWriter) rolePorts(r *Role) {
	internal := m.internalPorts()
	if len(r.endpointNames())+len(internal) == 0 {
		return
	}
	m.section("componentports", func() {
		for _, e := range r.InputEndpoints {
			m.inPort(e.Name, e.Protocol, fixedPorts(PortRange{e.LocalPort, e.LocalPort}))
		}
		for _, e := range r.InstanceInputEndpoints {
			m.inPort(e.Name, e.Protocol, fixedPorts(PortRange{e.LocalPort, e.LocalPort}))
		}
		for _, e := range r.InternalEndpoints {
			m.inPort(e.Name, e.Protocol, fixedPorts(e.Ports...))
		}
		for _, p := range internal {
			m.start("outPort", "name", p.key(), "protocol", p.protocol)
			m.wrapped("outToChannel", "sFSwitchChannelMoniker", m.path("SW:"+p.key()))
			m.end()
		}
	})
}

func (m *modelWriter) inPort(name, protocol, ports string) {
	m.leaf("inPort", appendUnless([]string{"name", name, "protocol", protocol}, "portRanges", ports, "")...)
}

// fixedPorts lists ports; a port of zero is assigned at run time and not listed.
func fixedPorts(ranges ...PortRange) string {
	var list []string
	for _, r := range ranges {
		if r.Min > 0 {
			list = append(list, r.String())
		}
	}
	return strings.Join(list, ",")
}

func (m *modelWriter) roleCertificates(r *Role) {
	if len(r.Certificates) == 0 {
		return
	}
	m.section("storedcertificates", func() {
		for _, c := range r.Certificates {
			location := "System"
			if c.StoreLocation == "CurrentUser" {
				location = "User"
			}
			m.start("storedCertificate", "name", "Stored0"+c.Name, "certificateStore", c.StoreName, "certificateLocation", location)
			m.wrapped("certificate", "certificateMoniker", m.path(r.Name, c.Name))
			m.end()
		}
	})
	m.section("certificates", func() {
		for _, c := range r.Certificates {
			m.leaf("certificate", "name", c.Name)
		}
	})
}

// modelData is the small document, inside an attribute, that tells a role which
// roles and endpoints there are.
func (m *modelWriter) modelData(role string) string {
	var b strings.Builder
	element := func(name, value string) string { return "<" + name + ` name="` + escapeAttribute(value, '"') + `"` }
	b.WriteString(`<m role="` + escapeAttribute(role, '"') + `" xmlns="urn:azure:m:v1">`)
	for _, r := range m.def.Roles {
		names := r.endpointNames()
		slices.Sort(names)
		if len(names) == 0 {
			b.WriteString(element("r", r.Name) + " />")
			continue
		}
		b.WriteString(element("r", r.Name) + ">")
		for _, e := range names {
			b.WriteString(element("e", e) + " />")
		}
		b.WriteString("</r>")
	}
	b.WriteString("</m>")
	return b.String()
}

func (m *modelWriter) policies() {
	for _, r := range m.def.Roles {
		n := m.def.UpgradeDomainCount
		m.leaf("sCSPolicyUpdateDomain", "name", r.Name+"UpgradeDomains", "defaultPolicy", fmt.Sprintf("[%d,%d,%d]", n, n, n))
		m.leaf("sCSPolicyFaultDomain", "name", r.Name+"FaultDomains", "defaultPolicy", "[2,2,2]")
		m.leaf("sCSPolicyID", "name", r.Name+"Instances", "defaultPolicy", "[1,1,1]")
	}
}

// implements ties the ports to the contract, when there is one.
func (m *modelWriter) implements() {
	if !hasInputEndpoints(m.def) {
		return
	}
	m.section("implements", func() {
		m.start("implementation", "Id", stableID("implementation", m.def),
			"ref", `Microsoft.RedDog.Contract\ServiceContract\`+m.def.Name+"Contract@ServiceDefinition")
		m.section("interfacereferences", func() {
			for _, r := range m.def.Roles {
				for _, e := range r.InputEndpoints {
					key := r.Name + ":" + e.Name
					m.start("interfaceReference", "Id", stableID("interface "+key, m.def),
						"ref", `Microsoft.RedDog.Contract\Interface\`+key+"@ServiceDefinition")
					m.wrapped("inPort", "inPortMoniker", m.path(key))
					m.end()
				}
			}
		})
		m.end()
	})
}

func hasInputEndpoints(def *Definition) bool {
	return slices.ContainsFunc(def.Roles, func(r Role) bool { return len(r.InputEndpoints) > 0 })
}

// writeContract writes the .rdsc of a flattened definition, nil when the
// service has no input endpoints.
func writeContract(def *Definition) []byte {
	if !hasInputEndpoints(def) {
		return nil
	}
	var w xmlWriter
	w.start("serviceContract", "xmlns:xsi", instanceSpace, "xmlns:xsd", schemaSpace, "name", def.Name+"Contract",
		"generation", "1", "functional", "0", "release", "0", "Id", stableID("contract", def), "dslVersion", "1.0.0.0", "xmlns", contractSpace)
	w.group("elements", func() {
		for _, r := range def.Roles {
			for _, e := range r.InputEndpoints {
				w.leaf("interface", "name", r.Name+":"+e.Name, "url", e.Protocol+"://*:"+strconv.Itoa(e.Port))
			}
		}
	})
	w.end()
	return w.document(declarationPlain)
}

// stableID makes a GUID from the definition, so that packing it again gives
// the same one.
func stableID(what string, def *Definition) string {
	sum := sha256.Sum256(append([]byte(what+"\n"), def.Marshal()...))
	sum[6] = sum[6]&0x0f | 0x80 // version 8: made by a rule of its own
	sum[8] = sum[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", sum[0:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}
