package servicepackage

import (
	"math"
	"strings"
)

// Configuration is a service configuration: how many instances each role of a
// definition has, the values of its settings, and its certificates. The bytes
// that it was read from are what travels and what EditConfiguration changes.
type Configuration struct {
	ServiceName   string
	OSFamily      string // as given, often empty; see GuestOSFamily
	OSVersion     string // "*" unless given
	SchemaVersion string
	Roles         []RoleConfiguration
	Network       *NetworkConfiguration // nil when there is none
	GuestAgent    GuestAgentSettings
	Warnings      []Warning // unknown elements and attributes
}

// RoleConfiguration is the part of one role.
type RoleConfiguration struct {
	Name         string
	VMName       string // stem of the instances' host names, at most 10 characters
	Instances    int    // as given, even when it is no count that Check accepts
	Settings     []SettingValue
	Certificates []CertificateValue
	OSImage      string // of a VirtualMachineRole
}

// SettingValue is a setting with its value, which may be a secret.
type SettingValue struct{ Name, Value string }

// CertificateValue says which certificate a certificate name means.
type CertificateValue struct {
	Name       string
	Thumbprint string // as given; 40 hexadecimal digits where a real certificate is meant
	Algorithm  string // "sha1"
}

// GuestAgentSettings are switches for the agent on the instances.
type GuestAgentSettings struct {
	CleanupFirewallOnRoleRestart bool // true unless given
	AllowRoleProcessLocalDumps   bool
}

// Role returns the configuration of the role of that name, nil when there is
// none. Names are compared with case kept.
func (c *Configuration) Role(name string) *RoleConfiguration {
	for i := range c.Roles {
		if c.Roles[i].Name == name {
			return &c.Roles[i]
		}
	}
	return nil
}

// Setting returns the value of a setting, false when it is not there.
func (r *RoleConfiguration) Setting(name string) (string, bool) {
	for _, s := range r.Settings {
		if s.Name == name {
			return s.Value, true
		}
	}
	return "", false
}

// GuestOSFamily returns the guest OS family that the instances run. Where the
// configuration names neither family nor version it is "1", says Microsoft's
// schema page; where it names only a version, that version's family.
func (c *Configuration) GuestOSFamily() string {
	if c.OSFamily != "" {
		return c.OSFamily
	}
	if rest, ok := strings.CutPrefix(c.OSVersion, "WA-GUEST-OS-"); ok {
		family, _, _ := strings.Cut(rest, ".")
		return family
	}
	return "1"
}

const (
	configurationSpace = "http://schemas.microsoft.com/ServiceHosting/2008/10/ServiceConfiguration"
	configurationFile  = "ServiceConfiguration.cscfg"
)

// configurationReader collects the configuration and the role names seen.
type configurationReader struct {
	Configuration
	roleNames map[string]bool
}

// ParseConfiguration reads a service configuration, with or without byte order
// mark, at most 4 MB. It returns a *SyntaxError for what is not a
// configuration: malformed XML, a document type, the wrong root or namespace, a
// missing or malformed attribute, or a name used twice. Unknown elements and
// attributes become Warnings, because newer SDKs add some. Whether it fits a
// definition is for Check.
func ParseConfiguration(data []byte) (*Configuration, error) {
	root, err := parseTree(configurationFile, data, maxDocumentBytes)
	if err != nil {
		return nil, err
	}
	d := &decoder{file: configurationFile, space: configurationSpace}
	d.checkRoot(root, "ServiceConfiguration")
	if d.err != nil {
		return nil, d.err
	}
	r := configurationReader{roleNames: map[string]bool{}}
	r.GuestAgent.CleanupFirewallOnRoleRestart = true
	r.ServiceName = d.required(root, "serviceName")
	r.OSFamily = d.optional(root, "osFamily", "")
	r.OSVersion = d.optional(root, "osVersion", "*")
	r.SchemaVersion = d.optional(root, "schemaVersion", "")
	readChildren(d, root, &r, configurationChildren)
	d.warnUnreadAttributes(root)
	r.Warnings = d.warnings
	if d.err != nil {
		return nil, d.err
	}
	return &r.Configuration, nil
}

var configurationChildren = map[string]child[configurationReader]{
	"Role":                 {many: true, read: readRoleConfiguration},
	"NetworkConfiguration": {read: readNetwork},
	"GuestAgentSettings":   {read: readGuestAgent},
}

// roleConfigurationReader collects one role and the names seen in it.
type roleConfigurationReader struct {
	RoleConfiguration
	counted                bool
	settings, certificates map[string]bool
}

func readRoleConfiguration(d *decoder, e *element, c *configurationReader) {
	r := roleConfigurationReader{settings: map[string]bool{}, certificates: map[string]bool{}}
	r.Name = d.required(e, "name")
	r.VMName = d.optional(e, "vmName", "")
	d.unique(e, c.roleNames, r.Name)
	readChildren(d, e, &r, roleConfigurationChildren)
	if !r.counted {
		d.fail(e, "<Role> %q needs <Instances count=\"...\">", r.Name)
	}
	c.Roles = append(c.Roles, r.RoleConfiguration)
}

var roleConfigurationChildren = map[string]child[roleConfigurationReader]{
	"Instances": {read: func(d *decoder, e *element, r *roleConfigurationReader) {
		r.Instances = d.requiredInteger(e, "count", math.MinInt32, math.MaxInt32)
		r.counted = true
	}},
	"ConfigurationSettings": nested(listOf("Setting", func(d *decoder, e *element, r *roleConfigurationReader) {
		s := SettingValue{Name: d.required(e, "name"), Value: d.required(e, "value")}
		d.unique(e, r.settings, s.Name)
		r.Settings = append(r.Settings, s)
	})),
	"Certificates": nested(listOf("Certificate", func(d *decoder, e *element, r *roleConfigurationReader) {
		c := CertificateValue{
			Name:       d.required(e, "name"),
			Thumbprint: d.required(e, "thumbprint"),
			Algorithm:  d.oneOf(e, "thumbprintAlgorithm", "sha1", "sha1"),
		}
		d.unique(e, r.certificates, c.Name)
		r.Certificates = append(r.Certificates, c)
	})),
	"OsImage": {read: func(d *decoder, e *element, r *roleConfigurationReader) { r.OSImage = d.required(e, "href") }},
}

func readGuestAgent(d *decoder, e *element, c *configurationReader) {
	c.GuestAgent.CleanupFirewallOnRoleRestart = d.boolean(e, "cleanupFirewallOnRoleRestart", true)
	c.GuestAgent.AllowRoleProcessLocalDumps = d.boolean(e, "allowRoleProcessLocalDumps", false)
}
