package snapshot

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/vipswap/vipswap/emulator/cloud"
)

// format is the version of the files that are written. Newer ones are refused.
const format = 1

const (
	documentName   = "snapshot.json"
	contentsFolder = "contents/"
)

// Limits on files that are read.
const (
	maxDocument = 256 << 20 // bytes of snapshot.json
	maxContent  = 8 << 30   // bytes of one content
	maxEntries  = 100_000
)

// A Universe is what a file holds, but for contents.
type Universe struct {
	State    cloud.Saved
	Accounts map[string]json.RawMessage // records of the storage accounts, by name
}

// A Content is one that records of accounts name.
type Content struct {
	Sum  string // SHA-256, in hex
	Size int64
	Open func() (io.ReadCloser, error)
}

// document is snapshot.json.
type document struct {
	Format   int                                   `json:"format"`
	Universe cloud.Meta                            `json:"universe"`
	Records  map[string]map[string]json.RawMessage `json:"records"`
	Accounts map[string]json.RawMessage            `json:"accounts"`
}

// zipTime is when all entries say that they were made: the same file is to have
// the same bytes.
var zipTime = time.Date(2015, time.July, 1, 0, 0, 0, 0, time.UTC)

// Write writes a file. Contents may be in any order and more than once.
func Write(w io.Writer, u Universe, contents []Content) error {
	z := zip.NewWriter(w)
	err := writeDocument(z, u)
	bySum := map[string]Content{}
	for _, c := range contents {
		bySum[c.Sum] = c
	}
	for _, sum := range slices.Sorted(maps.Keys(bySum)) {
		if err == nil {
			err = writeContent(z, bySum[sum])
		}
	}
	if err = errors.Join(err, z.Close()); err != nil {
		return fmt.Errorf("write snapshot: %w", err)
	}
	return nil
}

func entry(z *zip.Writer, name string) (io.Writer, error) {
	return z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store, Modified: zipTime})
}

func writeDocument(z *zip.Writer, u Universe) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(document{format, u.State.Universe, u.State.Records, u.Accounts}); err != nil {
		return err
	}
	w, err := entry(z, documentName)
	if err == nil {
		_, err = w.Write(readable(b.Bytes()))
	}
	return err
}

// readable writes <, > and & as they are, which records have escaped: most of
// them are configurations.
func readable(data []byte) []byte {
	plain := map[string]byte{`\u003c`: '<', `\u003e`: '>', `\u0026`: '&'}
	out := make([]byte, 0, len(data))
	for i := 0; i < len(data); i++ {
		if data[i] != '\\' {
			out = append(out, data[i])
			continue
		}
		if c, ok := plain[string(data[i:min(i+6, len(data))])]; ok {
			out = append(out, c)
			i += 5
			continue
		}
		out = append(out, data[i], data[i+1]) // of an escape there are two at least
		i++
	}
	return out
}

func writeContent(z *zip.Writer, c Content) error {
	in, err := c.Open()
	if err != nil {
		return err
	}
	defer in.Close()
	w, err := entry(z, contentsFolder+c.Sum)
	if err != nil {
		return err
	}
	n, err := io.Copy(w, in)
	if err == nil && n != c.Size {
		err = fmt.Errorf("contents %s: %d bytes, want %d", c.Sum, n, c.Size)
	}
	return err
}

// A File is a file that was opened for reading.
type File struct {
	Universe
	contents map[string]*zip.File
}

// ErrFormat says that a file is no snapshot, or one that this program cannot
// read.
var ErrFormat = errors.New("it is not a snapshot that this program can read")

// Open reads a file, but for the contents in it. An error that wraps ErrFormat
// says what is wrong with it.
func Open(r io.ReaderAt, size int64) (*File, error) {
	f, err := open(r, size)
	if err != nil {
		return nil, fmt.Errorf("read snapshot: %w", err)
	}
	return f, nil
}

func open(r io.ReaderAt, size int64) (*File, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	if len(z.File) > maxEntries {
		return nil, fmt.Errorf("%w: it has %d entries, of at most %d", ErrFormat, len(z.File), maxEntries)
	}
	f := &File{contents: map[string]*zip.File{}}
	var found *zip.File
	for _, e := range z.File {
		if e.Name == documentName {
			found = e
		}
		if sum, ok := strings.CutPrefix(e.Name, contentsFolder); ok {
			f.contents[sum] = e
		}
	}
	if found == nil {
		return nil, fmt.Errorf("%w: there is no %s in it", ErrFormat, documentName)
	}
	f.Universe, err = readDocument(found)
	return f, err
}

func readDocument(e *zip.File) (Universe, error) {
	if e.UncompressedSize64 > maxDocument {
		return Universe{}, fmt.Errorf("%w: %s has %d bytes, of at most %d", ErrFormat, documentName, e.UncompressedSize64, maxDocument)
	}
	r, err := e.Open()
	if err != nil {
		return Universe{}, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	defer r.Close()
	data, err := io.ReadAll(io.LimitReader(r, maxDocument))
	if err != nil {
		return Universe{}, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	return parse(data)
}

// parse reads snapshot.json. The number of the format comes first: what else is
// in a newer one is not known.
func parse(data []byte) (Universe, error) {
	var version struct {
		Format int `json:"format"`
	}
	if err := json.Unmarshal(data, &version); err != nil {
		return Universe{}, fmt.Errorf("%w: %s: %w", ErrFormat, documentName, err)
	}
	switch {
	case version.Format > format:
		return Universe{}, fmt.Errorf("%w: its format is %d, this program knows up to %d; a newer vipswap wrote it", ErrFormat, version.Format, format)
	case version.Format < 1:
		return Universe{}, fmt.Errorf("%w: %s has no format", ErrFormat, documentName)
	}
	var d document
	if err := json.Unmarshal(data, &d); err != nil {
		return Universe{}, fmt.Errorf("%w: %s: %w", ErrFormat, documentName, err)
	}
	saved, err := compact(cloud.Saved{Universe: d.Universe, Records: d.Records})
	return Universe{State: saved, Accounts: d.Accounts}, err
}

// compact takes the indentation out of records: what was written for people is
// then what was saved.
func compact(s cloud.Saved) (cloud.Saved, error) {
	for kind, records := range s.Records {
		for key, data := range records {
			var b bytes.Buffer
			if err := json.Compact(&b, data); err != nil {
				return s, fmt.Errorf("%w: record %s of %s: %w", ErrFormat, key, kind, err)
			}
			records[key] = b.Bytes()
		}
	}
	return s, nil
}

// Content opens a content by its SHA-256. The error says that it is not there.
func (f *File) Content(sum string) (io.ReadCloser, error) {
	e := f.contents[sum]
	if e == nil {
		return nil, fmt.Errorf("%w: contents %s are not in it", ErrFormat, sum)
	}
	if e.UncompressedSize64 > maxContent {
		return nil, fmt.Errorf("%w: contents %s have %d bytes, of at most %d", ErrFormat, sum, e.UncompressedSize64, int64(maxContent))
	}
	r, err := e.Open()
	if err != nil {
		return nil, fmt.Errorf("%w: contents %s: %w", ErrFormat, sum, err)
	}
	return r, nil
}
