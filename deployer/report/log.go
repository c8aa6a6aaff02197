package report

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/calls"
)

// An Event is one line of JSON. Fields that do not concern its kind are left out.
type Event struct {
	Time        time.Time            `json:"time"`
	Event       string               `json:"event"` // run, decision, step, uploading, waiting, instances, line, call, stepEnd, runEnd or forgotten
	Who         string               `json:"who,omitempty"`
	Action      string               `json:"action,omitempty"`
	Service     string               `json:"service,omitempty"`
	Seen        *deployer.Slots      `json:"seen,omitempty"`
	Decision    *deployer.Decision   `json:"decision,omitempty"`
	Step        *deployer.Step       `json:"step,omitempty"`
	StepResult  *deployer.StepResult `json:"stepResult,omitempty"`
	Waiting     *deployer.Waiting    `json:"waiting,omitempty"`
	Instances   *deployer.Progress   `json:"instances,omitempty"`
	Call        *calls.Call          `json:"call,omitempty"`
	Text        string               `json:"text,omitempty"` // of a line, or what was forgotten
	DoneBytes   int64                `json:"doneBytes,omitempty"`
	TotalBytes  int64                `json:"totalBytes,omitempty"`
	OK          *bool                `json:"ok,omitempty"`
	Error       string               `json:"error,omitempty"`
	After       *deployer.Slots      `json:"after,omitempty"`
	TookSeconds float64              `json:"tookSeconds,omitempty"`
}

// A Log writes events, each as one line in one piece: all of them to Events,
// decisions and steps to Audit, too. Either may be nil.
type Log struct {
	Now    func() time.Time
	Events io.Writer
	Audit  io.Writer

	failed error // the first that writing came to
}

// Err returns the first error that writing came to. A run is not ended by one.
func (l *Log) Err() error {
	if l.failed == nil {
		return nil
	}
	return fmt.Errorf("write down what was done: %w", l.failed)
}

func (l *Log) write(e Event, to ...io.Writer) {
	e.Time = l.Now().UTC()
	line, err := json.Marshal(e)
	for _, w := range to {
		if w != nil && err == nil {
			_, err = w.Write(append(line, '\n'))
		}
	}
	if err != nil && l.failed == nil {
		l.failed = err
	}
}

// Begin writes down who begins what.
func (l *Log) Begin(who string, plan deployer.Plan) {
	l.write(Event{Event: "run", Who: who, Action: plan.Action, Service: plan.Service, Seen: &plan.Seen}, l.Events, l.Audit)
}

// End writes down what a run came to.
func (l *Log) End(plan deployer.Plan, result deployer.Result, err error) {
	e := Event{Event: "runEnd", Action: plan.Action, Service: plan.Service, After: result.After, TookSeconds: result.Took.Seconds()}
	l.write(e.ending(err), l.Events, l.Audit)
}

// Forgotten writes down that somebody wants what a swap left behind left alone.
func (l *Log) Forgotten(who, service, text string) {
	l.write(Event{Event: "forgotten", Who: who, Service: service, Text: text}, l.Events, l.Audit)
}

// ending says how something ended.
func (e Event) ending(err error) Event {
	ok := err == nil
	e.OK = &ok
	if err != nil {
		e.Error = err.Error()
	}
	return e
}

// Called writes a call down as an event.
func (l *Log) Called(c calls.Call) {
	l.write(Event{Event: "call", Call: &c, TookSeconds: c.Took.Seconds()}, l.Events)
}

// Following returns a reporter that passes on what it hears to r and writes it down.
func (l *Log) Following(r deployer.Reporter) deployer.Reporter { return follower{l, r} }

type follower struct {
	log *Log
	to  deployer.Reporter
}

// Decision passes a decision on and writes it down.
func (f follower) Decision(d deployer.Decision) {
	f.to.Decision(d)
	f.log.write(Event{Event: "decision", Decision: &d}, f.log.Events, f.log.Audit)
}

// StepStarted passes the step on and writes it down.
func (f follower) StepStarted(s deployer.Step) {
	f.to.StepStarted(s)
	f.log.write(Event{Event: "step", Step: &s}, f.log.Events, f.log.Audit)
}

// StepEnded passes the end of a step on and writes it down.
func (f follower) StepEnded(result deployer.StepResult, err error) {
	f.to.StepEnded(result, err)
	e := Event{Event: "stepEnd", StepResult: &result, TookSeconds: result.Took.Seconds()}
	f.log.write(e.ending(err), f.log.Events, f.log.Audit)
}

// Uploading passes the progress on and writes it down as an event.
func (f follower) Uploading(done, total int64) {
	f.to.Uploading(done, total)
	f.log.write(Event{Event: "uploading", DoneBytes: done, TotalBytes: total}, f.log.Events)
}

// Waiting passes the reason on and writes it down as an event.
func (f follower) Waiting(w deployer.Waiting) {
	f.to.Waiting(w)
	f.log.write(Event{Event: "waiting", Waiting: &w}, f.log.Events)
}

// Instances passes the progress on and writes it down as an event.
func (f follower) Instances(p deployer.Progress) {
	f.to.Instances(p)
	f.log.write(Event{Event: "instances", Instances: &p}, f.log.Events)
}

// Line passes the text on and writes it down as an event.
func (f follower) Line(text string) {
	f.to.Line(text)
	f.log.write(Event{Event: "line", Text: text}, f.log.Events)
}
