//go:build !unix

package script

import (
	"os"
	"os/exec"
	"strconv"
)

// ownGroup does nothing: killGroup finds out by itself what a program started.
func ownGroup(*exec.Cmd) {}

// killGroup kills a program with all that it started.
func killGroup(p *os.Process) {
	if exec.Command("taskkill", "/T", "/F", "/PID", strconv.Itoa(p.Pid)).Run() != nil {
		// It may be gone already.
		_ = p.Kill()
	}
}
