//go:build !unix

package process

import "os/exec"

// ownSession does nothing where there are no sessions.
func ownSession(*exec.Cmd) {}

// A watchdog is for systems with groups of processes.
type watchdog struct{}

func startWatchdog() (*watchdog, error) { return nil, nil }

func (*watchdog) start(cmd *exec.Cmd) error { return cmd.Start() }

func (*watchdog) stop() {}
