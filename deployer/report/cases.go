package report

import (
	"io"
	"strings"
	"time"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/internal/junit"
)

// Cases collect what runs do as cases of a test: a suite for each deployment, with a
// case for its plan and one for each step. The zero value is ready.
type Cases struct {
	suites []junit.Suite
	open   bool // the last suite takes more
	told   bool // a case tells of a failure
	took   time.Duration
}

// Open begins a suite that the next plans and steps belong to, until Close.
func (c *Cases) Open(name string) {
	c.suites = append(c.suites, junit.Suite{Name: name})
	c.open = true
}

// Close ends the suite.
func (c *Cases) Close() { c.open = false }

// suite returns the open suite, or a new one that is closed again by the next.
func (c *Cases) suite(name string) *junit.Suite {
	if n := len(c.suites); !c.open && (n == 0 || c.suites[n-1].Name != name) {
		c.suites = append(c.suites, junit.Suite{Name: name})
	}
	return &c.suites[len(c.suites)-1]
}

// Plan adds the plan: it fails when it is refused.
func (c *Cases) Plan(title string, plan deployer.Plan) {
	s := c.suite(title)
	one := junit.Case{Class: class(plan.Service), Name: "plan"}
	if plan.Refused() {
		one.Failure = c.failure("refused", &deployer.RefusedError{Refusals: plan.Refusals})
	}
	s.Cases = append(s.Cases, one)
}

// Run adds the steps of a plan that was carried out: those that were not reached are
// left out of the test, and an error that no step has is a case of its own.
func (c *Cases) Run(title string, plan deployer.Plan, r deployer.Result, err error) {
	s := c.suite(title)
	failing, reached := false, 0
	for _, done := range r.Steps {
		one := junit.Case{Class: class(plan.Service), Name: done.Step.String(), Took: done.Took}
		if isFailure(done) {
			failing, one.Failure = true, c.failure("step", err)
		}
		if !done.Step.Back {
			reached++
		}
		s.Cases = append(s.Cases, one)
		c.took += done.Took
	}
	for _, left := range plan.Steps[min(reached, len(plan.Steps)):] {
		if !left.Back {
			s.Cases = append(s.Cases, junit.Case{Class: class(plan.Service), Name: left.String(), Skipped: &junit.Message{Line: "not reached"}})
		}
	}
	if err != nil && !failing {
		s.Cases = append(s.Cases, junit.Case{Class: class(plan.Service), Name: "run", Failure: c.failure("run", err)})
	}
}

// isFailure reports whether the step is what the run failed at: it failed, or it is a bake that did,
// which is followed by the way back.
func isFailure(done deployer.StepResult) bool {
	return done.Outcome == "" || done.Step.Kind == deployer.StepBake && done.Outcome == deployer.OutcomeFailed
}

// Step adds a step that is no step of a plan; err is nil when it succeeded.
func (c *Cases) Step(name string, took time.Duration, err error) {
	s := c.suite("steps")
	one := junit.Case{Class: "step", Name: name, Took: took}
	if err != nil {
		one.Failure = c.failure("step", err)
	}
	s.Cases = append(s.Cases, one)
	c.took += took
}

// Skipped adds a step that did not run, and why.
func (c *Cases) Skipped(name, why string) {
	s := c.suite("steps")
	s.Cases = append(s.Cases, junit.Case{Class: "step", Name: name, Skipped: &junit.Message{Line: why}})
}

// Write writes all suites in JUnit's XML. An error of the whole command that no case
// tells of becomes one.
func (c *Cases) Write(w io.Writer, command string, err error) error {
	if err != nil && !c.told {
		s := c.suite(command)
		s.Cases = append(s.Cases, junit.Case{Class: "command", Name: command, Failure: c.failure("command", err)})
	}
	return junit.Write(w, junit.Report{Suites: c.suites, Took: c.took})
}

func (c *Cases) failure(kind string, err error) *junit.Message {
	c.told = true
	if err == nil {
		return &junit.Message{Type: kind, Line: "it failed"}
	}
	line, _, _ := strings.Cut(err.Error(), "\n")
	return &junit.Message{Type: kind, Line: line, Text: err.Error()}
}

func class(service string) string { return "vipswap." + service }
