package blob

import (
	"errors"
	"fmt"
	"io"
	"sort"
	"sync"

	"github.com/vipswap/vipswap/emulator/blob/internal/content"
)

// mostHandles is how many files one open blob keeps open for ReadAt.
const mostHandles = 16

// A Blob is one version of a committed blob, opened for reading. It keeps that
// version while the blob is overwritten or deleted. Its methods are safe for
// concurrent use, except Close, which comes last.
type Blob struct {
	record *blobRecord
	starts []int64 // offset of each part

	mu      sync.Mutex // guards handles
	handles map[int]content.Handle
}

// Open opens a committed blob of an account. An error that matches ErrNotFound
// says that the container or the blob is not there.
func (s *Store) Open(accountID, container, blob string) (*Blob, error) {
	var b *Blob
	err := s.view(func(st state) error {
		c := st.anyContainer(accountID, container)
		if c == nil || !c.record.DeletedUntil.IsZero() {
			return refuse(containerNotFound)
		}
		record := c.blobs[blob]
		if record == nil {
			return refuse(blobNotFound)
		}
		b = openBlob(record)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("open blob %s in container %s: %w", blob, container, err)
	}
	return b, nil
}

// openBlob takes references to the contents of a record. The lock is held.
func openBlob(record *blobRecord) *Blob {
	b := &Blob{record: record, starts: make([]int64, len(record.Parts)), handles: map[int]content.Handle{}}
	var offset int64
	for i, p := range record.Parts {
		p.content.Retain()
		b.starts[i] = offset
		offset += p.Size
	}
	return b
}

// Size is the number of bytes.
func (b *Blob) Size() int64 { return b.record.Size }

// ETag is the blob's entity tag, without quotes.
func (b *Blob) ETag() string { return b.record.ETag }

// Close gives the contents free. It must be called once.
func (b *Blob) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	var errs []error
	for _, h := range b.handles {
		errs = append(errs, h.Close())
	}
	b.handles = nil
	for _, c := range b.record.contents() {
		c.Release()
	}
	return errors.Join(errs...)
}

// part is the index of the part that has the byte at offset.
func (b *Blob) part(offset int64) int {
	return sort.Search(len(b.starts), func(i int) bool { return b.starts[i] > offset }) - 1
}

// ReadAt implements io.ReaderAt.
func (b *Blob) ReadAt(p []byte, offset int64) (int, error) {
	if offset < 0 {
		return 0, errors.New("read blob: negative offset")
	}
	total := 0
	for total < len(p) && offset < b.Size() {
		n, err := b.readPart(p[total:], offset)
		total += n
		offset += int64(n)
		if err != nil {
			return total, err
		}
	}
	if total < len(p) {
		return total, io.EOF
	}
	return total, nil
}

// readPart reads from the part that has offset, to the end of it at most.
func (b *Blob) readPart(p []byte, offset int64) (int, error) {
	i := b.part(offset)
	within := offset - b.starts[i]
	p = p[:min(int64(len(p)), b.record.Parts[i].Size-within)]
	h, done, err := b.handle(i)
	if err != nil {
		return 0, err
	}
	defer done()
	n, err := h.ReadAt(p, within)
	if n == len(p) {
		err = nil // a reader may say that it is at its end
	}
	return n, err
}

// handle returns a handle of a part and what to call when it is no longer used.
func (b *Blob) handle(i int) (content.Handle, func(), error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if h := b.handles[i]; h != nil {
		return h, func() {}, nil
	}
	h, err := b.record.Parts[i].content.Open()
	if err != nil {
		return nil, nil, err
	}
	if len(b.handles) < mostHandles {
		b.handles[i] = h
		return h, func() {}, nil
	}
	return h, func() { h.Close() }, nil
}

// copyTo writes n bytes from offset to w.
func (b *Blob) copyTo(w io.Writer, offset, n int64) error {
	for n > 0 {
		i := b.part(offset)
		within := offset - b.starts[i]
		length := min(n, b.record.Parts[i].Size-within)
		if err := b.record.Parts[i].content.CopyTo(w, within, length); err != nil {
			return err
		}
		offset += length
		n -= length
	}
	return nil
}
