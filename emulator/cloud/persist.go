package cloud

import (
	"cmp"
	"container/heap"
	"maps"
	"slices"
	"time"
)

// Changes is what has to be kept after a change: what is new or different, by
// key, and nil for what is gone. Its values are valid only during Save.
type Changes struct {
	Universe   Meta
	Services   map[string]*HostedService
	Accounts   map[string]*StorageAccount
	Operations map[string]*Operation
	Pending    map[uint64]*Due
}

// Meta is what a universe holds besides things with a name.
type Meta struct {
	Subscription string
	Name         string
	Now          time.Time
	Seq          uint64
	Source       Source
	Requests     Source
	Quotas       Quotas
	Durations    Durations
	Strict       bool     `json:",omitempty"`
	Certificates []string // thumbprints that may manage the subscription
}

// Saved is a whole universe as it was kept, for [Restore].
type Saved struct {
	Universe   Meta
	Services   []*HostedService
	Accounts   []*StorageAccount
	Operations []*Operation
	Pending    []Due
}

// SaveTo makes the universe keep itself with s from now on, beginning with all
// that it holds already.
func (u *Universe) SaveTo(s Saver) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.saver = s
	st := &u.state
	st.changes = changes{on: true, meta: true}
	for service := range st.Services {
		st.changes.service(key(service.Name))
	}
	for a := range st.Accounts {
		st.changes.account(key(a.Name))
	}
	for id := range st.operations {
		st.changes.operation(id)
	}
	for _, d := range st.due {
		st.changes.due(d.Seq, &d)
	}
	return u.save()
}

// Restore returns the universe that was saved. Its clock should show a time not
// before the saved one; what became due in the meantime happens at the first look.
func Restore(saved Saved, clock Clock) *Universe {
	m := saved.Universe
	u := NewUniverse(m.Subscription, m.Source.Seed, clock)
	u.requests = m.Requests
	st := &u.state
	st.Name, st.Now, st.Seq, st.Source = m.Name, m.Now, m.Seq, m.Source
	st.Quotas, st.Durations, st.Strict = m.Quotas, m.Durations, m.Strict
	for _, thumbprint := range m.Certificates {
		st.certificates[thumbprint] = true
	}
	for _, s := range saved.Services {
		st.restoreService(s)
	}
	for _, a := range saved.Accounts {
		st.accounts.put(a.Name, a)
	}
	slices.SortFunc(saved.Operations, func(a, b *Operation) int { return cmp.Compare(a.Seq, b.Seq) })
	for _, op := range saved.Operations {
		if op.Order != nil && op.Order.Version != nil {
			op.Order.Version.Model = st.models.intern(op.Order.Version.Model)
		}
		st.operations[op.ID] = op
		st.order = append(st.order, op.ID)
	}
	st.due = slices.Clone(saved.Pending)
	heap.Init(&st.due)
	st.changes = changes{}
	return u
}

func (st *State) restoreService(s *HostedService) {
	st.services.put(s.Name, s)
	for _, slot := range Slots {
		if d := s.Slots[slot].Deployment; d != nil {
			d.Model = st.models.intern(d.Model)
			if d.Rollout != nil && d.Rollout.Previous != nil {
				d.Rollout.Previous.Model = st.models.intern(d.Rollout.Previous.Model)
			}
			st.touch(s, d)
		}
	}
}

// save hands over what has changed. Callers hold the lock.
func (u *Universe) save() error {
	st := &u.state
	c := &st.changes
	if u.saver == nil || !c.any() {
		return nil
	}
	err := u.saver.Save(Changes{
		Universe:   u.meta(),
		Services:   pick(c.services, st.services.byKey),
		Accounts:   pick(c.accounts, st.accounts.byKey),
		Operations: pick(c.operations, st.operations),
		Pending:    c.pending,
	})
	if err == nil {
		st.changes = changes{on: true}
	}
	return err
}

func (u *Universe) meta() Meta {
	st := &u.state
	return Meta{
		Subscription: st.Subscription, Name: st.Name, Now: st.Now, Seq: st.Seq, Source: st.Source, Requests: u.requests,
		Quotas: st.Quotas, Durations: st.Durations, Strict: st.Strict, Certificates: slices.Sorted(maps.Keys(st.certificates)),
	}
}

// pick returns the values of the changed keys; nil for those that are gone.
func pick[T any](changed set, have map[string]*T) map[string]*T {
	picked := make(map[string]*T, len(changed))
	for k := range changed {
		picked[k] = have[k]
	}
	return picked
}
