package cloud

import (
	"time"

	"github.com/vipswap/vipswap/emulator/faults"
)

// An ailment is how an instance fares that was struck when it started: once it
// comes to a status it goes through another sequence instead. All of these have
// no end; the next thing that is asked of the instance ends them.
type ailment struct {
	at      InstanceStatus // ReadyRole: some time after that
	through Sequence
}

// ailments is the table of what befalls instances.
var ailments = map[faults.Kind]ailment{
	faults.InstanceNeverReady:   {StartingRole, hang},
	faults.InstanceCycling:      {StartingRole, cycle},
	faults.InstanceUnresponsive: {ReadyRole, faint},
	faults.InstanceFailsLater:   {ReadyRole, cycle},
}

// wellTime is how long an instance is ready before it fails, unless the rule
// says so.
const wellTime = 5 * time.Minute

// strikeInstance lets an instance be struck that enters a sequence in which its
// role starts.
func (st *State) strikeInstance(s *HostedService, d *Deployment, i *Instance, seq Sequence) {
	if st.faults == nil || !courses[seq].starts {
		return
	}
	fault := st.decide(faults.Call{
		Point: faults.AtInstance, Service: s.Name, Slot: s.slotOf(d).String(), Role: i.Role, Instance: i.Name(),
	})
	if fault == nil {
		return
	}
	i.Ailment, i.Well = fault.Kind, time.Duration(fault.Delay)
	if i.Well == 0 {
		i.Well = wellTime
	}
}

// recover ends what ails an instance, before it enters another sequence.
func (d *Deployment) recover(i *Instance) {
	if i.waitsToFail() {
		d.Ailing--
	}
	i.Ailment, i.Well = "", 0
}

// waitsToFail reports whether the instance is ready and will not stay so.
func (i *Instance) waitsToFail() bool { return i.Ailment != "" && i.Sequence == "" }

// succumbs reports whether what ails the instance breaks out at a stage.
func (i *Instance) succumbs(to InstanceStatus) bool {
	return i.Ailment != "" && ailments[i.Ailment].at == to
}

// fail makes what ails an instance break out.
func (st *State) fail(s *HostedService, d *Deployment, i *Instance) {
	through := ailments[i.Ailment].through
	st.enterWithin(s, d, i, through, courses[through].takes(&st.Durations))
}

// failLater schedules what befalls an instance that has become ready.
func (st *State) failLater(s *HostedService, d *Deployment, i *Instance) {
	d.Ailing++
	i.Token = st.Seq + 1
	st.schedule(i.Well, Due{Kind: FailInstance, Service: key(s.Name), Deployment: d.PrivateID, Instance: i.ID, Token: i.Token})
}

// failInstance is the moment in which an instance that was ready fails.
func (st *State) failInstance(due Due) {
	s, d := st.find(due)
	if d == nil {
		return
	}
	if i := d.instance(due.Instance); i != nil && i.Token == due.Token && i.waitsToFail() {
		st.fail(s, d, i)
	}
}
