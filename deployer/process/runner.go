package process

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/vipswap/vipswap/deployer/approval"
	"github.com/vipswap/vipswap/deployer/probe"
	"github.com/vipswap/vipswap/deployer/variables"
	"github.com/vipswap/vipswap/deployer/wait"
)

// A Runner runs steps. Everything outside the program is a port.
type Runner struct {
	// Dictionary returns the variables as they hold for a step, with those that
	// earlier steps have set.
	Dictionary func(step string, outputs []variables.Variable) (*variables.Dictionary, error)
	Scripts    Scripts
	HTTP       probe.Doer
	Approver   Approver
	Clock      wait.Clock
	Reporter   Reporter
	Journal    Journal       // nil remembers nothing
	Dir        string        // the project's folder, where scripts run and their files are
	RetryPause time.Duration // before another try; 0 is DefaultRetryPause

	// MayRun is asked before each step while all is well. A step that may not run
	// fails; steps for failures run all the same. Nil permits all.
	MayRun func(ctx context.Context) error
}

// An Approver asks somebody whether to go on. Phase and position tell questions of
// one deployment apart.
type Approver interface {
	Approve(ctx context.Context, title, text, phase string, position int) (approval.Answer, error)
}

// A Journal remembers durably which steps ended, so that a run that was interrupted
// does not repeat them.
type Journal interface {
	// Ended returns what was recorded of a step, and whether it succeeded before. An
	// error ends the run.
	Ended(key string) (o Outputs, ended bool, err error)
	// Begin is called before a step, End after it succeeded, with its output
	// variables.
	Begin(key string) error
	End(key string, o Outputs) error
}

// Outputs are the output variables of a step, by name.
type Outputs struct {
	Plain  map[string]string
	Secret map[string]string // must not be readable where they are kept
}

// A RecallError says that what a step did before an interruption is not known any
// more, so that those after it cannot run.
type RecallError struct {
	Step string
	Err  error
}

// Error names the step and the reason.
func (e *RecallError) Error() string {
	return fmt.Sprintf("step %s was done before the interruption, but what it set is lost: %v", e.Step, e.Err)
}

// Unwrap returns the reason.
func (e *RecallError) Unwrap() error { return e.Err }

// A Reporter hears what happens, in order.
type Reporter interface {
	StepSkipped(s Step, why string)
	StepStarted(s Step)
	// StepLine is a line that a step has to say; secrets are masked.
	StepLine(line string)
	StepEnded(s Step, took time.Duration, err error)
}

// A State is what the steps so far came to.
type State struct {
	Environment string
	Err         error                // the first failure; nil while all is well
	Outputs     []variables.Variable // set by steps, for those that follow
}

// A StepError says which step failed.
type StepError struct {
	Step string
	Err  error
}

// Error names the step and the reason.
func (e *StepError) Error() string { return fmt.Sprintf("step %s: %v", e.Step, e.Err) }

// Unwrap returns the reason.
func (e *StepError) Unwrap() error { return e.Err }

// A RejectedError says that somebody answered no.
type RejectedError struct{ Answer approval.Answer }

// Error gives the notes.
func (e *RejectedError) Error() string {
	words := "it was rejected"
	if e.Answer.By != "" {
		words += " by " + e.Answer.By
	}
	if e.Answer.Notes != "" {
		words += ": " + e.Answer.Notes
	}
	return words
}

// Fail notes an error, unless there is one already, and makes it known to the
// conditions of later steps by Octopus.Deployment.Error.
func (st *State) Fail(err error) {
	if st.Err != nil || err == nil {
		return
	}
	st.Err = err
	st.setError("Octopus.Deployment.", err)
}

// setError sets what went wrong, in a line and whole.
func (st *State) setError(prefix string, err error) {
	words, _, _ := strings.Cut(err.Error(), "\n")
	st.Set(prefix+"Error", words, false)
	st.Set(prefix+"ErrorDetail", err.Error(), false)
}

// A Status is what became of a step, in the words of Octopus' page on system
// variables.
type Status string

// What becomes of steps. While one runs it is Running.
const (
	Running   Status = "Running"
	Succeeded Status = "Succeeded"
	Failed    Status = "Failed"
	Skipped   Status = "Skipped"
)

// End makes known to later steps what became of one, as Octopus does:
// Octopus.Step[NAME].Status.Code, Error and ErrorDetail, and
// Octopus.Action[NAME].IsSkipped. The error is nil where there was none.
func (st *State) End(step string, became Status, err error) {
	status := fmt.Sprintf("Octopus.Step[%s].Status.", step)
	st.Set(status+"Code", string(became), false)
	st.Set(fmt.Sprintf("Octopus.Action[%s].IsSkipped", step), map[bool]string{true: "True", false: "False"}[became == Skipped], false)
	if err != nil {
		st.setError(status, err)
	}
}

// Set sets a variable for the steps that follow.
func (st *State) Set(name, value string, sensitive bool) {
	st.Outputs = append(st.Outputs, variables.Variable{
		Name: name, Value: variables.Escape(value), Sensitive: sensitive, Scope: variables.Scope{variables.Private: nil},
	})
}

// Output sets an output variable of a step.
func (st *State) Output(step, name, value string, sensitive bool) {
	st.Set(fmt.Sprintf("Octopus.Action[%s].Output.%s", step, name), value, sensitive)
}

// Run runs steps in order. Phase ("before" or "after") is part of the journal's
// keys. When ctx ends the run stops at once, and the error says so; the failures of
// steps are in st.Err.
func (r *Runner) Run(ctx context.Context, phase string, steps []Step, st *State) error {
	for i, s := range steps {
		if err := ctx.Err(); err != nil {
			return err
		}
		became, err := r.step(ctx, phase, i, s, st)
		if ctx.Err() != nil {
			return fmt.Errorf("step %s was interrupted: %w", s.Name, ctx.Err())
		}
		var forgotten *RecallError
		if errors.As(err, &forgotten) {
			return err
		}
		if err != nil {
			st.Fail(&StepError{s.Name, err})
			became = Failed
		}
		st.End(s.Name, became, err)
	}
	return nil
}

// step runs one step, if its time has come, and returns what became of it.
func (r *Runner) step(ctx context.Context, phase string, position int, s Step, st *State) (Status, error) {
	d, err := r.Dictionary(s.Name, st.Outputs)
	if err != nil {
		return Failed, err
	}
	why, err := s.skip(st, d)
	if err != nil {
		return Failed, fmt.Errorf("its condition: %w", err)
	}
	if why != "" {
		r.Reporter.StepSkipped(s, why)
		return Skipped, nil
	}
	key := Key(phase, position, s)
	if r.Journal != nil {
		outputs, ended, err := r.Journal.Ended(key)
		if err != nil {
			return Failed, &RecallError{s.Name, err}
		}
		if ended {
			st.recall(s, outputs)
			r.Reporter.StepSkipped(s, "it was done before the interruption")
			return Succeeded, nil
		}
	}
	if err := r.begin(ctx, key, st); err != nil {
		return Failed, err
	}
	e := &execution{runner: r, step: s, phase: phase, position: position, dictionary: d, state: st, outputs: Outputs{map[string]string{}, map[string]string{}}}
	err = e.run(ctx)
	if err == nil && r.Journal != nil {
		err = r.Journal.End(key, e.kept())
	}
	return Succeeded, err
}

// Key is what the journal knows a step by: its phase, its position in it, from 0, and
// its name.
func Key(phase string, position int, s Step) string {
	return fmt.Sprintf("%s/%d/%s", phase, position, s.Name)
}

// Recall takes over what the steps of a phase have set that ended before an
// interruption. It runs none. The error is a *[RecallError].
func (r *Runner) Recall(phase string, steps []Step, st *State) error {
	for i, s := range steps {
		outputs, ended, err := r.Journal.Ended(Key(phase, i, s))
		if err != nil {
			return &RecallError{s.Name, err}
		}
		if ended {
			st.recall(s, outputs)
			st.End(s.Name, Succeeded, nil)
		}
	}
	return nil
}

// recall takes over the outputs of a step that ran before an interruption.
func (st *State) recall(s Step, o Outputs) {
	for name, value := range o.Plain {
		st.Output(s.Name, name, value, false)
	}
	for name, value := range o.Secret {
		st.Output(s.Name, name, value, true)
	}
}

// begin asks whether a step may run, and records that it is about to.
func (r *Runner) begin(ctx context.Context, key string, st *State) error {
	if r.MayRun != nil && st.Err == nil {
		if err := r.MayRun(ctx); err != nil {
			return err
		}
	}
	if r.Journal == nil {
		return nil
	}
	return r.Journal.Begin(key)
}

// An execution is one step that runs.
type execution struct {
	runner     *Runner
	step       Step
	phase      string
	position   int
	dictionary *variables.Dictionary
	state      *State
	outputs    Outputs
	hidden     []string // the values of outputs that are secrets, of all tries
}

// DefaultRetryPause is how long to wait before another try.
const DefaultRetryPause = time.Second

// run tries the step as often as it may.
func (e *execution) run(ctx context.Context) error {
	r := e.runner
	r.Reporter.StepStarted(e.step)
	began := r.Clock.Now()
	var err error
	for try := 0; ; try++ {
		if err = e.try(ctx); err == nil || try >= e.step.Retries || ctx.Err() != nil {
			break
		}
		e.say("failed: %v", err)
		e.say("it is tried again (%d of %d)", try+1, e.step.Retries)
		if sleepErr := r.Clock.Sleep(ctx, cmp.Or(r.RetryPause, DefaultRetryPause)); sleepErr != nil {
			break
		}
	}
	if err != nil && e.mask(err.Error()) != err.Error() {
		err = errors.New(e.mask(err.Error()))
	}
	r.Reporter.StepEnded(e.step, r.Clock.Now().Sub(began), err)
	return err
}

// try runs the step once, within its time.
func (e *execution) try(ctx context.Context) error {
	if e.step.Timeout > 0 {
		limited, cancel := context.WithTimeout(ctx, e.step.Timeout)
		defer cancel()
		err := e.act(limited)
		if err != nil && limited.Err() != nil && ctx.Err() == nil {
			return fmt.Errorf("it did not end within %s", e.step.Timeout)
		}
		return err
	}
	return e.act(ctx)
}

func (e *execution) act(ctx context.Context) error {
	switch s := e.step; {
	case s.Script != nil:
		return e.script(ctx, *s.Script)
	case s.HTTP != nil:
		return e.check(ctx, *s.HTTP)
	case s.Manual != nil:
		return e.manual(ctx, *s.Manual)
	default:
		return e.webhook(ctx, *s.Webhook)
	}
}

// manual asks and waits.
func (e *execution) manual(ctx context.Context, m Manual) error {
	text, err := resolved(e.dictionary.Evaluate(m.Instructions))
	if err != nil {
		return err
	}
	answer, err := e.runner.Approver.Approve(ctx, e.step.Name, e.mask(text.Shown()), e.phase, e.position)
	if err != nil {
		return err
	}
	e.output("Manual.Notes", answer.Notes, false)
	e.output("Manual.Approved", map[bool]string{true: "True", false: "False"}[answer.Approved], false)
	if answer.By != "" {
		e.output("Manual.ResponsibleUser.DisplayName", answer.By, false)
		e.output("Manual.ResponsibleUser.Username", answer.By, false)
	}
	if !answer.Approved {
		return &RejectedError{answer}
	}
	e.say("approved%s%s", by(answer.By), notes(answer.Notes))
	return nil
}

func by(who string) string {
	if who == "" {
		return ""
	}
	return " by " + who
}

func notes(text string) string {
	if text == "" {
		return ""
	}
	return ": " + text
}

// output sets an output variable of the step.
func (e *execution) output(name, value string, sensitive bool) {
	e.state.Output(e.step.Name, name, value, sensitive)
	delete(e.outputs.Plain, name)
	delete(e.outputs.Secret, name)
	if sensitive {
		e.hidden = append(e.hidden, value)
		e.outputs.Secret[name] = value
		return
	}
	e.outputs.Plain[name] = value
}

// kept returns the outputs for the journal: one that has a secret in it is kept as one.
func (e *execution) kept() Outputs {
	o := Outputs{map[string]string{}, maps.Clone(e.outputs.Secret)}
	for name, value := range e.outputs.Plain {
		if e.mask(value) != value {
			o.Secret[name] = value
			continue
		}
		o.Plain[name] = value
	}
	return o
}

// evaluate resolves a template that must leave nothing open. What it makes of secrets is
// hidden from then on.
func (e *execution) evaluate(template string) (string, error) {
	result, err := resolved(e.dictionary.Evaluate(template))
	e.hidden = append(e.hidden, result.Made()...)
	return result.Text, err
}

// pattern resolves the template of a regular expression.
func (e *execution) pattern(template string) (probe.Pattern, error) {
	result, err := resolved(e.dictionary.EvaluatePattern(template))
	return probe.Pattern{Text: result.Text, Shown: e.mask(result.Shown())}, err
}

// resolved refuses a result that leaves something open.
func resolved(result variables.Result, err error) (variables.Result, error) {
	switch {
	case err != nil:
		return variables.Result{}, err
	case len(result.Unresolved) > 0:
		return variables.Result{}, fmt.Errorf("%s cannot be resolved", strings.Join(result.Unresolved, ", "))
	}
	return result, nil
}

func (e *execution) say(format string, args ...any) {
	e.runner.Reporter.StepLine(e.mask(fmt.Sprintf(format, args...)))
}

// mask hides secrets: those of the variables, and those that the step has set.
func (e *execution) mask(text string) string {
	return e.dictionary.Mask(variables.NewSecrets(e.hidden...).Hide(text))
}
