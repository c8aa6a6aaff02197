package tempfolder

import (
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/vipswap/vipswap/internal/filelock"
)

// What folders are called, and what is in them.
const (
	prefix   = "vipswap-work-"
	lockName = "lock"
	workName = "files"
)

// A Place is where folders are made.
type Place struct {
	Parent string           // "" is the system's folder for temporary files
	Now    func() time.Time // nil is time.Now
}

// A Folder is private to its process until it is closed.
type Folder struct {
	dir  string
	lock *os.File
}

// Make makes a folder that only this user can read. What is stale beside it is removed
// first; what cannot be removed is left.
func (p Place) Make() (*Folder, error) {
	p = p.known()
	sweep(p.Parent, p.Now(), staleAfter)
	var f *Folder
	var err error
	for range tries {
		if f, err = lockedFolder(p.Parent); err == nil || !errors.Is(err, errTaken) && !errors.Is(err, os.ErrNotExist) {
			break
		}
	}
	return f, err
}

// Clear removes the folders that processes of this user left behind when they were
// killed, however new they are: for whoever goes on with what such a process was at.
func (p Place) Clear() {
	p = p.known()
	sweep(p.Parent, p.Now(), 0)
}

func (p Place) known() Place {
	if p.Parent == "" {
		p.Parent = os.TempDir()
	}
	if p.Now == nil {
		p.Now = time.Now
	}
	return p
}

// tries are how often a folder is made anew that somebody clears away before it is
// locked.
const tries = 5

// lockedFolder makes a folder and locks it.
func lockedFolder(parent string) (*Folder, error) {
	dir, err := os.MkdirTemp(parent, prefix)
	if err != nil {
		return nil, err
	}
	f := &Folder{dir: dir}
	if f.lock, err = os.OpenFile(filepath.Join(dir, lockName), os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600); err == nil {
		free, lockErr := filelock.Try(f.lock, false)
		if err = os.Mkdir(f.Path(), 0o700); err == nil && lockErr == nil && !free { // where there are no locks, nothing is removed
			err = errTaken
		}
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

var errTaken = errors.New("somebody clears away the folder that was just made")

// Path returns the folder to work in. It is empty at first.
func (f *Folder) Path() string { return filepath.Join(f.dir, workName) }

// Close removes the folder with all that is in it.
func (f *Folder) Close() error {
	var err error
	if f.lock != nil {
		err = f.lock.Close()
	}
	return errors.Join(os.RemoveAll(f.dir), err)
}
