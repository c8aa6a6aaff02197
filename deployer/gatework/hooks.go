package gatework

import (
	"context"
	"maps"
	"path/filepath"
	"time"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/process"
	"github.com/vipswap/vipswap/deployer/variables"
)

// Hooks runs hooks as scripts. It is a deployer.Hooks.
type Hooks struct {
	Scripts process.Scripts
	Words   *variables.Dictionary // for their environment, and masked in what they say; nil has none
}

// tick is how often a hook that runs is looked at.
const tick = 100 * time.Millisecond

// Run runs a hook. Its output is told by the calling goroutine alone, masked. The error
// is the one of keep, which ends the hook, else the script's.
func (h Hooks) Run(ctx context.Context, run deployer.HookRun, keep func() error) error {
	limited, cancel := context.WithCancel(ctx)
	defer cancel()
	lines, ended := make(chan string), make(chan error, 1)
	go func() { // ends with the command, which ends with limited
		ended <- h.Scripts.Run(limited, h.script(run), func(line string) { lines <- line })
	}()
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	var stopped error
	for {
		select {
		case line := <-lines:
			run.Say(mask(h.Words, line))
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

// script is the command with its variables: those of the run, and the project's.
func (h Hooks) script(run deployer.HookRun) process.ScriptRun {
	hook := run.Hook
	s := process.ScriptRun{Shell: hook.Shell, Dir: hook.Dir, Body: hook.Run, File: inFolder(hook.Dir, hook.File), Variables: map[string]string{}}
	if s.Shell == "" {
		s.Shell, _ = process.ShellOf(hook.File)
	}
	if s.Shell == "" {
		s.Shell = "sh"
	}
	if h.Words != nil {
		s.Variables = process.Evaluated(h.Words)
	}
	maps.Copy(s.Variables, run.Variables)
	return s
}

// inFolder returns a path that is relative to a folder, "" when there is none.
func inFolder(dir, path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}
