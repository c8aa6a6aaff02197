//go:build !linux

package process

import "os/exec"

// dieTogether cannot tie a command to the life of this process.
func dieTogether(*exec.Cmd) {}
