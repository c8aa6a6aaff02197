package tempfolder

import (
	"io/fs"
	"os"
	"path"
	"strings"
	"time"

	"github.com/vipswap/vipswap/internal/filelock"
)

// staleAfter is how old a folder must be before it is removed. A script that a killed
// process has started may go on in its folder for a while.
const staleAfter = 24 * time.Hour

// sweep removes the folders in parent that nobody has locked and that are older than
// age, or staleAfter while they have no lock. It tells of nothing: whoever needs a
// folder is not to be stopped by an old one.
func sweep(parent string, now time.Time, age time.Duration) {
	root, err := os.OpenRoot(parent)
	if err != nil {
		return
	}
	defer root.Close()
	entries, _ := fs.ReadDir(root.FS(), ".")
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), prefix) && old(root, e.Name(), now, age) {
			remove(root, e.Name())
		}
	}
}

// old reports whether an entry is a folder of this user that is older than age. One
// without a lock may be about to be locked.
func old(root *os.Root, name string, now time.Time, age time.Duration) bool {
	info, err := root.Lstat(name)
	if err != nil || !info.IsDir() || !ours(info) {
		return false
	}
	if made, err := root.Lstat(path.Join(name, lockName)); err == nil {
		info = made // the folder's own time changes with what is in it
	} else {
		age = staleAfter
	}
	return now.Sub(info.ModTime()) > age
}

// remove removes a folder unless a process has it locked. Without a lock file, it
// is of a process that ended before it had made one.
func remove(root *os.Root, name string) {
	file := path.Join(name, lockName)
	info, err := root.Lstat(file)
	if err == nil && (!info.Mode().IsRegular() || !ours(info)) {
		return
	}
	if err == nil {
		f, err := root.OpenFile(file, os.O_RDWR, 0)
		if err != nil {
			return
		}
		defer f.Close()
		if free, err := filelock.Try(f, false); !free || err != nil {
			return
		}
	}
	_ = root.RemoveAll(name)
}
