package cloud

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// Check looks whether what the universe holds fits together, as it does unless
// what was kept of it was damaged, and returns what does not. It does not bring
// the state to the present.
func (u *Universe) Check() []string {
	u.mu.Lock()
	defer u.mu.Unlock()
	c := findings{st: &u.state}
	for s := range u.state.services.all {
		c.service(s)
	}
	counted := u.state.countCores()
	c.expect(counted == u.state.cores, "deployments take %d cores, %d are counted", counted, u.state.cores)
	for _, id := range slices.Sorted(maps.Keys(u.state.operations)) {
		c.operation(id, u.state.operations[id])
	}
	for _, d := range u.state.due {
		c.due(d)
	}
	return c.all
}

// Rehearse lets pending things happen, at most so many and no later than d from
// now, and reports whether there was an end to them. It is for a universe that
// nobody needs afterwards: its clock stays behind.
func (u *Universe) Rehearse(d time.Duration, most int) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	st, until := &u.state, u.clock.Now().Add(d)
	for range most {
		if at, ok := st.NextDue(); !ok || at.After(until) {
			return true
		}
		st.happenNext()
	}
	return false
}

// findings collects what does not fit together.
type findings struct {
	st  *State
	all []string
}

func (c *findings) expect(ok bool, format string, args ...any) {
	if !ok {
		c.all = append(c.all, fmt.Sprintf(format, args...))
	}
}

func (c *findings) service(s *HostedService) {
	kept, _ := c.st.services.get(s.Name)
	c.expect(kept == s, "hosted service %q is kept under another name", s.Name)
	c.busy("hosted service "+s.Name, s.Busy)
	for _, slot := range Slots {
		if d := s.Slots[slot].Deployment; d != nil {
			c.deployment(fmt.Sprintf("%s slot of %s", slot, s.Name), d)
		}
	}
}

func (c *findings) deployment(at string, d *Deployment) {
	c.busy(at, d.Busy)
	c.expect(d.Model != nil || d.Busy != "", "%s: the deployment %s has no model", at, d.Name)
	moving := 0
	for i := range d.Instances {
		if seq := d.Instances[i].Sequence; seq != "" {
			moving++
			course, known := courses[seq]
			known = known && d.Instances[i].Stage >= 0 && d.Instances[i].Stage < len(course.stages)
			c.expect(known, "%s: instance %s goes through an unknown sequence %q", at, d.Instances[i].Name(), seq)
		}
	}
	c.expect(moving == d.Moving, "%s: %d instances are moving, %d are counted", at, moving, d.Moving)
}

// busy expects that what is held is held by an operation that is in progress.
func (c *findings) busy(what, operation string) {
	if operation == "" {
		return
	}
	op, ok := c.st.operations[operation]
	c.expect(ok && op.Status == InProgress, "%s is held by operation %s, which is not in progress", what, operation)
}

func (c *findings) operation(id string, op *Operation) {
	c.expect(op.ID == id, "operation %s is kept as %s", op.ID, id)
	c.expect(op.Seq <= c.st.Seq, "operation %s has number %d of %d", id, op.Seq, c.st.Seq)
	if op.Status == InProgress {
		_, known := finish[op.Kind]
		c.expect(known && op.Order != nil, "operation %s (%s) cannot go on", id, op.Kind)
	}
}

func (c *findings) due(d Due) {
	_, known := happen[d.Kind]
	c.expect(known, "pending work %d is of an unknown kind %q", d.Seq, d.Kind)
	c.expect(d.Seq <= c.st.Seq, "pending work has number %d of %d", d.Seq, c.st.Seq)
	if d.Kind == FinishOperation {
		_, known := c.st.operations[d.Operation]
		c.expect(known, "pending work %d ends an unknown operation %s", d.Seq, d.Operation)
	}
}
