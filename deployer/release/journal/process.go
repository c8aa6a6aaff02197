package journal

import (
	"encoding/json"
	"errors"
	"strings"

	"github.com/vipswap/vipswap/deployer/process"
	"github.com/vipswap/vipswap/deployer/release"
)

// Process keeps in a history which steps of the project around a plan ended, with
// their outputs. It is a process.Journal.
type Process struct {
	History    History
	Deployment release.Deployment // as it was when this process began
}

// processPrefix tells the entries of a project's steps from others.
const processPrefix = "process/"

// Ended returns what an earlier process recorded of a step. One whose outputs cannot be
// read has not ended; the error is that of the history, whose secrets are lost.
func (j Process) Ended(key string) (process.Outputs, bool, error) {
	for _, e := range j.Deployment.Journal {
		if e.Step != processPrefix+key || e.State != release.Done {
			continue
		}
		o := process.Outputs{Plain: map[string]string{}}
		if json.Unmarshal([]byte(e.Detail), &o.Plain) != nil {
			return o, false, nil
		}
		secrets, err := j.History.Secrets(j.Deployment.ID, e)
		o.Secret = secrets
		return o, true, err
	}
	return process.Outputs{}, false, nil
}

// Begin records that a step is about to run.
func (j Process) Begin(key string) error {
	return j.History.RecordIntent(j.Deployment.ID, processPrefix+key, "")
}

// End records that it ran.
func (j Process) End(key string, o process.Outputs) error {
	data, err := json.Marshal(o.Plain)
	return errors.Join(err, j.History.RecordSecrets(j.Deployment.ID, processPrefix+key, string(data), o.Secret))
}

// Reached reports whether a step was begun, and whether it ended, before this process
// began.
func (j Process) Reached(key string) (begun, ended bool) {
	for _, e := range j.Deployment.Journal {
		if e.Step == processPrefix+key {
			begun, ended = true, ended || e.State == release.Done
		}
	}
	return begun, ended
}

// ProcessEnded names the project's steps of a deployment that have ended.
func ProcessEnded(d release.Deployment) (names []string) {
	for _, e := range d.Journal {
		if name, ok := processName(e); ok && e.State == release.Done {
			names = append(names, name)
		}
	}
	return names
}

// ProcessCutOff names the project's steps of a deployment that were begun and did not
// end well.
func ProcessCutOff(d release.Deployment) (names []string) {
	for _, e := range d.OpenIntents() {
		if name, ok := processName(e); ok {
			names = append(names, name)
		}
	}
	return names
}

// processName returns the name of the project's step that an entry is about, if it is.
func processName(e release.Entry) (string, bool) {
	key, ok := strings.CutPrefix(e.Step, processPrefix)
	return key[strings.LastIndexByte(key, '/')+1:], ok
}
