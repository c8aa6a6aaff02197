package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vipswap/vipswap/scenarios/record"
	"github.com/vipswap/vipswap/scenarios/stage"
	"github.com/vipswap/vipswap/scenarios/suite"
)

const recordLong = `Record runs a command, such as the deploy script that you have, against a fresh
subscription of an emulator of its own, and writes what happened as a scenario
script: the command, how it ended, which changes it asked for and what the slots
held in the end; and as comments everything that it asked. "vipswap test" replays it.

The subscription has an empty cloud service, shop, and a storage account, packages,
unless --empty is given. The command's environment leads to it, as that of scripts
does: see "vipswap test --help".`

// recordFlags are the flags of record.
type recordFlags struct {
	out                 string
	empty, force, check bool
}

func (p *program) recordCommand() *cobra.Command {
	var f recordFlags
	c := &cobra.Command{
		Use:   "record [-o NAME.txtar] -- COMMAND [ARGUMENT...]",
		Short: "Run a deploy command and write a scenario script of it",
		Long:  recordLong,
		Example: `  vipswap record -- ./deploy.sh 1.1.0
  vipswap record --out scenarios/first.txtar --empty --check -- python3 deploy.py`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage(`an example is "vipswap record -- ./deploy.sh"`, "record: the command is missing")
			}
			return nil
		},
	}
	flags := c.Flags()
	flags.SetInterspersed(false)
	flags.StringVarP(&f.out, "out", "o", "recorded.txtar", "write the script to `NAME.txtar`")
	flags.BoolVar(&f.empty, "empty", false, "begin with an empty subscription")
	flags.BoolVar(&f.force, "force", false, "write over a file that is there")
	flags.BoolVar(&f.check, "check", false, "replay the script when it is written")
	c.RunE = p.action(func(ctx context.Context, args []string) error { return p.recordScript(ctx, args, f) })
	return c
}

func (p *program) recordScript(ctx context.Context, command []string, f recordFlags) error {
	if _, err := os.Stat(f.out); err == nil && !f.force {
		return usage("--out FILE names another, --force writes over it", "record: %s is there already", f.out)
	}
	if filepath.Ext(f.out) != ".txtar" {
		return usage("", "record: --out %s: the name of a script ends in .txtar", f.out)
	}
	dir, err := p.WorkDir()
	if err != nil {
		return fmt.Errorf("record: %w", err)
	}
	return p.onStage(0, func(st *stage.Stage) error {
		r, err := record.Run(ctx, st, p.recordSession(command, dir, f))
		if err != nil {
			return usage("", "record: %w", err)
		}
		text, err := r.Script(filepath.Dir(absoluteFrom(dir, f.out)))
		if err == nil {
			err = writeTo(f.out, func(w io.Writer) error { _, err := io.WriteString(w, text); return err })
		}
		if err != nil {
			return fmt.Errorf("record: %w", err)
		}
		return p.recorded(ctx, st, r, f)
	})
}

// absoluteFrom returns the path of a file that is named from a folder.
func absoluteFrom(dir, file string) string {
	if filepath.IsAbs(file) {
		return file
	}
	return filepath.Join(dir, file)
}

func (p *program) recordSession(command []string, dir string, f recordFlags) record.Session {
	s := record.Session{Command: command, Dir: dir, Empty: f.empty, Stdin: p.Stdin, Stdout: p.progress(), Stderr: p.Stderr}
	if p.Environ != nil {
		s.Env = p.Environ()
	}
	return s
}

// recordedView is what record prints as JSON.
type recordedView struct {
	File     string   `json:"file"`
	Command  []string `json:"command"`
	ExitCode int      `json:"exitCode"`
	Requests int      `json:"requests"`
	Replayed bool     `json:"replayed"`
}

// recorded says what was written, and replays it if it is to be checked.
func (p *program) recorded(ctx context.Context, st *stage.Stage, r record.Recording, f recordFlags) error {
	if f.check {
		scripts, err := suite.Find([]string{f.out}, "")
		if err != nil {
			return err
		}
		again := suite.Play(ctx, st, scripts[0], suite.Performance{})
		if again.Outcome != suite.Passed {
			return failed("does the command depend on what it left behind the first time?", "record: %s does not replay: %w", f.out, errors.New(strings.TrimSpace(again.Text())))
		}
	}
	view := recordedView{f.out, r.Command, r.ExitCode, len(r.Requests), f.check}
	return p.show(view, func(w io.Writer) {
		words := "it ended with exit code " + fmt.Sprint(r.ExitCode)
		if f.check {
			words += "; the script replays"
		}
		fmt.Fprintf(w, "%s: %d requests recorded; %s\n", p.style(w).bold(f.out), len(r.Requests), words)
	})
}
