package record

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"

	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/journal"
	"github.com/vipswap/vipswap/emulator/universe"
	"github.com/vipswap/vipswap/scenarios/stage"
)

// A Session says what to record.
type Session struct {
	Command        []string // program and arguments
	Dir            string   // where it runs
	Env            []string // its environment, but for what connects it to the universe
	Empty          bool     // the universe begins without service and storage account
	Stdin          io.Reader
	Stdout, Stderr io.Writer
}

// A Recording is what happened.
type Recording struct {
	Command  []string
	Dir      string
	Empty    bool
	ExitCode int
	Requests []journal.Entry
	Ended    universe.State // when nothing was pending any more
	Took     time.Duration  // in the universe
}

// settling bounds how many events may be pending when the command has ended.
const settling = 10000

// Run runs the command in a universe of its own, which is gone afterwards. A command
// that ends with another code than 0 is no error; one that cannot be started is.
func Run(ctx context.Context, st *stage.Stage, s Session) (r Recording, err error) {
	if len(s.Command) == 0 {
		return r, errors.New("there is no command to record")
	}
	if strings.ContainsAny(strings.Join(s.Command, ""), "\n\r") {
		return r, errors.New("a line break in an argument cannot be written into a script; put the command into a file")
	}
	u, err := st.Enter(ctx, "recording", stage.Beginning{Empty: s.Empty})
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, u.Leave()) }()
	r = Recording{Command: s.Command, Dir: s.Dir, Empty: s.Empty}
	if r.ExitCode, err = s.run(ctx, u); err != nil {
		return r, err
	}
	j, err := u.Journal()
	if err != nil {
		return r, err
	}
	r.Requests, r.Took = j.Entries(journal.Filter{}), u.Passed()
	if err := settle(u); err != nil {
		return r, err
	}
	r.Ended, err = u.State()
	return r, err
}

// run runs the command and returns its exit code.
func (s *Session) run(ctx context.Context, u *stage.Universe) (int, error) {
	variables, err := u.Environment()
	if err != nil {
		return 0, err
	}
	cmd := exec.CommandContext(ctx, s.Command[0], s.Command[1:]...)
	cmd.Dir, cmd.Env = s.Dir, s.Env
	for _, v := range variables {
		cmd.Env = append(cmd.Env, v.String())
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = s.Stdin, s.Stdout, s.Stderr
	err = cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() > 0 {
		return exit.ExitCode(), nil
	}
	return 0, err
}

// settle lets everything happen that is pending.
func settle(u *stage.Universe) error {
	for range settling {
		moved, err := u.Stage().Emulator().AdvanceToNext(u.ID())
		if err != nil || !moved {
			return err
		}
	}
	return fmt.Errorf("after %d events there is still something pending", settling)
}

// operationsOf returns how the last operation of each kind stands, in the order in
// which they were first begun.
func operationsOf(state universe.State) []universe.Operation {
	var last []universe.Operation
	at := map[cloud.Kind]int{}
	for _, op := range state.Operations {
		i, ok := at[op.Kind]
		if !ok {
			i, last = len(last), append(last, op)
			at[op.Kind] = i
		}
		last[i] = op
	}
	return last
}
