package journal

import (
	"encoding/json"
	"slices"

	"github.com/vipswap/vipswap/deployer/release"
	"github.com/vipswap/vipswap/deployer/storage"
)

// lockEntry is the step under which it is kept how a deployment locks its service, so
// that a process that goes on with it takes the lock over.
const lockEntry = "lock"

// A Lock says how a deployment locks its service.
type Lock struct {
	Service string `json:"service"`
	ID      string `json:"id"` // see storage.LockID
}

// RecordLock writes down how the deployment with an id locks its service, before it does.
func RecordLock(h History, id string, l Lock) error {
	data, err := json.Marshal(l)
	if err != nil {
		return err
	}
	return h.RecordDone(id, lockEntry, string(data))
}

// LockOf returns how a deployment locks its service, and whether that is known. Those
// of older versions locked it under the id of their plan.
func LockOf(d release.Deployment) (Lock, bool) {
	for _, e := range d.Journal {
		var l Lock
		if e.Step == lockEntry && json.Unmarshal([]byte(e.Detail), &l) == nil {
			return l, true
		}
	}
	plan, planned, err := PlanOf(d)
	if err != nil || !planned {
		return Lock{}, false
	}
	return Lock{plan.Service, storage.LockID(plan.ID)}, true
}

// BegunNothing reports whether a deployment that was cut off had come to no step.
func BegunNothing(d release.Deployment) bool {
	return !slices.ContainsFunc(d.Journal, func(e release.Entry) bool { return e.Step != lockEntry })
}
