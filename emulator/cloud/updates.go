package cloud

import "slices"

// An Update is what Upgrade Deployment and Change Deployment Configuration ask
// for.
type Update struct {
	Label      string // Upgrade only
	Model      *Model // what package and configuration say together
	Err        *Error // or what is wrong with them: the operation will fail with it
	Mode       UpgradeMode
	Role       string // Upgrade only: the one role to upgrade; "" for all
	Force      bool   // Upgrade only: allow what loses local data
	Properties []Property
	Extensions *ExtensionSet // nil keeps what is applied
}

// Upgrade begins to put another package and configuration into a deployment, in
// place. Its name, private id, address and status stay.
func (st *State) Upgrade(id, service string, by Selector, u Update) *Error {
	if err := checkLabel(u.Label); err != nil {
		return err
	}
	return st.beginUpdate(id, UpgradeDeployment, service, by, u)
}

// ChangeConfiguration begins to put another configuration into a deployment.
func (st *State) ChangeConfiguration(id, service string, by Selector, u Update) *Error {
	return st.beginUpdate(id, ChangeConfiguration, service, by, u)
}

func (st *State) beginUpdate(id string, kind Kind, service string, by Selector, u Update) *Error {
	if err := checkProperties(u.Properties, maxRequestProperties); err != nil {
		return err
	}
	s, d, err := st.free(service, by)
	if err != nil {
		return err
	}
	if err := st.checkExtensions(s, u.Extensions); err != nil {
		return err
	}
	order := Order{Mode: u.Mode, Role: u.Role, Err: u.Err}
	if order.Err == nil {
		order.Err = firstError(st.checkUpdate(d, kind, u), st.checkReferences(s, u.Model, u.Extensions))
	}
	if order.Err == nil {
		label := d.Label
		if kind == UpgradeDeployment {
			label = u.Label
		}
		order.Version = &Version{Label: label, Model: st.models.intern(u.Model), Properties: mergeProperties(d.Properties, u.Properties), Extensions: d.extensionsAfter(u.Extensions, u.Model)}
	}
	took := st.Durations.AcceptUpgrade
	if kind == ChangeConfiguration {
		took = st.Durations.AcceptChange
	}
	st.hold(s, d, id, kind, order, took)
	return nil
}

// checkUpdate says why an update cannot be done in place. Source of what is
// allowed: Microsoft's article "How to update a cloud service"; the text about
// removed roles is recorded, the others are ours.
func (st *State) checkUpdate(d *Deployment, kind Kind, u Update) *Error {
	if err := st.checkCores(d.Model.Cores(), u.Model); err != nil {
		return err
	}
	if kind == ChangeConfiguration {
		return nil
	}
	if u.Role != "" && u.Model.role(u.Role) == nil {
		return Errorf(BadRequest, "The role '%s' to upgrade is not declared in the service definition file.", u.Role)
	}
	if d.Model.Package.UpgradeDomains != u.Model.Package.UpgradeDomains {
		return Errorf(BadRequest, "The number of upgrade domains cannot be changed by an upgrade.")
	}
	for _, old := range d.Model.Roles {
		if err := checkRoleUpgrade(old, u.Model.role(old.Name), u.Force); err != nil {
			return err
		}
	}
	return nil
}

func checkRoleUpgrade(old Role, now *Role, force bool) *Error {
	if now == nil {
		if force {
			return nil
		}
		return Errorf(BadRequest, "Removing role %s will cause loss of data stored locally on instances of the role.  Repeat this operation and specify 'Force'.", old.Name)
	}
	if key(old.Size) != key(now.Size) && !force {
		return Errorf(BadRequest, "Changing the size of role %s from %s to %s will cause loss of data stored locally on instances of the role.  Repeat this operation and specify 'Force'.", old.Name, old.Size, now.Size)
	}
	for _, have := range old.Storage {
		i := slices.IndexFunc(now.Storage, func(l LocalStorage) bool { return l.Name == have.Name })
		if i >= 0 && now.Storage[i].MB < have.MB {
			return Errorf(BadRequest, "The local storage '%s' of role %s cannot be made smaller by an upgrade.", have.Name, old.Name)
		}
	}
	return nil
}

// finishUpdate is the moment in which the fabric takes the update: label,
// configuration and instance list change at once, and the roll-out begins. The
// exclusive access ends here, not with the roll-out (recorded).
func (st *State) finishUpdate(op *Operation) {
	if _, _, d := st.held(op); d != nil && op.Kind == UpgradeDeployment && st.waitsForBoot(d, op) {
		return
	}
	st.recheckReach(op)
	order := *op.Order
	s, d, ok := st.release(op)
	if ok && order.Err == nil {
		st.rollOut(s, d, *order.Version, order.Mode, walk(op.Kind, order.Role, d.Model, order.Version.Model))
	}
}

// waitsForBoot keeps an upgrade in progress until the instances have started for
// the first time, but no longer than the deadline of a domain.
func (st *State) waitsForBoot(d *Deployment, op *Operation) bool {
	booting := slices.ContainsFunc(d.Instances, func(i Instance) bool { return i.Sequence.booting() })
	if !booting || op.Order.Waited || op.Order.Err != nil {
		return false
	}
	op.Order.Waited = true
	st.changes.mark(keptOperations, op.ID)
	st.schedule(st.Durations.DomainDeadline, Due{Kind: FinishOperation, Operation: op.ID})
	return true
}

// walk says for each role which sequence its instances go through: all of them
// for an upgrade, those with other settings or another operating system for a
// configuration. Instance counts alone touch no instance that stays.
func walk(kind Kind, only string, old, now *Model) map[string]Sequence {
	through := map[string]Sequence{}
	osChanged := old.OSFamily != now.OSFamily || old.OSVersion != now.OSVersion
	for _, r := range now.Roles {
		was := old.role(r.Name)
		switch {
		case only != "" && r.Name != only:
		case kind == UpgradeDeployment || osChanged:
			through[r.Name] = recycle
		case was != nil && was.Settings != r.Settings:
			through[r.Name] = refresh
		}
	}
	return through
}

// A Rollout is an update on its way through the upgrade domains.
type Rollout struct {
	Mode     UpgradeMode
	State    DomainState
	Domain   int
	Left     int      // instances of the domain that are still on their way
	Token    uint64   // of the pending step; an older one does nothing
	Previous *Version `json:",omitempty"` // what a rollback puts back
	// Through is what the instances of each role go through.
	Through map[string]Sequence `json:",omitempty"`
}

// rollOut replaces the deployment's version and starts what brings its
// instances there. An update that was still rolling out is replaced.
func (st *State) rollOut(s *HostedService, d *Deployment, to Version, mode UpgradeMode, through map[string]Sequence) {
	previous := d.Version
	st.followReserved(s, s.slotOf(d), previous.Model, to.Model)
	st.become(d, to)
	d.Rollout = nil
	suspended := d.Status.rest() == Suspended
	fresh, join := initial(true), boot
	if suspended {
		fresh, join = initial(false), add
	}
	made := st.place(d, fresh)
	for _, id := range made {
		st.enter(s, d, d.instance(id), join)
	}
	affected := st.assign(s, d, made, through, suspended)
	if affected || d.Moving > 0 {
		d.Status = transition[d.Status.rest()]
	}
	if affected && !suspended {
		d.Rollout = &Rollout{Mode: mode, State: Before, Previous: &previous, Through: through}
		st.beginDomain(s, d)
	}
	st.touch(s, d)
	st.settle(s, d)
}

// assign tells each instance that stays what it has to go through. In a
// suspended deployment nothing walks: the disks are replaced at once.
func (st *State) assign(s *HostedService, d *Deployment, made []uint32, through map[string]Sequence, suspended bool) bool {
	affected := false
	for n := range d.Instances {
		i := &d.Instances[n]
		i.Ahead = ""
		seq, ok := through[i.Role]
		if !ok || slices.Contains(made, i.ID) {
			continue
		}
		affected = true
		if suspended {
			st.enter(s, d, i, replace)
		} else {
			i.Ahead = seq
		}
	}
	return affected
}

// beginDomain makes the roll-out enter its current domain: after a pause, at
// once for all domains together, or when told to.
func (st *State) beginDomain(s *HostedService, d *Deployment) {
	switch d.Rollout.Mode {
	case Auto:
		st.domainDue(s, d, NextDomain)
	case Simultaneous:
		st.enterDomain(s, d)
	}
}

// domainDue schedules the next thing that happens to a roll-out by itself.
func (st *State) domainDue(s *HostedService, d *Deployment, kind DueKind) {
	after := st.Durations.DomainPause
	if kind == LeaveDomain {
		after = st.Durations.DomainDeadline
	}
	d.Rollout.Token = st.Seq + 1
	st.schedule(after, Due{Kind: kind, Service: key(s.Name), Deployment: d.PrivateID, Token: d.Rollout.Token})
}

// inDomain reports whether the roll-out is at the instance's domain now.
func (d *Deployment) inDomain(i *Instance) bool {
	return d.Rollout != nil && d.Rollout.State == During &&
		(d.Rollout.Mode == Simultaneous || d.UpgradeDomain(i) == d.Rollout.Domain)
}

// nextDomain enters the current domain when its time has come.
func (st *State) nextDomain(due Due) {
	if s, d := st.find(due); d != nil && d.Rollout != nil && d.Rollout.Token == due.Token {
		st.enterDomain(s, d)
	}
}

// enterDomain sends the domain's instances on their way.
func (st *State) enterDomain(s *HostedService, d *Deployment) {
	d.Rollout.State, d.Rollout.Left = During, 0
	for n := range d.Instances {
		i := &d.Instances[n]
		if !d.inDomain(i) {
			continue
		}
		if i.Ahead != "" {
			st.enter(s, d, i, i.Ahead)
			i.Ahead = ""
		}
		if i.Sequence != "" {
			d.Rollout.Left++
		}
	}
	st.touch(s, d)
	if d.Rollout.Left == 0 {
		st.endDomain(s, d)
		return
	}
	st.domainDue(s, d, LeaveDomain)
}

// leaveDomain goes on although an instance of the domain never got there.
func (st *State) leaveDomain(due Due) {
	if s, d := st.find(due); d != nil && d.Rollout != nil && d.Rollout.Token == due.Token {
		st.endDomain(s, d)
	}
}

// endDomain goes to the next domain, or ends the roll-out.
func (st *State) endDomain(s *HostedService, d *Deployment) {
	r := d.Rollout
	if r.Domain+1 >= d.UpgradeDomains || r.Mode == Simultaneous {
		d.Rollout = nil
		st.touch(s, d)
		st.settle(s, d)
		return
	}
	r.Domain, r.State, r.Left, r.Token = r.Domain+1, Before, 0, 0
	st.touch(s, d)
	st.beginDomain(s, d)
}

// rested is what follows when an instance has come to the end of its sequence.
func (st *State) rested(s *HostedService, d *Deployment, i *Instance) {
	if d.inDomain(i) {
		if d.Rollout.Left--; d.Rollout.Left <= 0 {
			st.endDomain(s, d)
		}
	}
	st.settle(s, d)
	if op := st.operations[d.Busy]; op != nil && op.Order != nil && op.Order.Waited && d.Moving == 0 {
		st.schedule(0, Due{Kind: FinishOperation, Operation: op.ID})
	}
}

// settle ends a transition once nothing moves any more.
func (st *State) settle(s *HostedService, d *Deployment) {
	if rest, ok := settled[d.Status]; ok && d.Rollout == nil && d.Moving == 0 {
		d.Status = rest
		st.touch(s, d)
	}
}
