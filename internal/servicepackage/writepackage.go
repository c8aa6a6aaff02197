package servicepackage

import (
	"archive/zip"
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

// defaultTime is the time that a package gets when its writer names none: the
// date in the name of the newer format.
var defaultTime = time.Date(2012, 3, 15, 0, 0, 0, 0, time.UTC)

// PackageContents is everything that goes into a package of the newer format.
type PackageContents struct {
	ProductVersion string    // of the SDK, e.g. "2.9.8699.20"; required
	Definition     []byte    // flattened definition; required
	Model          []byte    // the .rd; left out when nil
	Contract       []byte    // the .rdsc; nil when the service has no input endpoints
	Time           time.Time // of the zip entries; 15 March 2012 when zero
	Roles          []RoleContents
}

// RoleContents is the part of one role.
type RoleContents struct {
	Name                                         string
	RequiredFeatures, SupportedOSes, SupportData []byte // the named streams
	Files                                        []SourceFile
}

// SourceFile is a file to be packed.
type SourceFile struct {
	Path     string // with slashes, e.g. "approot/bin/App.dll"
	Open     func() (io.ReadCloser, error)
	Created  time.Time // the package's time when zero
	Modified time.Time // the package's time when zero
	ReadOnly bool
}

// part is one content of the package being written.
type part struct {
	name   string // without escapes
	open   func() (io.ReadCloser, error)
	size   int64
	digest [sha256.Size]byte
	stored *zip.File // the same content, compressed; nil when there is none
}

// packageWriter collects parts, shared where their content is equal, and then
// writes them in the order of their names.
type packageWriter struct {
	PackageContents
	parts  []part
	local  map[[sha256.Size]byte]string // digest to the name of the local content
	layout [][]string                   // per role and file: the name of the content

	stored map[[sha256.Size]byte]storedContent // contents that are compressed already
}

// WritePackage writes a package of the newer format. The same contents give
// the same bytes: entries are sorted, times are fixed, equal files are stored
// once under a name made from their SHA-256. Files are opened twice, to hash and
// to copy; one that differs the second time is an error. Errors come from
// reading a file, from w, from paths that are no paths below a role or are there
// twice (without regard to case), and wrap ErrTooLarge when the result exceeds
// MaxPackageSize.
func WritePackage(w io.Writer, contents PackageContents) error {
	p := &packageWriter{PackageContents: contents, local: map[[sha256.Size]byte]string{}}
	if p.Time.IsZero() {
		p.Time = defaultTime
	}
	p.Time = p.Time.UTC()
	if err := p.collect(); err != nil {
		return fmt.Errorf("write package: %w", err)
	}
	if err := p.write(&limitedWriter{w: w, left: MaxPackageSize}); err != nil {
		return fmt.Errorf("write package: %w", err)
	}
	return nil
}

// collect hashes everything and decides what is stored under which name.
func (p *packageWriter) collect() error {
	if p.ProductVersion == "" || len(p.Definition) == 0 {
		return errors.New("a product version and a definition are needed")
	}
	fixed := []struct {
		name string
		data []byte
	}{
		{"ServiceDefinition/ServiceDefinition.csdef", p.Definition},
		{"ServiceDefinition/ServiceDefinition.rd", p.Model},
		{"ServiceDefinition/ServiceDefinition.rdsc", p.Contract},
	}
	for _, r := range p.Roles {
		fixed = append(fixed, []struct {
			name string
			data []byte
		}{
			{streamPart(streamFeatures, r.Name), r.RequiredFeatures},
			{streamPart(streamOSes, r.Name), r.SupportedOSes},
			{streamPart(streamSupport, r.Name), r.SupportData},
		}...)
	}
	for _, f := range fixed {
		if f.data != nil {
			p.parts = append(p.parts, part{name: f.name, open: openBytes(f.data), size: int64(len(f.data)), digest: sha256.Sum256(f.data)})
		}
	}
	p.Roles = slices.Clone(p.Roles)
	for i := range p.Roles {
		if err := p.collectRole(&p.Roles[i]); err != nil {
			return err
		}
	}
	slices.SortFunc(p.parts, func(a, b part) int { return cmp.Compare(a.name, b.name) })
	return p.refuseTwins()
}

// refuseTwins fails when part names differ in nothing but case, as those of
// roles may.
func (p *packageWriter) refuseTwins() error {
	seen := map[string]bool{}
	for _, part := range p.parts {
		if key := foldASCII(part.name); seen[key] {
			return fmt.Errorf("the part %q is there twice", part.name)
		}
		seen[foldASCII(part.name)] = true
	}
	return nil
}

// collectRole hashes the files of one role.
func (p *packageWriter) collectRole(r *RoleContents) error {
	if reason := badName(r.Name, folderForbidden); reason != "" {
		return fmt.Errorf("the role name %q is not valid: %s", r.Name, reason)
	}
	r.Files = slices.Clone(r.Files)
	slices.SortFunc(r.Files, func(a, b SourceFile) int { return cmp.Compare(a.Path, b.Path) })
	seen := map[string]bool{}
	var names []string
	for _, f := range r.Files {
		if reason := badFilePath(f.Path); reason != "" {
			return fmt.Errorf("the path %q of role %q is refused: %s", f.Path, r.Name, reason)
		}
		if seen[foldASCII(f.Path)] {
			return fmt.Errorf("the path %q of role %q is there twice (compared without regard to case)", f.Path, r.Name)
		}
		seen[foldASCII(f.Path)] = true
		name, err := p.localContent(f)
		if err != nil {
			return fmt.Errorf("file %q of role %q: %w", f.Path, r.Name, err)
		}
		names = append(names, name)
	}
	p.layout = append(p.layout, names)
	return nil
}

// badFilePath is badPath for a file that has to have a place on Windows and in
// the manifest.
func badFilePath(path string) string {
	switch {
	case strings.ContainsAny(path, `<>"|?*`):
		return `it has one of < > " | ? *, which no file name on Windows can have`
	case !isXMLText(path):
		return "it has characters that XML cannot hold"
	}
	return badPath(path)
}

// localContent returns the name of the content of a file, which is added
// unless an equal one is there.
func (p *packageWriter) localContent(f SourceFile) (string, error) {
	size, digest, err := hashOf(f.Open)
	if err != nil {
		return "", err
	}
	if name, shared := p.local[digest]; shared {
		return name, nil
	}
	known := p.stored[digest]
	name := cmp.Or(known.name, "LocalContent/"+hex.EncodeToString(digest[:16]))
	p.local[digest] = name
	p.parts = append(p.parts, part{name, f.Open, size, digest, known.entry})
	if len(p.parts) > maxEntries-3 {
		return "", fmt.Errorf("%w: more than %d different files", ErrTooLarge, maxEntries)
	}
	return name, nil
}

func hashOf(open func() (io.ReadCloser, error)) (size int64, digest [sha256.Size]byte, err error) {
	r, err := open()
	if err != nil {
		return 0, digest, err
	}
	defer r.Close()
	h := sha256.New()
	size, err = io.Copy(h, r)
	return size, [sha256.Size]byte(h.Sum(nil)), err
}

func openBytes(data []byte) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }
}

// write writes the zip: the parts, then the manifest, the relationships and the
// content types.
func (p *packageWriter) write(w io.Writer) error {
	z := zip.NewWriter(w)
	for _, part := range p.parts {
		if err := p.copyPart(z, part); err != nil {
			return fmt.Errorf("part %q: %w", part.name, err)
		}
	}
	for _, document := range []struct {
		name string
		data []byte
	}{
		{"package.xml", p.manifest()},
		{relationshipsPart, newerRelationships()},
		{contentTypesPart, p.contentTypes()},
	} {
		entry, err := p.entry(z, document.name)
		if err != nil {
			return err
		}
		if _, err := entry.Write(document.data); err != nil {
			return err
		}
	}
	return z.Close()
}

func (p *packageWriter) entry(z *zip.Writer, name string) (io.Writer, error) {
	return z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: p.Time})
}

// copyPart copies one part, and fails when it is not what was hashed.
func (p *packageWriter) copyPart(z *zip.Writer, part part) error {
	if part.stored != nil {
		return p.copyStored(z, part)
	}
	entry, err := p.entry(z, partURI(part.name))
	if err != nil {
		return err
	}
	r, err := part.open()
	if err != nil {
		return err
	}
	defer r.Close()
	h := sha256.New()
	if _, err := io.Copy(entry, io.TeeReader(r, h)); err != nil {
		return err
	}
	if [sha256.Size]byte(h.Sum(nil)) != part.digest {
		return errors.New("it changed while it was packed")
	}
	return nil
}

// newerRelationships returns the one relationship, marked external although
// its target is inside, as every writer of the format does.
func newerRelationships() []byte {
	var w xmlWriter
	w.start("Relationships", "xmlns", relationshipSpace)
	w.leaf("Relationship", "Type", newerRelationship, "Target", "/package.xml", "TargetMode", "External", "Id", "R0000000000000001")
	w.end()
	return w.document(declarationUTF8)
}

// partExtensions are those of the parts that every package has.
var partExtensions = []string{"csdef", "rd", "rdsc", "0", "xml"}

// contentTypes names the type of every part. Local contents have no extension,
// so each is named by itself.
func (p *packageWriter) contentTypes() []byte {
	const octets = "application/octet-stream"
	var w xmlWriter
	w.start("Types", "xmlns", "http://schemas.openxmlformats.org/package/2006/content-types")
	for _, extension := range partExtensions {
		w.leaf("Default", "Extension", extension, "ContentType", octets)
	}
	w.leaf("Default", "Extension", "rels", "ContentType", "application/vnd.openxmlformats-package.relationships+xml")
	for _, part := range p.parts {
		if !slices.Contains(partExtensions, strings.TrimPrefix(path.Ext(part.name), ".")) || strings.HasPrefix(part.name, "LocalContent/") {
			w.leaf("Override", "PartName", "/"+partURI(part.name), "ContentType", octets)
		}
	}
	w.end()
	return w.document(declarationUTF8)
}

// manifest returns the package.xml.
func (p *packageWriter) manifest() []byte {
	var w xmlWriter
	w.start("PackageDefinition", "xmlns:i", instanceSpace, "xmlns", manifestSpace)
	w.group("PackageMetaData", func() {
		w.group("KeyValuePair", func() {
			w.text("Key", productVersionKey)
			w.text("Value", p.ProductVersion)
		})
	})
	w.group("PackageContents", func() {
		for _, part := range p.parts {
			w.group("ContentDefinition", func() { writeContent(&w, part) })
		}
	})
	w.group("PackageLayouts", func() {
		for i, r := range p.Roles {
			w.group("LayoutDefinition", func() { p.writeLayout(&w, r, p.layout[i]) })
		}
	})
	w.end()
	return w.document(declarationUTF8)
}

func writeContent(w *xmlWriter, part part) {
	name := partURI(part.name)
	w.text("Name", name)
	w.group("ContentDescription", func() {
		w.text("LengthInBytes", strconv.FormatInt(part.size, 10))
		w.text(hashElement, hashSHA256)
		w.text("IntegrityCheckHash", base64.StdEncoding.EncodeToString(part.digest[:]))
		w.text("DataStorePath", name)
	})
}

func (p *packageWriter) writeLayout(w *xmlWriter, r RoleContents, contents []string) {
	w.text("Name", "Roles/"+partURI(r.Name))
	w.group("LayoutDescription", func() {
		for i, f := range r.Files {
			w.group("FileDefinition", func() {
				w.text("FilePath", `\`+strings.ReplaceAll(f.Path, "/", `\`))
				w.group("FileDescription", func() {
					w.text("DataContentReference", contents[i])
					w.text("CreatedTimeUtc", p.timeText(f.Created))
					w.text("ModifiedTimeUtc", p.timeText(f.Modified))
					w.text("ReadOnly", strconv.FormatBool(f.ReadOnly))
				})
			})
		}
	})
}

// timeText writes a time in units of 100 ns, the finest that .NET has.
func (p *packageWriter) timeText(t time.Time) string {
	if t.IsZero() {
		t = p.Time
	}
	return t.UTC().Format("2006-01-02T15:04:05.9999999Z")
}

// limitedWriter fails with ErrTooLarge once more than left bytes are written.
type limitedWriter struct {
	w    io.Writer
	left int64
}

func (l *limitedWriter) Write(data []byte) (int, error) {
	if l.left -= int64(len(data)); l.left < 0 {
		return 0, fmt.Errorf("%w: the service takes packages of at most %d bytes", ErrTooLarge, int64(MaxPackageSize))
	}
	return l.w.Write(data)
}
