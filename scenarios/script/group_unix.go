//go:build unix

package script

import (
	"os"
	"os/exec"
	"syscall"
)

// ownGroup makes a program the head of a process group, so that all that it starts
// can be killed with it.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error {
		killGroup(cmd.Process)
		return nil
	}
}

// killGroup kills a program with all that it started.
func killGroup(p *os.Process) {
	// It may be gone already.
	_ = syscall.Kill(-p.Pid, syscall.SIGKILL)
}
