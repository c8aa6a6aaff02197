package release

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/vipswap/vipswap/internal/filelock"
)

// A Holder is the process that deploys the releases of a project.
type Holder struct {
	PID     int       `json:"pid"`
	Command string    `json:"command"`
	Since   time.Time `json:"since"`
}

// A HeldError says that another process deploys releases of the project.
type HeldError struct {
	// Holder is who has it, as far as it left a note; nil if not.
	Holder *Holder
}

// Error names the process, what it does, and since when.
func (e *HeldError) Error() string {
	const hint = "\nhint: wait until it has finished, then try again"
	holder := Holder{}
	if e.Holder != nil {
		holder = *e.Holder
	}
	return fmt.Sprintf("the history of this project is in use by %s%s", holder, hint)
}

// String names the process, what it does, and since when, as far as that is known.
func (h Holder) String() string {
	if h.PID == 0 {
		return "another process"
	}
	return fmt.Sprintf("%q (process %d) since %s", h.Command, h.PID, h.Since.UTC().Format(time.RFC3339))
}

// Hold makes this process the one that deploys releases of the project, until
// the history is closed or the process ends, however that happens: what is
// being carried out in the history was then cut off. Reading, and creating and
// blocking releases, needs no hold. command is what others are told that this
// process does; it must hold no secret. The error is a *[HeldError] if another
// process deploys.
func (h *History) Hold(command string) error {
	if h.held != nil {
		return nil
	}
	file, err := h.lock(holdLock, h.wait)
	if err != nil {
		return err
	}
	h.held = file
	return writeHolder(h.dir, newHolder(command, h.now()))
}

// lock takes the lock on a file in the history's folder, which holds while the file is
// open. The error is a *[HeldError] when another process has it all the time.
func (h *History) lock(name string, patience time.Duration) (*os.File, error) {
	for end := time.Now().Add(patience); ; time.Sleep(lockPause) {
		file, err := filelock.Open(filepath.Join(h.dir, name), false)
		switch {
		case err != nil:
			return nil, fmt.Errorf("lock the history: %w", err)
		case file != nil:
			return file, nil
		case !time.Now().Before(end):
			return nil, heldError(h.dir)
		}
	}
}

// lockPause is how long to wait before another look at a lock.
const lockPause = 20 * time.Millisecond

// Holder returns the other process that deploys releases of the project now,
// nil if there is none. A deployment that is being carried out was then cut
// off. Of a process that left no note all fields are zero.
func (h *History) Holder() (*Holder, error) {
	if h.held != nil {
		return nil, nil
	}
	file, err := filelock.Open(filepath.Join(h.dir, holdLock), true)
	if err != nil {
		return nil, fmt.Errorf("look at the lock of the history: %w", err)
	}
	if file != nil {
		return nil, file.Close()
	}
	holder := readHolder(h.dir)
	if holder == nil {
		holder = &Holder{}
	}
	return holder, nil
}

// Close lets another process deploy.
func (h *History) Close() error {
	if h.held == nil {
		return nil
	}
	err := os.Remove(filepath.Join(h.dir, holderFile))
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	err = errors.Join(err, h.held.Close())
	h.held = nil
	return err
}

// maxHolder is how large the note of a holder may be, in bytes.
const maxHolder = 64 << 10

// heldError says who has the lock.
func heldError(dir string) error { return &HeldError{Holder: readHolder(dir)} }

// readHolder reads the note of whoever has the lock. That it is taken is known
// already; the note only tells by whom. It is nil when there is none.
func readHolder(dir string) *Holder {
	path := filepath.Join(dir, holderFile)
	info, err := os.Stat(path)
	if err != nil || info.Size() > maxHolder {
		return nil
	}
	data, err := os.ReadFile(path)
	var holder Holder
	if err != nil || json.Unmarshal(data, &holder) != nil {
		return nil
	}
	return &holder
}

func newHolder(command string, now time.Time) Holder {
	if command == "" {
		command = filepath.Base(os.Args[0])
	}
	return Holder{PID: os.Getpid(), Command: command, Since: now}
}

// writeHolder replaces the note as a whole, so that nobody reads half of it.
func writeHolder(dir string, holder Holder) error {
	data, err := json.Marshal(holder)
	if err != nil {
		return err
	}
	path := filepath.Join(dir, holderFile)
	if err := os.WriteFile(path+".new", append(data, '\n'), 0o666); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}
