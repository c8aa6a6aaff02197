//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package release

import (
	"errors"
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
	how := syscall.LOCK_EX
	if shared {
		how = syscall.LOCK_SH
	}
	err = syscall.Flock(int(file.Fd()), how|syscall.LOCK_NB)
	if err == nil {
		return file, nil
	}
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = nil
	}
	return nil, errors.Join(err, file.Close())
}
