package cli

import (
	"encoding/json"
	"errors"
	"strings"

	"github.com/vipswap/vipswap/deployer/process"
	"github.com/vipswap/vipswap/deployer/release"
)

// A stepJournal keeps in the history which steps of a deployment ended.
type stepJournal struct {
	history    *release.History
	deployment release.Deployment // as it was when the process began
}

// stepPrefix tells the entries of steps from others in a deployment's journal.
const stepPrefix = "process/"

// Ended returns what an earlier process recorded of a step.
func (j stepJournal) Ended(key string) (process.Outputs, bool, error) {
	for _, e := range j.deployment.Journal {
		if e.Step != stepPrefix+key || e.State != release.Done {
			continue
		}
		o := process.Outputs{Plain: map[string]string{}}
		if json.Unmarshal([]byte(e.Detail), &o.Plain) != nil {
			return o, false, nil
		}
		secrets, err := j.history.Secrets(j.deployment.ID, e)
		o.Secret = secrets
		return o, true, err
	}
	return process.Outputs{}, false, nil
}

// Begin records that a step is about to run.
func (j stepJournal) Begin(key string) error {
	return j.history.RecordIntent(j.deployment.ID, stepPrefix+key, "")
}

// End records that it ran.
func (j stepJournal) End(key string, o process.Outputs) error {
	data, err := json.Marshal(o.Plain)
	return errors.Join(err, j.history.RecordSecrets(j.deployment.ID, stepPrefix+key, string(data), o.Secret))
}

// stepsEnded names the process steps of a deployment that have ended.
func stepsEnded(d release.Deployment) []string {
	var names []string
	for _, e := range d.Journal {
		if name, ok := stepName(e); ok && e.State == release.Done {
			names = append(names, name)
		}
	}
	return names
}

// stepsCutOff names the process steps of a deployment that were begun and did not end
// well.
func stepsCutOff(d release.Deployment) []string {
	var names []string
	for _, e := range d.OpenIntents() {
		if name, ok := stepName(e); ok {
			names = append(names, name)
		}
	}
	return names
}

// stepName returns the name of the process step that an entry is about, if it is.
func stepName(e release.Entry) (string, bool) {
	key, ok := strings.CutPrefix(e.Step, stepPrefix)
	return key[strings.LastIndexByte(key, '/')+1:], ok
}
