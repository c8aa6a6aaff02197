package cli

import (
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// everyCommand calls f with each command of the program.
func everyCommand(t *testing.T, f func(t *testing.T, c *cobra.Command)) {
	root := newProgram(World{LookupEnv: func(string) (string, bool) { return "", false }}).root()
	var walk func(*cobra.Command)
	walk = func(c *cobra.Command) {
		t.Run(c.CommandPath(), func(t *testing.T) { f(t, c) })
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk(root)
}

func TestHelpOfEveryCommand(t *testing.T) {
	u := newUser(t)
	everyCommand(t, func(t *testing.T, c *cobra.Command) {
		args := append(strings.Fields(c.CommandPath())[1:], "--help")
		help := u.must(t, exitDone, args...).stdout
		for _, part := range []string{c.Short, c.Long, c.Example} {
			if part == "" {
				t.Fatalf("a short text, a long text and an example are needed: %q, %q, %q", c.Short, c.Long, c.Example)
			}
		}
		for _, part := range []string{c.Long, c.Example} {
			if !strings.Contains(help, part) {
				t.Errorf("the help lacks %q", part)
			}
		}
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if !strings.Contains(help, "--"+f.Name) {
				t.Errorf("the help lacks --%s", f.Name)
			}
			if f.Usage == "" {
				t.Errorf("--%s is not explained", f.Name)
			}
		})
	})
}

var exampleFlag = regexp.MustCompile(` (--?[a-z][-a-z]*)`)

// TestExamplesAreValid finds commands and flags in examples that do not exist.
func TestExamplesAreValid(t *testing.T) {
	everyCommand(t, func(t *testing.T, c *cobra.Command) {
		for line := range strings.SplitSeq(c.Example, "\n") {
			_, after, found := strings.Cut(line, "vipswap ")
			if !found {
				continue
			}
			after, _, _ = strings.Cut(after, "|")
			after, _, _ = strings.Cut(after, "&")
			named, _, err := c.Root().Find(strings.Fields(after))
			if err != nil {
				t.Errorf("%s: %v", line, err)
				continue
			}
			named.InitDefaultHelpFlag()
			for _, m := range exampleFlag.FindAllStringSubmatch(" "+after, -1) {
				if !hasFlag(named, m[1]) {
					t.Errorf("%s: %s has no flag %s", line, named.CommandPath(), m[1])
				}
			}
		}
	})
}

func hasFlag(c *cobra.Command, flag string) bool {
	name := strings.TrimLeft(flag, "-")
	if !strings.HasPrefix(flag, "--") {
		return c.Flags().ShorthandLookup(name) != nil
	}
	return c.Flags().Lookup(name) != nil || c.InheritedFlags().Lookup(name) != nil
}

// TestPlanIsEverywhere finds commands that change something and cannot be asked
// beforehand what.
func TestPlanIsEverywhere(t *testing.T) {
	for _, name := range []string{
		"service create", "service delete", "deploy", "swap", "rollback", "delete",
		"approve", "reject", "packages prune", "init", "release create", "release deploy", "release block", "release unblock", "import octopus", "export octopus", "upload",
	} {
		u := newUser(t)
		help := u.must(t, exitDone, append(strings.Fields(name), "--help")...).stdout
		if !strings.Contains(help, "--plan ") {
			t.Errorf("%s has no --plan", name)
		}
	}
}

// TestPlansOnFile finds commands that change slots, and neither write plans nor say
// why not.
func TestPlansOnFile(t *testing.T) {
	everyCommand(t, func(t *testing.T, c *cobra.Command) {
		if c.Flags().Lookup("junit") == nil || c.Flags().Lookup("plan") == nil {
			return // it carries no plans out
		}
		if c.Flags().Lookup("plan-out") == nil && !strings.Contains(c.Long, "--plan-out") {
			t.Error("there is no --plan-out, and no reason for that")
		}
	})
}

func TestCompletion(t *testing.T) {
	u := newUser(t)
	for shell := range completions {
		if got := u.must(t, exitDone, "completion", shell); !strings.Contains(got.stdout, "vipswap") {
			t.Errorf("%s: the script does not mention vipswap", shell)
		}
	}
	u.must(t, exitUsage, "completion", "tcsh")
	u.must(t, exitUsage, "completion")
}
