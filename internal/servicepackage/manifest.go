package servicepackage

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	manifestSpace     = "http://schemas.microsoft.com/windowsazure"
	productVersionKey = "http://schemas.microsoft.com/windowsazure/ProductVersion/"
	maxMetadataBytes  = 1 << 20 // keys and values together

	// hashElement is misspelt in the format itself.
	hashElement = "IntegrityCheckHashAlgortihm"
	hashSHA256  = "Sha256"
	hashNone    = "None"
)

// manifest is the package.xml of the newer format.
type manifest struct {
	metadata map[string]string
	contents []contentDefinition
	layouts  []layoutDefinition
}

// contentDefinition is one stored part.
type contentDefinition struct {
	name      string
	length    uint64 // in bytes, unpacked
	algorithm string
	hash      string // base64
	path      string // of the zip entry

	entry *zip.File
}

// layoutDefinition is the files of one role.
type layoutDefinition struct {
	name  string
	files []fileDefinition
}

// fileDefinition puts a content at a path.
type fileDefinition struct {
	path              string // with backslashes, the first character too
	content           string // name of the content
	created, modified time.Time
	readOnly          bool
}

// manifestReader reads a manifest as a stream, so that one with many files
// does not have to be held as a tree.
type manifestReader struct {
	*scanner
	manifest
	metadataBytes int
	names         map[string]bool // of contents
	entries       int             // contents and files read so far
}

// readManifest reads the manifest in f. Unknown elements are errors: the schema
// is closed.
func readManifest(a *archive, f *zip.File) (*manifest, error) {
	s, closer, err := a.scan(f)
	if err != nil {
		return nil, err
	}
	defer closer.Close()
	r := &manifestReader{scanner: s, manifest: manifest{metadata: map[string]string{}}, names: map[string]bool{}}
	root, err := s.root()
	if err != nil {
		return nil, err
	}
	if root.Name != (xml.Name{Space: manifestSpace, Local: "PackageDefinition"}) {
		return nil, s.fail(s.line, s.column, "the root element is <%s> in the namespace %q; expected <PackageDefinition> in %q", root.Name.Local, root.Name.Space, manifestSpace)
	}
	seen, err := r.sections(map[string]func() error{
		"PackageMetaData": func() error { return r.list("KeyValuePair", r.pair) },
		"PackageContents": func() error { return r.list("ContentDefinition", r.content) },
		"PackageLayouts":  r.layoutList,
	})
	if err != nil {
		return nil, err
	}
	for _, name := range []string{"PackageMetaData", "PackageContents", "PackageLayouts"} {
		if !seen[name] {
			return nil, s.failHere("<PackageDefinition> needs <%s>", name)
		}
	}
	return &r.manifest, s.end()
}

// scan opens an XML part to be read as a stream.
func (a *archive) scan(f *zip.File) (*scanner, io.Closer, error) {
	if f.UncompressedSize64 > maxManifestBytes {
		return nil, nil, fmt.Errorf("%w: part %q has more than %d MB", ErrTooLarge, a.name(f.Name), maxManifestBytes>>20)
	}
	r, err := f.Open()
	if err != nil {
		return nil, nil, partError(a.name(f.Name), "%s", zipReason(err))
	}
	buffered := bufio.NewReader(r)
	if start, _ := buffered.Peek(len(utf8BOM)); bytes.Equal(start, utf8BOM) {
		_, _ = buffered.Discard(len(utf8BOM))
	}
	return newScanner(a.name(f.Name), buffered), r, nil
}

// sections reads the children of the current element by name, each at most
// once, and returns which were there.
func (r *manifestReader) sections(table map[string]func() error) (map[string]bool, error) {
	seen := map[string]bool{}
	return seen, r.children(func(start xml.StartElement) error {
		read := table[start.Name.Local]
		if read == nil || start.Name.Space != manifestSpace || seen[start.Name.Local] {
			return r.unexpected(start)
		}
		seen[start.Name.Local] = true
		return read()
	})
}

func (r *manifestReader) unexpected(start xml.StartElement) error {
	return r.fail(r.line, r.column, "unexpected element <%s>", start.Name.Local)
}

// list reads children that all have one name, each as a tree.
func (r *manifestReader) list(name string, read func(*element) error) error {
	return r.children(func(start xml.StartElement) error {
		if start.Name != (xml.Name{Space: manifestSpace, Local: name}) {
			return r.unexpected(start)
		}
		e, err := r.subtree(start)
		if err != nil {
			return err
		}
		if r.entries++; r.entries > 2*maxEntries {
			return fmt.Errorf("%w: its manifest has more than %d contents and files", ErrTooLarge, 2*maxEntries)
		}
		return read(e)
	})
}

// children calls f for each child of the current element; f reads to its end.
func (s *scanner) children(f func(xml.StartElement) error) error {
	for {
		token, err := s.next()
		if errors.Is(err, io.EOF) {
			return s.failHere("the document ends too early")
		}
		if err != nil {
			return err
		}
		switch t := token.(type) {
		case xml.StartElement:
			if err := f(t); err != nil {
				return err
			}
		case xml.EndElement:
			return nil
		}
	}
}

func (r *manifestReader) pair(e *element) error {
	key, err := r.textOf(e, "Key")
	if err != nil {
		return err
	}
	value, err := r.textOf(e, "Value")
	if err != nil {
		return err
	}
	if u, err := url.Parse(key); err != nil || !u.IsAbs() {
		return r.fail(e.line, e.column, "the metadata key is not an absolute URI")
	}
	if _, twice := r.metadata[key]; twice {
		return r.fail(e.line, e.column, "the metadata key %q is there twice", key)
	}
	if r.metadataBytes += len(key) + len(value); r.metadataBytes > maxMetadataBytes {
		return r.fail(e.line, e.column, "the metadata has more than %d bytes", maxMetadataBytes)
	}
	r.metadata[key] = value
	return nil
}

// textOf returns the text of the only child of that name.
func (r *manifestReader) textOf(e *element, name string) (string, error) {
	c := e.child(name)
	if c == nil {
		return "", r.fail(e.line, e.column, "<%s> needs <%s>", e.name.Local, name)
	}
	return strings.TrimSpace(c.text), nil
}

// fields reads several texts at once, in the order of names.
func (r *manifestReader) fields(e *element, names ...string) ([]string, error) {
	values := make([]string, len(names))
	for i, name := range names {
		var err error
		if values[i], err = r.textOf(e, name); err != nil {
			return nil, err
		}
	}
	return values, nil
}

func (r *manifestReader) content(e *element) error {
	name, err := r.textOf(e, "Name")
	if err != nil {
		return err
	}
	description := e.child("ContentDescription")
	if description == nil {
		return r.fail(e.line, e.column, "<ContentDefinition> needs <ContentDescription>")
	}
	v, err := r.fields(description, "LengthInBytes", hashElement, "IntegrityCheckHash", "DataStorePath")
	if err != nil {
		return err
	}
	length, err := strconv.ParseUint(v[0], 10, 64)
	if err != nil {
		return r.fail(description.line, description.column, "LengthInBytes must be a whole number, not %q", v[0])
	}
	if v[1] != hashSHA256 && v[1] != hashNone {
		return r.fail(description.line, description.column, "%s must be %s or %s, not %q", hashElement, hashSHA256, hashNone, v[1])
	}
	if r.names[name] {
		return r.fail(e.line, e.column, "the content %q is there twice", name)
	}
	r.names[name] = true
	r.contents = append(r.contents, contentDefinition{name: name, length: length, algorithm: v[1], hash: v[2], path: v[3]})
	return nil
}

// layoutList reads the layouts. The files of one are read one by one.
func (r *manifestReader) layoutList() error {
	names := map[string]bool{}
	return r.children(func(start xml.StartElement) error {
		if start.Name != (xml.Name{Space: manifestSpace, Local: "LayoutDefinition"}) {
			return r.unexpected(start)
		}
		line, column := r.line, r.column
		layout, err := r.layout(start)
		if err != nil {
			return err
		}
		if layout.name == "" || names[layout.name] {
			return r.fail(line, column, "the name of <LayoutDefinition> is missing or there twice: %q", layout.name)
		}
		names[layout.name] = true
		r.layouts = append(r.layouts, layout)
		return nil
	})
}

func (r *manifestReader) layout(xml.StartElement) (layoutDefinition, error) {
	var l layoutDefinition
	err := r.children(func(start xml.StartElement) error {
		switch start.Name {
		case xml.Name{Space: manifestSpace, Local: "Name"}:
			e, err := r.subtree(start)
			if err == nil {
				l.name = strings.TrimSpace(e.text)
			}
			return err
		case xml.Name{Space: manifestSpace, Local: "LayoutDescription"}:
			return r.list("FileDefinition", func(e *element) error {
				f, err := r.file(e)
				l.files = append(l.files, f)
				return err
			})
		}
		return r.unexpected(start)
	})
	return l, err
}

func (r *manifestReader) file(e *element) (fileDefinition, error) {
	var f fileDefinition
	var err error
	if f.path, err = r.textOf(e, "FilePath"); err != nil {
		return f, err
	}
	description := e.child("FileDescription")
	if description == nil {
		return f, r.fail(e.line, e.column, "<FileDefinition> needs <FileDescription>")
	}
	v, err := r.fields(description, "DataContentReference", "CreatedTimeUtc", "ModifiedTimeUtc", "ReadOnly")
	if err != nil {
		return f, err
	}
	f.content = v[0]
	created, err1 := parseTime(v[1])
	modified, err2 := parseTime(v[2])
	readOnly, err3 := strconv.ParseBool(v[3])
	if err1 != nil || err2 != nil || err3 != nil {
		return f, r.fail(description.line, description.column, "a time or ReadOnly of <FileDescription> is malformed")
	}
	f.created, f.modified, f.readOnly = created, modified, readOnly
	return f, nil
}

// parseTime reads an xs:dateTime; without a zone it is UTC, as its element's
// name says.
func parseTime(s string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		t, err = time.Parse("2006-01-02T15:04:05.999999999", s)
	}
	return t.UTC(), err
}
