package cloud

import (
	"strings"
	"time"
)

// A Deployment is what a slot holds. It is kept under its slot and does not know
// which one that is.
type Deployment struct {
	Name      string
	PrivateID string // 32 hex digits
	Status    DeploymentStatus
	Version
	Instances      []Instance
	UpgradeDomains int
	Rollout        *Rollout       `json:",omitempty"` // nil unless an update is rolling out
	Busy           string         // id of the operation that has exclusive access; "" for none
	Migration      MigrationState `json:",omitempty"`
	Created        time.Time
	DNSServers     []DNSServer `json:",omitempty"` // added to those of the configuration
	LastInstance   uint32      // last instance id given out
	Moving         int         // instances that are on their way to another state
	Ailing         int         `json:",omitempty"` // instances that are ready and will fail

	revision uint64
}

// A Version is what an update replaces as a whole, and a rollback puts back.
type Version struct {
	Label      string
	Properties []Property    `json:",omitempty"`
	Model      *Model        `json:",omitempty"` // nil only while a create that will fail is in progress
	Extensions *ExtensionSet `json:",omitempty"` // nil for none
}

// Revision changes whenever anything of the deployment changes that a client
// can see. It is never the same for two states of a universe's deployments.
func (d *Deployment) Revision() uint64 { return d.revision }

// Locked reports whether an operation has exclusive access.
func (d *Deployment) Locked() bool { return d.Busy != "" }

// Unfinished reports whether the deployment is still on its way somewhere.
func (d *Deployment) Unfinished() bool {
	return d.Busy != "" || d.Moving > 0 || d.Ailing > 0 || d.Rollout != nil && d.Rollout.Mode != Manual
}

// RollbackAllowed reports whether an update can be undone: while one is rolling
// out and an instance still runs what was there before. With a single upgrade
// domain it was recorded as not allowed.
func (d *Deployment) RollbackAllowed() bool {
	if d.Rollout == nil || d.Rollout.Previous == nil || d.UpgradeDomains < 2 {
		return false
	}
	for i := range d.Instances {
		if d.Instances[i].Ahead != "" {
			return true
		}
	}
	return false
}

// A Selector addresses a deployment: by name, or by slot when Name is "".
type Selector struct {
	Name string
	Slot Slot
}

// Deployment finds a deployment for reading or deleting. An empty slot, an
// absent name and a missing service are all answered alike (recorded).
func (st *State) Deployment(service string, by Selector) (*HostedService, Slot, *Deployment, *Error) {
	s, ok := st.services.get(service)
	if !ok {
		return nil, 0, nil, errNoDeployment()
	}
	for _, slot := range Slots {
		d := s.Slots[slot].Deployment
		if d != nil && (by.Name == "" && slot == by.Slot || by.Name != "" && key(d.Name) == key(by.Name)) {
			return s, slot, d, nil
		}
	}
	return nil, 0, nil, errNoDeployment()
}

// free finds a deployment to change; it must not be held by an operation.
func (st *State) free(service string, by Selector) (*HostedService, *Deployment, *Error) {
	s, _, d, err := st.Deployment(service, by)
	switch {
	case err != nil && by.Name != "":
		return nil, nil, errNoDeploymentNamed(by.Name)
	case err != nil:
		return nil, nil, err
	}
	return s, d, unlocked(s, d)
}

// unlocked refuses while an operation holds the deployment or its service, and
// while it is being migrated.
func unlocked(s *HostedService, d *Deployment) *Error { return firstError(idle(s, d), s.migrating()) }

// idle refuses while an operation holds the deployment or its service.
func idle(s *HostedService, d *Deployment) *Error {
	switch {
	case d.Busy != "":
		return errBusyDeployment(d.Busy)
	case s.Busy != "":
		return errBusyService()
	}
	return nil
}

// held finds the deployment that an operation holds.
func (st *State) held(op *Operation) (*HostedService, Slot, *Deployment) {
	s, ok := st.services.get(op.Service)
	if !ok {
		return nil, 0, nil
	}
	for _, slot := range Slots {
		if d := s.Slots[slot].Deployment; d != nil && d.Busy == op.ID {
			return s, slot, d
		}
	}
	return nil, 0, nil
}

// A DeploymentSpec is what Create Deployment asks for.
type DeploymentSpec struct {
	Name       string
	Label      string
	Start      bool
	Properties []Property
	Model      *Model // what package and configuration say
	Err        *Error // or what is wrong with them: the operation will fail with it
	Extensions *ExtensionSet
}

// CreateDeployment begins to put a deployment into an empty slot. It is visible
// from then on; if the operation fails it is gone again.
func (st *State) CreateDeployment(id, service string, slot Slot, spec DeploymentSpec) *Error {
	s, err := st.Service(service)
	if err != nil {
		return err
	}
	if err := checkNewDeployment(s, slot, spec); err != nil {
		return err
	}
	if err := firstError(st.busy(s), st.checkExtensions(s, spec.Extensions)); err != nil {
		return err
	}
	failure := spec.Err
	if failure == nil {
		failure = firstError(st.checkCores(0, spec.Model), st.checkReach(s, slot, nil, spec.Model), st.checkReferences(s, spec.Model, spec.Extensions))
	}
	d := &Deployment{
		Name: spec.Name, PrivateID: st.Source.ID(), Status: Deploying, Busy: id, Created: st.Now,
		Version: Version{Label: spec.Label, Properties: mergeProperties(nil, spec.Properties)},
	}
	if failure == nil {
		d.Model, d.Extensions = st.models.intern(spec.Model), spec.Extensions.applied(spec.Model)
		st.place(d, initial(spec.Start))
	}
	st.put(s, slot, SlotState{VIP: st.Source.publicAddress(), Host: slotHost(s, slot, d), Deployment: d})
	st.followReserved(s, slot, nil, d.Model)
	st.touch(s, d)
	took := st.Durations.CreateSuspended
	if spec.Start {
		took = st.Durations.CreateStarted
	}
	st.begin(id, CreateDeployment, s.Name, Order{Deployments: []string{d.PrivateID}, Start: spec.Start, Err: failure}, took)
	return nil
}

func checkNewDeployment(s *HostedService, slot Slot, spec DeploymentSpec) *Error {
	if s.Slots[slot].Deployment != nil {
		return Errorf(ConflictError, "The specified deployment slot %s is occupied.", slot)
	}
	if other := s.Slots[slot.Other()].Deployment; other != nil && key(other.Name) == key(spec.Name) {
		return Errorf(ConflictError, "A deployment with the name '%s' already exists in this hosted service.", spec.Name)
	}
	if !validDeploymentName(spec.Name) {
		return Errorf(BadRequest, "The deployment name is invalid.")
	}
	return firstError(checkLabel(spec.Label), checkProperties(spec.Properties, maxRequestProperties))
}

// checkCores refuses a model for which the subscription has no cores left; freed
// is what the change gives back.
func (st *State) checkCores(freed int, m *Model) *Error {
	return st.Quotas.check("cores count", st.Quotas.Cores, st.Usage().Cores-freed, m.Cores())
}

// slotHost returns the first label of a slot's name in the DNS: the service's
// own for production, the private id of the deployment that fills it for staging
// (recorded).
func slotHost(s *HostedService, slot Slot, d *Deployment) string {
	if slot == Production {
		return strings.ToLower(s.Name)
	}
	return d.PrivateID
}

func (st *State) finishCreate(op *Operation) {
	s, slot, d := st.held(op)
	if d == nil {
		st.end(op, errNoDeployment())
		return
	}
	if failure := op.Order.Err; failure != nil {
		st.empty(s, slot)
		st.touchService(s)
		st.end(op, failure)
		return
	}
	d.Busy = ""
	d.Status = Suspended
	if op.Order.Start {
		d.Status = Running
	}
	for i := range d.Instances {
		if op.Order.Start {
			st.enter(s, d, &d.Instances[i], boot)
		} else {
			d.Instances[i].set(StoppedVM, PowerStopped)
		}
	}
	st.touch(s, d)
	st.end(op, nil)
}

// DeleteDeployment begins to empty a slot.
func (st *State) DeleteDeployment(id, service string, by Selector) *Error {
	s, _, d, err := st.Deployment(service, by)
	if err != nil {
		return err
	}
	if err := unlocked(s, d); err != nil {
		return err
	}
	st.hold(s, d, id, DeleteDeployment, Order{Was: restOf(d)}, st.stopForDelete(s, d))
	return nil
}

// stopForDelete turns a deployment towards its end and returns how long that takes.
func (st *State) stopForDelete(s *HostedService, d *Deployment) time.Duration {
	took, through := st.Durations.DeleteRunning, discard
	if d.Status.rest() == Suspended {
		took, through = st.Durations.DeleteSuspended, erase
	}
	d.Status, d.Rollout = Deleting, nil
	for i := range d.Instances {
		st.enterWithin(s, d, &d.Instances[i], through, took)
	}
	return took
}

// finishDelete empties the slot.
func (st *State) finishDelete(op *Operation) {
	if s, slot, d := st.held(op); d != nil {
		st.empty(s, slot)
		st.touchService(s)
	}
	st.end(op, nil)
}

// UpdateStatus begins to start or suspend a deployment. Asking for the status
// that it has already is accepted (recorded).
func (st *State) UpdateStatus(id, service string, by Selector, to DeploymentStatus) *Error {
	if to != Running && to != Suspended {
		return Errorf(BadRequest, "The deployment status must be Running or Suspended.")
	}
	s, d, err := st.free(service, by)
	if err != nil {
		return err
	}
	took := st.Durations.Start
	switch {
	case to == Suspended:
		took = st.Durations.Suspend
		st.suspend(s, d, took)
	case d.Status.rest() == Suspended:
		d.Status = Starting
	}
	st.hold(s, d, id, UpdateDeploymentStatus, Order{Target: to}, took)
	return nil
}

// suspend stops all instances; an update that was rolling out ends there, and
// the instances that it had not reached start with the new version.
func (st *State) suspend(s *HostedService, d *Deployment, took time.Duration) {
	if d.Status.rest() == Suspended {
		return
	}
	d.Status, d.Rollout = Suspending, nil
	for i := range d.Instances {
		d.Instances[i].Ahead = ""
		st.enterWithin(s, d, &d.Instances[i], halt, took)
	}
}

func (st *State) finishStatus(op *Operation) {
	target := op.Order.Target
	s, d, ok := st.release(op)
	switch {
	case !ok:
	case target == Suspended && d.Status == Suspending:
		d.Status = Suspended
	case target == Running && d.Status == Starting:
		d.Status = Running
		for i := range d.Instances {
			st.enter(s, d, &d.Instances[i], start)
		}
	}
}
