package universe

import (
	"strings"

	"github.com/vipswap/vipswap/emulator/cloud"
)

// Describe copies what a state holds.
func Describe(st *cloud.State) State {
	s := State{ID: st.Subscription, Now: st.Now.UTC(), Services: []Service{}, StorageAccounts: []string{}, Operations: []Operation{}, Due: []Due{}}
	for have := range st.Services {
		s.Services = append(s.Services, describeService(have))
	}
	for a := range st.Accounts {
		s.StorageAccounts = append(s.StorageAccounts, a.Name)
	}
	for op := range st.Operations {
		s.Operations = append(s.Operations, describeOperation(op))
	}
	for _, d := range st.Pending() {
		s.Due = append(s.Due, Due{At: d.At.UTC(), Kind: d.Kind, Operation: d.Operation, Service: d.Service, Deployment: d.Deployment, Instance: d.Instance})
	}
	return s
}

func describeService(s *cloud.HostedService) Service {
	return Service{
		Name: s.Name, Label: s.Label, Location: s.Location, AffinityGroup: s.AffinityGroup, Busy: s.Busy,
		Production: describeSlot(&s.Slots[cloud.Production]), Staging: describeSlot(&s.Slots[cloud.Staging]),
	}
}

func describeSlot(s *cloud.SlotState) Slot {
	slot := Slot{VIP: s.VIP, Host: s.Host, ReservedIP: s.ReservedIP}
	d := s.Deployment
	if d == nil {
		return slot
	}
	slot.Deployment = &Deployment{
		Name: d.Name, PrivateID: d.PrivateID, Label: d.Label, Status: d.Status, Busy: d.Busy, Created: d.Created.UTC(),
		UpgradeDomains: d.UpgradeDomains, Updating: d.Rollout != nil, Instances: make([]Instance, 0, len(d.Instances)),
	}
	for i := range d.Instances {
		have := &d.Instances[i]
		if have.Status == cloud.ReadyRole {
			slot.Deployment.Ready++
		}
		slot.Deployment.Instances = append(slot.Deployment.Instances, Instance{
			Name: have.Name(), Role: have.Role, Status: have.Status, Power: have.Power, Address: have.Address,
			UpgradeDomain: d.UpgradeDomain(have), FaultDomain: d.FaultDomain(have),
		})
	}
	return slot
}

func describeOperation(op *cloud.Operation) Operation {
	o := Operation{ID: op.ID, Kind: op.Kind, Status: op.Status, Service: op.Service, Started: op.Started.UTC()}
	if op.Err != nil {
		o.Code, o.Message = op.Err.Code, op.Err.Message
	}
	if !op.Completed.IsZero() {
		completed := op.Completed.UTC()
		o.Completed = &completed
	}
	return o
}

func equalFold(a, b string) bool { return strings.EqualFold(a, b) }
