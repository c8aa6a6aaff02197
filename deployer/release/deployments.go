package release

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.etcd.io/bbolt"

	"github.com/vipswap/vipswap/deployer/management"
)

// A State is how a deployment stands. The words are those of Octopus' tasks.
type State string

// The states of a deployment.
const (
	Queued    State = "Queued"    // waits to be carried out
	Executing State = "Executing" // is being carried out, or was when its process died
	Success   State = "Success"
	Failed    State = "Failed"
	Canceled  State = "Canceled" // given up before or while it was carried out
)

// nextStates says which states can follow.
var nextStates = map[State][]State{
	Queued:    {Executing, Canceled},
	Executing: {Success, Failed, Canceled},
}

// Finished reports whether the state is final.
func (s State) Finished() bool { return len(nextStates[s]) == 0 }

// An Action is how a release gets into its slot.
type Action string

// The actions.
const (
	ActionDeploy  Action = "deploy"  // a new deployment in an empty slot
	ActionUpgrade Action = "upgrade" // in place, over what is there
	ActionSwap    Action = "swap"    // of the two slots
)

// A Deployment is one release going to one environment.
type Deployment struct {
	ID          string          `json:"id"` // such as Deployments-4
	Release     string          `json:"release"`
	Environment string          `json:"environment"`
	Slot        management.Slot `json:"slot"`
	Automatic   bool            `json:"automatic,omitempty"` // by the lifecycle
	State       State           `json:"state"`
	Mode        Mode            `json:"mode,omitempty"` // since it was started

	Created   time.Time `json:"created"`
	CreatedBy string    `json:"createdBy,omitempty"` // who asked for it, as far as known
	Started   time.Time `json:"started,omitzero"`
	Finished  time.Time `json:"finished,omitzero"`

	Details
	Journal []Entry `json:"journal,omitempty"`
	Error   string  `json:"error,omitempty"` // of a failed one
}

// Details are what is known of a deployment once it is planned.
type Details struct {
	Action Action `json:"action,omitempty"`
	Name   string `json:"name,omitempty"` // of the deployment in the cloud
	Label  string `json:"label,omitempty"`

	// AfterSwap is what becomes of the deployment that its swap puts into staging, and
	// Window how long that waits, for whoever goes on with it; "" keeps it.
	AfterSwap string        `json:"afterSwap,omitempty"`
	Window    time.Duration `json:"window,omitempty"` // nanoseconds
}

// An Entry is one line of a deployment's journal.
type Entry struct {
	Time   time.Time  `json:"time"`
	Step   string     `json:"step"`
	State  EntryState `json:"state"`
	Detail string     `json:"detail,omitempty"` // for people and for resuming; no secrets

	Secrets []string `json:"secrets,omitempty"` // names of the secrets that the step has set
	Sealed  []byte   `json:"sealed,omitempty"`  // their values, see [History.Secrets]
}

// An EntryState says what an entry records.
type EntryState string

// The states of a step. A step whose last entry is an intent may have been
// carried out or not: whoever resumes has to look.
const (
	Intent EntryState = "intent" // about to be carried out
	Done   EntryState = "done"
)

// OpenIntents lists the last entries of the steps that were begun and are not
// done, in order.
func (d Deployment) OpenIntents() []Entry {
	var open []Entry
	for _, e := range d.Journal {
		open = slices.DeleteFunc(open, func(o Entry) bool { return o.Step == e.Step })
		if e.State == Intent {
			open = append(open, e)
		}
	}
	return open
}

// A NewDeployment says what to queue.
type NewDeployment struct {
	Release     string // its number
	Environment string
	Project     *Project // as it is now: its lifecycle decides

	// Created is when it was asked for; the zero value is now. See
	// [History.Upcoming].
	Created   time.Time
	CreatedBy string // who asked for it; "" is not known
}

// A NotAllowedError says that the lifecycle does not let a release go to an
// environment.
type NotAllowedError struct{ Release, Environment, Reason string }

// Error gives the reason.
func (e *NotAllowedError) Error() string {
	return fmt.Sprintf("release %s may not be deployed to %s: %s", e.Release, e.Environment, e.Reason)
}

// QueueDeployment records that a release should go to an environment. The
// error is a *[NotAllowedError] if the lifecycle does not permit that, and
// wraps [ErrNotFound] if there is no such release.
func (h *History) QueueDeployment(n NewDeployment) (d Deployment, err error) {
	err = h.update(func(tx *bbolt.Tx) error {
		r, err := findRelease(tx, n.Release)
		if err != nil {
			return err
		}
		facts, err := factsOf(tx, r)
		if err != nil {
			return err
		}
		e, found := n.Project.Lifecycle.Progress(facts).Environment(n.Environment)
		if !found {
			e.Reason = "the lifecycle does not have this environment\nhint: it has " + lifecycleNames(n.Project.Lifecycle)
		}
		if !e.Allowed {
			return &NotAllowedError{Release: r.Number, Environment: n.Environment, Reason: e.Reason}
		}
		d, err = h.queue(tx, r, n, e.Name, false)
		return err
	})
	return d, err
}

// Upcoming returns the deployment that is queued next, as far as its variables can
// refer to it: its ID, and that it is created now. Nobody else can queue one before,
// while this process holds the history, see [History.Hold].
func (h *History) Upcoming(release, environment string) (d Deployment, err error) {
	d = Deployment{Release: release, Environment: environment, Created: h.now().UTC()}
	err = h.view(func(tx *bbolt.Tx) error {
		d.ID = idPrefix + strconv.FormatUint(tx.Bucket(deploymentBucket).Sequence()+1, 10)
		return nil
	})
	return d, err
}

func lifecycleNames(l Lifecycle) string {
	var names []string
	for _, p := range l.Phases {
		names = append(names, p.Environments()...)
	}
	return strings.Join(names, ", ")
}

// queue stores a new deployment. The slot is that of the release's snapshot,
// or, for an environment that came later, of the project as it is now.
func (h *History) queue(tx *bbolt.Tx, r Release, n NewDeployment, environment string, automatic bool) (Deployment, error) {
	snapshot, err := r.Project()
	if err != nil {
		return Deployment{}, err
	}
	slot, known := snapshot.Slot(environment)
	if !known {
		slot, known = n.Project.Slot(environment)
	}
	if !known {
		return Deployment{}, fmt.Errorf("environment %s is bound to no slot", environment)
	}
	sequence, err := tx.Bucket(deploymentBucket).NextSequence()
	if err != nil {
		return Deployment{}, err
	}
	d := Deployment{
		ID: idPrefix + strconv.FormatUint(sequence, 10), Release: r.Number, Environment: environment,
		Slot: slot, Automatic: automatic, State: Queued, Created: n.Created, CreatedBy: n.CreatedBy,
	}
	if d.Created.IsZero() {
		d.Created = h.now().UTC()
	}
	return d, save(tx, d)
}

// byLifecycle is who asks for an automatic deployment.
const byLifecycle = "system"

func (h *History) queueAutomatic(tx *bbolt.Tx, r Release, p *Project, environments []string) ([]Deployment, error) {
	var queued []Deployment
	for _, e := range environments {
		d, err := h.queue(tx, r, NewDeployment{Project: p, CreatedBy: byLifecycle}, e, true)
		if err != nil {
			return nil, err
		}
		queued = append(queued, d)
	}
	return queued, nil
}

// A BusyError says that another deployment to the same environment has not
// finished.
type BusyError struct{ Unfinished Deployment }

// Error names the deployment.
func (e *BusyError) Error() string {
	d := e.Unfinished
	return fmt.Sprintf("%s is taken: %s of release %s was started at %s and has not finished\nhint: resume or cancel it first",
		d.Environment, d.ID, d.Release, d.Started.Format(time.RFC3339))
}

// StartDeployment marks a queued deployment as being carried out and works
// out its mode. The error is a *[BusyError] if another deployment to the
// environment is.
func (h *History) StartDeployment(id string) (Deployment, error) {
	return h.change(id, func(tx *bbolt.Tx, d *Deployment) error {
		deployments, err := all[Deployment](tx, deploymentBucket)
		if err != nil {
			return err
		}
		last := ""
		for _, other := range deployments {
			if !strings.EqualFold(other.Environment, d.Environment) {
				continue
			}
			switch other.State {
			case Executing:
				if other.ID != d.ID {
					return &BusyError{Unfinished: other}
				}
			case Success:
				last = other.Release
			}
		}
		d.Mode, d.Started = ModeOf(d.Release, last), h.now().UTC()
		return d.become(Executing)
	})
}

// SetDetails records what is planned for a deployment that is being carried
// out.
func (h *History) SetDetails(id string, details Details) error {
	_, err := h.change(id, func(_ *bbolt.Tx, d *Deployment) error {
		d.Details = details
		return d.mustExecute()
	})
	return err
}

// RecordIntent writes down that a step is about to be carried out. Call it
// before the step has any effect. The detail must hold no secret.
func (h *History) RecordIntent(id, step, detail string) error {
	return h.record(id, step, Intent, detail)
}

// RecordDone writes down that a step has been carried out.
func (h *History) RecordDone(id, step, detail string) error { return h.record(id, step, Done, detail) }

func (h *History) record(id, step string, state EntryState, detail string) error {
	return h.append(id, Entry{Step: step, State: state, Detail: detail})
}

// append adds an entry to the journal of a deployment.
func (h *History) append(id string, e Entry) error {
	_, err := h.change(id, func(_ *bbolt.Tx, d *Deployment) error {
		e.Time = h.now().UTC()
		d.Journal = append(d.Journal, e)
		return d.mustExecute()
	})
	return err
}

// An Ending says how a deployment ended.
type Ending struct {
	State State  // Success, Failed or Canceled
	Error string // of a failed one, for people; no secrets

	// Project is the project as it is now. Its lifecycle decides what a
	// success starts; nil starts nothing.
	Project *Project
}

// FinishDeployment records the end of a deployment. If a success completes a
// phase, the automatic deployments of the next one are queued in the same
// write, so that none is lost, and returned. A queued deployment can only be
// canceled.
func (h *History) FinishDeployment(id string, end Ending) (queued []Deployment, err error) {
	_, err = h.change(id, func(tx *bbolt.Tx, d *Deployment) error {
		d.Error, d.Finished, d.Journal = end.Error, h.now().UTC(), unsealed(d.Journal)
		if err := d.become(end.State); err != nil || end.State != Success || end.Project == nil {
			return err
		}
		r, err := findRelease(tx, d.Release)
		if err != nil {
			return err
		}
		before, err := factsOf(tx, r)
		if err != nil {
			return err
		}
		queued, err = h.queueAutomatic(tx, r, end.Project, end.Project.Lifecycle.AutomaticAfter(before, d.Environment))
		return err
	})
	return queued, err
}

// A Filter chooses deployments. Empty fields choose all.
type Filter struct {
	Release     string // its number, however written
	Environment string // in any case
	States      []State
}

func (f Filter) matches(d Deployment) bool {
	return (f.Release == "" || sameNumber(f.Release, d.Release)) &&
		(f.Environment == "" || strings.EqualFold(f.Environment, d.Environment)) &&
		(len(f.States) == 0 || slices.Contains(f.States, d.State))
}

// Deployments lists the deployments that a filter chooses, the oldest first.
func (h *History) Deployments(f Filter) (chosen []Deployment, err error) {
	err = h.view(func(tx *bbolt.Tx) error {
		deployments, err := all[Deployment](tx, deploymentBucket)
		chosen = slices.DeleteFunc(deployments, func(d Deployment) bool { return !f.matches(d) })
		return err
	})
	return chosen, err
}

// Deployment returns one deployment by its ID. The error wraps [ErrNotFound]
// if there is none.
func (h *History) Deployment(id string) (d Deployment, err error) {
	err = h.view(func(tx *bbolt.Tx) error {
		d, err = load(tx, id)
		return err
	})
	return d, err
}

// Unfinished lists the deployments that were started and have no end: those
// of this process, and those of processes that died.
func (h *History) Unfinished() ([]Deployment, error) {
	return h.Deployments(Filter{States: []State{Executing}})
}

// change loads a deployment, lets f change it, and stores it.
func (h *History) change(id string, f func(*bbolt.Tx, *Deployment) error) (d Deployment, err error) {
	err = h.update(func(tx *bbolt.Tx) error {
		if d, err = load(tx, id); err != nil {
			return err
		}
		if err := f(tx, &d); err != nil {
			return err
		}
		return save(tx, d)
	})
	return d, err
}

func (d *Deployment) become(next State) error {
	if !slices.Contains(nextStates[d.State], next) {
		return fmt.Errorf("%s is %s and cannot become %s", d.ID, d.State, next)
	}
	d.State = next
	return nil
}

func (d *Deployment) mustExecute() error {
	if d.State != Executing {
		return fmt.Errorf("%s is %s, not %s", d.ID, d.State, Executing)
	}
	return nil
}

const idPrefix = "Deployments-"

func sequenceOf(id string) (uint64, bool) {
	digits, ok := strings.CutPrefix(id, idPrefix)
	sequence, err := strconv.ParseUint(digits, 10, 64)
	return sequence, ok && err == nil
}

func load(tx *bbolt.Tx, id string) (d Deployment, err error) {
	sequence, ok := sequenceOf(id)
	data := tx.Bucket(deploymentBucket).Get(binary.BigEndian.AppendUint64(nil, sequence))
	if !ok || data == nil {
		return d, fmt.Errorf("deployment %s: %w", id, ErrNotFound)
	}
	if err := json.Unmarshal(data, &d); err != nil {
		return d, fmt.Errorf("deployment %s: %w", id, err)
	}
	if d.ID != id {
		return d, fmt.Errorf("deployment %s: its entry in the history is that of %q", id, d.ID)
	}
	return d, nil
}

func save(tx *bbolt.Tx, d Deployment) error {
	sequence, _ := sequenceOf(d.ID)
	return put(tx.Bucket(deploymentBucket), sequence, d)
}

// factsOf collects where a release has been, and whether it is blocked.
func factsOf(tx *bbolt.Tx, r Release) (Facts, error) {
	deployments, err := all[Deployment](tx, deploymentBucket)
	facts := Facts{Blocked: r.Blocked()}
	for _, d := range deployments {
		if d.State == Success && sameNumber(d.Release, r.Number) {
			facts.Succeeded = append(facts.Succeeded, d.Environment)
		}
	}
	return facts, err
}
