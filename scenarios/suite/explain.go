package suite

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strings"

	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/journal"
	"github.com/vipswap/vipswap/emulator/universe"
	"github.com/vipswap/vipswap/scenarios/stage"
)

// A Slot is a line of the table of slots.
type Slot struct {
	Service   string `json:"service"`
	Slot      string `json:"slot"`
	Label     string `json:"label"` // "" when the slot is empty
	Status    string `json:"status,omitempty"`
	Instances string `json:"instances,omitempty"` // 2/3 ready
	Operation string `json:"operation,omitempty"` // that is in progress
}

// lastRequests is how many requests a failure shows.
const lastRequests = 12

// look takes along what is of use.
func (r *Result) look(u *stage.Universe, how Performance) error {
	state, err := u.State()
	if err != nil {
		return err
	}
	r.Cloud = u.Passed()
	if r.Outcome != Failed && !how.Look {
		return nil
	}
	j, err := u.Journal()
	if err != nil {
		return err
	}
	r.State, r.Requests = state, j.Entries(journal.Filter{})
	r.Slots = slotsOf(state)
	for _, e := range r.Requests[max(0, len(r.Requests)-lastRequests):] {
		r.Journal = append(r.Journal, e.String())
	}
	r.Struck, err = u.Stage().Emulator().Faults(u.ID())
	return err
}

// slotsOf makes the table of slots.
func slotsOf(state universe.State) []Slot {
	var slots []Slot
	for _, s := range state.Services {
		for _, slot := range []struct {
			name string
			*universe.Deployment
		}{{"production", s.Production.Deployment}, {"staging", s.Staging.Deployment}} {
			line := Slot{Service: s.Name, Slot: slot.name}
			if d := slot.Deployment; d != nil {
				line.Label, line.Status = d.Label, string(d.Status)
				line.Instances = fmt.Sprintf("%d/%d ready", d.Ready, len(d.Instances))
				if op := state.Operation(d.Busy); op != nil && op.Status == cloud.InProgress {
					line.Operation = string(op.Kind)
				}
			}
			slots = append(slots, line)
		}
	}
	return slots
}

// phase is how testscript logs the beginning of a phase, with the time that it took.
var phase = regexp.MustCompile(`(?m)^#\s*(.*?)(?: \(\d+\.\d+s\))?$`)

// failure is how testscript logs what failed.
var failure = regexp.MustCompile(`(?m)^FAIL: (?:.*[/\\])?([^/\\\n]+:\d+: .*)$`)

// command is how testscript logs a command that it runs.
var commandLine = regexp.MustCompile(`(?m)^> (.*)$`)

// explain finds in a log which phase failed, and how.
func explain(log, reason string) (inPhase, why string) {
	if all := phase.FindAllStringSubmatch(log, -1); len(all) > 0 {
		inPhase = all[len(all)-1][1]
	}
	if reason != "" {
		return inPhase, reason
	}
	at := failure.FindStringSubmatchIndex(log)
	if at == nil {
		return inPhase, "the script failed"
	}
	why = log[at[2]:at[3]]
	if all := commandLine.FindAllStringSubmatch(log[:at[0]], -1); len(all) > 0 {
		why += " (" + all[len(all)-1][1] + ")"
	}
	return inPhase, why
}

// timedOut is how a log tells that a program ran out of time.
var timedOut = regexp.MustCompile(`(?m)^FAIL: .*(?:test timed out while running command|context deadline exceeded)`)

// withoutTraces leaves out what programs in Go say when they are killed because they
// ran out of time.
func withoutTraces(log string) string {
	for {
		at := strings.Index(log, "SIGQUIT: quit\n")
		if at < 0 {
			return log
		}
		end := len(log)
		for _, next := range []string{"\n[", "\nFAIL: "} {
			if i := strings.Index(log[at:], next); i >= 0 {
				end = min(end, at+i)
			}
		}
		log = log[:at] + "(killed, because the time was up)" + log[end:]
	}
}

// workDir returns the work folder that testscript made below root.
func workDir(root string) string {
	if found, err := filepath.Glob(filepath.Join(root, "script-*")); err == nil && len(found) == 1 {
		return found[0]
	}
	return root
}

// export writes a universe to a file in a folder.
func export(u *stage.Universe, dir string) (string, error) {
	f, err := os.Create(filepath.Join(dir, "failed.universe"))
	if err != nil {
		return "", err
	}
	return f.Name(), errors.Join(u.Stage().Emulator().Export(u.ID(), f), f.Close())
}

// removeAll removes a folder, also one in which a script took away permissions.
func removeAll(dir string) error {
	_ = filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			return os.Chmod(path, 0o700)
		}
		return nil
	})
	return os.RemoveAll(dir)
}

func sprint(args []any) string { return strings.TrimSuffix(fmt.Sprintln(args...), "\n") }

// trace tells of a panic.
func trace(p any) string { return fmt.Sprintf("panic: %v\n%s", p, debug.Stack()) }
