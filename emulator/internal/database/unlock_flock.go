//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package database

import (
	"os"
	"syscall"
)

// unlock takes the library's lock off a file that it left mapped: a mapping
// keeps the lock beyond the file's being closed.
func unlock(f *os.File) {
	// What cannot be unlocked stays locked until the process ends.
	_ = syscall.Flock(int(f.Fd()), syscall.LOCK_UN)
}
