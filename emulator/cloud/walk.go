package cloud

import "time"

// WalkDomain begins to update the instances of one upgrade domain in a manual
// roll-out. Domains are walked in order.
func (st *State) WalkDomain(id, service string, by Selector, domain int) *Error {
	s, d, err := st.free(service, by)
	if err != nil {
		return err
	}
	r := d.Rollout
	if r == nil || r.Mode != Manual || r.State != Before || r.Domain != domain {
		return Errorf(BadRequest, "The upgrade domain %d cannot be walked at this time.", domain)
	}
	st.hold(s, d, id, WalkUpgradeDomain, Order{}, st.Durations.AcceptWalk)
	return nil
}

func (st *State) finishWalk(op *Operation) {
	s, d, ok := st.release(op)
	if ok && d.Rollout != nil {
		st.enterDomain(s, d)
	}
}

// Rollback begins to undo the update that is rolling out: instances that were
// updated already go back, domain by domain, the others are left alone.
func (st *State) Rollback(id, service string, by Selector, mode UpgradeMode, force bool) *Error {
	s, d, err := st.free(service, by)
	if err != nil {
		return err
	}
	if !d.RollbackAllowed() {
		return Errorf(ConflictError, "The deployment cannot be rolled back because no update or upgrade is in progress.")
	}
	order := Order{Mode: mode}
	for _, now := range d.Model.Roles {
		if err := checkRoleUpgrade(now, d.Rollout.Previous.Model.role(now.Name), force); err != nil {
			order.Err = err
		}
	}
	st.hold(s, d, id, RollbackUpdate, order, st.Durations.AcceptUpgrade)
	return nil
}

// finishRollback puts the previous version back. A roll-out that came to its end
// in the meantime stays as it is.
func (st *State) finishRollback(op *Operation) {
	mode, failure := op.Order.Mode, op.Order.Err
	s, d, ok := st.release(op)
	if !ok || failure != nil || d.Rollout == nil || d.Rollout.Previous == nil {
		return
	}
	through := map[uint32]Sequence{}
	for i := range d.Instances {
		in := &d.Instances[i]
		if seq, walked := d.Rollout.Through[in.Role]; walked && in.Ahead == "" {
			through[in.ID] = seq
		}
		in.Ahead = ""
	}
	to := *d.Rollout.Previous
	st.become(d, to)
	made := st.place(d, initial(true))
	for _, id := range made {
		st.enter(s, d, d.instance(id), boot)
	}
	for i := range d.Instances {
		d.Instances[i].Ahead = through[d.Instances[i].ID]
	}
	d.Rollout = &Rollout{Mode: mode, State: Before}
	st.beginDomain(s, d)
	st.touch(s, d)
}

// hold begins an operation that has exclusive access to a deployment.
func (st *State) hold(s *HostedService, d *Deployment, id string, kind Kind, order Order, took time.Duration) {
	order.Deployments = []string{d.PrivateID}
	d.Busy = id
	st.touch(s, d)
	st.begin(id, kind, s.Name, order, took)
}

// release ends an operation and the exclusive access that it had, with the error
// that was found out at its beginning if there was one.
func (st *State) release(op *Operation) (*HostedService, *Deployment, bool) {
	s, _, d := st.held(op)
	if d == nil {
		st.end(op, errNoDeployment())
		return nil, nil, false
	}
	d.Busy = ""
	st.touch(s, d)
	st.end(op, op.Order.Err)
	return s, d, true
}
