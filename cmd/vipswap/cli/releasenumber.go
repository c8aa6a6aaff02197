package cli

import (
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

// number returns the number of a release to create: the one that is named, or one
// made of the template or mask that is named, or of the project's template.
func (s *session) number(named string) (string, error) {
	if named != "" && !counts(named) {
		return named, nil
	}
	releases, err := s.history.Releases()
	if err != nil {
		return "", err
	}
	number, err := s.project.NextNumber(named, releases, s.Now())
	switch {
	case errors.Is(err, release.ErrNoTemplate):
		return "", usage("", "release create: no number is given, and %w", err)
	case err != nil:
		return "", usage("", "%w", err)
	}
	return number, nil
}

// counts reports whether a number is no number yet.
func counts(number string) bool {
	m, ok := version.ParseMask(number)
	return ok && m.Counts() || strings.Contains(number, "#{")
}
