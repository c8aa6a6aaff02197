//go:build !(darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd || windows)

package release

import (
	"errors"
	"io"
	"os"
	"syscall"
)

// lockFile takes the lock on a file, which is made if it is missing, for as long as it
// stays open; the system gives it up with the process. Several can have it shared. It
// returns nil when another process has it.
func lockFile(path string, shared bool) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, ownerOnly)
	if err != nil {
		return nil, err
	}
	kind := int16(syscall.F_WRLCK)
	if shared {
		kind = syscall.F_RDLCK
	}
	err = syscall.FcntlFlock(file.Fd(), syscall.F_SETLK, &syscall.Flock_t{Type: kind, Whence: io.SeekStart})
	if err == nil {
		return file, nil
	}
	if errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.EACCES) {
		err = nil
	}
	return nil, errors.Join(err, file.Close())
}
