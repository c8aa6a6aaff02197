//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package tempfolder

import (
	"io/fs"
	"os"
	"syscall"
)

// lock takes the lock on a file for as long as it is open. It reports false when
// another process, or another open file of this one, has it.
func lock(f *os.File) bool {
	return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil
}

// ours reports whether a file belongs to the user of this process.
func ours(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int64(stat.Uid) == int64(os.Getuid())
}
