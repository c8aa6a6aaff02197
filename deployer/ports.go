package deployer

import (
	"context"
	"io"
	"time"

	"github.com/vipswap/vipswap/deployer/approval"
	"github.com/vipswap/vipswap/deployer/management"
	"github.com/vipswap/vipswap/deployer/probe"
)

// Cloud is what the deployer needs of the Service Management API.
// *management.Client has these methods. Methods that change something return the
// id of the operation that the service goes on with; an answer that was lost is
// a *management.UnknownOutcomeError.
type Cloud interface {
	// Deployment returns what a slot holds, or nil, nil when it is empty.
	Deployment(ctx context.Context, service string, slot management.Slot) (*management.Deployment, error)
	// DeploymentByName returns nil, nil when the service has no such deployment.
	DeploymentByName(ctx context.Context, service, name string) (*management.Deployment, error)
	CreateDeployment(ctx context.Context, service string, slot management.Slot, d management.NewDeployment) (operationID string, err error)
	UpgradeDeployment(ctx context.Context, service, name string, u management.Upgrade) (operationID string, err error)
	DeleteDeployment(ctx context.Context, service, name string) (operationID string, err error)
	// Swap exchanges the slots; production is "" when that slot is empty.
	Swap(ctx context.Context, service, production, source string) (operationID string, err error)
	ChangeConfiguration(ctx context.Context, service, name string, c management.ConfigurationChange) (operationID string, err error)
	UpdateStatus(ctx context.Context, service, name string, s management.DeploymentStatus) (operationID string, err error)
	Operation(ctx context.Context, id string) (management.Operation, error)
}

// PackageStore keeps service packages where the cloud can fetch them.
type PackageStore interface {
	// Upload stores p under a name that depends on its contents, and returns its
	// address. It reports reused when the contents were already there. It calls
	// progress with bytes, from the calling goroutine or one at a time.
	Upload(ctx context.Context, p PackageFile, progress func(done, total int64)) (url string, reused bool, err error)
}

// A PackageFile is a service package (.cspkg) that can be uploaded.
type PackageFile struct {
	Name    string      // file name, such as shop.cspkg
	Version string      // of the release; may be empty
	Size    int64       // in bytes
	SHA256  string      // of the contents, lower-case hex
	Content io.ReaderAt // the contents
}

// Clock is the deployer's only source of time.
type Clock interface {
	Now() time.Time
	// Sleep returns after d, or with ctx's error when ctx ends first.
	Sleep(ctx context.Context, d time.Duration) error
}

// ServiceTime tells how time passes for the service.
type ServiceTime interface {
	// Ahead returns how much more time has passed for the service than by the
	// Clock since some moment before the run. It never becomes less.
	Ahead() time.Duration
}

// Journal remembers durably how far a run came. Both methods return once the
// entry would survive a crash; an error stops the run before its next call.
type Journal interface {
	// Intent is called before a step, with a step of the plan.
	Intent(step Step) error
	// Done is called after it succeeded.
	Done(step Step, result StepResult) error
}

// Lock is the right to change a service. Both methods return an error when it is
// not held any more, which ends the run.
type Lock interface {
	// Check is called before each change. It asks whoever grants the right.
	Check(ctx context.Context) error
	// Keep is called while the run waits, often; it renews the right when that is
	// due, and may leave passing troubles to Check.
	Keep(ctx context.Context) error
}

// Consent is the will of those who asked for a run. They may change their minds while it
// waits, for instances or for an answer.
type Consent interface {
	// Given is called right before a run brings something into a slot: a swap, a new
	// deployment or an upgrade. An error ends the run. What was brought is not asked about
	// again, and neither is a way back.
	Given(ctx context.Context) error
}

// Checks ask web addresses. A probe.Asker is one.
type Checks interface {
	// Ask asks once and says what is wrong with the answer, or "".
	Ask(ctx context.Context, c probe.Check) string
}

// Hooks run commands around steps.
type Hooks interface {
	// Run runs a command. It calls keep often, from its own goroutine, and ends the
	// command when that returns an error, which it then returns. A command that
	// fails is an error, too.
	Run(ctx context.Context, h HookRun, keep func() error) error
}

// A HookRun is one run of a hook's command.
type HookRun struct {
	Hook      Hook
	Variables map[string]string // for its environment, by name
	Say       func(line string) // hears each line of its output
}

// Approver asks somebody whether to go on.
type Approver interface {
	// Ask puts a question. Putting it again, after a restart, changes nothing.
	Ask(ctx context.Context, title, text string) error
	// Answer returns the answer, and whether there is one. It does not wait.
	Answer(ctx context.Context) (approval.Answer, bool, error)
}

// Reporter hears what a run sees and does, in order and from one goroutine.
type Reporter interface {
	// Decision says what was seen and what follows from it.
	Decision(d Decision)
	// StepStarted and StepEnded enclose each step; err is nil when it succeeded.
	StepStarted(s Step)
	StepEnded(r StepResult, err error)
	// Uploading tells how many bytes of the package have been sent.
	Uploading(done, total int64)
	// Waiting is called when a wait begins and when its reason changes.
	Waiting(w Waiting)
	// Instances is called when the state of a deployment's instances changes.
	Instances(p Progress)
	// Line is what a check or a hook has to say.
	Line(text string)
}

// Waiting says what a run waits for.
type Waiting struct {
	Step        Step   `json:"step"`
	OperationID string `json:"operationID,omitempty"` // "" when no operation is known
	Why         string `json:"why"`
}

// Progress tells how far the instances of a deployment have come.
type Progress struct {
	Deployment string                      `json:"deployment"`
	Slot       management.Slot             `json:"slot"`
	Status     management.DeploymentStatus `json:"status"`
	Upgrade    *management.UpgradeStatus   `json:"upgrade,omitempty"` // nil unless an update rolls out
	Domains    int                         `json:"domains"`           // how many upgrade domains there are
	Roles      []RoleProgress              `json:"roles"`
}

// RoleProgress counts the instances of one role.
type RoleProgress struct {
	Role   string                            `json:"role"`
	Ready  int                               `json:"ready"`
	Total  int                               `json:"total"`
	States map[management.InstanceStatus]int `json:"states"`

	Domains []DomainProgress `json:"domains"` // in the order of their numbers
}

// DomainProgress counts the instances of a role in one upgrade domain.
type DomainProgress struct {
	Domain int `json:"domain"` // from 0
	Ready  int `json:"ready"`
	Total  int `json:"total"`
}

// Artifacts are the files that a plan which creates or upgrades a deployment
// needs. A run checks them against the digests in the plan.
type Artifacts struct {
	Package       PackageFile
	Configuration []byte // the configured .cscfg
}

// Poll sets the pauses of a wait. It starts with Min, grows, and starts again
// with Min when something that it observes changes.
type Poll struct {
	Min time.Duration // 0 is 50 ms
	Max time.Duration // 0 is 5 s
}

// Ports connect a run with everything outside it.
type Ports struct {
	Cloud     Cloud
	Packages  PackageStore // may be nil when the plan uploads nothing
	Clock     Clock
	Time      ServiceTime // waits last until one of both says so; nil is the Clock alone
	Journal   Journal     // nil remembers nothing
	Reporter  Reporter    // nil reports nothing
	Lock      Lock        // nil is always held
	Consent   Consent     // nil is always given
	Checks    Checks      // these three may be nil when the plan has no such gates
	Hooks     Hooks
	Approver  Approver
	Poll      Poll
	Artifacts Artifacts
}

// Silent is a Reporter that says nothing. Embed it to hear only some events.
type Silent struct{}

// Decision ignores d.
func (Silent) Decision(Decision) {}

// StepStarted ignores the step.
func (Silent) StepStarted(Step) {}

// StepEnded ignores the result.
func (Silent) StepEnded(StepResult, error) {}

// Uploading ignores the progress.
func (Silent) Uploading(int64, int64) {}

// Waiting ignores w.
func (Silent) Waiting(Waiting) {}

// Instances ignores p.
func (Silent) Instances(Progress) {}

// Line ignores the text.
func (Silent) Line(string) {}

// unjournaled is the Journal of a run without one.
type unjournaled struct{}

func (unjournaled) Intent(Step) error           { return nil }
func (unjournaled) Done(Step, StepResult) error { return nil }

// inStep is the ServiceTime of a run without one.
type inStep struct{}

func (inStep) Ahead() time.Duration { return 0 }

// unasked is the Consent of a run without one.
type unasked struct{}

func (unasked) Given(context.Context) error { return nil }

// unlocked is the Lock of a run without one.
type unlocked struct{}

func (unlocked) Check(context.Context) error { return nil }
func (unlocked) Keep(context.Context) error  { return nil }
