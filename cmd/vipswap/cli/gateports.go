package cli

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/approval"
	"github.com/vipswap/vipswap/deployer/probe"
	"github.com/vipswap/vipswap/deployer/process"
	"github.com/vipswap/vipswap/deployer/variables"
)

// A checker asks for checks whose texts may have expressions. It evaluates them
// right before, so that no plan holds a secret.
type checker struct {
	probe.Asker
	dictionary *variables.Dictionary // nil has none
}

func newChecker(d *variables.Dictionary) checker {
	return checker{probe.Asker{Client: probe.Client, Now: time.Now}, d}
}

// Ask asks once.
func (k checker) Ask(ctx context.Context, c probe.Check) string {
	c, err := c.Evaluate(k.evaluate)
	if err != nil {
		return err.Error()
	}
	why := k.Asker.Ask(ctx, c)
	if k.dictionary != nil {
		why = k.dictionary.Mask(why)
	}
	return why
}

// evaluate resolves a text that must leave nothing open.
func (k checker) evaluate(text string) (string, error) {
	if !strings.Contains(text, "#{") {
		return text, nil
	}
	if k.dictionary == nil {
		return "", fmt.Errorf("%s cannot be resolved: only what begins with Slot. is known here", text)
	}
	result, err := k.dictionary.Evaluate(text)
	if err == nil && len(result.Unresolved) > 0 {
		err = fmt.Errorf("%s cannot be resolved", strings.Join(result.Unresolved, ", "))
	}
	return result.Text, err
}

// A hookRunner runs hooks as processes of this machine.
type hookRunner struct {
	scripts    process.Scripts
	dictionary *variables.Dictionary // nil has none
}

// tick is how often a hook that runs is looked at.
const tick = 100 * time.Millisecond

// Run runs a hook. Its output is told by the calling goroutine alone, masked.
func (h hookRunner) Run(ctx context.Context, run deployer.HookRun, keep func() error) error {
	limited, cancel := context.WithCancel(ctx)
	defer cancel()
	lines, ended := make(chan string), make(chan error, 1)
	go func() { // ends with the command, which ends with limited
		ended <- h.scripts.Run(limited, h.script(run), func(line string) { lines <- line })
	}()
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	var stopped error
	for {
		select {
		case line := <-lines:
			run.Say(h.mask(line))
		case err := <-ended:
			if stopped != nil {
				return stopped
			}
			return err
		case <-ticker.C:
			if err := keep(); err != nil && stopped == nil {
				stopped = err
				cancel()
			}
		}
	}
}

// inFolder returns a path that is relative to a folder, "" when there is none.
func inFolder(dir, path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

// script is the command with its variables: those of the run, and the project's.
func (h hookRunner) script(run deployer.HookRun) process.ScriptRun {
	hook := run.Hook
	s := process.ScriptRun{Shell: hook.Shell, Dir: hook.Dir, Body: hook.Run, File: inFolder(hook.Dir, hook.File), Variables: map[string]string{}}
	if s.Shell == "" {
		s.Shell, _ = process.ShellOf(hook.File)
	}
	if s.Shell == "" {
		s.Shell = "sh"
	}
	if h.dictionary != nil {
		s.Variables = process.Evaluated(h.dictionary)
	}
	for name, value := range run.Variables {
		s.Variables[name] = value
	}
	return s
}

func (h hookRunner) mask(line string) string {
	if h.dictionary == nil {
		return line
	}
	return h.dictionary.Mask(line)
}

// A questioner puts one question on the desk, and on the terminal if there is one.
type questioner struct {
	*program
	id    string
	words *variables.Dictionary  // for the question; nil has none
	typed <-chan approval.Answer // nil until it is asked, and without a terminal
	asked bool
}

// Ask puts the question.
func (q *questioner) Ask(_ context.Context, title, text string) error {
	desk, err := q.desk()
	if err != nil {
		return err
	}
	if q.words != nil {
		result, err := q.words.EvaluateLenient(text)
		if err != nil {
			return err
		}
		text = q.words.Mask(result.Shown())
	}
	if err := desk.Ask(approval.Request{ID: q.id, Title: title, Text: text, Asked: time.Now().UTC()}); err != nil {
		return err
	}
	q.typed, q.asked = q.prompt(q.id, text), true
	return nil
}

// Answer returns the first answer from either side, if there is one.
func (q *questioner) Answer(context.Context) (approval.Answer, bool, error) {
	desk, err := q.desk()
	if err != nil {
		return approval.Answer{}, false, err
	}
	select {
	case answer := <-q.typed:
		answer.By, answer.At = q.user(), time.Now().UTC()
		return answer, true, nil
	default:
	}
	return desk.Answered(q.id)
}

// forget takes the question off the desk, once nobody waits for the answer.
func (q *questioner) forget() error {
	desk, err := q.desk()
	if !q.asked || err != nil {
		return err
	}
	return desk.Remove(q.id)
}
