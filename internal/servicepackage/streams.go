package servicepackage

import (
	"archive/zip"
	"strings"
)

// The streams that a package has for each role, by the folder they are in. The
// root element of SupportedOSes is named otherwise.
const (
	streamFeatures = "RequiredFeatures"
	streamOSes     = "SupportedOSes"
	streamSupport  = "SupportData"
)

var streamNames = []string{streamFeatures, streamOSes, streamSupport}

// streamReaders read one stream of a role into the package.
var streamReaders = map[string]func(p *Package, a *archive, f *zip.File, role string) error{
	streamFeatures: func(p *Package, a *archive, f *zip.File, role string) (err error) {
		p.RequiredFeatures[role], err = a.readNames(f, "RequiredFeatures", "Feature")
		return err
	},
	streamOSes: func(p *Package, a *archive, f *zip.File, role string) (err error) {
		p.SupportedOSFamilies[role], err = a.readNames(f, "SupportedOsFamilies", "OsFamily")
		return err
	},
	streamSupport: func(p *Package, a *archive, f *zip.File, role string) (err error) {
		p.Support[role], err = a.readSupportData(f)
		return err
	},
}

// makeStreams gives the package its empty maps.
func (p *Package) makeStreams() {
	p.RequiredFeatures = map[string][]string{}
	p.SupportedOSFamilies = map[string][]string{}
	p.Support = map[string]SupportData{}
}

// readNames reads a stream that is a list of elements with names.
func (a *archive) readNames(f *zip.File, root, item string) ([]string, error) {
	e, d, err := a.readXML(f, "", root)
	if err != nil {
		return nil, err
	}
	names := []string{}
	readChildren(d, e, &names, listOf(item, func(d *decoder, e *element, names *[]string) {
		*names = append(*names, d.required(e, "name"))
	}))
	return names, d.err
}

func (a *archive) readSupportData(f *zip.File) (SupportData, error) {
	var s SupportData
	e, d, err := a.readXML(f, "", "SupportData")
	if err != nil {
		return s, err
	}
	readChildren(d, e, &s, supportDataChildren)
	return s, d.err
}

var supportDataChildren = map[string]child[SupportData]{
	"SDKVersion":                    {read: func(_ *decoder, e *element, s *SupportData) { s.SDKVersion = e.text }},
	"TargetFrameworkVersion":        {read: func(_ *decoder, e *element, s *SupportData) { s.TargetFrameworkVersion = e.text }},
	"HasElevatedEntrypoint":         {read: func(_ *decoder, e *element, s *SupportData) { s.ElevatedEntryPoint = isTrue(e.text) }},
	"HasElevatedStartupTaskInCsdef": {read: func(_ *decoder, e *element, s *SupportData) { s.ElevatedStartupTask = isTrue(e.text) }},
	"Imports": nested(listOf("Import", func(d *decoder, e *element, s *SupportData) {
		s.Imports = append(s.Imports, d.required(e, "moduleName"))
	})),
}

func isTrue(s string) bool { return strings.EqualFold(strings.TrimSpace(s), "true") }
