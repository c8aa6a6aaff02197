package servicepackage

import (
	"strconv"
	"strings"
)

// writeRoleModel writes the RoleModel.xml of a role: what flattening took out
// of the definition, for the agent on the instance.
func writeRoleModel(r *Role, sdkVersion, framework, assembly string) []byte {
	var w xmlWriter
	w.start("RoleModel", "xmlns:xsi", instanceSpace, "xmlns:xsd", schemaSpace, "name", r.Name, "version", sdkVersion, "xmlns", definitionSpace)
	if len(r.Startup) > 0 {
		w.start("Startup", appendNumber(nil, "priority", r.StartupPriority)...)
		for _, t := range r.Startup {
			writeTask(&w, r, t)
		}
		w.end()
	}
	writeRuntime(&w, r, assembly)
	if len(r.Settings) > 0 {
		w.group("ConfigurationSettings", func() {
			for _, s := range r.Settings {
				namespace, _ := splitPluginName(s)
				w.leaf("Setting", "name", s, "nameSpace", namespace)
			}
		})
	}
	w.group("Properties", func() { writeProperties(&w, r, framework, assembly) })
	if len(r.Sites) > 0 {
		w.group("Sites", func() {
			for i, s := range r.Sites {
				writeSite(&w, s, `sitesroot\`+strconv.Itoa(i))
			}
		})
	}
	w.end()
	return w.document(declarationUTF8)
}

// splitPluginName returns the module's namespace in the name of something that
// a module brought; the namespace of all else is empty.
func splitPluginName(name string) (namespace, local string) {
	rest, ok := strings.CutPrefix(name, pluginPrefix)
	if !ok {
		return "", name
	}
	module, local, ok := strings.Cut(rest, ".")
	if !ok {
		return "", name
	}
	return pluginPrefix + module, local
}

func writeTask(w *xmlWriter, r *Role, t Task) {
	folder := `approot\`
	if r.Kind == WebRole {
		folder = `approot\bin`
	}
	attrs := []string{"commandLine", t.CommandLine, "executionContext", t.ExecutionContext, "taskType", t.TaskType, "relativePath", folder}
	w.start("Task", attrs...)
	writeEnvironment(w, t.Environment)
	w.end()
}

func writeEnvironment(w *xmlWriter, variables []Variable) {
	if len(variables) == 0 {
		return
	}
	w.group("Environment", func() {
		for _, v := range variables {
			if v.XPath == "" {
				w.leaf("Variable", "name", v.Name, "value", v.Value)
				continue
			}
			w.start("Variable", "name", v.Name)
			w.leaf("RoleInstanceValue", "xpath", v.XPath)
			w.end()
		}
	})
}

func writeRuntime(w *xmlWriter, r *Role, assembly string) {
	w.start("Runtime", appendUnless(nil, "executionContext", r.ExecutionContext, limited)...)
	writeEnvironment(w, r.RuntimeEnvironment)
	switch {
	case r.EntryPoint != nil && r.EntryPoint.CommandLine != "":
		w.group("EntryPoint", func() {
			w.leaf("ProgramEntryPoint", "commandLine", r.EntryPoint.CommandLine,
				"setReadyOnProcessStart", strconv.FormatBool(r.EntryPoint.ReadyOnProcessStart))
		})
	case assembly != "":
		version := "v4.0"
		if r.EntryPoint != nil {
			version = r.EntryPoint.TargetFrameworkVersion
		}
		w.group("EntryPoint", func() {
			w.leaf("NetFxEntryPoint", "assemblyName", assembly, "targetFrameworkVersion", version)
		})
	}
	w.end()
}

// roleTypes is how properties call the kinds of roles.
var roleTypes = map[RoleKind]string{WebRole: "Web", WorkerRole: "Worker", VMRole: "VirtualMachine"}

func writeProperties(w *xmlWriter, r *Role, framework, assembly string) {
	for _, p := range [][2]string{
		{"TargetFrameworkVersion", framework},
		{"RoleType", roleTypes[r.Kind]},
		{"RoleName", r.Name},
		{"EntryPoint", assembly},
	} {
		w.leaf("Property", "name", p[0], "value", p[1])
	}
}

func writeSite(w *xmlWriter, s Site, folder string) {
	w.start("Site", "name", s.Name, "physicalDirectory", folder)
	for _, a := range s.Applications {
		writeVirtualDirectory(w, a)
	}
	w.group("Bindings", func() {
		for _, b := range s.Bindings {
			w.leaf("Binding", appendUnless([]string{"name", b.Name, "endpointName", b.EndpointName}, "hostHeader", b.HostHeader, "")...)
		}
	})
	w.end()
}

func writeVirtualDirectory(w *xmlWriter, v VirtualDirectory) {
	kind := "VirtualDirectory"
	if v.Application {
		kind = "VirtualApplication"
	}
	w.start(kind, "name", v.Name, "physicalDirectory", v.PhysicalDirectory)
	for _, c := range v.Children {
		writeVirtualDirectory(w, c)
	}
	w.end()
}

// writeRuntimeSetup writes the RuntimeSetup.Manifest of a role. It lists no
// assemblies for the global cache, because those are Microsoft's and not there.
func writeRuntimeSetup(r *Role) []byte {
	var w xmlWriter
	w.start("RuntimeSetup")
	w.leaf("Operation", "type", "Path", "path", `base\x64`)
	w.leaf("Operation", "type", "Path", "path", `base\x86`)
	if elevatedOnly := r.elevatedCertificates(); len(elevatedOnly) > 0 {
		w.group("PermissionLevels", func() {
			for _, name := range elevatedOnly {
				w.leaf("StoredCert", "name", "Stored0"+name, "permissionLevel", elevated)
			}
		})
	}
	if r.Kind == WebRole {
		w.group("AdditionalRoleIdentities", func() {
			w.leaf("Identity", "username", "NetworkService", "domain", "NT AUTHORITY")
		})
	}
	w.end()
	return w.document(declarationUTF8)
}

// elevatedCertificates names the certificates that only elevated processes may
// use, those of imported modules too.
func (r *Role) elevatedCertificates() []string {
	var names []string
	for _, c := range r.Certificates {
		if c.PermissionLevel == elevated {
			names = append(names, c.Name)
		}
	}
	for _, name := range r.Imports {
		for _, c := range modules[name].certificates {
			if c.PermissionLevel == elevated {
				names = addMissing(names, pluginPrefix+name+"."+c.Name, func(s string) string { return s })
			}
		}
	}
	return names
}
