package cloud

import "slices"

// An AvailableExtension is one version of an extension that services can add.
type AvailableExtension struct {
	ProviderNamespace string
	Type              string
	Version           string
	Label             string
	Description       string
	Public            []string // elements of the public configuration
	Private           []string // elements of the private one
}

// extensionsNamespace is the provider of the platform's own extensions
// (recorded).
const extensionsNamespace = "Microsoft.Windows.Azure.Extensions"

// availableExtensions are the extensions of cloud services, in order of type,
// each with its versions, newest first. The real list was longer and changed
// often; these are the ones that clients have commands for.
var availableExtensions = slices.Concat(
	versionsOf(AvailableExtension{
		Type: "ADDomain", Label: "Join a domain", Description: "Joins role instances to a domain or a workgroup.",
		Public: []string{"Name", "User", "Restart", "Options"}, Private: []string{"Password", "UnjoinDomainPassword"},
	}, "1.3", "1.2"),
	versionsOf(AvailableExtension{
		Type: "PaaSDiagnostics", Label: "Diagnostics", Description: "Collects logs and counters of role instances into a storage account.",
		Public: []string{"WadCfg", "StorageAccount"}, Private: []string{"StorageAccount"},
	}, "1.5", "1.4"),
	versionsOf(AvailableExtension{
		Type: "RDP", Label: "Remote Desktop", Description: "Lets a user log on to role instances through Remote Desktop.",
		Public: []string{"UserName", "Expiration"}, Private: []string{"Password"},
	}, "1.2.1", "1.0"),
)

// versionsOf returns an extension of the platform in each of its versions.
func versionsOf(e AvailableExtension, versions ...string) []AvailableExtension {
	var all []AvailableExtension
	for _, version := range versions {
		e.ProviderNamespace, e.Version = extensionsNamespace, version
		all = append(all, e)
	}
	return all
}

// AvailableExtensions lists the extensions that services can add, each in its
// newest version.
func AvailableExtensions() []AvailableExtension {
	var newest []AvailableExtension
	for _, e := range availableExtensions {
		if len(newest) == 0 || newest[len(newest)-1].Type != e.Type {
			newest = append(newest, e)
		}
	}
	return newest
}

// ExtensionVersions lists the versions of one extension, newest first; none when
// it is not available.
func ExtensionVersions(namespace, kind string) []AvailableExtension {
	var versions []AvailableExtension
	for _, e := range availableExtensions {
		if key(e.ProviderNamespace) == key(namespace) && key(e.Type) == key(kind) {
			versions = append(versions, e)
		}
	}
	return versions
}
