package script

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/faults"
	"github.com/vipswap/vipswap/emulator/universe"
)

// struckTally is how an injected rule stands.
type struckTally = faults.Tally

// mendTime is how much of the universe's time a person waits for something.
const mendTime = 6 * time.Hour

// ailing are the states in which a person reboots an instance that stays in them.
var ailing = []cloud.InstanceStatus{cloud.StartingRole, cloud.CyclingRole, "RestartingRole", cloud.UnresponsiveRole}

// mend does what a person does whose deployment has failed: waits until nothing is
// under way, reboots what does not get ready, and waits until it is.
func (s *Script) mend() error {
	if err := s.await(atRest); err != nil {
		return err
	}
	state, err := s.Universe.State()
	if err != nil {
		return err
	}
	for _, service := range state.Services {
		for slot, d := range map[string]*universe.Deployment{"production": service.Production.Deployment, "staging": service.Staging.Deployment} {
			if err := s.rebootAiling(service.Name, slot, d); err != nil {
				return err
			}
		}
	}
	return s.await(healthy)
}

func (s *Script) rebootAiling(service, slot string, d *universe.Deployment) error {
	if d == nil || d.Status == cloud.Suspended {
		return nil
	}
	for _, i := range d.Instances {
		if !slices.Contains(ailing, i.Status) {
			continue
		}
		if err := s.reboot(fmt.Sprintf("services/hostedservices/%s/deploymentslots/%s/roleinstances/%s?comp=reboot", service, slot, i.Name)); err != nil {
			return err
		}
		if err := s.await(atRest); err != nil {
			return err
		}
	}
	return nil
}

func (s *Script) reboot(path string) error {
	answer, err := s.send(order{version: "2015-09-01", method: http.MethodPost, path: path})
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusAccepted {
		text, _ := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
		return fmt.Errorf("reboot an instance that does not get ready: status %d: %s", answer.StatusCode, text)
	}
	return nil
}

// atRest reports whether nothing is under way.
func atRest(state universe.State) bool {
	return !slices.ContainsFunc(state.Operations, func(op universe.Operation) bool { return op.Status == cloud.InProgress })
}

// healthy reports whether all deployments that run have all instances ready.
func healthy(state universe.State) bool {
	for _, service := range state.Services {
		for _, d := range []*universe.Deployment{service.Production.Deployment, service.Staging.Deployment} {
			if d != nil && d.Status != cloud.Suspended && (d.Updating || d.Ready < len(d.Instances)) {
				return false
			}
		}
	}
	return atRest(state)
}

// await lets time pass until it is so, or a person would give up.
func (s *Script) await(so func(universe.State) bool) error {
	e := s.Universe.Stage().Emulator()
	for until := s.Universe.Passed() + mendTime; s.Universe.Passed() < until; {
		state, err := s.Universe.State()
		if err != nil || so(state) {
			return err
		}
		if moved, err := e.AdvanceToNext(s.Universe.ID()); err != nil || !moved {
			return err
		}
	}
	return nil
}
