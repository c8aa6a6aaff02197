package script

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// exits runs a program and checks its exit code.
func (s *Script) exits(args []string) error {
	want, err := strconv.Atoi(args[0])
	if err != nil {
		return usage("%q is no exit code", args[0])
	}
	code := 0
	if err := s.ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			return err
		}
		code = exit.ExitCode()
	}
	if code != want {
		return fmt.Errorf("the exit code is %d, want %d", code, want)
	}
	return nil
}

// crashLimit is how long a program may run that is to be killed.
const crashLimit = 5 * time.Minute

// crash runs a program and kills it at a request. Somebody who attends mends what kept
// the program from getting there, and runs it again.
func (s *Script) crash(args []string) error {
	at, err := crashPoint(args)
	if err != nil {
		return err
	}
	early := (*earlyError)(nil)
	err = s.crashOnce(at)
	if s.attendance == nil || !errors.As(err, &early) || early.state.ExitCode() <= 0 {
		return err
	}
	if struck, lookErr := s.struck(); lookErr != nil || !struck {
		return errors.Join(err, lookErr)
	}
	if err := s.mend(); err != nil {
		return err
	}
	s.attendance.repeated, s.attendance.strayed = true, true
	return s.crashOnce(at)
}

// A crashing is where a program is killed.
type crashing struct {
	program []string
	after   bool // when the request has taken effect
	changes bool // requests that change something are counted
	n       int  // the request, from 1
}

func crashPoint(args []string) (c crashing, err error) {
	c.after = args[0] == "after"
	if c.after || args[0] == "before" {
		args = args[1:]
	}
	if c.changes = args[0] == "change"; c.changes {
		args = args[1:]
	}
	if len(args) < 2 {
		return c, usage("the program is missing")
	}
	c.program = args[1:]
	if c.n, err = strconv.Atoi(args[0]); err != nil || c.n < 1 {
		return c, usage("%q is not the number of a request, counted from 1", args[0])
	}
	return c, nil
}

// An earlyError says that a program ended before it could be killed.
type earlyError struct {
	at    crashing
	state *os.ProcessState
}

func (e *earlyError) Error() string {
	return fmt.Sprintf("%s ended before its request %d: %v", e.at.program[0], e.at.n, e.state)
}

func (s *Script) crashOnce(at crashing) error {
	ctx, cancel := context.WithTimeout(s.ctx, crashLimit)
	defer cancel()
	program, err := s.look(at.program[0])
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, program, at.program[1:]...)
	cmd.Dir, cmd.Env, cmd.WaitDelay = s.ts.MkAbs("."), s.environment(), time.Second
	cmd.Stdout, cmd.Stderr = s.ts.Stdout(), s.ts.Stderr()
	ownGroup(cmd)
	running, gone := make(chan struct{}), make(chan struct{})
	stop := &stopper{after: at.after, changes: at.changes, left: at.n, stop: func() {
		<-running
		killGroup(cmd.Process)
		<-gone // so that nobody is left to read the answer
	}}
	unwatch := s.Universe.Watch(stop)
	defer unwatch()
	if err := cmd.Start(); err != nil {
		return err
	}
	close(running)
	err = cmd.Wait()
	close(gone)
	if !stop.reached() {
		return &earlyError{at, cmd.ProcessState}
	}
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) && !errors.Is(err, exec.ErrWaitDelay) {
		return err
	}
	return nil
}

// look finds a program on the script's PATH, or in its folder when the name is a
// path.
func (s *Script) look(program string) (string, error) {
	if strings.ContainsAny(program, `/\`) {
		return s.ts.MkAbs(program), nil
	}
	return lookPath(program, s.ts.Getenv)
}

// lookPath finds a program on the PATH of an environment.
func lookPath(program string, getenv func(string) string) (string, error) {
	for _, dir := range filepath.SplitList(getenv("PATH")) {
		if found, err := exec.LookPath(filepath.Join(dir, program)); err == nil {
			return found, nil
		}
	}
	return "", fmt.Errorf("there is no program %s on the PATH", program)
}

// lastLine takes the last line of the standard output into a variable.
func (s *Script) lastLine(args []string) error {
	text := strings.TrimRight(s.ts.ReadFile("stdout"), "\n")
	s.setenv(args[0], text[strings.LastIndex(text, "\n")+1:])
	return nil
}
