package cli

import (
	"errors"
	"fmt"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/management"
	"github.com/vipswap/vipswap/deployer/release"
)

// noteSwap tells the history of the project around that a swap by hand, or a rollback,
// has brought a release into production. The swap is done whatever comes of that, so
// that a history which cannot be written to is a warning.
func (p *program) noteSwap(result deployer.Result) {
	if result.After == nil || result.After.Production == nil {
		return
	}
	d, recorded, err := p.recordSwap(result.Service, *result.After.Production)
	switch {
	case err != nil:
		p.warning(fmt.Sprintf("the history of the project does not say that production holds %q: %v", result.After.Production.Label, err))
	case recorded:
		fmt.Fprintf(p.progress(), "the history has it: release %s is in %s, %s\n", d.Release, d.Environment, modes[d.Mode])
	}
}

// recordSwap writes what production holds into the history, if the service is that of
// the project and the project has a history.
func (p *program) recordSwap(service string, held deployer.SlotState) (d release.Deployment, recorded bool, err error) {
	project, dir, err := p.project()
	if err != nil {
		if dir, _ := p.projectFolder(); !release.HasHistory(dir) {
			return d, false, nil
		}
		return d, false, errors.New(firstLine(err))
	}
	if project == nil || !release.HasHistory(dir) {
		return d, false, nil
	}
	at, err := projectPlace(project, management.Production, p.sources(dir))
	environment := boundTo(project, management.Production)
	if err != nil || environment == "" || !equalFold(at.service, service) {
		return d, false, nil
	}
	s, err := p.openSessionIn(dir, project, "vipswap swap")
	if err != nil {
		return d, false, err
	}
	defer func() { err = errors.Join(err, s.history.Close()) }()
	if err := s.hold(); err != nil {
		return d, false, err
	}
	return s.history.RecordSwap(release.HandSwap{Environment: environment, Name: held.Name, Label: held.Label, CreatedBy: p.user()})
}

// boundTo returns the first environment that is bound to a slot, or "".
func boundTo(project *release.Project, slot management.Slot) string {
	for _, e := range project.Environments {
		if bound, ok := project.Slot(e); ok && bound == slot {
			return e
		}
	}
	return ""
}
