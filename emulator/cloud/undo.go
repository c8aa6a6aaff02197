package cloud

// undo is the table of what it means for an operation of each kind to fail: what
// it began is taken back. Kinds that are not here look for the error themselves
// when they end, because their requests can make them fail, too.
var undo = map[Kind]func(*State, *Operation, *Error){
	DeleteDeployment:         (*State).undoDelete,
	DeleteHostedService:      (*State).undoDelete,
	SwapDeployment:           (*State).undoHold,
	UpdateDeploymentStatus:   (*State).undoStatus,
	WalkUpgradeDomain:        (*State).undoHold,
	DeleteRoleInstances:      (*State).undoDeleteInstances,
	CreateReservedIP:         (*State).undoReserved,
	DeleteReservedIP:         (*State).undoReserved,
	AssociateReservedIP:      (*State).undoReserved,
	DisassociateReservedIP:   (*State).undoReserved,
	AddVirtualIP:             (*State).undoHold,
	DeleteVirtualIP:          (*State).undoHold,
	AddDNSServer:             (*State).undoHold,
	UpdateDNSServer:          (*State).undoHold,
	DeleteDNSServer:          (*State).undoHold,
	SetNetwork:               (*State).undoNetwork,
	CreateStorageAccount:     (*State).undoAccount,
	AddServiceCertificate:    (*State).undoHold,
	DeleteServiceCertificate: (*State).undoHold,
	AddExtension:             (*State).undoHold,
	DeleteExtension:          (*State).undoHold,
}

// abandon ends an operation with an error, and with nothing done.
func (st *State) abandon(op *Operation, failure *Error) {
	if take := undo[op.Kind]; take != nil {
		take(st, op, failure)
		return
	}
	op.Order.Err = failure
	finish[op.Kind](st, op)
}

// undoHold gives back the exclusive access to a service and its deployments.
func (st *State) undoHold(op *Operation, failure *Error) {
	if s, ok := st.services.get(op.Service); ok {
		if s.Busy == op.ID {
			s.Busy = ""
		}
		for _, slot := range Slots {
			if d := s.Slots[slot].Deployment; d != nil && d.Busy == op.ID {
				d.Busy = ""
			}
		}
		st.touchService(s)
	}
	st.end(op, failure)
}

// undoDelete brings deployments back that were on their way out.
func (st *State) undoDelete(op *Operation, failure *Error) {
	was := op.Order.Was
	st.undoHold(op, failure)
	s, ok := st.services.get(op.Service)
	if !ok {
		return
	}
	for _, slot := range Slots {
		if d := s.Slots[slot].Deployment; d != nil && was[d.PrivateID] != "" {
			st.revive(s, d, was[d.PrivateID])
		}
	}
}

// revive brings a deployment whose instances were stopped back to a resting
// status.
func (st *State) revive(s *HostedService, d *Deployment, to DeploymentStatus) {
	through := start
	if to == Suspended {
		through = replace
	}
	d.Status = to
	for i := range d.Instances {
		d.Instances[i].Ahead = ""
		st.enter(s, d, &d.Instances[i], through)
	}
	st.touch(s, d)
}

// restOf tells of each deployment of a service in which status it is or is on
// its way back to, by private id.
func restOf(deployments ...*Deployment) map[string]DeploymentStatus {
	was := map[string]DeploymentStatus{}
	for _, d := range deployments {
		if d != nil {
			was[d.PrivateID] = d.Status.rest()
		}
	}
	return was
}

// undoStatus leaves a deployment as it was before it was started or suspended.
func (st *State) undoStatus(op *Operation, failure *Error) {
	s, _, d := st.held(op)
	st.undoHold(op, failure)
	switch {
	case d == nil:
	case d.Status == Starting:
		d.Status = Suspended
		st.touch(s, d)
	case d.Status == Suspending:
		st.revive(s, d, Running)
	}
}

// undoDeleteInstances lets the instances start again that were on their way out.
func (st *State) undoDeleteInstances(op *Operation, failure *Error) {
	going := op.Order.Instances
	s, _, d := st.held(op)
	st.undoHold(op, failure)
	if d == nil || d.Status.rest() == Suspended {
		return
	}
	for _, id := range going {
		if i := d.instance(id); i != nil {
			st.enter(s, d, i, start)
		}
	}
}

// undoReserved leaves a reserved address as it was; one that was being made is
// gone.
func (st *State) undoReserved(op *Operation, failure *Error) {
	if r, ok := st.reserved.get(op.Order.Reserved); ok {
		if op.Kind == CreateReservedIP {
			st.reserved.remove(r.Name)
		}
		r.State = ReservedCreated
		st.markReserved(r)
	}
	st.undoHold(op, failure)
}

func (st *State) undoNetwork(op *Operation, failure *Error) {
	if n, ok := st.networks.get(theNetwork); ok {
		if n.Next = nil; n.Document == nil {
			st.networks.remove(theNetwork)
		}
		st.changes.mark(keptNetworks, theNetwork)
	}
	st.end(op, failure)
}

func (st *State) undoAccount(op *Operation, failure *Error) {
	st.accounts.remove(op.Service)
	st.changes.mark(keptAccounts, key(op.Service))
	st.end(op, failure)
}
