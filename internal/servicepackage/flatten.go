package servicepackage

import (
	"cmp"
	"slices"
	"strings"
)

// pluginPrefix begins the names that an imported module adds to a role.
const pluginPrefix = "Microsoft.WindowsAzure.Plugins."

// module is what an import adds to the role that has it. Names are without the
// module's prefix.
type module struct {
	settings     []string
	inputs       []InputEndpoint
	internals    []InternalEndpoint
	certificates []Certificate
}

// modules are the plug-ins that come with the SDK, from their own .csplugin
// files. The port of WebDeploy is what the tool is known for, not read there.
var modules = map[string]module{
	"RemoteAccess": {
		settings:     []string{"Enabled", "AccountUsername", "AccountEncryptedPassword", "AccountExpiration"},
		internals:    []InternalEndpoint{{Name: "Rdp", Protocol: "tcp", Ports: []PortRange{{3389, 3389}}}},
		certificates: []Certificate{{"PasswordEncryption", "LocalMachine", "My", elevated}},
	},
	"RemoteForwarder": {
		settings: []string{"Enabled"},
		inputs:   []InputEndpoint{{Name: "RdpInput", Protocol: "tcp", Port: 3389, IgnoreRoleInstanceStatus: true}},
	},
	"Diagnostics": {settings: []string{"ConnectionString"}},
	"Caching": {
		settings:  []string{"NamedCaches", "DiagnosticLevel", "CacheSizePercentage", "ConfigStoreConnectionString"},
		internals: cachingEndpoints,
	},
	"WebDeploy": {inputs: []InputEndpoint{{Name: "InputEndpoint", Protocol: "tcp", Port: 8172, LocalPort: 8172}}},
}

var cachingEndpoints = []InternalEndpoint{
	{Name: "cacheClusterPort", Protocol: "tcp"},
	{Name: "cacheArbitrationPort", Protocol: "tcp"},
	{Name: "cacheReplicationPort", Protocol: "tcp"},
	{Name: "cacheServicePortInternal", Protocol: "tcp"},
	{Name: "cacheSocketPort", Protocol: "tcp"},
}

// cachingOfSDK17 is the Caching module of SDK 1.7, which names one setting
// otherwise.
var cachingOfSDK17 = module{
	settings:  []string{"NamedCaches", "Loglevel", "CacheSizePercentage", "ConfigStoreConnectionString"},
	internals: cachingEndpoints,
}

// moduleOf returns the module that a definition of that schema version means.
func moduleOf(name, schemaVersion string) (module, bool) {
	if name == "Caching" && strings.HasPrefix(schemaVersion, "2012-") && strings.HasSuffix(schemaVersion, ".1.7") {
		return cachingOfSDK17, true
	}
	m, ok := modules[name]
	return m, ok
}

// diagnosticStore is the folder that the real packager gives to every role.
var diagnosticStore = LocalStorage{Name: "DiagnosticStore", SizeMB: 4096}

// Flatten returns a copy in the form that the real packager puts into a
// package: what imported modules bring is written out under their full names,
// every role has its DiagnosticStore, settings and endpoints stand in the order
// of their names, and imports, start-up tasks, run time, sites and contents are
// gone (a package holds them in the role's own files). Configurations are
// checked against this form. Imports of modules that are not known stay, so
// that settings with their prefix can be allowed. A flattened definition
// flattens to itself.
func (d *Definition) Flatten() *Definition {
	flat := *d
	flat.Probes = slices.Clone(d.Probes)
	flat.TrafficRules = slices.Clone(d.TrafficRules)
	flat.Warnings = slices.Clone(d.Warnings)
	flat.Roles = nil
	for _, r := range d.Roles {
		flat.Roles = append(flat.Roles, r.flatten(d.SchemaVersion))
	}
	return &flat
}

// flatten returns the flattened copy of one role.
func (r *Role) flatten(schemaVersion string) Role {
	flat := Role{
		Name: r.Name, Kind: r.Kind, VMSize: r.VMSize, NativeCodeExecution: r.NativeCodeExecution,
		ExecutionContext:       limited,
		Settings:               slices.Clone(r.Settings),
		LocalStorage:           slices.Clone(r.LocalStorage),
		InputEndpoints:         slices.Clone(r.InputEndpoints),
		InternalEndpoints:      slices.Clone(r.InternalEndpoints),
		InstanceInputEndpoints: slices.Clone(r.InstanceInputEndpoints),
	}
	for _, c := range r.Certificates {
		c.PermissionLevel = anyPermission // moves to the role's RuntimeSetup.Manifest
		flat.Certificates = append(flat.Certificates, c)
	}
	unknown := map[string]bool{}
	for _, name := range r.Imports {
		if m, known := moduleOf(name, schemaVersion); known {
			flat.add(pluginPrefix+name+".", m)
		} else if !unknown[name] {
			unknown[name] = true
			flat.Imports = append(flat.Imports, name)
		}
	}
	flat.LocalStorage = addMissing(flat.LocalStorage, diagnosticStore, func(s LocalStorage) string { return s.Name })
	flat.sort()
	return flat
}

// add puts what m brings into r, unless the author declared it himself.
func (r *Role) add(prefix string, m module) {
	for _, s := range m.settings {
		r.Settings = addMissing(r.Settings, prefix+s, func(s string) string { return s })
	}
	for _, e := range m.inputs {
		e.Name = prefix + e.Name
		r.InputEndpoints = addMissing(r.InputEndpoints, e, func(e InputEndpoint) string { return e.Name })
	}
	for _, e := range m.internals {
		e.Name = prefix + e.Name
		r.InternalEndpoints = addMissing(r.InternalEndpoints, e, func(e InternalEndpoint) string { return e.Name })
	}
	for _, c := range m.certificates {
		c.Name, c.PermissionLevel = prefix+c.Name, anyPermission
		r.Certificates = addMissing(r.Certificates, c, func(c Certificate) string { return c.Name })
	}
}

// sort puts settings and endpoints in the order of their names, as the real
// packager has done since SDK 1.8.
func (r *Role) sort() {
	slices.Sort(r.Settings)
	slices.SortFunc(r.InputEndpoints, func(a, b InputEndpoint) int { return cmp.Compare(a.Name, b.Name) })
	slices.SortFunc(r.InternalEndpoints, func(a, b InternalEndpoint) int { return cmp.Compare(a.Name, b.Name) })
	slices.SortFunc(r.InstanceInputEndpoints, func(a, b InstanceInputEndpoint) int { return cmp.Compare(a.Name, b.Name) })
}

// addMissing appends v unless something of its name is there.
func addMissing[T any](list []T, v T, name func(T) string) []T {
	if slices.ContainsFunc(list, func(have T) bool { return name(have) == name(v) }) {
		return list
	}
	return append(list, v)
}

// allows reports whether an imported module that is not known may have brought
// something of that name.
func (r *Role) allows(name string) bool {
	return slices.ContainsFunc(r.Imports, func(module string) bool {
		return strings.HasPrefix(name, pluginPrefix+module+".")
	})
}
