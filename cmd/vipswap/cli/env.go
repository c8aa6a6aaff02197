package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/vipswap/vipswap/deployer/wait"
)

const envLong = `Env prints the connection to the running emulator as environment variables, for
the shell to evaluate. Without --ready-file it finds the emulator that was
started last with the same credentials folder. With --wait it gives one that is
just starting the time to get ready.`

func (p *program) envCommand() *cobra.Command {
	var readyFile, dir string
	var patience time.Duration
	shell := choice{"sh", []string{"sh", "fish", "powershell"}}
	c := &cobra.Command{
		Use:   "env",
		Short: "Print the connection to the running emulator for your shell",
		Long:  envLong,
		Example: `  eval "$(vipswap env)"
  vipswap serve & eval "$(vipswap env --wait 10s)"
  vipswap env --shell fish | source
  vipswap env --shell powershell | Out-String | Invoke-Expression
  vipswap env --ready-file ready.json --output json`,
		Args: takes(),
		RunE: p.action(func(ctx context.Context, _ []string) error { return p.env(ctx, readyFile, dir, shell.value, patience) }),
	}
	c.Flags().StringVar(&readyFile, "ready-file", "", "read this `FILE`, which serve wrote")
	c.Flags().StringVar(&dir, "credentials", "", "find the emulator that serves with the certificates in `DIR`")
	c.Flags().DurationVar(&patience, "wait", 0, "wait this long for an emulator to be ready")
	c.Flags().Var(&shell, "shell", "the shell to print for")
	return c
}

// A setting is an environment variable with its value.
type setting struct{ name, value string }

// connectionSettings returns the variables that connect to the emulator.
func connectionSettings(s serving) []setting {
	settings := []setting{
		{envURL, s.ManagementURL},
		{envSubscription, s.SubscriptionID},
		{envCert, s.CertFile},
		{envKey, s.KeyFile},
		{envCA, s.CAFile},
		{envControl, s.ControlURL},
	}
	if s.ControlToken != "" {
		settings = append(settings, setting{envControlToken, s.ControlToken})
	}
	return settings
}

func (p *program) env(ctx context.Context, readyFile, dir, shell string, patience time.Duration) error {
	now, err := p.runningWithin(ctx, patience, func() (serving, error) { return p.running(readyFile, dir) })
	if err != nil {
		return err
	}
	settings := connectionSettings(now)
	values := map[string]string{}
	for _, s := range settings {
		values[s.name] = s.value
	}
	return p.show(values, func(w io.Writer) {
		for _, s := range settings {
			fmt.Fprintln(w, shells[shell](s.name, s.value))
		}
	})
}

// runningWithin looks for the running emulator until it is there or the time is up.
// The error is that of the last look.
func (p *program) runningWithin(ctx context.Context, patience time.Duration, look func() (serving, error)) (now serving, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	const often, seldom = 5 * time.Millisecond, 100 * time.Millisecond
	_ = wait.For(ctx, wait.Poll{Min: often, Max: seldom}, func(context.Context) (wait.Verdict, string, error) {
		if now, err = look(); err == nil || patience == 0 {
			return wait.Met, "", nil
		}
		return wait.NotYet, "no emulator is ready", nil
	})
	return now, err
}

// running finds the running emulator.
func (p *program) running(readyFile, dir string) (serving, error) {
	const hint = `start one with "vipswap serve"`
	path := readyFile
	if path == "" {
		folder, err := p.credentialsDir(dir)
		if err != nil {
			return serving{}, err
		}
		path = filepath.Join(folder, servingName)
	}
	now, err := readServing(path)
	switch {
	case errors.Is(err, os.ErrNotExist) && readyFile == "":
		return now, usage(hint, "env: no emulator is running")
	case err != nil:
		return now, usage(hint, "env: %w", err)
	case !now.alive():
		return now, usage(hint, "env: the emulator that wrote %s (process %d) is not running any more", path, now.PID)
	}
	return now, nil
}

// shells say how to set a variable in each shell.
var shells = map[string]func(name, value string) string{
	"sh":         func(name, value string) string { return "export " + name + "=" + quoteSh(value) },
	"fish":       func(name, value string) string { return "set -gx " + name + " " + quoteFish(value) + ";" },
	"powershell": func(name, value string) string { return "$env:" + name + " = " + quotePowerShell(value) },
}

// quoteSh quotes a word for POSIX shells.
func quoteSh(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// quoteFish quotes a word for fish, where only \ and ' need it between single
// quotes.
func quoteFish(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(s) + "'"
}

// quotePowerShell quotes a word for PowerShell, which takes typographic quotes for
// quotes, too.
func quotePowerShell(s string) string {
	return "'" + strings.NewReplacer("'", "''", "\u2018", "\u2018\u2018", "\u2019", "\u2019\u2019", "\u201a", "\u201a\u201a", "\u201b", "\u201b\u201b").Replace(s) + "'"
}
