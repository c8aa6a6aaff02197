package cloud

import (
	"fmt"
	"slices"
	"time"

	"github.com/vipswap/vipswap/emulator/faults"
)

// An Instance is one role instance of a deployment.
type Instance struct {
	ID      uint32 // within the deployment, never given twice
	Role    string
	Number  int // from 0; names and upgrade domains follow from it
	Status  InstanceStatus
	Power   PowerState
	Address string

	Sequence Sequence      `json:",omitempty"` // "" when at rest
	Stage    int           `json:",omitempty"`
	Pace     time.Duration `json:",omitempty"`     // how long the whole sequence takes
	Token    uint64        `json:",omitempty"`     // of the pending step; an older one does nothing
	Ahead    Sequence      `json:"Todo,omitempty"` // what the roll-out in progress will make it go through

	Ailment faults.Kind   `json:",omitempty"` // the fault that befell it when it last started
	Well    time.Duration `json:",omitempty"` // how long it is ready in spite of that
}

// Name returns the instance's name as the API has it (recorded form).
func (i *Instance) Name() string { return fmt.Sprintf("%s_IN_%d", i.Role, i.Number) }

func (i *Instance) set(s InstanceStatus, p PowerState) { i.Status, i.Power = s, p }

// A Sequence names what an instance goes through by itself.
type Sequence string

// The sequences.
const (
	boot    Sequence = "boot"    // first start after a create
	start   Sequence = "start"   // from a suspended deployment
	halt    Sequence = "halt"    // into a suspended deployment
	discard Sequence = "discard" // with its deployment
	erase   Sequence = "erase"   // with its suspended deployment
	recycle Sequence = "recycle" // new code, while its upgrade domain is walked
	refresh Sequence = "refresh" // new settings, while its upgrade domain is walked
	reboot  Sequence = "reboot"  // when asked for
	reimage Sequence = "reimage" // reimage and rebuild, when asked for
	replace Sequence = "replace" // new code or settings in a suspended deployment
	add     Sequence = "add"     // a further instance of a suspended deployment
	patch   Sequence = "patch"   // the guest operating system is updated
	hang    Sequence = "hang"    // the role never comes to its start
	cycle   Sequence = "cycle"   // the role fails and is started again and again
	faint   Sequence = "faint"   // the role does not answer
)

// A stage is a state that an instance stays in for a share of its sequence.
type stage struct {
	status InstanceStatus
	power  PowerState
	share  int // percent of the sequence's time
}

// A course is a sequence as data: how long it takes, its stages, whether the
// instances of a role go through it one a little after the other, whether their
// role starts in it, and whether it begins anew at its end.
type course struct {
	takes  func(*Durations) time.Duration
	spread bool
	starts bool
	again  bool
	stages []stage
	status InstanceStatus // at the end
	power  PowerState
}

// courses is the table of sequences. The states are documented and their end
// points recorded; nobody recorded the steps between, nor their shares.
var courses = map[Sequence]course{
	boot: {
		takes: func(d *Durations) time.Duration { return d.FirstBoot }, spread: true, starts: true,
		stages: []stage{
			{RoleStateUnknown, PowerStarting, 5}, {CreatingVM, PowerStarting, 25}, {StartingVM, PowerStarting, 30},
			{CreatingRole, PowerStarted, 10}, {StartingRole, PowerStarted, 20}, {BusyRole, PowerStarted, 10},
		},
		status: ReadyRole, power: PowerStarted,
	},
	start: {
		takes: func(d *Durations) time.Duration { return d.StartReady }, spread: true, starts: true,
		stages: []stage{
			{StartingVM, PowerStarting, 40}, {CreatingRole, PowerStarted, 15}, {StartingRole, PowerStarted, 30}, {BusyRole, PowerStarted, 15},
		},
		status: ReadyRole, power: PowerStarted,
	},
	halt: {
		takes:  func(d *Durations) time.Duration { return d.Suspend },
		stages: []stage{{BusyRole, PowerStopping, 20}, {StoppingRole, PowerStopping, 30}, {StoppingVM, PowerStopping, 40}},
		status: StoppedVM, power: PowerStopped,
	},
	discard: {
		takes:  func(d *Durations) time.Duration { return d.DeleteRunning },
		stages: []stage{{StoppingRole, PowerStopping, 30}, {StoppingVM, PowerStopping, 40}},
		status: DeletingVM, power: PowerStopped,
	},
	erase: {
		takes:  func(d *Durations) time.Duration { return d.DeleteSuspended },
		stages: []stage{{DeletingVM, PowerStopped, 100}},
		status: DeletingVM, power: PowerStopped,
	},
	recycle: {
		takes: func(d *Durations) time.Duration { return d.DomainUpgrade }, starts: true,
		stages: []stage{
			{StoppingRole, PowerStopping, 10}, {StoppingVM, PowerStopping, 10}, {StartingVM, PowerStarting, 30},
			{CreatingRole, PowerStarted, 10}, {StartingRole, PowerStarted, 30}, {BusyRole, PowerStarted, 10},
		},
		status: ReadyRole, power: PowerStarted,
	},
	reboot: {
		takes: func(d *Durations) time.Duration { return d.RebootReady }, starts: true,
		stages: []stage{
			{StoppingRole, PowerStopping, 15}, {StoppingVM, PowerStopping, 15}, {StartingVM, PowerStarting, 40},
			{StartingRole, PowerStarted, 20}, {BusyRole, PowerStarted, 10},
		},
		status: ReadyRole, power: PowerStarted,
	},
	reimage: {
		takes: func(d *Durations) time.Duration { return d.ReimageReady }, starts: true,
		stages: []stage{
			{StoppingRole, PowerStopping, 10}, {StoppingVM, PowerStopping, 10}, {CreatingVM, PowerStarting, 30},
			{StartingVM, PowerStarting, 25}, {CreatingRole, PowerStarted, 10}, {StartingRole, PowerStarted, 15},
		},
		status: ReadyRole, power: PowerStarted,
	},
	refresh: {
		takes:  func(d *Durations) time.Duration { return d.DomainRefresh },
		stages: []stage{{BusyRole, PowerStarted, 100}},
		status: ReadyRole, power: PowerStarted,
	},
	replace: {
		takes:  func(d *Durations) time.Duration { return d.DomainRefresh },
		stages: []stage{{StoppedVM, PowerStopped, 100}},
		status: StoppedVM, power: PowerStopped,
	},
	add: {
		takes:  func(d *Durations) time.Duration { return d.CreateSuspended },
		stages: []stage{{CreatingVM, PowerStopped, 100}},
		status: StoppedVM, power: PowerStopped,
	},
	patch: {
		takes: func(d *Durations) time.Duration { return d.RebootReady },
		stages: []stage{
			{StoppingRole, PowerStopping, 15}, {StoppingVM, PowerStopping, 15}, {StartingVM, PowerStarting, 40},
			{StartingRole, PowerStarted, 20}, {BusyRole, PowerStarted, 10},
		},
		status: ReadyRole, power: PowerStarted,
	},
	hang: {
		takes: func(d *Durations) time.Duration { return d.FirstBoot }, again: true,
		stages: []stage{{StartingRole, PowerStarted, 100}},
	},
	cycle: {
		takes: func(d *Durations) time.Duration { return d.RebootReady }, again: true,
		stages: []stage{{StartingRole, PowerStarted, 40}, {CyclingRole, PowerStarted, 60}},
	},
	faint: {
		takes: func(d *Durations) time.Duration { return d.FirstBoot }, again: true,
		stages: []stage{{UnresponsiveRole, PowerStarted, 100}},
	},
}

// booting are the sequences that an upgrade waits for before it is accepted
// (recorded: 7½ minutes).
func (s Sequence) booting() bool { return s == boot || s == start }

// initial returns the state of instances while their deployment is created.
func initial(started bool) Instance {
	if started {
		return Instance{Status: RoleStateUnknown, Power: PowerStarting}
	}
	return Instance{Status: CreatingVM, Power: PowerStopped}
}

// place gives the deployment the instances that its model asks for: the ones of
// lowest number stay, further ones are made like fresh, the rest goes. It
// returns the ids of those that were made.
func (st *State) place(d *Deployment, fresh Instance) []uint32 {
	var instances []Instance
	var made []uint32
	for _, r := range d.Model.Roles {
		have := d.instancesOf(r.Name)
		instances = append(instances, have[:min(len(have), r.Instances)]...)
		next := 0
		if len(have) > 0 {
			next = have[len(have)-1].Number + 1
		}
		for n := len(have); n < r.Instances; n++ {
			d.LastInstance++
			i := fresh
			i.ID, i.Role, i.Number, i.Address = d.LastInstance, r.Name, next, st.Source.privateAddress()
			instances, made = append(instances, i), append(made, i.ID)
			next++
		}
	}
	d.Instances, d.UpgradeDomains = instances, d.Model.upgradeDomains()
	d.Moving, d.Ailing = 0, 0
	for i := range instances {
		if instances[i].Sequence != "" {
			d.Moving++
		}
		if instances[i].waitsToFail() {
			d.Ailing++
		}
	}
	return made
}

// instancesOf returns copies of a role's instances in order of number.
func (d *Deployment) instancesOf(role string) []Instance {
	var found []Instance
	for _, i := range d.Instances {
		if i.Role == role {
			found = append(found, i)
		}
	}
	return sortedBy(found, func(i Instance) int { return i.Number })
}

// instance finds an instance by its id, first where it was put.
func (d *Deployment) instance(id uint32) *Instance {
	if at := int(id) - 1; at >= 0 && at < len(d.Instances) && d.Instances[at].ID == id {
		return &d.Instances[at]
	}
	at := slices.IndexFunc(d.Instances, func(i Instance) bool { return i.ID == id })
	if at < 0 {
		return nil
	}
	return &d.Instances[at]
}

// UpgradeDomain returns the upgrade domain of an instance, from 0.
func (d *Deployment) UpgradeDomain(i *Instance) int { return i.Number % max(d.UpgradeDomains, 1) }

// FaultDomain returns the fault domain of an instance, 0 or 1.
func (d *Deployment) FaultDomain(i *Instance) int { return i.Number % 2 }

// enter sends an instance through a sequence at the platform's pace.
func (st *State) enter(s *HostedService, d *Deployment, i *Instance, seq Sequence) {
	st.enterWithin(s, d, i, seq, courses[seq].takes(&st.Durations))
	st.strikeInstance(s, d, i, seq)
}

// enterWithin sends an instance through a sequence that takes so long. Whatever
// it was going through ends there.
func (st *State) enterWithin(s *HostedService, d *Deployment, i *Instance, seq Sequence, takes time.Duration) {
	d.recover(i)
	if i.Sequence == "" {
		d.Moving++
	}
	c := courses[seq]
	i.Sequence, i.Stage, i.Pace = seq, 0, takes
	i.set(c.stages[0].status, c.stages[0].power)
	delay := st.stageTime(c, i)
	if c.spread {
		delay += st.Durations.Stagger * time.Duration(i.Number%16)
	}
	st.step(s, d, i, delay)
}

func (st *State) stageTime(c course, i *Instance) time.Duration {
	return i.Pace * time.Duration(c.stages[i.Stage].share) / 100
}

// step schedules the end of the instance's stage.
func (st *State) step(s *HostedService, d *Deployment, i *Instance, after time.Duration) {
	i.Token = st.Seq + 1
	st.schedule(after, Due{Kind: NextStage, Service: key(s.Name), Deployment: d.PrivateID, Instance: i.ID, Token: i.Token})
	st.touch(s, d)
}

// nextStage moves an instance on, or brings it to rest.
func (st *State) nextStage(due Due) {
	s, d := st.find(due)
	if d == nil {
		return
	}
	i := d.instance(due.Instance)
	if i == nil || i.Token != due.Token || i.Sequence == "" {
		return
	}
	c := courses[i.Sequence]
	i.Stage++
	switch {
	case i.Stage < len(c.stages) && i.succumbs(c.stages[i.Stage].status):
		st.fail(s, d, i)
		return
	case i.Stage < len(c.stages):
		i.set(c.stages[i.Stage].status, c.stages[i.Stage].power)
		st.step(s, d, i, st.stageTime(c, i))
		return
	case c.again:
		// Without end, so never at once, however fast the platform is set.
		st.enterWithin(s, d, i, i.Sequence, max(c.takes(&st.Durations), time.Second))
		return
	}
	i.Sequence, i.Stage, i.Token, i.Pace = "", 0, 0, 0
	i.set(c.status, c.power)
	d.Moving--
	if i.succumbs(c.status) {
		st.failLater(s, d, i)
	}
	st.touch(s, d)
	st.rested(s, d, i)
}

// find returns the deployment that pending work is about, if it is still there.
func (st *State) find(due Due) (*HostedService, *Deployment) {
	s, ok := st.services.get(due.Service)
	if !ok {
		return nil, nil
	}
	for _, slot := range Slots {
		if d := s.Slots[slot].Deployment; d != nil && d.PrivateID == due.Deployment {
			return s, d
		}
	}
	return nil, nil
}
