package cloud

import "time"

// A ReservedIP is a public address that belongs to the subscription, used or not.
// Which deployment uses it, the slots say.
type ReservedIP struct {
	Name     string
	ID       string // 32 hex digits
	Label    string // plain text, unlike all other labels (recorded)
	Location string
	Address  string
	State    ReservedState
	Created  time.Time
}

// A ReservedState is the state of a reserved address.
type ReservedState string

// The states of reserved addresses. Source: Microsoft's page "Get Reserved IP
// Address".
const (
	ReservedCreating ReservedState = "Creating"
	ReservedCreated  ReservedState = "Created"
	ReservedUpdating ReservedState = "Updating"
	ReservedDeleting ReservedState = "Deleting"
)

// A ReservedUse is who uses a reserved address. VirtualIP is "" for the
// deployment's default virtual IP.
type ReservedUse struct{ Service, Deployment, VirtualIP string }

// A ReservedSpec is what Create Reserved IP Address asks for: an address at a
// location, or the one that a deployment has already.
type ReservedSpec struct {
	Name, Label, Location          string
	Service, Deployment, VirtualIP string
}

// ReservedIP finds a reserved address by name, in any casing, with who uses it;
// the use is nil when nobody does.
func (st *State) ReservedIP(name string) (*ReservedIP, *ReservedUse, *Error) {
	r, err := st.reservedIP(name)
	if err != nil {
		return nil, nil, err
	}
	return r, st.reservedUses()[key(r.Name)], nil
}

// ReservedIPs yields the reserved addresses in order of name, each with who uses
// it.
func (st *State) ReservedIPs(yield func(*ReservedIP, *ReservedUse) bool) {
	uses := st.reservedUses()
	for r := range st.reserved.all {
		if !yield(r, uses[key(r.Name)]) {
			return
		}
	}
}

func (st *State) reservedIP(name string) (*ReservedIP, *Error) {
	if r, ok := st.reserved.get(name); ok {
		return r, nil
	}
	return nil, Errorf(ResourceNotFound, "The reserved IP '%s' does not exist.", name)
}

// reservedUses tells of every reserved address in use by whom.
func (st *State) reservedUses() map[string]*ReservedUse {
	uses := map[string]*ReservedUse{}
	for s := range st.services.all {
		for _, slot := range Slots {
			in := &s.Slots[slot]
			if in.ReservedIP != "" {
				uses[key(in.ReservedIP)] = &ReservedUse{Service: s.Name, Deployment: in.Deployment.Name}
			}
			for _, v := range in.VirtualIPs {
				if v.ReservedIP != "" {
					uses[key(v.ReservedIP)] = &ReservedUse{s.Name, in.Deployment.Name, v.Name}
				}
			}
		}
	}
	return uses
}

// CreateReservedIP begins to reserve an address. When the request names a
// deployment it is the address that this one has, and stays with it.
func (st *State) CreateReservedIP(id string, spec ReservedSpec) *Error {
	if !resourceName().MatchString(spec.Name) {
		return Errorf(BadRequest, "The reserved IP name is invalid.")
	}
	if _, taken := st.reserved.get(spec.Name); taken {
		return Errorf(ConflictError, "A reserved IP named '%s' already exists in the subscription.", spec.Name)
	}
	if err := checkOptionalLabel(spec.Label); err != nil {
		return err
	}
	if err := st.Quotas.check("reserved IP count", st.Quotas.ReservedIPs, st.reserved.len(), 1); err != nil {
		return err
	}
	r := &ReservedIP{Name: spec.Name, Label: spec.Label, State: ReservedCreating, Created: st.Now}
	if spec.Service != "" || spec.Deployment != "" {
		return st.reserveInPlace(id, r, spec)
	}
	if err := checkLocation(spec.Location); err != nil {
		return err
	}
	r.Location, _ = foldIn(regions, spec.Location)
	r.Address = st.Source.publicAddress()
	st.keepReserved(r)
	st.begin(id, CreateReservedIP, r.Name, Order{Reserved: r.Name}, st.Durations.Network)
	return nil
}

// reserveInPlace begins to reserve the address that a deployment has.
func (st *State) reserveInPlace(id string, r *ReservedIP, spec ReservedSpec) *Error {
	s, d, err := st.free(spec.Service, Selector{Name: spec.Deployment})
	if err != nil {
		return err
	}
	at, err := s.virtualIP(d, spec.VirtualIP)
	if err != nil {
		return err
	}
	r.Location = st.Region(s)
	switch {
	case spec.Location != "" && key(spec.Location) != key(r.Location):
		return errReservedRegion(r, spec.Location)
	case *at.reserved != "":
		return errAlreadyReserved(d, *at.reserved)
	case *at.address == "":
		return Errorf(BadRequest, "The virtual IP '%s' has no address that could be reserved.", at.name)
	}
	r.Address = *at.address
	st.keepReserved(r)
	st.hold(s, d, id, CreateReservedIP, Order{Reserved: r.Name, VirtualIP: at.name}, st.Durations.Network)
	return nil
}

func errReservedRegion(r *ReservedIP, location string) *Error {
	return Errorf(BadRequest, "The reserved IP '%s' is for %s and cannot be used in %s.", r.Name, r.Location, location)
}

func errAlreadyReserved(d *Deployment, name string) *Error {
	return Errorf(ConflictError, "The deployment '%s' uses the reserved IP '%s' already.", d.Name, name)
}

// keepReserved puts a new reserved address among the others.
func (st *State) keepReserved(r *ReservedIP) {
	r.ID = st.Source.ID()
	st.reserved.put(r.Name, r)
	st.markReserved(r)
}

func (st *State) markReserved(r *ReservedIP) { st.changes.mark(keptReserved, key(r.Name)) }

// settledReserved finds a reserved address that no operation is changing.
func (st *State) settledReserved(name string) (*ReservedIP, *Error) {
	r, err := st.reservedIP(name)
	if err != nil {
		return nil, err
	}
	if r.State != ReservedCreated {
		return nil, errBusyf("The reserved IP '%s' is being changed by another operation.", r.Name)
	}
	return r, st.unmigrated(MigratableReservedIP, r.Name)
}

// DeleteReservedIP begins to give a reserved address back. One in use is refused.
func (st *State) DeleteReservedIP(id, name string) *Error {
	r, err := st.settledReserved(name)
	if err != nil {
		return err
	}
	if use := st.reservedUses()[key(r.Name)]; use != nil {
		return Errorf(BadRequest, "The reserved IP '%s' is in use by the deployment '%s' of the hosted service %s and cannot be deleted.", r.Name, use.Deployment, use.Service)
	}
	r.State = ReservedDeleting
	st.markReserved(r)
	st.begin(id, DeleteReservedIP, r.Name, Order{Reserved: r.Name}, st.Durations.Network)
	return nil
}

// AssociateReservedIP begins to give a deployment a reserved address instead of
// the one that it has. virtualIP "" is the default virtual IP.
func (st *State) AssociateReservedIP(id, name, service, deployment, virtualIP string) *Error {
	r, err := st.settledReserved(name)
	if err != nil {
		return err
	}
	s, d, err := st.free(service, Selector{Name: deployment})
	if err != nil {
		return err
	}
	at, err := s.virtualIP(d, virtualIP)
	if err != nil {
		return err
	}
	switch use := st.reservedUses()[key(r.Name)]; {
	case use != nil:
		return Errorf(ConflictError, "The reserved IP '%s' is in use by the deployment '%s' of the hosted service %s.", r.Name, use.Deployment, use.Service)
	case *at.reserved != "":
		return errAlreadyReserved(d, *at.reserved)
	case key(r.Location) != key(st.Region(s)):
		return errReservedRegion(r, st.Region(s))
	}
	st.changeReserved(id, AssociateReservedIP, r, s, d, at)
	return nil
}

// DisassociateReservedIP begins to take a reserved address from the deployment
// that uses it, which gets another one.
func (st *State) DisassociateReservedIP(id, name, service, deployment, virtualIP string) *Error {
	r, err := st.settledReserved(name)
	if err != nil {
		return err
	}
	s, d, err := st.free(service, Selector{Name: deployment})
	if err != nil {
		return err
	}
	at, err := s.virtualIP(d, virtualIP)
	if err != nil {
		return err
	}
	if key(*at.reserved) != key(r.Name) {
		return Errorf(BadRequest, "The reserved IP '%s' is not in use by the deployment '%s' of the hosted service %s.", r.Name, d.Name, s.Name)
	}
	st.changeReserved(id, DisassociateReservedIP, r, s, d, at)
	return nil
}

func (st *State) changeReserved(id string, kind Kind, r *ReservedIP, s *HostedService, d *Deployment, at virtualIPAt) {
	r.State = ReservedUpdating
	st.markReserved(r)
	st.hold(s, d, id, kind, Order{Reserved: r.Name, VirtualIP: at.name}, st.Durations.Network)
}

func (st *State) finishDeleteReserved(op *Operation) {
	st.reserved.remove(op.Order.Reserved)
	st.changes.mark(keptReserved, key(op.Order.Reserved))
	st.end(op, nil)
}

// finishReserved ends what makes a reserved address, gives it to a deployment or
// takes it from one.
func (st *State) finishReserved(op *Operation) {
	r, known := st.reserved.get(op.Order.Reserved)
	if known {
		r.State = ReservedCreated
		st.markReserved(r)
	}
	s, _, d := st.held(op)
	if !known || d == nil {
		st.end(op, nil)
		return
	}
	if at, err := s.virtualIP(d, op.Order.VirtualIP); err == nil {
		if op.Kind == DisassociateReservedIP {
			at.free(st)
		} else {
			*at.reserved, *at.address = r.Name, r.Address
		}
	}
	st.release(op)
}

// checkReserved says why a deployment cannot use the reserved address that its
// configuration names. was is the model that the deployment has, nil for a new
// one: what has not changed is not judged, because after a swap the address has
// stayed with the other slot.
func (st *State) checkReserved(s *HostedService, in *SlotState, was, now *Model) *Error {
	if now.ReservedIP == "" || was != nil && key(was.ReservedIP) == key(now.ReservedIP) || key(in.ReservedIP) == key(now.ReservedIP) {
		return nil
	}
	r, known := st.reserved.get(now.ReservedIP)
	if !known || r.State == ReservedDeleting {
		return Errorf(BadRequest, "The reserved IP '%s' that the configuration names does not exist.", now.ReservedIP)
	}
	if key(r.Location) != key(st.Region(s)) {
		return errReservedRegion(r, st.Region(s))
	}
	if use := st.reservedUses()[key(r.Name)]; use != nil {
		return Errorf(BadRequest, "The reserved IP '%s' is in use by the deployment '%s' of the hosted service %s.", r.Name, use.Deployment, use.Service)
	}
	if r.State != ReservedCreated {
		return Errorf(BadRequest, "The reserved IP '%s' is being changed by another operation.", r.Name)
	}
	return nil
}

// followReserved gives a slot the reserved address that its deployment's new
// model names, where that is another than the old one named, and takes one that
// is named no longer. An address that is not to be had stays where it is.
func (st *State) followReserved(s *HostedService, slot Slot, was, now *Model) {
	in := &s.Slots[slot]
	at := virtualIPAt{address: &in.VIP, reserved: &in.ReservedIP}
	old, wanted := was.reservedIP(), now.reservedIP()
	switch {
	case key(old) == key(wanted):
	case wanted == "" && key(in.ReservedIP) == key(old):
		at.free(st)
	case wanted != "" && st.checkReserved(s, in, was, now) == nil:
		r, _ := st.reserved.get(wanted)
		in.ReservedIP, in.VIP = r.Name, r.Address
	}
}

// reservedIP returns the reserved address that the configuration names; none for
// a deployment without a model.
func (m *Model) reservedIP() string {
	if m == nil {
		return ""
	}
	return m.ReservedIP
}
