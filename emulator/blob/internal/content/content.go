package content

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync/atomic"
)

// A Content is a byte string that never changes. Its bytes may be read while a
// reference is held; reading is safe for concurrent use.
type Content struct {
	store      *Store
	size       int64
	sum        uint32 // of what was written; 0 for a reopened one
	data       []byte // when kept in memory
	path       string // when kept in a file, else ""
	references atomic.Int64
}

// Size is the number of bytes.
func (c *Content) Size() int64 { return c.size }

// Sum is the CRC-32C of the bytes, 0 for a content that was reopened.
func (c *Content) Sum() uint32 { return c.sum }

// Name is what Reopen takes, "" for a content in memory.
func (c *Content) Name() string {
	if c.path == "" {
		return ""
	}
	return filepath.Base(c.path)
}

// Retain adds a reference. The caller must hold one, or hold off whoever does.
func (c *Content) Retain() { c.references.Add(1) }

// Release gives a reference back. With the last one the bytes are gone.
func (c *Content) Release() {
	if c.references.Add(-1) > 0 {
		return
	}
	if c.path == "" {
		c.store.used.Add(-c.size)
		c.data = nil
		return
	}
	// A file that cannot be removed now is swept at the next start.
	os.Remove(c.path)
}

// A Handle reads a content at any place. Close it after use.
type Handle interface {
	io.ReaderAt
	io.Closer
}

// Open returns a handle. It fails when the file has been taken away.
func (c *Content) Open() (Handle, error) {
	if c.path == "" {
		return memory{bytes.NewReader(c.data)}, nil
	}
	f, err := os.Open(c.path)
	if err != nil {
		return nil, fmt.Errorf("open blob contents: %w", withoutPath(err))
	}
	return f, nil
}

// Reader returns a reader of all bytes. It fails when the file has been taken
// away.
func (c *Content) Reader() (io.ReadCloser, error) {
	h, err := c.Open()
	if err != nil {
		return nil, err
	}
	return struct {
		io.Reader
		io.Closer
	}{io.NewSectionReader(h, 0, c.size), h}, nil
}

// memory is the handle of a content in memory.
type memory struct{ *bytes.Reader }

func (memory) Close() error { return nil }

// CopyTo writes n bytes from offset to w. Files go to w as files, so that a
// network connection can take them without a detour through this process.
func (c *Content) CopyTo(w io.Writer, offset, n int64) error {
	if c.path == "" {
		_, err := w.Write(c.data[offset : offset+n])
		return err
	}
	f, err := os.Open(c.path)
	if err != nil {
		return fmt.Errorf("open blob contents: %w", withoutPath(err))
	}
	defer f.Close()
	if _, err := f.Seek(offset, io.SeekStart); err != nil {
		return fmt.Errorf("read blob contents: %w", withoutPath(err))
	}
	_, err = io.CopyN(w, f, n)
	return err
}
