// Package servicepackage reads, checks, edits and writes the three files that
// make up a release of a classic cloud service: the service definition
// (.csdef), the service configuration (.cscfg) and the service package
// (.cspkg).
//
// To find out whether a release can be deployed, open the package, parse the
// configuration and check one against the other:
//
//	pkg, err := servicepackage.OpenPackage(file, size)
//	cfg, err := servicepackage.ParseConfiguration(data)
//	if problems := pkg.Check(cfg); len(problems) > 0 {
//		// servicepackage.ValidationMessage(problems) is what the service answers
//	}
//
// To change a configuration for an environment and keep everything else in it
// as its author wrote it, use EditConfiguration. To make a package from an
// author's definition and folders of files, use Pack; WritePackage is the
// layer below, for callers who have every part already.
//
// # Two formats
//
// The older format is a zip of zips and the default of every SDK; it may be
// encrypted, and then only its definition can be read. The newer format
// (version 2012/03/15) is one zip with a manifest. OpenPackage reads both and
// verifies every hash while streaming; WritePackage writes the newer one, and
// the same input always gives the same bytes.
//
// # What is trusted
//
// Nothing: packages and configurations come from users. XML documents are
// limited in size and depth and may not have a document type. Zip entries are
// limited in number and in unpacked size, may not be named twice and may not
// point outside the package. Errors never quote the value of a setting.
//
// # Sources
//
// Rules come from Microsoft's schema pages for the definition and the
// configuration, from the classes generated from the SDK's schema files, from
// Microsoft's description of the newer package format, and from packages that
// the real tool wrote. Comments name the source where it matters and say
// "our choice" where no source settles a question.
package servicepackage
