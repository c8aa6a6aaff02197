package report

import (
	"fmt"
	"strings"
	"time"

	"github.com/vipswap/vipswap/deployer"
)

// A Summary tells of a run at a glance.
type Summary struct {
	OK         bool          `json:"ok"`
	Production Slot          `json:"production"`
	Staging    Slot          `json:"staging"`
	Phases     []Phase       `json:"phases"` // in the order in which they began
	Calls      Counts        `json:"calls"`
	Took       time.Duration `json:"took"` // nanoseconds
}

// A Slot says what a slot held before and after a run.
type Slot struct {
	Before string `json:"before"`           // label; "" is an empty slot, or not known
	After  string `json:"after,omitempty"`  // label; "" is an empty slot, or not known
	Known  bool   `json:"known"`            // whether it was looked at afterwards
	Unseen bool   `json:"unseen,omitempty"` // it was not looked at before
}

// A Phase is all steps of one kind.
type Phase struct {
	Kind deployer.StepKind `json:"kind"`
	Took time.Duration     `json:"took"` // nanoseconds
}

// Summarise tells of a run from its result, the calls that were made for it and its
// error.
func Summarise(r deployer.Result, made Counts, err error) Summary {
	s := Summary{OK: err == nil, Phases: []Phase{}, Calls: made, Took: r.Took}
	var after deployer.Slots
	if r.After != nil {
		after = *r.After
	}
	unseen := r.Before.Service == ""
	s.Production = Slot{label(r.Before.Production), label(after.Production), r.After != nil, unseen}
	s.Staging = Slot{label(r.Before.Staging), label(after.Staging), r.After != nil, unseen}
	for _, step := range r.Steps {
		s.add(step)
	}
	return s
}

func label(d *deployer.SlotState) string {
	if d == nil {
		return ""
	}
	return d.Label
}

// add counts a step to its phase.
func (s *Summary) add(step deployer.StepResult) {
	for i := range s.Phases {
		if s.Phases[i].Kind == step.Step.Kind {
			s.Phases[i].Took += step.Took
			return
		}
	}
	s.Phases = append(s.Phases, Phase{step.Step.Kind, step.Took})
}

// Row is a line of a summary as a table: a name and what is said of it.
type Row struct{ Name, Text string }

// Rows writes the summary for people.
func (s Summary) Rows() []Row {
	rows := []Row{{"production", s.Production.String()}, {"staging", s.Staging.String()}}
	var phases []string
	for _, p := range s.Phases {
		phases = append(phases, fmt.Sprintf("%s %s", p.Kind, short(p.Took)))
	}
	phases = append(phases, "in all "+short(s.Took))
	return append(rows, Row{"took", strings.Join(phases, ", ")}, Row{"calls", s.Calls.String()})
}

// String says how the slot changed, or that it did not.
func (s Slot) String() string {
	name := func(label string) string {
		if label == "" {
			return "(empty)"
		}
		return label
	}
	switch {
	case s.Unseen && !s.Known:
		return "not looked at"
	case s.Unseen:
		return name(s.After) + ", not looked at before"
	case !s.Known:
		return name(s.Before) + " -> not looked at"
	case s.Before == s.After:
		return name(s.Before)
	}
	return name(s.Before) + " -> " + name(s.After)
}

// String gives the number of calls, and what was sent again.
func (c Counts) String() string {
	text := fmt.Sprint(c.Management + c.Blob)
	if c.Blob > 0 {
		text += fmt.Sprintf(" (%d to blob storage)", c.Blob)
	}
	if c.Retries > 0 {
		text += fmt.Sprintf(", %d sent again", c.Retries)
	}
	if c.Unanswered > 0 {
		text += fmt.Sprintf(", %d without an answer", c.Unanswered)
	}
	return text
}

// short rounds a time to what people want to know of it.
func short(d time.Duration) string {
	switch {
	case d >= time.Minute:
		return d.Round(time.Second).String()
	case d >= time.Second:
		return d.Round(100 * time.Millisecond).String()
	}
	return d.Round(time.Millisecond).String()
}
