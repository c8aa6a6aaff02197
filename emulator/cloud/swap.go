package cloud

import (
	"slices"
	"strings"
)

// Swap begins to exchange the deployments of a service's two slots. source is
// the deployment in staging and production the one in production, each by name
// or private id; production may be "" for whatever is there, or nothing: then
// the staged deployment moves and staging is empty afterwards.
//
// The checks are in the order in which the real service makes them, as far as
// that is known. Source: Microsoft's page "Swap Deployment" (conflict for names
// that do not fit, same number and type of endpoints), the articles on managing
// cloud services (reserved IPs); the texts are ours.
func (st *State) Swap(id, service, production, source string) *Error {
	s, err := st.Service(service)
	if err != nil {
		return err
	}
	if err := st.swappable(s); err != nil {
		return err
	}
	if s.empty() {
		return errNoDeployment()
	}
	if err := checkSwapNames(s, production, source); err != nil {
		return err
	}
	staged, live := s.Slots[Staging].Deployment, s.Slots[Production].Deployment
	if live != nil {
		if err := firstError(checkSwapEndpoints(staged.Model, live.Model), checkSwapAddresses(s)); err != nil {
			return err
		}
	}
	if err := st.checkStrictSwap(staged, live); err != nil {
		return err
	}
	order := Order{}
	for _, d := range []*Deployment{staged, live} {
		if d != nil {
			d.Busy = id
			order.Deployments = append(order.Deployments, d.PrivateID)
		}
	}
	st.touchService(s)
	st.begin(id, SwapDeployment, s.Name, order, st.Durations.Swap)
	return nil
}

// swappable refuses while an operation holds the service or a deployment.
func (st *State) swappable(s *HostedService) *Error {
	for _, slot := range Slots {
		if d := s.Slots[slot].Deployment; d != nil {
			if err := unlocked(s, d); err != nil {
				return err
			}
		}
	}
	if s.Busy != "" {
		return errBusyService()
	}
	return nil
}

// is reports whether a request means d by this name. Octopus Deploy sends the
// private id where the page documents the name, and had it accepted.
func (d *Deployment) is(name string) bool {
	return d != nil && (strings.EqualFold(d.Name, name) || strings.EqualFold(d.PrivateID, name))
}

func checkSwapNames(s *HostedService, production, source string) *Error {
	switch {
	case source == "":
		return NewError(BadRequest)
	case !s.Slots[Staging].Deployment.is(source):
		return Errorf(ConflictError, "The deployment '%s' is not in the staging slot of this hosted service.", source)
	case production != "" && !s.Slots[Production].Deployment.is(production):
		return Errorf(ConflictError, "The deployment '%s' is not in the production slot of this hosted service.", production)
	}
	return nil
}

func checkSwapEndpoints(staged, live *Model) *Error {
	a, b := staged.endpoints(), live.endpoints()
	switch {
	case len(a) != len(b):
		return Errorf(BadRequest, "The staging deployment has %d endpoints and the production deployment has %d. A swap requires the same number and type of endpoints.", len(a), len(b))
	case !slices.Equal(a, b):
		return Errorf(BadRequest, "The staging deployment has endpoints of type %s and the production deployment has %s. A swap requires the same number and type of endpoints.", strings.Join(a, ", "), strings.Join(b, ", "))
	}
	return nil
}

func checkSwapAddresses(s *HostedService) *Error {
	if (s.Slots[Staging].ReservedIP == "") != (s.Slots[Production].ReservedIP == "") {
		return Errorf(BadRequest, "Only one of the two deployments uses a reserved IP address. A swap requires that both do, or neither.")
	}
	return nil
}

// checkStrictSwap enforces what Microsoft's article asks for and the service was
// seen not to check: in strict mode, all instances run and no update is rolling
// out on either side.
func (st *State) checkStrictSwap(deployments ...*Deployment) *Error {
	if !st.Strict {
		return nil
	}
	for _, d := range deployments {
		if d == nil {
			continue
		}
		if d.Rollout != nil {
			return Errorf(ConflictError, "An update of the deployment '%s' is in progress.", d.Name)
		}
		for i := range d.Instances {
			if d.Instances[i].Status != ReadyRole {
				return Errorf(ConflictError, "The role instance %s of the deployment '%s' is not running.", d.Instances[i].Name(), d.Name)
			}
		}
	}
	return nil
}

// finishSwap exchanges the deployments: one moment, in which both slots change.
// Virtual IP and DNS name stay with the slot. When production was empty the
// deployment brings its virtual IP along and staging is as if it had never been
// filled.
func (st *State) finishSwap(op *Operation) {
	s, _, d := st.held(op)
	if d == nil {
		st.end(op, errNoDeployment())
		return
	}
	production, staging := &s.Slots[Production], &s.Slots[Staging]
	if production.Deployment == nil {
		*production = *staging
		production.Host = strings.ToLower(s.Name)
		*staging = SlotState{}
	} else {
		production.Deployment, staging.Deployment = staging.Deployment, production.Deployment
	}
	for _, slot := range Slots {
		if d := s.Slots[slot].Deployment; d != nil {
			d.Busy = ""
		}
	}
	st.touchService(s)
	st.end(op, nil)
}
