package cloud

import "time"

// Quotas are the limits of a subscription. The real defaults were small (20
// cores, 20 hosted services, recorded); ours are large, so that no rehearsal
// stumbles over a limit that nobody set.
type Quotas struct {
	Cores                  int
	Services               int
	StorageAccounts        int
	ReservedIPs            int
	ManagementCertificates int

	// Requests is how many requests are answered in five minutes; 0 is any
	// number. The real limits are not documented.
	Requests int
}

// DefaultQuotas returns the quotas of a new subscription.
func DefaultQuotas() Quotas {
	return Quotas{Cores: 100000, Services: 1000000, StorageAccounts: 1000000, ReservedIPs: 1000000, ManagementCertificates: 1000000}
}

// check refuses when have and more together pass the limit.
func (Quotas) check(resource string, limit, have, more int) *Error {
	if have+more <= limit {
		return nil
	}
	return Errorf(ForbiddenError, "The subscription policy limit for resource type '%s' was exceeded. The limit for resource type '%s' is %d per subscription, the current count is %d, and the requested increment is %d.",
		resource, resource, limit, have, more)
}

// throttleWindow is the period that requests are counted in.
const throttleWindow = 5 * time.Minute

// meter counts requests in a period.
type meter struct {
	since time.Time
	count int
}

// throttle counts a request and refuses it when there were too many.
func (st *State) throttle(clock func() time.Time) *Error {
	limit := st.Quotas.Requests
	if limit <= 0 {
		return nil
	}
	t, now := &st.meter, clock()
	if now.Sub(t.since) >= throttleWindow {
		*t = meter{since: now}
	}
	if t.count++; t.count <= limit {
		return nil
	}
	err := NewError(TooManyRequests)
	err.RetryAfter = t.since.Add(throttleWindow).Sub(now)
	return err
}

// Usage is what a subscription has taken of its quotas.
type Usage struct {
	Cores           int
	Services        int
	StorageAccounts int
	ReservedIPs     int
}

// Usage tells what is in use. Cores count in both slots, suspended or not.
func (st *State) Usage() Usage {
	return Usage{Cores: st.cores, Services: st.services.len(), StorageAccounts: st.accounts.len(), ReservedIPs: st.reserved.len()}
}

// countCores counts what st.cores is kept at: what deployments in slots take.
func (st *State) countCores() int {
	n := 0
	for s := range st.services.all {
		for _, slot := range Slots {
			n += s.Slots[slot].Deployment.cores()
		}
	}
	return n
}

// cores returns how many cores a deployment takes; none, when there is none or
// when what it is to be is not known.
func (d *Deployment) cores() int {
	if d == nil || d.Model == nil {
		return 0
	}
	return d.Model.Cores()
}

// put puts something into a slot, in the place of what is there.
func (st *State) put(s *HostedService, slot Slot, in SlotState) {
	st.cores += in.Deployment.cores() - s.Slots[slot].Deployment.cores()
	s.Slots[slot] = in
}

// empty empties a slot: its virtual IP is given back.
func (st *State) empty(s *HostedService, slot Slot) { st.put(s, slot, SlotState{}) }

// become makes a deployment in a slot what a version says.
func (st *State) become(d *Deployment, v Version) {
	before := d.cores()
	d.Version = v
	st.cores += d.cores() - before
}
