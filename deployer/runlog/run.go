package runlog

import (
	"fmt"
	"time"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/management"
)

// A State is what became of a run.
type State string

// The states of a run.
const (
	Running   State = "running" // or its process died
	Succeeded State = "succeeded"
	Failed    State = "failed"
	Undone    State = "undone"    // a later run took it back
	Abandoned State = "abandoned" // somebody gave it up
)

// A Run is one execution of a plan, with what it takes to go on with it.
type Run struct {
	ID            uint64          `json:"id"` // given by Begin, from 1
	Command       string          `json:"command"`
	Subscription  string          `json:"subscription"`
	Plan          deployer.Plan   `json:"plan"`
	Source        deployer.Source `json:"source"`              // where the package is, when the plan sends one
	Version       string          `json:"version"`             // of the package
	Configuration []byte          `json:"configuration"`       // the configured .cscfg
	Account       string          `json:"account"`             // storage account for the package
	Location      string          `json:"location"`            // for an account that has to be made
	LockID        string          `json:"lockID,omitempty"`    // under which it locks the service
	AfterSwap     string          `json:"afterSwap,omitempty"` // what becomes of what was in production; "" keeps it
	Window        time.Duration   `json:"window,omitempty"`    // how long it is kept before that, in nanoseconds
	Begun         time.Time       `json:"begun"`
	Ended         time.Time       `json:"ended"` // zero while it is Running
	State         State           `json:"state"`
	Error         string          `json:"error,omitempty"`
	Entries       []Entry         `json:"entries"`
	Swap          *Swap           `json:"swap,omitempty"` // set when the slots were exchanged
}

// A Swap is what exchanging the slots left behind.
type Swap struct {
	Production deployer.SlotState  `json:"production"` // what serves since
	Previous   *deployer.SlotState `json:"previous"`   // what served before, now in staging; nil when the slot was empty
	At         time.Time           `json:"at"`
	Then       string              `json:"then,omitempty"` // what becomes of the previous deployment; "" keeps it
	Due        time.Time           `json:"due,omitzero"`   // not before
	Swept      bool                `json:"swept,omitempty"`
	Forgotten  bool                `json:"forgotten,omitempty"` // somebody wants it left alone
}

// An Entry tells of one step.
type Entry struct {
	At          time.Time        `json:"at"`
	Step        int              `json:"step"` // index in the plan
	What        string           `json:"what"`
	Done        bool             `json:"done"` // false is the intent
	Outcome     deployer.Outcome `json:"outcome,omitempty"`
	OperationID string           `json:"operationID,omitempty"`
	Note        string           `json:"note,omitempty"` // who approved, or why it failed
}

// An Ending is how a run ended.
type Ending struct {
	State  State
	Error  string
	Result *deployer.Result // nil when there is none
}

func (r *Run) end(e Ending, now time.Time) {
	r.State, r.Error, r.Ended = e.State, e.Error, now.UTC()
	if e.State == Undone {
		return // the slots are as they were
	}
	if e.Result != nil && (e.Result.Swapped || r.Swapped()) && e.Result.After != nil && e.Result.After.Production != nil {
		r.Swap = &Swap{Production: *e.Result.After.Production, Previous: r.previous(), At: r.Ended, Then: r.AfterSwap, Due: r.Ended.Add(r.Window)}
	}
}

// previous returns what production held when the plan was made, if the plan swaps
// it into staging.
func (r *Run) previous() *deployer.SlotState {
	for _, s := range r.Plan.Steps {
		if s.Kind == deployer.StepSwap && s.Partner != "" {
			return r.Plan.Seen.Production
		}
	}
	return nil
}

// Remaining returns the plan without the steps that are known to be done, or what is
// left of its way back, see [deployer.Plan.Left].
func (r *Run) Remaining() deployer.Plan { return r.Plan.Left(r.ended()) }

// ended lists the steps that came to their end.
func (r *Run) ended() []deployer.Ended {
	var all []deployer.Ended
	for _, e := range r.Entries {
		if e.Done {
			all = append(all, deployer.Ended{Step: e.Step, Outcome: e.Outcome, Note: e.Note})
		}
	}
	return all
}

// Reached says how far the run came, in words.
func (r *Run) Reached() string {
	if len(r.Entries) == 0 {
		return "before its first step"
	}
	last := r.Entries[len(r.Entries)-1]
	if last.Done {
		return "after: " + last.What
	}
	return "during: " + last.What
}

// Swapped reports whether the journal says that the swap of the plan is done, and
// was not taken back.
func (r *Run) Swapped() bool {
	swapped := false
	steps := r.Plan.All()
	for _, e := range r.Entries {
		if e.Done && steps[e.Step].Kind == deployer.StepSwap {
			swapped = !steps[e.Step].Back
		}
	}
	return swapped
}

// SentPackage reports whether the run sends a package.
func (r *Run) SentPackage() bool { return r.Plan.Has(deployer.StepUpload) }

// Slot is the slot that the run is about.
func (r *Run) Slot() management.Slot { return r.Plan.Slot }

// An UnfinishedError says that an earlier run was cut off, so that nobody may
// begin another: the same command again could swap back what was swapped.
type UnfinishedError struct{ Run Run }

// Error says which run, and what to do.
func (e *UnfinishedError) Error() string {
	return fmt.Sprintf("an earlier run on %s (%s, begun %s) was cut off %s\nhint: \"vipswap resume\" finishes it, with --undo takes it back, with --abandon gives it up",
		e.Run.Plan.Service, e.Run.Plan.Action, e.Run.Begun.Format(time.RFC3339), e.Run.Reached())
}

func asUnfinished(r *Run) error {
	if r == nil {
		return nil
	}
	return &UnfinishedError{Run: *r}
}

// Journal returns what a deployer writes its progress to.
func (l *Log) Journal(r Run) deployer.Journal { return journal{l, r} }

type journal struct {
	log *Log
	run Run
}

// Intent records that a step is about to be carried out.
func (j journal) Intent(s deployer.Step) error {
	return j.write(s, Entry{What: s.String()})
}

// Done records that a step was carried out.
func (j journal) Done(s deployer.Step, r deployer.StepResult) error {
	return j.write(s, Entry{What: s.String(), Done: true, Outcome: r.Outcome, OperationID: r.OperationID, Note: r.Note})
}

// index returns where a step is in the plan: the first like it that has not ended. A
// check that is made again is the one that ended.
func (r *Run) index(s deployer.Step) int {
	like := func(planned deployer.Step) bool { return planned == s }
	if i := r.Plan.Next(like, r.ended()); i >= 0 || s.Kind != deployer.StepCheck {
		return i
	}
	return r.Plan.Next(like, nil)
}

// write finds the step in the plan: the first of its kind that is not done.
func (j journal) write(s deployer.Step, e Entry) error {
	var unknown error
	err := j.log.change(j.run.ID, func(r *Run) {
		e.At, e.Step = j.log.now().UTC(), r.index(s)
		if e.Step < 0 {
			unknown = fmt.Errorf("the journal's plan has no such step left: %s", s)
			return
		}
		r.Entries = append(r.Entries, e)
	})
	if err == nil {
		err = unknown
	}
	return err
}
