package planfile

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/vipswap/vipswap/deployer"
)

// Format is the version of the files that are written. Those of version 1 know no
// releases, and nothing of what happens after a swap.
const Format = 2

// maxSize bounds what is read of a file, in bytes.
const maxSize = 16 << 20

// A File is a plan on its way to somebody who carries it out.
type File struct {
	Format        int             `json:"format"` // Write sets it
	Made          time.Time       `json:"made"`
	Subscription  string          `json:"subscription"`
	Digest        string          `json:"digest"` // of what the slots held, see deployer.Observed.Digest
	Plan          deployer.Plan   `json:"plan"`
	Source        deployer.Source `json:"source"`
	Version       string          `json:"version,omitempty"`       // of the package
	Account       string          `json:"account,omitempty"`       // for the package
	Location      string          `json:"location,omitempty"`      // for an account that has to be made
	Configuration []byte          `json:"configuration,omitempty"` // for a plan that sends a package
	AfterSwap     string          `json:"afterSwap,omitempty"`     // what becomes of the replaced deployment
	Window        time.Duration   `json:"window,omitempty"`        // until then, in nanoseconds
	Release       *Release        `json:"release,omitempty"`       // of a project; nil for any other plan
}

// A Release says of which release's deployment a plan is.
type Release struct {
	Number      string `json:"number"`
	Environment string `json:"environment"`
	Digest      string `json:"digest"` // of the release and its project, see release.History.Digest

	// Flags are those of the command that made the plan which say how a run goes.
	Flags []string `json:"flags,omitempty"`

	// Created is when the deployment was asked for, which variables can refer to. Plans
	// of older versions lack it.
	Created time.Time `json:"created,omitzero"`

	// CreatedBy is who asked for it, likewise.
	CreatedBy string `json:"createdBy,omitempty"`
}

// A NoPlanError says that a file is not a plan, or not one that could be carried out.
type NoPlanError struct {
	Path string
	Err  error // what is wrong with it; nil when it is something else altogether
}

// Error names the file.
func (e *NoPlanError) Error() string {
	if e.Err == nil {
		return e.Path + " is no plan"
	}
	return fmt.Sprintf("%s is no plan: %v", e.Path, e.Err)
}

// Unwrap returns what is wrong with the file.
func (e *NoPlanError) Unwrap() error { return e.Err }

// A NewerError says that a newer version has written a file.
type NewerError struct {
	Path   string
	Format int
}

// Error names both formats.
func (e *NewerError) Error() string {
	return fmt.Sprintf("%s has format %d, this vipswap reads up to %d", e.Path, e.Format, Format)
}

// Write writes the plan to a file that only its owner can read, since the configuration
// in it may hold secrets. A file that is there is written over, and keeps its
// permissions. Errors are those of the file system.
func (f File) Write(path string) error {
	f.Format = Format
	data, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(data, '\n'), 0o600)
}

// Read reads a plan that Write has written. The error is a [*NoPlanError] or a
// [*NewerError], or one of the file system.
func Read(path string) (File, error) {
	in, err := os.Open(path)
	if err != nil {
		return File{}, err
	}
	defer in.Close()
	data, err := io.ReadAll(io.LimitReader(in, maxSize+1))
	if err != nil {
		return File{}, err
	}
	return decode(path, data)
}

// decode reads the contents of a file.
func decode(path string, data []byte) (File, error) {
	var f File
	if err := json.Unmarshal(data, &f); err != nil || len(data) > maxSize || f.Format < 1 || f.Plan.Service == "" {
		return File{}, &NoPlanError{Path: path}
	}
	if f.Format > Format {
		return File{}, &NewerError{path, f.Format}
	}
	if f.Window < 0 {
		return File{}, &NoPlanError{path, fmt.Errorf("it has the negative rollback window %s", f.Window)}
	}
	if err := f.Plan.Check(); err != nil {
		return File{}, &NoPlanError{path, err}
	}
	return f, nil
}

// Same reports whether two plans are one, apart from how long they wait.
func Same(a, b deployer.Plan) bool {
	a.Waits = b.Waits
	one, err := json.Marshal(a)
	other, otherErr := json.Marshal(b)
	return err == nil && otherErr == nil && bytes.Equal(one, other)
}
