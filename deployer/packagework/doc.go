// Package packagework changes files of a package before it is deployed: texts with
// variables in them, the settings of *.config files, and single values of JSON,
// YAML and XML files.
//
// Say what to do in a [Work], and let it work on a folder into which the package was
// unpacked:
//
//	work := packagework.Work{
//		Substitute:             []string{"LocalContent/Web/approot/*.txt"},
//		ConfigurationVariables: true,
//		Structured:             []string{"**/appsettings.json"},
//	}
//	report, err := work.Apply(root, dictionary)
//
// Paths are below the folder: the files of a role are in LocalContent/<role>, the
// service definition is in ServiceDefinition. Patterns have * and ? within a name
// and ** for any folders; case does not matter, nor whether slashes lean forward.
//
// Files keep all that is not replaced: comments, order, white space, line ends,
// byte order mark and encoding (UTF-8, or UTF-16 with a mark; what is neither is
// taken for windows-1252). A file in which nothing changes is not written.
//
// JSON may have comments and a comma behind the last of a list or an object, as
// .NET's files do. A value of YAML that stands in several lines becomes a quoted text
// on one.
//
// The rules are those of the features with the same names in Octopus: substitute
// variables in files, configuration variables and structured configuration
// variables. Configuration transforms (XDT) are not applied: a file that is one is
// reported, and left alone.
package packagework
