package credentials

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"sync"

	"github.com/rogpeppe/go-internal/lockedfile"
)

// A folder keeps small files. Names may have slashes.
type folder interface {
	// read returns a file's content, or an error that is fs.ErrNotExist.
	read(name string) ([]byte, error)
	// write makes or replaces a file, whole or not at all; under lock.
	write(name string, data []byte) error
	// remove removes a file that may be absent; under lock.
	remove(name string) error
	// lock keeps other writers out, those of other processes included, until
	// unlock is called. A folder that has not been made yet is made.
	lock() (unlock func(), err error)
	// path returns where other programs find a file, or "" when they cannot.
	path(name string) string
}

const (
	folderMode = 0o700
	fileMode   = 0o600
	lockFile   = ".lock" // no subscription can have this name
)

// A disk is a folder in the file system, named by its absolute path.
type disk string

func (d disk) path(name string) string { return filepath.Join(string(d), filepath.FromSlash(name)) }

func (d disk) read(name string) ([]byte, error) { return os.ReadFile(d.path(name)) }

// write goes through a second file, whose fixed name the lock keeps for one writer:
// so no half of a key is left behind under a name that nobody would look for.
func (d disk) write(name string, data []byte) error {
	path := d.path(name)
	if err := os.MkdirAll(filepath.Dir(path), folderMode); err != nil {
		return err
	}
	draft := path + ".tmp"
	if err := writeSynced(draft, data); err != nil {
		return errors.Join(err, os.Remove(draft))
	}
	return os.Rename(draft, path)
}

func writeSynced(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, fileMode)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Sync(), f.Close())
}

func (d disk) remove(name string) error {
	if err := os.Remove(d.path(name)); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func (d disk) lock() (func(), error) {
	if err := os.MkdirAll(string(d), folderMode); err != nil {
		return nil, fmt.Errorf("credentials: make the folder: %w", err)
	}
	f, err := os.OpenFile(d.path(lockFile), os.O_RDWR|os.O_CREATE, fileMode)
	if err != nil {
		return nil, fmt.Errorf("credentials: the folder cannot be written to: %w", err)
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	unlock, err := lockedfile.MutexAt(d.path(lockFile)).Lock()
	if err != nil {
		return nil, fmt.Errorf("credentials: lock the folder: %w", err)
	}
	return unlock, nil
}

// A memory is a folder that ends with the process.
type memory struct {
	writing sync.Mutex // held by who has the lock

	mu    sync.Mutex // guards files
	files map[string][]byte
}

func newMemory() *memory { return &memory{files: map[string][]byte{}} }

func (m *memory) path(string) string { return "" }

func (m *memory) read(name string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	data, ok := m.files[name]
	if !ok {
		return nil, &fs.PathError{Op: "read", Path: name, Err: fs.ErrNotExist}
	}
	return data, nil
}

func (m *memory) write(name string, data []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.files[name] = data
	return nil
}

func (m *memory) remove(name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.files, name)
	return nil
}

func (m *memory) lock() (func(), error) {
	m.writing.Lock()
	return m.writing.Unlock, nil
}

// snapshot returns a copy of the files.
func (m *memory) snapshot() map[string][]byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	return maps.Clone(m.files)
}
