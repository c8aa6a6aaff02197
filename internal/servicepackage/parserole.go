package servicepackage

import (
	"maps"
	"math"
)

// roleReader collects one role and the names seen in it.
type roleReader struct {
	Role
	settings, storage, endpoints, certificates map[string]bool
}

// readRoleOf returns the reader of one kind of role.
func readRoleOf(kind RoleKind, table map[string]child[roleReader]) func(*decoder, *element, *definitionReader) {
	return func(d *decoder, e *element, def *definitionReader) {
		r := roleReader{settings: map[string]bool{}, storage: map[string]bool{},
			endpoints: map[string]bool{}, certificates: map[string]bool{}}
		r.Kind = kind
		r.Name = d.required(e, "name")
		r.VMSize = d.optional(e, "vmsize", defaultSize)
		r.NativeCodeExecution = d.boolean(e, "enableNativeCodeExecution", true)
		r.ExecutionContext = limited
		d.unique(e, def.roleNames, r.Name)
		readChildren(d, e, &r, table)
		def.Roles = append(def.Roles, r.Role)
	}
}

const (
	defaultSize = "Small"
	limited     = "limited"
	elevated    = "elevated"
)

// roleChildren are the elements that web and worker roles share, followed by
// what only some kinds have. The forms from before SDK 1.3 are read too.
var (
	vmRoleChildren = map[string]child[roleReader]{
		"Certificates":          nested(listOf("Certificate", readCertificate)),
		"ConfigurationSettings": nested(listOf("Setting", readSettingName)),
		"Imports":               nested(listOf("Import", readImport)),
		"Endpoints":             nested(endpointChildren),
		"LocalResources":        nested(listOf("LocalStorage", readLocalStorage)),
	}
	roleChildren = extend(vmRoleChildren, map[string]child[roleReader]{
		"LocalStorage": {read: readLocalStorage},
		"Startup":      {read: readStartup},
		"Contents":     nested(listOf("Content", readContent)),
		"Runtime":      {read: readRuntime},
	})
	webRoleChildren = extend(roleChildren, map[string]child[roleReader]{
		"Sites":            nested(listOf("Site", readSite)),
		"InputEndpoints":   nested(listOf("InputEndpoint", readInputEndpoint)),
		"InternalEndpoint": {many: true, read: readInternalEndpoint},
	})
	workerRoleChildren = roleChildren
)

func extend[T any](base, more map[string]child[T]) map[string]child[T] {
	all := maps.Clone(base)
	maps.Copy(all, more)
	return all
}

func readSettingName(d *decoder, e *element, r *roleReader) {
	name := d.required(e, "name")
	d.unique(e, r.settings, name)
	r.Settings = append(r.Settings, name)
}

func readImport(d *decoder, e *element, r *roleReader) {
	r.Imports = append(r.Imports, d.required(e, "moduleName"))
}

func readLocalStorage(d *decoder, e *element, r *roleReader) {
	s := LocalStorage{
		Name:           d.required(e, "name"),
		SizeMB:         d.integer(e, "sizeInMB", defaultStorageMB, 1, math.MaxInt32),
		CleanOnRecycle: d.boolean(e, "cleanOnRoleRecycle", true),
	}
	d.unique(e, r.storage, s.Name)
	r.LocalStorage = append(r.LocalStorage, s)
}

const defaultStorageMB = 1000

func readCertificate(d *decoder, e *element, r *roleReader) {
	c := Certificate{
		Name:            d.required(e, "name"),
		StoreLocation:   d.oneOf(e, "storeLocation", "", "CurrentUser", "LocalMachine"),
		StoreName:       d.required(e, "storeName"),
		PermissionLevel: d.oneOf(e, "permissionLevel", anyPermission, anyPermission, elevated),
	}
	d.unique(e, r.certificates, c.Name)
	r.Certificates = append(r.Certificates, c)
}

const anyPermission = "limitedOrElevated"

func readContent(d *decoder, e *element, r *roleReader) {
	c := Content{Destination: d.required(e, "destination")}
	readChildren(d, e, &c, map[string]child[Content]{
		"SourceDirectory": {read: func(d *decoder, e *element, c *Content) { c.SourceDirectory = d.required(e, "path") }},
	})
	r.Contents = append(r.Contents, c)
}

func readStartup(d *decoder, e *element, r *roleReader) {
	r.StartupPriority = d.integer(e, "priority", 0, math.MinInt32, math.MaxInt32)
	readChildren(d, e, r, listOf("Task", readTask))
}

func readTask(d *decoder, e *element, r *roleReader) {
	t := Task{
		CommandLine:      d.required(e, "commandLine"),
		ExecutionContext: d.oneOf(e, "executionContext", limited, limited, elevated),
		TaskType:         d.oneOf(e, "taskType", "simple", "simple", "foreground", "background"),
	}
	readChildren(d, e, &t.Environment, environmentChildren)
	r.Startup = append(r.Startup, t)
}

var environmentChildren = map[string]child[[]Variable]{"Environment": nested(listOf("Variable", readVariable))}

func readVariable(d *decoder, e *element, into *[]Variable) {
	v := Variable{Name: d.required(e, "name"), Value: d.optional(e, "value", "")}
	readChildren(d, e, &v, map[string]child[Variable]{
		"RoleInstanceValue": {read: func(d *decoder, e *element, v *Variable) { v.XPath = d.required(e, "xpath") }},
	})
	*into = append(*into, v)
}

func readRuntime(d *decoder, e *element, r *roleReader) {
	r.ExecutionContext = d.oneOf(e, "executionContext", limited, limited, elevated)
	readChildren(d, e, r, map[string]child[roleReader]{
		"Environment": {read: func(d *decoder, e *element, r *roleReader) {
			readChildren(d, e, &r.RuntimeEnvironment, listOf("Variable", readVariable))
		}},
		"EntryPoint": {read: func(d *decoder, e *element, r *roleReader) {
			r.EntryPoint = &EntryPoint{}
			table := maps.Clone(entryPointChildren)
			if r.Kind != WorkerRole {
				delete(table, "ProgramEntryPoint")
			}
			readChildren(d, e, r.EntryPoint, table)
		}},
	})
}

var entryPointChildren = map[string]child[EntryPoint]{
	"NetFxEntryPoint": {read: func(d *decoder, e *element, p *EntryPoint) {
		p.AssemblyName = d.required(e, "assemblyName")
		p.TargetFrameworkVersion = d.required(e, "targetFrameworkVersion")
	}},
	"ProgramEntryPoint": {read: func(d *decoder, e *element, p *EntryPoint) {
		p.CommandLine = d.required(e, "commandLine")
		p.ReadyOnProcessStart = d.boolean(e, "setReadyOnProcessStart", false)
	}},
}
