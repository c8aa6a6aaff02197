package servicepackage

import (
	"archive/zip"
	"cmp"
	"encoding/xml"
	"fmt"
	"path"
	"strconv"
	"strings"
	"time"
)

const productVersionRelationship = "http://schemas.microsoft.com/ServiceHosting/2009/10/UAR/ProductVersion"

// emptySHA256 is the hash of nothing. The real tool writes it for the parts of
// the named stream package, which are not empty; it is accepted there only.
const emptySHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

// olderReader opens a package in the older format: a zip whose parts are zips,
// each with a manifest.
type olderReader struct {
	budget *budget
	checks *verifier
	pkg    *Package
}

// openOlder reads and verifies a package in the older format.
func openOlder(a *archive, rels relationships, b *budget) (*Package, error) {
	r := &olderReader{budget: b, checks: newVerifier(), pkg: &Package{Format: Legacy}}
	r.pkg.makeStreams()
	for _, v := range rels.ofType(productVersionRelationship) {
		_, r.pkg.ProductVersion, _ = strings.Cut(v.Target, "#")
	}
	m, err := r.manifest(a, rels)
	if err != nil {
		return nil, err
	}
	r.pkg.Encrypted = m.encrypted
	r.verify(a, m)
	if err := r.checks.err(); err != nil {
		return nil, err
	}
	if err := r.definition(a, rels); err != nil {
		return nil, err
	}
	if !r.pkg.Encrypted {
		if err := r.plainParts(a, rels); err != nil {
			return nil, err
		}
	}
	return r.pkg, r.checks.err()
}

// olderManifest is a .csman.
type olderManifest struct {
	part      string
	encrypted bool
	items     []olderItem
}

// olderItem is one part that a .csman lists.
type olderItem struct {
	name, uri         string
	sha256            string // lower-case hexadecimal digits
	created, modified time.Time
}

// manifest reads the .csman that an archive's relationships name.
func (r *olderReader) manifest(a *archive, rels relationships) (*olderManifest, error) {
	f, err := a.related(rels, "MANIFEST")
	if err != nil {
		return nil, err
	}
	s, closer, err := a.scan(f)
	if err != nil {
		return nil, err
	}
	defer closer.Close()
	m := &olderManifest{part: f.Name}
	root, err := s.root()
	if err != nil {
		return nil, err
	}
	if root.Name != (xml.Name{Local: "PackageManifest"}) {
		return nil, s.fail(s.line, s.column, "the root element is <%s>; expected <PackageManifest> without namespace", root.Name.Local)
	}
	if err := m.read(s); err != nil {
		return nil, err
	}
	return m, s.end()
}

// read reads the children of the root. The format is closed: unlike in a
// configuration, nothing unknown may stand there.
func (m *olderManifest) read(s *scanner) error {
	d := &decoder{file: s.file}
	return s.children(func(start xml.StartElement) error {
		if start.Name.Local == "Contents" {
			if hash := attributeOf(start, "hashtype"); hash != "1" {
				return s.fail(s.line, s.column, "hashtype of <Contents> must be 1 (SHA-256), not %q", hash)
			}
			return m.contents(s, d)
		}
		if !olderManifestSections[start.Name.Local] {
			return s.fail(s.line, s.column, "unexpected element <%s>", start.Name.Local)
		}
		e, err := s.subtree(start)
		if err == nil && start.Name.Local == "Encryption" {
			m.encrypted = d.oneOf(e, "keytype", "", "1", "2") == "2"
		}
		return cmp.Or(err, d.err)
	})
}

// olderManifestSections are the children of the root besides Contents. All but
// Encryption repeat what the definition says.
var olderManifestSections = map[string]bool{
	"Encryption": true, "SystemConfigurationSettings": true, "ApplicationConfigurationSettings": true, "NamedStreams": true,
}

// contents reads the items one by one.
func (m *olderManifest) contents(s *scanner, d *decoder) error {
	return s.children(func(start xml.StartElement) error {
		if start.Name.Local != "Item" {
			return s.fail(s.line, s.column, "unexpected element <%s>", start.Name.Local)
		}
		if len(m.items) == maxEntries {
			return fmt.Errorf("%w: its manifest %q lists more than %d parts", ErrTooLarge, s.file, maxEntries)
		}
		e, err := s.subtree(start)
		if err != nil {
			return err
		}
		readOlderItem(d, e, m)
		return d.err
	})
}

func readOlderItem(d *decoder, e *element, m *olderManifest) {
	item := olderItem{
		name:   d.required(e, "name"),
		uri:    d.required(e, "uri"),
		sha256: strings.ToLower(d.required(e, "hash")),
	}
	item.created = readFileTime(d, e, "created")
	item.modified = readFileTime(d, e, "modified")
	m.items = append(m.items, item)
}

// readFileTime reads a Windows file time: units of 100 ns since 1601.
func readFileTime(d *decoder, e *element, name string) time.Time {
	a := e.attr(name)
	if a == nil {
		return time.Time{}
	}
	const perSecond, from1601to1970 = 10_000_000, 11_644_473_600
	ticks, err := strconv.ParseInt(a.value, 10, 64)
	if err != nil || ticks < 0 {
		d.fail(e, "%s of <%s> must be a Windows file time", name, e.name.Local)
		return time.Time{}
	}
	return time.Unix(ticks/perSecond-from1601to1970, ticks%perSecond*100).UTC()
}

// related returns the part that the relationship of that id names.
func (a *archive) related(rels relationships, id string) (*zip.File, error) {
	rel := rels.byID(id)
	if rel == nil {
		return nil, partError(a.name(relationshipsPart), "it has no relationship %s", id)
	}
	f := a.find(rel.Target)
	if f == nil {
		return nil, partError(a.name(relationshipsPart), "its relationship %s names %q, which is not there", id, rel.Target)
	}
	return f, nil
}

// verify compares the archive with its manifest: every part but the manifest,
// the relationships and the content types is listed once, and every hash fits.
func (r *olderReader) verify(a *archive, m *olderManifest) {
	listed := map[*zip.File]bool{a.find(m.part): true, a.find(relationshipsPart): true, a.find(contentTypesPart): true}
	for _, item := range m.items {
		f := a.find(item.uri)
		switch {
		case f == nil:
			r.checks.blame(a.name(item.name), "the manifest lists it as %q, which is not in the package", item.uri)
		case listed[f]:
			r.checks.blame(a.name(f.Name), "the manifest lists it twice")
		case item.sha256 == emptySHA256 && strings.HasSuffix(a.label, streamPackage):
			r.checks.sum(a, f) // reads it, so that at least its CRC-32 is checked
		default:
			r.checks.verify(a, f, item.sha256)
		}
		listed[f] = true
	}
	for _, f := range a.order {
		if !listed[f] {
			r.checks.blame(a.name(f.Name), "the manifest does not list it")
		}
	}
}

const (
	contentTypesPart = "[Content_Types].xml"
	rolePackage      = ".cssx"
	streamPackage    = ".csnsx"
)

// open opens and verifies an inner package.
func (r *olderReader) open(a *archive, f *zip.File) (*archive, relationships, *olderManifest, error) {
	inner, err := a.inner(f, r.budget)
	if err != nil {
		return nil, nil, nil, err
	}
	rels, err := inner.relationships()
	if err != nil {
		return nil, nil, nil, err
	}
	m, err := r.manifest(inner, rels)
	if err != nil {
		return nil, nil, nil, err
	}
	r.verify(inner, m)
	return inner, rels, m, nil
}

// definition reads the definition, which is plain in encrypted packages too.
func (r *olderReader) definition(a *archive, rels relationships) error {
	f, err := a.related(rels, "SERVICEDESCRIPTION")
	if err != nil {
		return err
	}
	inner, rels, _, err := r.open(a, f)
	if err != nil {
		return err
	}
	part, err := inner.related(rels, "SERVICEDESCRIPTION")
	if err != nil {
		return err
	}
	r.pkg.service = append(r.pkg.service, servicePart{definitionPath, part})
	r.pkg.Definition, err = inner.readDefinition(part)
	return err
}

// plainParts reads what only an unencrypted package shows: the model's hashes,
// the streams and the files of the roles.
func (r *olderReader) plainParts(a *archive, rels relationships) error {
	model, err := a.related(rels, "SERVICEMODEL")
	if err != nil {
		return err
	}
	inner, _, _, err := r.open(a, model)
	if err != nil {
		return err
	}
	for _, f := range inner.order {
		if ext := strings.ToLower(path.Ext(f.Name)); ext == ".rd" || ext == ".rdsc" {
			r.pkg.service = append(r.pkg.service, servicePart{DefinitionFolder + "/ServiceDefinition" + ext, f})
		}
	}
	if rels.byID("NAMEDSTREAMPACKAGE") != nil {
		if err := r.streams(a, rels); err != nil {
			return err
		}
	}
	return r.roles(a)
}

// streams reads the named streams. Packages of old SDKs lack some.
func (r *olderReader) streams(a *archive, rels relationships) error {
	f, err := a.related(rels, "NAMEDSTREAMPACKAGE")
	if err != nil {
		return err
	}
	inner, _, _, err := r.open(a, f)
	if err != nil {
		return err
	}
	for _, role := range r.pkg.Definition.Roles {
		for _, stream := range streamNames {
			part := inner.find(partURI(stream + "/" + role.Name + "/1.0"))
			if part == nil {
				continue
			}
			r.pkg.service = append(r.pkg.service, servicePart{streamPart(stream, role.Name), part})
			if err := streamReaders[stream](r.pkg, inner, part, role.Name); err != nil {
				return err
			}
		}
	}
	return nil
}

// roles reads the files of every role. The name of a role's package is the
// role, an underscore and a GUID.
func (r *olderReader) roles(a *archive) error {
	seen := map[string]bool{}
	for _, f := range a.order {
		if !strings.EqualFold(path.Ext(f.Name), rolePackage) {
			continue
		}
		role := roleOfPart(f.Name)
		if r.pkg.Definition.Role(role) == nil {
			r.checks.blame(a.name(f.Name), "the definition has no role %q", role)
		} else if seen[role] {
			r.checks.blame(a.name(f.Name), "there is another package for role %q", role)
		}
		seen[role] = true
		inner, _, m, err := r.open(a, f)
		if err != nil {
			return err
		}
		r.files(role, inner, m)
	}
	for _, role := range r.pkg.Definition.Roles {
		if !seen[role.Name] {
			r.checks.blame(role.Name+"_*"+rolePackage, "the package of this role of the definition is missing")
		}
	}
	return nil
}

func roleOfPart(name string) string {
	key := strings.TrimSuffix(path.Base(name), path.Ext(name))
	if i := strings.LastIndexByte(key, '_'); i >= 0 {
		key = key[:i]
	}
	return unescapePart(key)
}

// files adds the files of a role.
func (r *olderReader) files(role string, a *archive, m *olderManifest) {
	paths := map[string]bool{}
	for _, item := range m.items {
		path := strings.TrimPrefix(strings.ReplaceAll(item.name, `\`, "/"), "/")
		f := a.find(item.uri)
		switch {
		case f == nil: // verify has noted it
		case badPath(path) != "":
			r.checks.blame(a.name(item.name), "the path is refused: %s", badPath(path))
		case paths[foldASCII(path)]:
			r.checks.blame(a.name(item.name), "the role has this path twice (compared without regard to case)")
		default:
			r.pkg.files = append(r.pkg.files, File{
				Role: role, Path: path, Size: int64(f.UncompressedSize64), SHA256: r.checks.sums[f],
				Created: item.created, Modified: item.modified, entry: f,
			})
		}
		paths[foldASCII(path)] = true
	}
}
