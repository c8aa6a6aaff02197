package servicepackage

import (
	"archive/zip"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"
)

// newerReader opens a package in the newer format.
type newerReader struct {
	archive *archive
	checks  *verifier
	pkg     *Package
	byName  map[string]*contentDefinition // contents by their name
}

// openNewer reads and verifies a package in the newer format.
func openNewer(a *archive, rels relationships, _ *budget) (*Package, error) {
	found := rels.ofType(newerRelationship)
	if len(found) > 1 {
		return nil, partError(relationshipsPart, "the relationship to the package definition is there %d times", len(found))
	}
	part := a.find(found[0].Target)
	if part == nil {
		return nil, partError(relationshipsPart, "it names the package definition %q, which is not in the package", found[0].Target)
	}
	m, err := readManifest(a, part)
	if err != nil {
		return nil, err
	}
	r := &newerReader{archive: a, checks: newVerifier(), pkg: &Package{Format: V20120315}, byName: map[string]*contentDefinition{}}
	r.pkg.makeStreams()
	if r.pkg.ProductVersion = m.metadata[productVersionKey]; r.pkg.ProductVersion == "" {
		return nil, partError(part.Name, "it has no product version (key %s)", productVersionKey)
	}
	r.contents(m.contents)
	if err := r.checks.err(); err != nil {
		return nil, err
	}
	if err := r.definition(m.contents); err != nil {
		return nil, err
	}
	r.layouts(m.layouts)
	r.streams()
	if err := r.checks.err(); err != nil {
		return nil, err
	}
	return r.pkg, r.readStreams()
}

// contents finds the part of every content and verifies its length and hash.
func (r *newerReader) contents(list []contentDefinition) {
	for i := range list {
		c := &list[i]
		r.byName[c.name] = c
		c.entry = r.archive.find(c.path)
		if name := unescapePart(c.name); c.entry != nil && isServicePart(name) {
			r.pkg.service = append(r.pkg.service, servicePart{name, c.entry})
		}
		switch {
		case c.entry == nil:
			r.checks.blame(c.name, "the manifest keeps it in %q, which is not in the package", c.path)
		case c.length != c.entry.UncompressedSize64:
			r.checks.blame(c.name, "it has %d bytes, the manifest says %d", c.entry.UncompressedSize64, c.length)
		case c.algorithm == hashNone:
			r.checks.sum(r.archive, c.entry)
		default:
			r.verify(c)
		}
	}
}

func (r *newerReader) verify(c *contentDefinition) {
	want, err := base64.StdEncoding.DecodeString(c.hash)
	if err != nil || len(want) != 32 {
		r.checks.blame(c.name, "the manifest's hash is not the base64 of a SHA-256")
		return
	}
	r.checks.verify(r.archive, c.entry, hex.EncodeToString(want))
}

// definition reads the one definition of the package.
func (r *newerReader) definition(contents []contentDefinition) error {
	var found []*zip.File
	for _, c := range contents {
		name := foldASCII(c.name)
		if strings.HasPrefix(name, "servicedefinition/") && strings.HasSuffix(name, ".csdef") {
			found = append(found, c.entry)
		}
	}
	if len(found) != 1 {
		return partError("ServiceDefinition", "there are %d service definitions; expected one", len(found))
	}
	def, err := r.archive.readDefinition(found[0])
	r.pkg.Definition = def
	return err
}

// layouts turns the layouts Roles/<role> into files and compares them with the
// roles of the definition. Other layouts are of no concern.
func (r *newerReader) layouts(layouts []layoutDefinition) {
	seen := map[string]bool{}
	for _, l := range layouts {
		role, ok := strings.CutPrefix(l.name, "Roles/")
		if !ok {
			continue
		}
		role = unescapePart(role)
		if r.pkg.Definition.Role(role) == nil {
			r.checks.blame(l.name, "the definition has no role %q", role)
		}
		seen[role] = true
		r.layout(role, l)
	}
	for _, role := range r.pkg.Definition.Roles {
		if !seen[role.Name] {
			r.checks.blame("Roles/"+role.Name, "the layout of this role of the definition is missing")
		}
	}
}

func (r *newerReader) layout(role string, l layoutDefinition) {
	paths := map[string]bool{}
	for _, f := range l.files {
		part := l.name + f.path
		path := strings.TrimPrefix(strings.ReplaceAll(f.path, `\`, "/"), "/")
		content := r.byName[f.content]
		switch {
		case badPath(path) != "":
			r.checks.blame(part, "the path is refused: %s", badPath(path))
		case paths[foldASCII(path)]:
			r.checks.blame(part, "the layout has this path twice (compared without regard to case)")
		case content == nil:
			r.checks.blame(part, "it refers to the content %q, which the manifest does not have", f.content)
		default:
			r.pkg.files = append(r.pkg.files, File{
				Role: role, Path: path, Size: int64(content.length), SHA256: r.checks.sums[content.entry],
				Created: f.created, Modified: f.modified, ReadOnly: f.readOnly, entry: content.entry,
			})
		}
		paths[foldASCII(path)] = true
	}
}

// streams notes which named streams are missing: there is one of each kind for
// every role.
func (r *newerReader) streams() {
	for _, role := range r.pkg.Definition.Roles {
		for _, stream := range streamNames {
			if r.stream(stream, role.Name) == nil {
				r.checks.blame(streamPart(stream, role.Name), "this named stream is missing")
			}
		}
	}
}

func streamPart(stream, role string) string {
	return fmt.Sprintf("NamedStreams/%s/%s/1.0", stream, role)
}

// stream returns the part of a named stream, nil when there is none.
func (r *newerReader) stream(stream, role string) *zip.File {
	part := streamPart(stream, role)
	if c := r.byName[part]; c != nil {
		return c.entry
	}
	if c := r.byName[partURI(part)]; c != nil {
		return c.entry
	}
	return nil
}

func (r *newerReader) readStreams() error {
	for _, role := range r.pkg.Definition.Roles {
		for _, stream := range streamNames {
			if err := streamReaders[stream](r.pkg, r.archive, r.stream(stream, role.Name), role.Name); err != nil {
				return err
			}
		}
	}
	return nil
}

// partURI escapes a part name for the manifest and the zip, as the Open
// Packaging Conventions ask.
func partURI(name string) string {
	elements := strings.Split(name, "/")
	for i, e := range elements {
		elements[i] = url.PathEscape(e)
	}
	return strings.Join(elements, "/")
}

// unescapePart undoes partURI; a name with a lone percent sign stays.
func unescapePart(name string) string {
	if plain, err := url.PathUnescape(name); err == nil {
		return plain
	}
	return name
}
