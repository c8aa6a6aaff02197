package cli

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

const rootLong = `vipswap answers one question for teams whose releases go out by VIP swap:
what will my swap do, before I run it for real?

It is two things in one program. "vipswap serve" emulates Azure's Service
Management API (classic cloud services with a staging and a production slot) on
this machine. The other commands are a deployer for that API, emulated or not:
they deploy releases into slots, swap the slots, and say beforehand what they
will do and why (--plan).

New here? "vipswap demo" shows the whole story in a few seconds.

Exit codes:
  0  done
  1  failed; what has been done so far is said
  2  usage or configuration: a wrong flag, a missing setting, an unusable file
  3  refused; nothing was changed`

const rootExample = `  vipswap demo

  vipswap serve --clock auto &
  eval "$(vipswap env --wait 10s)"
  vipswap service create shop
  vipswap deploy --service shop --slot staging --package shop.cspkg --config shop.cscfg --label 1.0.0 --account shoppackages
  vipswap slots shop`

// The groups of commands in the help.
const (
	groupStart    = "start"
	groupProject  = "project"
	groupSlots    = "slots"
	groupPackages = "packages"
	groupEmulator = "emulator"
	groupTests    = "tests"
)

// root builds the tree of commands.
func (p *program) root() *cobra.Command {
	root := &cobra.Command{
		Use:                        "vipswap",
		Short:                      "Know what a VIP swap will do, then do it",
		Long:                       rootLong,
		Example:                    rootExample,
		SilenceErrors:              true,
		SilenceUsage:               true,
		Version:                    buildVersion(),
		CompletionOptions:          cobra.CompletionOptions{DisableDefaultCmd: true},
		SuggestionsMinimumDistance: 2,
		Args:                       p.onlyCommands,
		RunE:                       func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetHelpCommand(p.helpCommand())
	root.PersistentFlags().Var(&p.output, "output", "what to print")
	p.registerVerbosity(root)
	root.AddGroup(
		&cobra.Group{ID: groupStart, Title: "To begin with:"},
		&cobra.Group{ID: groupSlots, Title: "Slots of a cloud service:"},
		&cobra.Group{ID: groupProject, Title: "Releases of a project:"},
		&cobra.Group{ID: groupTests, Title: "Scenarios:"},
		&cobra.Group{ID: groupPackages, Title: "Packages:"},
		&cobra.Group{ID: groupEmulator, Title: "A running emulator:"},
	)
	add := func(group string, commands ...*cobra.Command) {
		for _, c := range commands {
			c.GroupID = group
			root.AddCommand(c)
		}
	}
	add(groupStart, p.demoCommand(), p.serveCommand(), p.envCommand(), p.dataCommand())
	add(groupSlots, p.serviceCommand(), p.slotsCommand(), p.deployCommand(), p.swapCommand(), p.rollbackCommand(), p.deleteCommand())
	add(groupSlots, p.applyCommand(), p.resumeCommand(), p.lockCommand(), p.sweepCommand(), p.startCommand(), p.suspendCommand())
	add(groupProject, p.initCommand(), p.releaseCommand())
	add(groupProject, p.dashboardCommand(), p.variablesCommand(), p.importCommand(), p.exportCommand())
	add(groupProject, p.approveCommand(), p.rejectCommand())
	add(groupTests, p.testCommand(), p.recordCommand())
	add(groupPackages, p.packCommand(), p.inspectCommand(), p.uploadCommand())
	add(groupPackages, p.packagesCommand())
	add(groupEmulator, p.universeCommand(), p.timeCommand(), p.progressionCommand(), p.faultsCommand(), p.snapshotCommand(), p.journalCommand(), p.stateCommand())
	root.AddCommand(p.versionCommand(), p.completionCommand())
	return root
}

// onlyCommands refuses words that are no command, with the nearest ones.
func (p *program) onlyCommands(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	hint := fmt.Sprintf("%q lists the commands", cmd.CommandPath()+" --help")
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		hint = fmt.Sprintf("did you mean %q?", cmd.CommandPath()+" "+near[0])
	}
	return usage(hint, "there is no command %q", cmd.CommandPath()+" "+args[0])
}

// group makes a command that only holds others.
func (p *program) group(c *cobra.Command, commands ...*cobra.Command) *cobra.Command {
	c.Args = p.onlyCommands
	c.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	c.SuggestionsMinimumDistance = 2
	c.AddCommand(commands...)
	return c
}

// nameOf names a command in messages, which begin with the program's name anyway.
func nameOf(cmd *cobra.Command) string {
	return strings.TrimPrefix(cmd.CommandPath(), cmd.Root().Name()+" ")
}

// takes refuses any other number of arguments than those named.
func takes(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) < len(names):
			return usage(fmt.Sprintf("%q shows an example", cmd.CommandPath()+" --help"), "%s: %s is missing", nameOf(cmd), names[len(args)])
		case len(args) > len(names):
			return usage(fmt.Sprintf("%q shows an example", cmd.CommandPath()+" --help"), "%s: %q is one argument too many", nameOf(cmd), args[len(names)])
		}
		return nil
	}
}

func (p *program) helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "help [COMMAND]",
		Short:   "Explain a command",
		Long:    "Help explains a command: what it is for, its flags, and an example.",
		Example: "  vipswap help release deploy",
		RunE: func(cmd *cobra.Command, args []string) error {
			found, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 && found.Args != nil {
				return p.onlyCommands(cmd.Root(), args)
			}
			return found.Help()
		},
	}
}

func (p *program) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the program's version",
		Long:    "Version prints the version of the program: the one it was built from, or \"devel\".",
		Example: "  vipswap version\n  vipswap version --output json",
		Args:    takes(),
		RunE: p.action(func(context.Context, []string) error {
			v := struct {
				Version string `json:"version"`
			}{buildVersion()}
			return p.show(v, func(w io.Writer) { fmt.Fprintln(w, "vipswap", v.Version) })
		}),
	}
}

// completions has a generator for each shell.
var completions = map[string]func(*cobra.Command, io.Writer) error{
	"bash":       func(c *cobra.Command, w io.Writer) error { return c.GenBashCompletionV2(w, true) },
	"zsh":        func(c *cobra.Command, w io.Writer) error { return c.GenZshCompletion(w) },
	"fish":       func(c *cobra.Command, w io.Writer) error { return c.GenFishCompletion(w, true) },
	"powershell": func(c *cobra.Command, w io.Writer) error { return c.GenPowerShellCompletionWithDesc(w) },
}

func (p *program) completionCommand() *cobra.Command {
	c := &cobra.Command{
		Use:       "completion bash|zsh|fish|powershell",
		Short:     "Print a script that completes commands in your shell",
		Long:      "Completion prints a script for a shell. Once the shell has read it, the tab key\ncompletes vipswap's commands and flags.",
		Example:   "  source <(vipswap completion bash)\n  vipswap completion fish > ~/.config/fish/completions/vipswap.fish",
		Args:      takes("the shell"),
		ValidArgs: []string{"bash", "zsh", "fish", "powershell"},
	}
	c.RunE = p.action(func(_ context.Context, args []string) error {
		generate, ok := completions[args[0]]
		if !ok {
			return usage("it is one of bash, zsh, fish, powershell", "completion: unknown shell %q", args[0])
		}
		return generate(c.Root(), p.Stdout)
	})
	return c
}
