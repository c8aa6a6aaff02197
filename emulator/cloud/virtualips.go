package cloud

import "slices"

// A VirtualIP is a public address that a slot has besides its default one. It
// has no address until a reserved one is put on it: endpoints of web and worker
// roles are always at the default virtual IP.
type VirtualIP struct {
	Name       string
	Address    string `json:",omitempty"`
	ReservedIP string `json:",omitempty"`
}

// maxVirtualIPs is how many virtual IPs a deployment can have, with the default
// one.
const maxVirtualIPs = 5

// unreachable names the virtual IP of a deployment that nothing can be reached
// of (recorded).
const unreachable = "__PseudoBackEndContractVip"

// VirtualIPName returns the name of the default virtual IP of deployments with
// this model; m may be nil. It comes from the name inside the configuration, so
// it travels with a swap (recorded).
func (m *Model) VirtualIPName() string {
	if m != nil && slices.ContainsFunc(m.Roles, func(r Role) bool { return len(r.Inputs) > 0 }) {
		return m.ServiceName + "ContractContract"
	}
	return unreachable
}

// virtualIPAt points at a virtual IP of a slot; name is "" for the default one.
type virtualIPAt struct {
	name              string
	address, reserved *string
}

// free takes the reserved address from a virtual IP. The default one gets
// another address.
func (at virtualIPAt) free(st *State) {
	*at.reserved, *at.address = "", ""
	if at.name == "" {
		*at.address = st.Source.publicAddress()
	}
}

// slotOf returns the slot that holds a deployment of the service.
func (s *HostedService) slotOf(d *Deployment) Slot {
	if s.Slots[Staging].Deployment == d {
		return Staging
	}
	return Production
}

// virtualIP finds a virtual IP of a deployment: the default one by its name or
// by "", the others by theirs.
func (s *HostedService) virtualIP(d *Deployment, name string) (virtualIPAt, *Error) {
	in := &s.Slots[s.slotOf(d)]
	if name == "" || key(name) == key(d.Model.VirtualIPName()) {
		return virtualIPAt{address: &in.VIP, reserved: &in.ReservedIP}, nil
	}
	if i := in.indexVirtualIP(name); i >= 0 {
		v := &in.VirtualIPs[i]
		return virtualIPAt{v.Name, &v.Address, &v.ReservedIP}, nil
	}
	return virtualIPAt{}, errNoVirtualIP(d, name)
}

func errNoVirtualIP(d *Deployment, name string) *Error {
	return Errorf(ResourceNotFound, "The deployment '%s' has no virtual IP '%s'.", d.Name, name)
}

func (in *SlotState) indexVirtualIP(name string) int {
	return slices.IndexFunc(in.VirtualIPs, func(v VirtualIP) bool { return key(v.Name) == key(name) })
}

// AddVirtualIP begins to give a deployment a further virtual IP.
func (st *State) AddVirtualIP(id, service, deployment, name string) *Error {
	s, d, err := st.free(service, Selector{Name: deployment})
	if err != nil {
		return err
	}
	if !resourceName().MatchString(name) {
		return Errorf(BadRequest, "The virtual IP name is invalid.")
	}
	if _, unknown := s.virtualIP(d, name); unknown == nil {
		return Errorf(ConflictError, "The deployment '%s' has a virtual IP '%s' already.", d.Name, name)
	}
	if n := len(s.Slots[s.slotOf(d)].VirtualIPs) + 1; n >= maxVirtualIPs {
		return Errorf(BadRequest, "The deployment '%s' has %d virtual IPs; at most %d are allowed.", d.Name, n, maxVirtualIPs)
	}
	st.hold(s, d, id, AddVirtualIP, Order{VirtualIP: name}, st.Durations.Network)
	return nil
}

func (st *State) finishAddVirtualIP(op *Operation) {
	if s, slot, d := st.held(op); d != nil {
		in := &s.Slots[slot]
		in.VirtualIPs = append(in.VirtualIPs, VirtualIP{Name: op.Order.VirtualIP})
	}
	st.release(op)
}

// DeleteVirtualIP begins to take a virtual IP from a deployment. The default one
// stays. A reserved address on it stays reserved.
func (st *State) DeleteVirtualIP(id, service, deployment, name string) *Error {
	s, d, err := st.free(service, Selector{Name: deployment})
	if err != nil {
		return err
	}
	at, err := s.virtualIP(d, name)
	if err != nil {
		return err
	}
	if at.name == "" {
		return Errorf(BadRequest, "The default virtual IP of the deployment '%s' cannot be deleted.", d.Name)
	}
	st.hold(s, d, id, DeleteVirtualIP, Order{VirtualIP: at.name}, st.Durations.Network)
	return nil
}

func (st *State) finishDeleteVirtualIP(op *Operation) {
	if s, slot, d := st.held(op); d != nil {
		in := &s.Slots[slot]
		if i := in.indexVirtualIP(op.Order.VirtualIP); i >= 0 {
			in.VirtualIPs = slices.Delete(in.VirtualIPs, i, i+1)
		}
	}
	st.release(op)
}
