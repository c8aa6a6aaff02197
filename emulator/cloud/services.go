package cloud

import "time"

// A HostedService is a cloud service: a name in the DNS and two slots.
type HostedService struct {
	Name          string
	Label         string
	Description   *string
	Location      string // exactly one of Location and AffinityGroup is set
	AffinityGroup string
	ReverseDNS    *string
	Properties    []Property
	Created       time.Time
	Modified      time.Time
	Slots         [2]SlotState
	Busy          string // id of the operation that has exclusive access; "" for none
}

// A SlotState is a slot with what belongs to the slot itself and stays when its
// deployment is swapped away: the virtual IP and the name in the DNS.
type SlotState struct {
	VIP        string      `json:",omitempty"` // "" while the slot is empty
	ReservedIP string      `json:",omitempty"` // name of the reserved address that VIP is, "" for none
	VirtualIPs []VirtualIP `json:",omitempty"` // further ones
	Host       string      `json:",omitempty"` // first label of its cloudapp.net name
	Deployment *Deployment `json:",omitempty"`
}

// A ServiceSpec is what Create Cloud Service asks for.
type ServiceSpec struct {
	Name          string
	Label         string
	Description   *string
	Location      string
	AffinityGroup string
	ReverseDNS    *string
	Properties    []Property
}

// Service finds a hosted service by name, in any casing.
func (st *State) Service(name string) (*HostedService, *Error) {
	if s, ok := st.services.get(name); ok {
		return s, nil
	}
	return nil, errNoService()
}

// Services yields the hosted services in order of name.
func (st *State) Services(yield func(*HostedService) bool) { st.services.all(yield) }

// CreateService makes a hosted service, at once.
func (st *State) CreateService(id string, spec ServiceSpec) *Error {
	if err := st.checkNewService(spec); err != nil {
		return err
	}
	s := &HostedService{
		Name: spec.Name, Label: spec.Label, Description: spec.Description,
		Location: spec.Location, AffinityGroup: spec.AffinityGroup,
		ReverseDNS: spec.ReverseDNS, Properties: mergeProperties(nil, spec.Properties),
		Created: st.Now, Modified: st.Now,
	}
	st.services.put(s.Name, s)
	st.touchService(s)
	st.Done(id, "Create Cloud Service", s.Name)
	return nil
}

func (st *State) checkNewService(spec ServiceSpec) *Error {
	if !validServiceName(spec.Name) {
		return Errorf(BadRequest, "The hosted service name is invalid.")
	}
	if _, taken := st.services.get(spec.Name); taken {
		return Errorf(ConflictError, "The specified DNS name is already taken.")
	}
	if err := firstError(checkLabel(spec.Label), checkDescription(spec.Description), checkProperties(spec.Properties, maxServiceProperties)); err != nil {
		return err
	}
	if err := st.checkPlace(spec.Location, spec.AffinityGroup); err != nil {
		return err
	}
	return st.Quotas.check("hosted service count", st.Quotas.Services, st.services.len(), 1)
}

// A ServiceChange is what Update Cloud Service asks for; nil keeps what is there.
type ServiceChange struct {
	Label       *string
	Description *string
	ReverseDNS  *string
	Properties  []Property // merged by name
}

// UpdateService changes a hosted service's description, at once. At least one of
// label and description must be given.
func (st *State) UpdateService(id, name string, c ServiceChange) *Error {
	s, err := st.Service(name)
	if err != nil {
		return err
	}
	if s.Busy != "" {
		return errBusyService()
	}
	if c.Label == nil && c.Description == nil && c.ReverseDNS == nil && len(c.Properties) == 0 {
		return NewError(BadRequest)
	}
	if c.Label != nil {
		err = checkLabel(*c.Label)
	}
	merged := mergeProperties(s.Properties, c.Properties)
	err = firstError(err, checkDescription(c.Description), checkProperties(c.Properties, maxServiceProperties), checkProperties(merged, maxServiceProperties))
	if err != nil {
		return err
	}
	if c.Label != nil {
		s.Label = *c.Label
	}
	if c.Description != nil {
		s.Description = c.Description
	}
	if c.ReverseDNS != nil {
		s.ReverseDNS = c.ReverseDNS
	}
	s.Properties, s.Modified = merged, st.Now
	st.touchService(s)
	st.Done(id, "Update Cloud Service", s.Name)
	return nil
}

// DeleteService removes a hosted service without deployments, at once.
func (st *State) DeleteService(id, name string) *Error {
	s, err := st.Service(name)
	if err != nil {
		return err
	}
	if err := st.busy(s); err != nil {
		return err
	}
	if !s.empty() {
		return Errorf(BadRequest, "The hosted service %s has deployments and cannot be deleted. Delete all deployments first.", s.Name)
	}
	st.removeService(s)
	st.Done(id, DeleteHostedService, s.Name)
	return nil
}

// DeleteServiceMedia begins to remove a hosted service with all that it holds.
func (st *State) DeleteServiceMedia(id, name string) *Error {
	s, err := st.Service(name)
	if err != nil {
		return err
	}
	if err := st.busy(s); err != nil {
		return err
	}
	took, was := time.Duration(0), restOf(s.Slots[Production].Deployment, s.Slots[Staging].Deployment)
	for _, slot := range Slots {
		if d := s.Slots[slot].Deployment; d != nil {
			took = max(took, st.stopForDelete(s, d))
		}
	}
	s.Busy = id
	st.touchService(s)
	st.begin(id, DeleteHostedService, s.Name, Order{Was: was}, took)
	return nil
}

func (st *State) finishDeleteService(op *Operation) {
	if s, ok := st.services.get(op.Service); ok {
		st.removeService(s)
	}
	st.end(op, nil)
}

func (st *State) removeService(s *HostedService) {
	st.forget(s)
	for _, slot := range Slots {
		st.empty(s, slot)
	}
	st.services.remove(s.Name)
	st.changes.mark(keptServices, key(s.Name))
}

// ServiceNameAvailable tells whether a hosted service may have this name; where
// not, the sentence says why. The first sentence is recorded.
func (st *State) ServiceNameAvailable(name string) (bool, string) {
	if !validServiceName(name) {
		return false, "The hosted service name is invalid."
	}
	if _, taken := st.services.get(name); taken {
		return false, "A hosted service with the specified name already exists."
	}
	return true, ""
}

// busy refuses a change to the service while an operation runs on it or in it.
func (st *State) busy(s *HostedService) *Error {
	if s.Busy != "" {
		return errBusyService()
	}
	for _, slot := range Slots {
		if d := s.Slots[slot].Deployment; d != nil && d.Busy != "" {
			return errBusyService()
		}
	}
	return s.migrating()
}

func (s *HostedService) empty() bool {
	return s.Slots[Production].Deployment == nil && s.Slots[Staging].Deployment == nil
}

func firstError(errs ...*Error) *Error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
