package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// A pidFile is the data folder in which the file "pid" says which process has
// it. The lock on the database is what counts; this is for people.
type pidFile string

func (f pidFile) path() string { return filepath.Join(string(f), "pid") }

// write says that this process has the folder. Nobody is kept from working by
// its failing.
func (f pidFile) write() {
	_ = os.WriteFile(f.path(), []byte(strconv.Itoa(os.Getpid())+"\n"), 0o600)
}

func (f pidFile) remove() { os.Remove(f.path()) }

// read returns the id of the process that wrote the file, 0 when it is unknown.
func (f pidFile) read() int {
	data, err := os.ReadFile(f.path())
	if err != nil {
		return 0
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(data)))
	if err != nil || pid < 0 {
		return 0
	}
	return pid
}

// nameHolder adds to an error which process has the folder, if that is why.
func nameHolder(err error, dir string) error {
	if pid := pidFile(dir).read(); errors.Is(err, ErrInUse) && pid != 0 {
		return fmt.Errorf("%w (pid %d)", err, pid)
	}
	return err
}
