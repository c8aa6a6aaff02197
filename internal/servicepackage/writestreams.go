package servicepackage

import (
	"slices"
	"strings"
)

// writeRequiredFeatures names the .NET version that a role needs.
func writeRequiredFeatures(framework string) []byte {
	digits := strings.NewReplacer("v", "", ".", "").Replace(framework)
	var w xmlWriter
	w.start("RequiredFeatures", "version", "1.0")
	w.leaf("Feature", "name", "NetFx"+digits, "version", "0")
	w.end()
	return w.document(declarationUTF8)
}

// writeSupportedOSes names the guest OS families that a role supports.
func writeSupportedOSes(families []string) []byte {
	var w xmlWriter
	w.start("SupportedOsFamilies", "version", "1.0")
	for _, f := range families {
		w.leaf("OsFamily", "name", f, "version", "0")
	}
	w.end()
	return w.document(declarationUTF8)
}

// writeSupportData notes facts about a role for those who support it.
func (o *PackOptions) writeSupportData(r *Role) []byte {
	var w xmlWriter
	w.start("SupportData", "version", "1.0")
	w.text("SDKVersion", o.SDKVersion)
	w.text("TargetFrameworkVersion", o.TargetFramework)
	w.text("HasElevatedEntrypoint", dotNetBool(r.ExecutionContext == elevated))
	w.text("HasElevatedStartupTaskInCsdef", dotNetBool(r.hasElevatedTask()))
	w.group("Imports", func() {
		for _, name := range r.Imports {
			w.leaf("Import", "moduleName", name)
		}
	})
	w.end()
	return w.document(declarationUTF8)
}

func (r *Role) hasElevatedTask() bool {
	return slices.ContainsFunc(r.Startup, func(t Task) bool { return t.ExecutionContext == elevated })
}

// dotNetBool spells a bool as .NET's ToString does.
func dotNetBool(b bool) string {
	if b {
		return "True"
	}
	return "False"
}
