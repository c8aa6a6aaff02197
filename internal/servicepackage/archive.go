package servicepackage

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

// budget is what a package with the packages inside it may still use.
type budget struct {
	entries  int
	unpacked uint64
}

func newBudget() *budget { return &budget{entries: maxEntries, unpacked: maxUnpacked} }

// take subtracts one entry, and fails when a limit is passed.
func (b *budget) take(part string, size uint64) error {
	if b.entries--; b.entries < 0 {
		return fmt.Errorf("%w: more than %d entries", ErrTooLarge, maxEntries)
	}
	if size > b.unpacked {
		return fmt.Errorf("%w: unpacked it has more than %d MB (at part %q)", ErrTooLarge, maxUnpacked>>20, part)
	}
	b.unpacked -= size
	return nil
}

// archive is a zip whose entry names were checked. Parts are found by name
// without regard to ASCII case and with percent escapes resolved, as the Open
// Packaging Conventions compare part names.
type archive struct {
	raw   io.ReaderAt
	label string // put before part names in errors; "" for the package itself
	parts map[string]*zip.File
	order []*zip.File // without folder entries
}

// openArchive reads the directory of a zip of that size.
func openArchive(r io.ReaderAt, size int64, label string, b *budget) (*archive, error) {
	limited := &limitedReaderAt{r: r, left: maxDirectoryBytes}
	z, err := zip.NewReader(limited, size)
	switch {
	case errors.Is(err, ErrTooLarge):
		return nil, fmt.Errorf("%w: its directory has more than %d MB", ErrTooLarge, maxDirectoryBytes>>20)
	case errors.Is(err, zip.ErrFormat), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return nil, fmt.Errorf("%w: %sit is not a zip archive, or it was cut short", ErrNotPackage, in(label))
	case err != nil && !errors.Is(err, zip.ErrInsecurePath):
		return nil, fmt.Errorf("open service package: %s%w", in(label), err)
	}
	limited.left = -1 // from here on the entries' own sizes are the limit
	a := &archive{raw: r, label: label, parts: map[string]*zip.File{}}
	for _, f := range z.File {
		if err := a.admit(f, b); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// admit checks one entry and puts it under its name.
func (a *archive) admit(f *zip.File, b *budget) error {
	name := a.name(f.Name)
	if err := b.take(name, f.UncompressedSize64); err != nil {
		return err
	}
	key, err := partKey(f.Name)
	if err != nil {
		return partError(name, "%v", err)
	}
	switch {
	case f.Flags&1 != 0:
		return partError(name, "the zip entry is protected by a password")
	case f.Method != zip.Store && f.Method != zip.Deflate:
		return partError(name, "the zip entry is compressed by method %d; only stored and deflated entries can be read", f.Method)
	case a.parts[key] != nil:
		return partError(name, "the zip has this entry twice (part names are compared without regard to case)")
	}
	a.parts[key] = f
	if !strings.HasSuffix(f.Name, "/") {
		a.order = append(a.order, f)
	}
	return nil
}

// name returns a part's name as errors give it.
func (a *archive) name(part string) string {
	if a.label == "" {
		return part
	}
	return a.label + "/" + part
}

func in(label string) string {
	if label == "" {
		return ""
	}
	return fmt.Sprintf("part %q: ", label)
}

// find returns the entry that a part name or URI names, nil when there is none.
func (a *archive) find(name string) *zip.File {
	key, err := partKey(strings.TrimPrefix(name, "/"))
	if err != nil {
		return nil
	}
	return a.parts[key]
}

// partKey returns the name under which parts are compared. It refuses names
// that point outside the package: absolute, with "..", backslashes or a drive.
func partKey(name string) (string, error) {
	plain := unescapePart(name)
	if reason := badPath(strings.TrimSuffix(plain, "/")); reason != "" {
		return "", fmt.Errorf("the name is refused: %s", reason)
	}
	return foldASCII(plain), nil
}

// badPath says why a path with slashes does not stay below its root; it is
// empty for one that does.
func badPath(path string) string {
	switch {
	case path == "":
		return "it is empty"
	case strings.HasPrefix(path, "/"):
		return "it is absolute"
	case strings.Contains(path, `\`):
		return "it has a backslash"
	case strings.ContainsFunc(path, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return "it has control characters"
	case strings.Contains(path, ":"):
		return "it has a colon, as in the name of a drive"
	}
	for element := range strings.SplitSeq(path, "/") {
		if element == ".." || element == "." || element == "" {
			return fmt.Sprintf("it has the element %q", element)
		}
	}
	return ""
}

// foldASCII makes ASCII letters lower case and leaves all else.
func foldASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

// read returns the whole of a small part. Entries over limit bytes are refused
// before anything is read.
func (a *archive) read(f *zip.File, limit int) ([]byte, error) {
	if f.UncompressedSize64 > uint64(limit) {
		return nil, fmt.Errorf("%w: part %q has more than %d bytes", ErrTooLarge, a.name(f.Name), limit)
	}
	r, err := f.Open()
	if err != nil {
		return nil, partError(a.name(f.Name), "%s", zipReason(err))
	}
	defer r.Close()
	data, err := io.ReadAll(io.LimitReader(r, int64(limit)+1))
	if err != nil {
		return nil, partError(a.name(f.Name), "%s", zipReason(err))
	}
	return data, nil
}

// zipReason puts an error from reading an entry into words.
func zipReason(err error) string {
	switch {
	case errors.Is(err, zip.ErrChecksum):
		return "its CRC-32 is wrong"
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return "it was cut short"
	case errors.Is(err, zip.ErrFormat):
		return "its zip entry is malformed"
	}
	return err.Error()
}

// inner opens a zip that is a part of this one. A stored part is read in
// place; a compressed one is unpacked into memory if it is small, and refused
// otherwise: the real tool never compresses them.
func (a *archive) inner(f *zip.File, b *budget) (*archive, error) {
	label := a.name(f.Name)
	if f.Method == zip.Store {
		offset, err := f.DataOffset()
		if err != nil {
			return nil, partError(label, "%s", zipReason(err))
		}
		size := int64(f.UncompressedSize64)
		return openArchive(io.NewSectionReader(a.raw, offset, size), size, label, b)
	}
	if f.UncompressedSize64 > maxSpooled {
		return nil, partError(label, "it is compressed; store packages over %d MB inside a package without compression, as the real tool does", maxSpooled>>20)
	}
	data, err := a.read(f, maxSpooled)
	if err != nil {
		return nil, err
	}
	return openArchive(bytes.NewReader(data), int64(len(data)), label, b)
}

// limitedReaderAt fails once more than left bytes were read, so that a zip
// cannot claim an endless directory. A negative left is no limit.
type limitedReaderAt struct {
	r    io.ReaderAt
	left int64
}

func (l *limitedReaderAt) ReadAt(p []byte, off int64) (int, error) {
	if l.left >= 0 {
		if l.left -= int64(len(p)); l.left < 0 {
			l.left = 0
			return 0, ErrTooLarge
		}
	}
	return l.r.ReadAt(p, off)
}
