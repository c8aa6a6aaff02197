package deployer

import (
	"errors"
	"fmt"
	"time"

	"github.com/vipswap/vipswap/deployer/management"
)

// Desired is what somebody wants of a service: a [Deploy], [Swap], [Rollback],
// [Delete], [SetStatus], [Scale] or [Undo].
type Desired interface {
	// target names the service and the slot that is meant.
	target() (service string, slot management.Slot)
	// check finds what makes no sense for any service.
	check() error
	// plan adds decisions, steps and refusals to p.
	plan(p *Plan, seen Observed)
}

// A Plan says what will be done and why. It is plain data.
type Plan struct {
	ID        string          `json:"id,omitempty"` // marks what this plan upgrades, see MarkProperty
	Action    string          `json:"action"`       // deploy, swap, rollback, delete, status, scale or undo
	Service   string          `json:"service"`
	Slot      management.Slot `json:"slot"`            // the slot that is meant
	Label     string          `json:"label,omitempty"` // of what the slot will hold
	Seen      Slots           `json:"seen"`            // what the slots held when the plan was made
	Decisions []Decision      `json:"decisions"`
	Refusals  []Refusal       `json:"refusals"` // when there are any, there are no steps
	Steps     []Step          `json:"steps"`
	Waits     Waits           `json:"waits"`

	Gates  *Gates `json:"gates,omitempty"`  // what the steps of gates ask for; nil without any
	Back   []Step `json:"back,omitempty"`   // done instead of the rest when the bake fails
	Turned string `json:"turned,omitempty"` // why only the way back is left, see [Plan.Left]
}

// Waits bound a run's waiting.
type Waits struct {
	NoReady      bool          `json:"noReady"`      // do not wait for instances to be ready
	Timeout      time.Duration `json:"timeout"`      // for the whole run, in nanoseconds; 0 is no limit
	CyclingGrace time.Duration `json:"cyclingGrace"` // how long an instance may restart; 0 is DefaultCyclingGrace
}

// A Decision says in one line what was seen and what follows.
type Decision struct {
	Code    Code   `json:"code"`
	Text    string `json:"text"`
	Warning bool   `json:"warning,omitempty"`
}

// A Refusal says why a plan is not carried out. Nothing has been changed.
type Refusal struct {
	Code Code   `json:"code"`
	Text string `json:"text"`
	Hint string `json:"hint,omitempty"` // what the user can do, or ""
}

// A Code names a kind of decision or refusal, for machines.
type Code string

// Codes of decisions.
const (
	SlotEmpty           Code = "slot-empty"             // the slot is empty: create
	SlotOccupied        Code = "slot-occupied"          // the slot is occupied: upgrade in place
	ProductionEmpty     Code = "production-empty"       // no swap, since production is empty
	PromoteIntoEmpty    Code = "promote-into-empty"     // staging moves into the empty production slot
	StagedMatches       Code = "staged-label-matches"   // staging holds this release: swap
	StagedDiffers       Code = "staged-label-differs"   // staging holds another release: no swap
	NothingStaged       Code = "nothing-staged"         // staging is empty: no swap, or refused
	AlreadyThere        Code = "already-there"          // nothing to do
	SwapAsked           Code = "swap-asked"             // an explicit swap
	SwapBack            Code = "swap-back"              // a rollback by swap
	LiveSlotUpgrade     Code = "live-slot-upgrade"      // production is upgraded in place
	RollbackCopyLost    Code = "rollback-copy-replaced" // staging held the previous release
	StagedSuspended     Code = "staged-suspended"       // what goes into production is suspended
	StagedNotReady      Code = "staged-not-ready"       // what goes into production is not ready yet
	StaysSuspended      Code = "stays-suspended"        // an upgrade does not start a suspended deployment
	OperationRunning    Code = "operation-running"      // somebody else's operation is waited for
	ManualUpgrade       Code = "manual-upgrade"         // somebody has to walk the upgrade domains
	LaterSwapImpeded    Code = "later-swap-impeded"     // the new package's endpoints differ from production's
	SlotDeleted         Code = "slot-deleted"           // the slot's deployment is deleted
	StatusChanged       Code = "status-changed"         // the deployment is started or suspended
	CountsChanged       Code = "instances-changed"      // the deployment gets other numbers of instances
	StagedOlder         Code = "staged-older"           // the swap goes back to an earlier release
	StagedNewer         Code = "staged-newer"           // a rollback goes forward to a later release
	SameLabelSwap       Code = "same-label-swap"        // both slots hold the same label
	FewerInstances      Code = "fewer-instances"        // production gets fewer instances of a role by a swap
	SettingsDiffer      Code = "settings-differ"        // production gets the settings of staging by a swap
	OutcomeUnknown      Code = "outcome-unknown"        // an answer was lost; the run looks
	ConfigurationCount  Code = "instance-counts"        // where instance counts came from
	ConfigurationChosen Code = "configuration-chosen"   // which configuration is used, and why
	ConfigurationMissed Code = "configuration-missed"   // the one that was asked for is not there
	GatesUnused         Code = "gates-unused"           // gates of a swap, and nothing is swapped
	NoWayBack           Code = "no-way-back"            // a bake that can fail, and nothing to swap back to
	BakeFailed          Code = "bake-failed"            // production is swapped back
	HookFailed          Code = "hook-failed"            // a hook that stops nothing has failed
	CheckFailed         Code = "check-failed"           // after a swap back a check did not pass
)

// Codes of refusals; NothingStaged, StagedDiffers and ProductionEmpty are also used.
const (
	EndpointsDiffer      Code = "endpoints-differ"
	AddressesDiffer      Code = "addresses-differ" // a reserved address on one side only
	BadLabel             Code = "bad-label"
	BadName              Code = "bad-name"
	NotConfirmed         Code = "not-confirmed"
	UnexpectedDeployment Code = "unexpected-deployment"
	ContentChanged       Code = "content-changed"
	SlotIsEmpty          Code = "slot-is-empty"
	BadConfiguration     Code = "bad-configuration"
	CannotUndo           Code = "cannot-undo"
)

// StepKind says what a step does.
type StepKind string

// The kinds of steps.
const (
	StepUpload  StepKind = "upload"  // put the package where the cloud can fetch it
	StepCreate  StepKind = "create"  // create a deployment in an empty slot
	StepUpgrade StepKind = "upgrade" // upgrade a deployment in place
	StepSwap    StepKind = "swap"    // exchange the slots
	StepDelete  StepKind = "delete"  // delete a deployment
	StepStatus  StepKind = "status"  // start or suspend a deployment
	StepScale   StepKind = "scale"   // change numbers of instances
	StepReady   StepKind = "ready"   // wait until all instances are ready
	StepCheck   StepKind = "check"   // look whether what a slot holds serves as it should
	StepPause   StepKind = "pause"   // wait until somebody says to go on
	StepBake    StepKind = "bake"    // watch production after a swap
	StepHook    StepKind = "hook"    // run a command
)

// stepBack is the name of the swap on the way back.
const stepBack = "swap-back"

// stepSettle names the wait of Settle, stepLook the look after the last step; no
// plan has them.
const (
	stepSettle StepKind = "settle"
	stepLook   StepKind = "look"
)

// A Step is one thing to do, as data: what, to which deployment, and where that
// deployment is expected. Fields that a kind does not need are empty.
type Step struct {
	Kind          StepKind                    `json:"kind"`
	Service       string                      `json:"service"`
	Slot          management.Slot             `json:"slot,omitempty"`       // where Deployment is, or will be created
	Deployment    string                      `json:"deployment,omitempty"` // name; of a swap the one that goes to production
	Partner       string                      `json:"partner,omitempty"`    // of a swap: the name in production, "" when empty
	Label         string                      `json:"label,omitempty"`
	Replaces      string                      `json:"replaces,omitempty"`            // of a swap and an upgrade: the label that gives way
	Content       string                      `json:"content,omitempty"`             // of a swap: see SlotState
	Package       string                      `json:"package,omitempty"`             // file name
	PackageSize   int64                       `json:"packageSize,omitempty"`         // in bytes
	PackageSHA256 string                      `json:"packageSHA256,omitempty"`       // lower-case hex
	ConfigSHA256  string                      `json:"configurationSHA256,omitempty"` // lower-case hex
	Suspended     bool                        `json:"suspended,omitempty"`           // create without starting
	Mode          string                      `json:"mode,omitempty"`                // of an upgrade: Auto, Manual, Simultaneous
	Force         bool                        `json:"force,omitempty"`               // of an upgrade: allow losing local data
	Status        management.DeploymentStatus `json:"status,omitempty"`              // of StepStatus: Running or Suspended
	Counts        string                      `json:"counts,omitempty"`              // of StepScale: instances by role, as Orders=1,Web=2
	Back          bool                        `json:"back,omitempty"`                // it is on the way back
	For           string                      `json:"for,omitempty"`                 // of StepBake: how long
	Hook          string                      `json:"hook,omitempty"`                // of StepHook: its place, such as before-swap
	Command       string                      `json:"command,omitempty"`             // of StepHook
	Around        string                      `json:"around,omitempty"`              // of StepHook: the words of the step that it is around
	Reason        string                      `json:"reason"`                        // why, in one line
	After         string                      `json:"after"`                         // what will be true afterwards
}

// AtService reports whether the service goes on with the step when nobody waits for it.
func (s Step) AtService() bool {
	_, gate := needs[s.Kind]
	return !gate && s.Kind != StepUpload
}

// stepWords has the words for each kind of step.
var stepWords = map[StepKind]func(Step) string{
	StepUpload: func(s Step) string { return fmt.Sprintf("upload %s", s.Package) },
	StepCreate: func(s Step) string {
		return fmt.Sprintf("create deployment %s (%s) in %s of %s", s.Deployment, s.Label, s.Slot, s.Service)
	},
	StepUpgrade: func(s Step) string {
		return fmt.Sprintf("upgrade deployment %s in %s of %s to %s", s.Deployment, s.Slot, s.Service, s.Label)
	},
	StepSwap: func(s Step) string {
		if s.Back {
			return fmt.Sprintf("swap the slots of %s back", s.Service)
		}
		return fmt.Sprintf("swap the slots of %s", s.Service)
	},
	StepDelete: func(s Step) string {
		return fmt.Sprintf("delete deployment %s in %s of %s", s.Deployment, s.Slot, s.Service)
	},
	StepStatus: func(s Step) string {
		return fmt.Sprintf("set deployment %s in %s of %s to %s", s.Deployment, s.Slot, s.Service, s.Status)
	},
	stepLook: func(s Step) string { return fmt.Sprintf("look at the slots of %s", s.Service) },
	StepScale: func(s Step) string {
		return fmt.Sprintf("change the instances of deployment %s in %s of %s to %s", s.Deployment, s.Slot, s.Service, s.Counts)
	},
	stepSettle: func(s Step) string { return fmt.Sprintf("wait for operations on %s to end", s.Service) },
	StepCheck: func(s Step) string {
		return fmt.Sprintf("check deployment %s in %s of %s", s.Deployment, s.Slot, s.Service)
	},
	StepPause: func(s Step) string {
		return fmt.Sprintf("pause until somebody approves that %s goes into production of %s", s.Label, s.Service)
	},
	StepBake: func(s Step) string {
		return fmt.Sprintf("watch deployment %s in production of %s for %s", s.Deployment, s.Service, s.For)
	},
	StepHook: func(s Step) string { return fmt.Sprintf("run hook %s: %s", s.Hook, s.Command) },
	StepReady: func(s Step) string {
		return fmt.Sprintf("wait for the instances of deployment %s in %s of %s", s.Deployment, s.Slot, s.Service)
	},
}

// Name names the step among those of a plan, for hooks and journals: its kind, the
// place of a hook, or swap-back.
func (s Step) Name() string {
	switch {
	case s.Kind == StepHook:
		return s.Hook
	case s.Kind == StepSwap && s.Back:
		return stepBack
	case s.Back:
		return string(s.Kind) + "-back"
	}
	return string(s.Kind)
}

// String says what the step does, without its reason.
func (s Step) String() string {
	words, ok := stepWords[s.Kind]
	if !ok {
		return fmt.Sprintf("unknown step %q", string(s.Kind))
	}
	return words(s)
}

// MakePlan compares what is wanted with what was seen. It calls nothing. A plan
// that must not be carried out has refusals and no steps; the error is for a
// request that makes no sense for any service: no service named, another one than
// was observed, or an unknown slot, status or option.
func MakePlan(desired Desired, seen Observed) (Plan, error) {
	service, slot := desired.target()
	switch {
	case service == "":
		return Plan{}, errors.New("no cloud service is named")
	case service != seen.Service:
		return Plan{}, fmt.Errorf("a plan for %s cannot be made from what was seen of %s", service, seen.Service)
	case slot != management.Production && slot != management.Staging:
		return Plan{}, fmt.Errorf("unknown slot %q: use %s or %s", string(slot), management.Staging, management.Production)
	}
	if err := desired.check(); err != nil {
		return Plan{}, err
	}
	p := Plan{Service: service, Slot: slot, Seen: seen.Slots(), Decisions: []Decision{}, Refusals: []Refusal{}, Steps: []Step{}}
	desired.plan(&p, seen)
	if p.Refused() {
		p.Steps = []Step{}
	}
	return p, nil
}

// Refused reports whether the plan must not be carried out.
func (p Plan) Refused() bool { return len(p.Refusals) > 0 }

// Empty reports whether there is nothing to do.
func (p Plan) Empty() bool { return len(p.Steps) == 0 }

// Has reports whether the plan has a step of that kind.
func (p Plan) Has(kind StepKind) bool {
	for _, s := range p.Steps {
		if s.Kind == kind {
			return true
		}
	}
	return false
}

func (p *Plan) decide(code Code, format string, args ...any) {
	p.Decisions = append(p.Decisions, Decision{Code: code, Text: fmt.Sprintf(format, args...)})
}

func (p *Plan) warn(code Code, format string, args ...any) {
	p.Decisions = append(p.Decisions, Decision{Code: code, Text: fmt.Sprintf(format, args...), Warning: true})
}

func (p *Plan) refuse(code Code, hint, format string, args ...any) {
	p.Refusals = append(p.Refusals, Refusal{Code: code, Text: fmt.Sprintf(format, args...), Hint: hint})
}

func (p *Plan) add(s Step) {
	s.Service = p.Service
	p.Steps = append(p.Steps, s)
}
