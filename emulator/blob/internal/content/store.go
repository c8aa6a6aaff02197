package content

import (
	"bytes"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
)

const (
	partSuffix = ".part"   // ends the name of a file that is still being written
	largest    = 4 << 20   // no content above this stays in memory, whatever the budget
	bufferSize = 256 << 10 // for copying to files
)

// A Store makes contents. It is safe for concurrent use.
type Store struct {
	durable bool         // files outlive the process
	relaxed bool         // and are not flushed before they get their names
	budget  int64        // bytes of memory for all contents together
	used    atomic.Int64 // of the budget
	buffers sync.Pool    // of *[]byte, bufferSize long

	mu   sync.Mutex // guards dir and next
	dir  string     // "" until the first content is spooled
	next uint64     // number that names the next file
}

// Open returns the store of a folder, which is created when missing. With an
// empty dir, contents are kept in up to budget bytes of memory and, above that,
// in a temporary folder that is made when first needed. It fails when the
// folder cannot be made or read.
func Open(dir string, budget int64) (*Store, error) {
	s := &Store{durable: dir != "", budget: budget, dir: dir}
	s.buffers.New = func() any { b := make([]byte, bufferSize); return &b }
	if dir == "" {
		return s, nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make folder for blob contents: %w", err)
	}
	names, err := s.names()
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if n, err := strconv.ParseUint(name, 16, 64); err == nil && n >= s.next {
			s.next = n + 1
		}
	}
	return s, nil
}

// Used is how many bytes of contents are in memory.
func (s *Store) Used() int64 { return s.used.Load() }

// Relax leaves it to the operating system when files get to disk. It is meant for
// the start, before anything is written.
func (s *Store) Relax() { s.relaxed = true }

// Close removes the temporary folder, if there is one. A store with a folder of
// its own leaves everything where it is.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.durable || s.dir == "" {
		return nil
	}
	if err := os.RemoveAll(s.dir); err != nil {
		return fmt.Errorf("remove spooled blobs: %w", err)
	}
	s.dir = ""
	return nil
}

// names lists the files of the folder.
func (s *Store) names() ([]string, error) {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return nil, fmt.Errorf("read folder of blob contents: %w", err)
	}
	var names []string
	for _, e := range entries {
		if e.Type().IsRegular() {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

// Sweep removes the files that a killed process left behind: those whose names
// keep does not want. It is meant for the start, before anything is written.
func (s *Store) Sweep(keep func(name string) bool) error {
	if s.dir == "" {
		return nil
	}
	names, err := s.names()
	if err != nil {
		return err
	}
	for _, name := range names {
		if keep(name) {
			continue
		}
		if err := os.Remove(filepath.Join(s.dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove leftover of blob contents: %w", err)
		}
	}
	return nil
}

// OpenToRead returns the store of a folder for Reopen alone: nothing is made or
// removed. It fails when the folder is not there.
func OpenToRead(dir string) (*Store, error) {
	s := &Store{durable: true, dir: dir}
	_, err := s.names()
	return s, err
}

// NewSum returns the hash that Sum of a content is made with: it finds damage of
// a disk, not of an enemy.
func NewSum() hash.Hash32 { return crc32.New(crc32.MakeTable(crc32.Castagnoli)) }

// Reopen returns the content that an earlier process wrote under name, with one
// reference for the caller. It fails when the file is missing or has another
// size.
func (s *Store) Reopen(name string, size int64) (*Content, error) {
	if name != filepath.Base(name) {
		return nil, fmt.Errorf("blob contents %q: not a file name", name)
	}
	info, err := os.Stat(filepath.Join(s.dir, name))
	if err != nil {
		return nil, fmt.Errorf("blob contents %s: %w", name, withoutPath(err))
	}
	if info.Size() != size {
		return nil, fmt.Errorf("blob contents %s: %d bytes, want %d", name, info.Size(), size)
	}
	return s.file(filepath.Join(s.dir, name), size), nil
}

// Write reads r to its end and keeps what it read. The bytes also go to tee, in
// order (a hash, say). The size is a hint, -1 when unknown. The content has one
// reference, the caller's. When r or the disk fails, nothing is kept.
func (s *Store) Write(r io.Reader, size int64, tee io.Writer) (*Content, error) {
	sum := NewSum()
	in := io.TeeReader(r, io.MultiWriter(tee, sum))
	c, err := s.write(in, size)
	if err != nil {
		return nil, err
	}
	c.sum = sum.Sum32()
	return c, nil
}

// write keeps what in gives, in memory or in a file.
func (s *Store) write(in io.Reader, size int64) (*Content, error) {
	room := size
	if room < 0 {
		room = largest
	}
	if s.durable || room > largest || !s.reserve(room) {
		return s.writeFile(in)
	}
	var head bytes.Buffer
	if size > 0 {
		head.Grow(int(size) + bytes.MinRead)
	}
	_, err := head.ReadFrom(io.LimitReader(in, room+1))
	if err != nil || int64(head.Len()) > room {
		s.used.Add(-room)
	}
	if err != nil {
		return nil, err
	}
	if int64(head.Len()) > room {
		return s.writeFile(io.MultiReader(&head, in))
	}
	s.used.Add(int64(head.Len()) - room)
	c := &Content{store: s, size: int64(head.Len()), data: head.Bytes()}
	c.references.Store(1)
	return c, nil
}

// reserve takes n bytes of the memory budget, or tells that they are not there.
func (s *Store) reserve(n int64) bool {
	if s.used.Add(n) <= s.budget {
		return true
	}
	s.used.Add(-n)
	return false
}

// writeFile copies r to a new file.
func (s *Store) writeFile(r io.Reader) (*Content, error) {
	dir, name, err := s.nextName()
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, name)
	size, err := s.copyToFile(path+partSuffix, r)
	if err == nil {
		err = s.publish(path)
	}
	if err != nil {
		os.Remove(path + partSuffix)
		return nil, err
	}
	return s.file(path, size), nil
}

// nextName gives the folder and a name that no file in it has.
func (s *Store) nextName() (dir, name string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dir == "" {
		if s.dir, err = os.MkdirTemp("", "vipswap-blobs-*"); err != nil {
			return "", "", fmt.Errorf("make folder for spooled blobs: %w", err)
		}
	}
	name = fmt.Sprintf("%016x", s.next)
	s.next++
	return s.dir, name, nil
}

// copyToFile writes r to a new file, flushes it, and returns its size.
func (s *Store) copyToFile(path string, r io.Reader) (int64, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return 0, fmt.Errorf("keep blob contents: %w", withoutPath(err))
	}
	buffer := s.buffers.Get().(*[]byte)
	defer s.buffers.Put(buffer)
	// The struct hides os.File's ReadFrom, which would not use the buffer.
	n, err := io.CopyBuffer(struct{ io.Writer }{f}, r, *buffer)
	if err == nil && s.durable && !s.relaxed {
		err = f.Sync()
	}
	return n, errors.Join(err, f.Close())
}

// publish gives a finished file its final name.
func (s *Store) publish(path string) error {
	if err := os.Rename(path+partSuffix, path); err != nil {
		return fmt.Errorf("keep blob contents: %w", withoutPath(err))
	}
	if !s.durable || s.relaxed {
		return nil
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("keep blob contents: %w", withoutPath(err))
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// file returns the content of a finished file.
func (s *Store) file(path string, size int64) *Content {
	c := &Content{store: s, size: size, path: path}
	c.references.Store(1)
	return c
}

// withoutPath drops the path from an error of the file system, so that the
// places where blobs are kept do not reach those who only asked for one.
func withoutPath(err error) error {
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		return pathErr.Err
	}
	return err
}
