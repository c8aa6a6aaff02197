package cli

import (
	"errors"
	"strings"

	"github.com/vipswap/vipswap/deployer/release"
)

// failOnUnresolved is the variable by which a process in Octopus chooses that
// expressions which cannot be resolved fail the deployment (its page on system
// variables, since 2025.1).
const failOnUnresolved = "OctopusShouldFailDeploymentOnSubstitutionFails"

// refuseUnresolved refuses to deploy with settings that cannot be resolved, if the
// release's project or its variables choose that.
func (s *session) refuseUnresolved(r release.Release, vars *lookup) error {
	if len(vars.unresolved) == 0 {
		return nil
	}
	project, err := r.Project()
	if err != nil {
		return err
	}
	chosen, err := vars.dictionary.Flag(failOnUnresolved, project.Unresolved == release.UnresolvedFail)
	if err != nil || !chosen {
		return err
	}
	var list []error
	for _, words := range vars.unresolved {
		list = append(list, errors.New(strings.TrimSuffix(words, " and stays as it is")))
	}
	return refused("define it, or write unresolved: keep", "release %s is not deployed: %w", r.Number, errors.Join(list...))
}
