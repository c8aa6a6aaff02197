package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/pflag"

	"github.com/vipswap/vipswap/deployer"
)

// auditFile is the log, in the folder for what runs leave behind, that every run
// is appended to.
const auditFile = "audit.jsonl"

// eventFlags say where events go, beside the audit log.
type eventFlags struct{ file string }

func (f *eventFlags) register(flags *pflag.FlagSet) {
	flags.StringVar(&f.file, "events", "", "append every decision, step and wait as a line of JSON to this `FILE`; - is the standard error")
}

// An event is one line of JSON. Fields that do not concern its kind are left out.
type event struct {
	Time        time.Time            `json:"time"`
	Event       string               `json:"event"` // run, decision, step, uploading, waiting, instances, stepEnd or runEnd
	Who         string               `json:"who,omitempty"`
	Action      string               `json:"action,omitempty"`
	Service     string               `json:"service,omitempty"`
	Seen        *deployer.Slots      `json:"seen,omitempty"`
	Decision    *deployer.Decision   `json:"decision,omitempty"`
	Step        *deployer.Step       `json:"step,omitempty"`
	StepResult  *deployer.StepResult `json:"stepResult,omitempty"`
	Waiting     *deployer.Waiting    `json:"waiting,omitempty"`
	Instances   *deployer.Progress   `json:"instances,omitempty"`
	DoneBytes   int64                `json:"doneBytes,omitempty"`
	TotalBytes  int64                `json:"totalBytes,omitempty"`
	OK          *bool                `json:"ok,omitempty"`
	Error       string               `json:"error,omitempty"`
	After       *deployer.Slots      `json:"after,omitempty"`
	TookSeconds float64              `json:"tookSeconds,omitempty"`
}

// A recorder passes on what a run reports, and writes it down: all of it as
// events, its decisions and steps into the audit log.
type recorder struct {
	deployer.Reporter
	now    func() time.Time
	events io.Writer // nil for none
	audit  io.Writer
	files  []io.Closer
	failed error // the first that writing came to
}

// openRecorder opens the places where a run is written down.
func (p *program) openRecorder(r deployer.Reporter) (*recorder, error) {
	dir, err := p.stateDir()
	if err != nil {
		return nil, err
	}
	rec := &recorder{Reporter: r, now: time.Now}
	audit, err := appendTo(filepath.Join(dir, auditFile))
	if err != nil {
		return nil, fmt.Errorf("open the audit log: %w", err)
	}
	rec.audit, rec.files = audit, append(rec.files, audit)
	switch p.events.file {
	case "":
	case "-":
		rec.events = p.Stderr
	default:
		events, err := appendTo(p.events.file)
		if err != nil {
			audit.Close()
			return nil, usage("", "--events: %w", err)
		}
		rec.events, rec.files = events, append(rec.files, events)
	}
	return rec, nil
}

func appendTo(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
}

// close closes the files, and returns the first error that writing came to.
func (r *recorder) close() error {
	for _, f := range r.files {
		if err := f.Close(); err != nil && r.failed == nil {
			r.failed = err
		}
	}
	if r.failed != nil {
		return fmt.Errorf("write down what was done: %w", r.failed)
	}
	return nil
}

// write writes an event, in one piece, to the places that are not nil.
func (r *recorder) write(e event, to ...io.Writer) {
	e.Time = r.now().UTC()
	line, err := json.Marshal(e)
	for _, w := range to {
		if w != nil && err == nil {
			_, err = w.Write(append(line, '\n'))
		}
	}
	if err != nil && r.failed == nil {
		r.failed = err
	}
}

// begin writes down who begins what.
func (r *recorder) begin(plan deployer.Plan) {
	r.write(event{Event: "run", Who: whoami(), Action: plan.Action, Service: plan.Service, Seen: &plan.Seen}, r.events, r.audit)
}

// end writes down what a run came to.
func (r *recorder) end(plan deployer.Plan, result deployer.Result, err error) {
	ok := err == nil
	e := event{Event: "runEnd", Action: plan.Action, Service: plan.Service, OK: &ok, After: result.After, TookSeconds: result.Took.Seconds()}
	if err != nil {
		e.Error = err.Error()
	}
	r.write(e, r.events, r.audit)
}

// Decision passes a decision on and writes it down.
func (r *recorder) Decision(d deployer.Decision) {
	r.Reporter.Decision(d)
	r.write(event{Event: "decision", Decision: &d}, r.events, r.audit)
}

// StepStarted passes the step on and writes it down.
func (r *recorder) StepStarted(s deployer.Step) {
	r.Reporter.StepStarted(s)
	r.write(event{Event: "step", Step: &s}, r.events, r.audit)
}

// StepEnded passes the end of a step on and writes it down.
func (r *recorder) StepEnded(result deployer.StepResult, err error) {
	r.Reporter.StepEnded(result, err)
	ok := err == nil
	e := event{Event: "stepEnd", StepResult: &result, OK: &ok, TookSeconds: result.Took.Seconds()}
	if err != nil {
		e.Error = err.Error()
	}
	r.write(e, r.events, r.audit)
}

// Uploading passes the progress on and writes it down as an event.
func (r *recorder) Uploading(done, total int64) {
	r.Reporter.Uploading(done, total)
	r.write(event{Event: "uploading", DoneBytes: done, TotalBytes: total}, r.events)
}

// Waiting passes the reason on and writes it down as an event.
func (r *recorder) Waiting(w deployer.Waiting) {
	r.Reporter.Waiting(w)
	r.write(event{Event: "waiting", Waiting: &w}, r.events)
}

// Instances passes the progress on and writes it down as an event.
func (r *recorder) Instances(progress deployer.Progress) {
	r.Reporter.Instances(progress)
	r.write(event{Event: "instances", Instances: &progress}, r.events)
}
