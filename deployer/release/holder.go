package release

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// A Holder is the process that has a history open.
type Holder struct {
	PID     int       `json:"pid"`
	Command string    `json:"command"`
	Since   time.Time `json:"since"`
}

// A HeldError says that another process has the history open.
type HeldError struct {
	// Holder is who has it, as far as it left a note; nil if not.
	Holder *Holder
}

// Error names the process, what it does, and since when.
func (e *HeldError) Error() string {
	const hint = "\nhint: wait until it has finished, then try again"
	if e.Holder == nil {
		return "the history of this project is in use by another process" + hint
	}
	return fmt.Sprintf("the history of this project is in use by %q (process %d) since %s%s",
		e.Holder.Command, e.Holder.PID, e.Holder.Since.UTC().Format(time.RFC3339), hint)
}

// maxHolder is how large the note of a holder may be, in bytes.
const maxHolder = 64 << 10

// heldError reads the note of whoever has the history. That the lock is taken
// is known already; the note only tells by whom.
func heldError(dir string) error {
	path := filepath.Join(dir, holderFile)
	info, err := os.Stat(path)
	if err != nil || info.Size() > maxHolder {
		return &HeldError{}
	}
	data, err := os.ReadFile(path)
	var holder Holder
	if err != nil || json.Unmarshal(data, &holder) != nil {
		return &HeldError{}
	}
	return &HeldError{Holder: &holder}
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
