package process

import (
	"os/exec"
	"syscall"
)

// dieTogether has the system kill a command when the thread that starts it ends, and
// so when this process is killed: at once, and also where there is no watchdog.
func dieTogether(cmd *exec.Cmd) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
}
