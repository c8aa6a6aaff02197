package cli

import (
	"cmp"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vipswap/vipswap/deployer/release"
	"github.com/vipswap/vipswap/deployer/release/version"
)

// takesAtMost refuses more arguments than n.
func takesAtMost(n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) > n {
			return usage("\""+cmd.CommandPath()+" --help\" shows an example", "%s: %q is one argument too many", nameOf(cmd), args[n])
		}
		return nil
	}
}

// number gives a release to create its number: the one that is named, or one made of the
// template or mask that is named, or of the project's template. It is made anew when the
// release is: somebody else may have created one by then.
func (s *session) number(n *release.NewRelease, named string) error {
	if named != "" && !counts(named) {
		n.Number = named
		return nil
	}
	n.Template = cmp.Or(named, s.project.Numbering)
	releases, err := s.history.Releases()
	if err != nil {
		return err
	}
	n.Number, err = s.project.NextNumber(n.Template, releases, s.Now())
	switch {
	case errors.Is(err, release.ErrNoTemplate):
		return usage("", "release create: no number is given, and %w", err)
	case err != nil:
		return usage("", "%w", err)
	}
	return nil
}

// counts reports whether a number is no number yet.
func counts(number string) bool {
	m, ok := version.ParseMask(number)
	return ok && m.Counts() || strings.Contains(number, "#{")
}
