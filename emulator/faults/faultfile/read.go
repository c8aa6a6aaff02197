package faultfile

import (
	"fmt"

	"github.com/vipswap/vipswap/emulator/faults"
	"github.com/vipswap/vipswap/internal/yamlfile"
)

// Limits of a plan.
const (
	maxDepth = 10
	maxRules = 1000
)

// Errors is all that is wrong with a file, in the order of the file, each with its
// place.
type Errors = yamlfile.Errors

// Load reads a plan from a file. Errors are those of the file system and
// [Errors].
func Load(path string) (faults.Plan, error) {
	data, err := yamlfile.Load(path)
	if err != nil {
		return faults.Plan{}, fmt.Errorf("read the plan of faults: %w", err)
	}
	return Read(path, data)
}

// Read reads a plan from the content of a file, whose name is for errors only.
// The error, if any, is an [Errors]: what is neither YAML nor JSON, unknown keys,
// values of the wrong kind, and all that [faults.Plan.Validate] finds. A file that
// holds nothing is the empty plan.
func Read(name string, data []byte) (plan faults.Plan, err error) {
	r := &reader{yamlfile.NewReport(name, data)}
	if body := r.Parse(); body != nil {
		r.plan(body, &plan)
	}
	if !r.Failed() {
		for _, p := range plan.Validate() {
			r.Path(p.Path, p.Text, p.Hint)
		}
	}
	if err := r.Err(); err != nil {
		return faults.Plan{}, err
	}
	return plan, nil
}

// A reader turns a file into a plan and collects what is wrong with it.
type reader struct{ *yamlfile.Report }
