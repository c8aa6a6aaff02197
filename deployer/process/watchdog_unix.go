//go:build unix

package process

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
)

// ownSession puts a command into a session and a group of its own, which is killed
// with it. It has no terminal: a question there fails, and does not stop the group.
func ownSession(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}

// A watchdog kills a group of processes when this process is gone, however it ended.
// It is a process of its own, which reads from a pipe that only this one can write to.
type watchdog struct {
	cmd  *exec.Cmd
	pipe *os.File
	gate string // the shell that holds a command back; "" when there is none for that
}

// watching is what a watchdog does: it reads the number of a group, and then until
// there is nobody left who could write.
const watching = `trap '' HUP INT TERM
read -r group || exit 0
while read -r more; do :; done
kill -s KILL -- "-$group"`

// startWatchdog starts one for a group that is yet to begin. It returns nil where
// there is no sh.
func startWatchdog() (*watchdog, error) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		return nil, nil
	}
	read, write, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer read.Close()
	cmd := exec.Command(sh, "-c", watching)
	cmd.Stdin, cmd.Env, cmd.Dir = read, []string{}, "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // what ends us spares it
	if err := cmd.Start(); err != nil {
		return nil, errors.Join(err, write.Close())
	}
	bash, err := exec.LookPath("bash")
	if err != nil {
		bash = ""
	}
	return &watchdog{cmd, write, bash}, nil
}

// gate is what a command does before its own work: it waits for leave, and ends when
// there is nobody who could give it. %d is the file that it comes from. It is for bash
// under the name of sh, which reads no file of the user's and hands variables on whose
// names are none for a shell, such as ConnectionStrings:Shop; other shells drop them.
const gate = `read -r vipswap_gate <&%[1]d && exec "$@" %[1]d<&-`

// start starts a command, which does nothing before the watchdog knows of its group. Where
// nothing can hold it back, it is named to the watchdog right after it has begun.
func (w *watchdog) start(cmd *exec.Cmd) error {
	if w == nil || cmd.Err != nil {
		return cmd.Start()
	}
	if w.gate == "" {
		if err := cmd.Start(); err != nil {
			return err
		}
		return w.name(cmd, io.Discard)
	}
	read, write, err := os.Pipe()
	if err != nil {
		return err
	}
	defer write.Close()
	leave := fmt.Sprintf(gate, 3+len(cmd.ExtraFiles))
	cmd.Args = append([]string{"sh", "-c", leave, "sh", cmd.Path}, cmd.Args[1:]...)
	cmd.Path, cmd.ExtraFiles = w.gate, append(cmd.ExtraFiles, read)
	if err := errors.Join(cmd.Start(), read.Close()); err != nil {
		return err
	}
	return w.name(cmd, write)
}

// name tells the watchdog which command it is about, and then gives the command leave.
func (w *watchdog) name(cmd *exec.Cmd, leave io.Writer) error {
	_, err := fmt.Fprintln(w.pipe, cmd.Process.Pid)
	if err == nil {
		_, err = fmt.Fprintln(leave, "go")
	}
	if err != nil {
		return errors.Join(fmt.Errorf("watch over the script: %w", err), cmd.Cancel(), cmd.Wait())
	}
	return nil
}

// stop ends the watchdog before it sees the pipe's end: the group is left alone.
func (w *watchdog) stop() {
	if w == nil {
		return
	}
	_ = w.cmd.Process.Kill() // it has ended if it cannot be killed
	_ = w.cmd.Wait()
	_ = w.pipe.Close()
}
