package cloud

import "slices"

// An InstanceAction is something that can be asked of one role instance.
type InstanceAction string

// The actions: reboot keeps the disks, reimage sets up the system's anew, rebuild
// all of them. Source: Microsoft's pages of the three operations.
const (
	Reboot  InstanceAction = "Reboot"
	Reimage InstanceAction = "Reimage"
	Rebuild InstanceAction = "Rebuild"
)

// actions is the table of what each action is: its operation and what the
// instance goes through.
var actions = map[InstanceAction]struct {
	kind    Kind
	through Sequence
}{
	Reboot:  {RebootRoleInstance, reboot},
	Reimage: {ReimageRoleInstance, reimage},
	Rebuild: {RebuildRoleInstance, reimage},
}

// Act begins an action on a role instance. An instance of a suspended deployment
// stays stopped.
func (st *State) Act(id, service string, by Selector, instance string, action InstanceAction) *Error {
	s, d, err := st.free(service, by)
	if err != nil {
		return err
	}
	i := d.named(instance)
	if i == nil {
		return errNoInstance(instance)
	}
	if d.Status.rest() != Suspended {
		st.enter(s, d, i, actions[action].through)
	}
	st.hold(s, d, id, actions[action].kind, Order{}, st.Durations.Reboot)
	return nil
}

// named finds an instance by name, in any casing.
func (d *Deployment) named(name string) *Instance {
	i := slices.IndexFunc(d.Instances, func(i Instance) bool { return key(i.Name()) == key(name) })
	if i < 0 {
		return nil
	}
	return &d.Instances[i]
}

func errNoInstance(name string) *Error {
	return Errorf(ResourceNotFound, "The role instance %s does not exist.", name)
}

// finishNothing ends operations whose work was done when they were asked for.
func (st *State) finishNothing(op *Operation) { st.release(op) }

// Remaining returns how many instances each role has left without the named
// ones. It is an error when one of them does not exist or none would be left.
func (d *Deployment) Remaining(names []string) (map[string]int, *Error) {
	left := map[string]int{}
	for i := range d.Instances {
		left[d.Instances[i].Role]++
	}
	gone := map[uint32]bool{}
	for _, name := range names {
		i := d.named(name)
		if i == nil {
			return nil, errNoInstance(name)
		}
		if !gone[i.ID] {
			gone[i.ID] = true
			left[i.Role]--
		}
		if left[i.Role] == 0 {
			return nil, Errorf(BadRequest, "The role instance %s is the last one of role %s and cannot be deleted.", name, i.Role)
		}
	}
	if len(gone) == 0 {
		return nil, Errorf(BadRequest, "No role instance was named.")
	}
	return left, nil
}

// DeleteInstances begins to delete role instances. shrunk is the deployment's
// model with the instance counts that remain.
func (st *State) DeleteInstances(id, service string, by Selector, names []string, shrunk *Model, failure *Error) *Error {
	s, d, err := st.free(service, by)
	if err != nil {
		return err
	}
	if _, err := d.Remaining(names); err != nil {
		return err
	}
	order := Order{Err: failure}
	if failure == nil {
		order.Version = &Version{Label: d.Label, Properties: d.Properties, Extensions: d.Extensions, Model: st.models.intern(shrunk)}
		for _, name := range names {
			i := d.named(name)
			order.Instances = append(order.Instances, i.ID)
			if d.Status.rest() != Suspended {
				st.enterWithin(s, d, i, discard, st.Durations.DeleteRunning)
			}
		}
	}
	st.hold(s, d, id, DeleteRoleInstances, order, st.Durations.DeleteRunning)
	return nil
}

// finishDeleteInstances takes the instances off the list. Their numbers are free
// again only when no instance with a higher one is left.
func (st *State) finishDeleteInstances(op *Operation) {
	order := *op.Order
	s, d, ok := st.release(op)
	if !ok || order.Err != nil {
		return
	}
	st.become(d, *order.Version)
	d.Instances = slices.DeleteFunc(d.Instances, func(i Instance) bool { return slices.Contains(order.Instances, i.ID) })
	st.place(d, initial(d.Status.rest() != Suspended))
	st.settle(s, d)
}

// GetPackage begins the operation whose work, writing the package of a
// deployment to storage, was done already or failed with failure.
func (st *State) GetPackage(id, service string, by Selector, failure *Error) *Error {
	s, d, err := st.free(service, by)
	if err != nil {
		return err
	}
	st.hold(s, d, id, GetPackage, Order{Err: failure}, st.Durations.GetPackage)
	return nil
}
