package cloud

import (
	"cmp"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/vipswap/vipswap/emulator/faults"
)

// Changes is what has to be kept after a change. The values of its records are
// valid only during Save.
type Changes struct {
	Universe Meta
	Records  []Record
}

// A Record is one thing that is kept: of what kind, under which key, and what it
// is now, for json.Marshal; a nil Value is gone.
type Record struct {
	Kind, Key string
	Value     any
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
	Strict       bool                 `json:",omitempty"`
	Faults       *faults.Engine       `json:",omitempty"`
	Progressions map[Kind]Progression `json:",omitempty"`
	Pacing       Source               `json:",omitzero"`
	Access       Access               `json:",omitzero"`
	Clock        *ClockSetting        `json:",omitempty"` // nil: as for all universes
	Contents     uint64               `json:",omitempty"`
	Copied       []string             `json:",omitempty"` // of a snapshot: the accounts of which there are copies
}

// Saved is a whole universe as it was kept: by kind, then by key, the JSON of
// each record.
type Saved struct {
	Universe Meta
	Records  map[string]map[string]json.RawMessage
}

// A keeper is one kind of record in the state.
type keeper interface {
	keys() iter.Seq[string]
	value(key string) any // nil when there is none
	load(key string, data []byte) error
}

// keepers is the table of all that is kept by key. Pending work is kept too, but
// is its own list of changes.
func (st *State) keepers() map[string]keeper {
	return map[string]keeper{
		keptServices:   &st.services,
		keptAccounts:   &st.accounts,
		keptGroups:     &st.groups,
		keptReserved:   &st.reserved,
		keptNetworks:   &st.networks,
		keptProfiles:   &st.profiles,
		keptMigrations: &st.migrations,
		keptExtensions: &st.extensions,

		keptManagementCertificates: &st.managers,
		keptServiceCertificates:    &st.serviceCertificates,
		keptOperations:             &st.operations,
	}
}

// SaveTo makes the universe keep itself with s from now on, beginning with all
// that it holds already.
func (u *Universe) SaveTo(s Saver) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.saver = s
	st := &u.state
	st.changes = changes{on: true, meta: true}
	st.changes.there(st)
	return u.save()
}

// GoOnSaving makes a universe that was restored keep its changes with s, which
// has what it was restored from.
func (u *Universe) GoOnSaving(s Saver) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.saver, u.state.changes = s, changes{on: true}
}

// Restore returns the universe that was saved. Its clock should show a time not
// before the saved one; what became due in the meantime happens at the first
// look. The error says which record cannot be read.
func Restore(saved Saved, clock Clock) (*Universe, error) {
	m := saved.Universe
	u := NewUniverse(m.Subscription, m.Source.Seed, clock)
	u.requests = m.Requests
	st := &u.state
	st.Name, st.Now, st.Seq, st.Source = m.Name, m.Now, m.Seq, m.Source
	st.Quotas, st.Durations, st.Strict, st.Contents = m.Quotas, m.Durations, m.Strict, m.Contents
	st.Access, st.clock = m.Access, m.Clock
	st.faults, st.progressions = m.Faults.Clone(), maps.Clone(m.Progressions)
	if m.Pacing.N > 0 {
		st.pacing = m.Pacing
	}
	all := st.keepers()
	all[keptPending] = &st.due
	for kind, records := range saved.Records {
		k, ok := all[kind]
		if !ok {
			return nil, fmt.Errorf("restore %s: unknown kind of record %q", m.Subscription, kind)
		}
		for key, data := range records {
			if err := k.load(key, data); err != nil {
				return nil, fmt.Errorf("restore %s: record %s of %s: %w", m.Subscription, key, kind, err)
			}
		}
	}
	st.relink()
	return u, nil
}

// relink rebuilds what records do not hold: shared models, revisions, orders, counts.
func (st *State) relink() {
	for s := range st.services.all {
		for _, slot := range Slots {
			if d := s.Slots[slot].Deployment; d != nil {
				st.internVersion(&d.Version)
				if d.Rollout != nil {
					st.internVersion(d.Rollout.Previous)
				}
				st.touch(s, d)
			}
		}
	}
	for op := range st.operations.all {
		if op.Order != nil {
			st.internVersion(op.Order.Version)
		}
		st.order = append(st.order, op)
	}
	slices.SortFunc(st.order, func(a, b *Operation) int { return cmp.Compare(a.Seq, b.Seq) })
	st.due.order()
	st.cores = st.countCores()
}

func (st *State) internVersion(v *Version) {
	if v != nil {
		v.Model = st.models.intern(v.Model)
	}
}

// save hands over what has changed. Callers hold the lock.
func (u *Universe) save() error {
	st := &u.state
	c := &st.changes
	if u.saver == nil || !c.any() {
		return nil
	}
	changed := Changes{Universe: u.meta()}
	all := st.keepers()
	for r := range c.records {
		changed.Records = append(changed.Records, Record{r.kept, r.key, all[r.kept].value(r.key)})
	}
	for seq, d := range c.pending {
		r := Record{Kind: keptPending, Key: pendingKey(seq)}
		if d != nil {
			r.Value = d
		}
		changed.Records = append(changed.Records, r)
	}
	err := u.saver.Save(changed)
	if err == nil {
		st.changes = changes{on: true}
	}
	return err
}

func (u *Universe) meta() Meta {
	st := &u.state
	return Meta{
		Subscription: st.Subscription, Name: st.Name, Now: st.Now, Seq: st.Seq, Source: st.Source, Requests: u.requests,
		Quotas: st.Quotas, Durations: st.Durations, Strict: st.Strict,
		Faults: st.faults.Clone(), Progressions: maps.Clone(st.progressions), Pacing: st.pacing,
		Contents: st.Contents, Access: st.Access, Clock: st.clock,
	}
}

// keys yields the keys of all records of a table.
func (t *table[T]) keys() iter.Seq[string] { return slices.Values(t.order) }

func (t *table[T]) value(key string) any {
	if v, ok := t.byKey[key]; ok {
		return v
	}
	return nil
}

func (t *table[T]) load(key string, data []byte) error {
	v := new(T)
	if err := json.Unmarshal(data, v); err != nil {
		return err
	}
	t.put(key, v)
	return nil
}

func (m operationMap) keys() iter.Seq[string] { return maps.Keys(m) }
func (m operationMap) all(yield func(*Operation) bool) {
	for _, op := range m {
		if !yield(op) {
			return
		}
	}
}

func (m operationMap) value(key string) any {
	if op, ok := m[key]; ok {
		return op
	}
	return nil
}

func (m operationMap) load(key string, data []byte) error {
	op := new(Operation)
	m[key] = op
	return json.Unmarshal(data, op)
}

func (q *queue) keys() iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, d := range *q {
			if !yield(pendingKey(d.Seq)) {
				return
			}
		}
	}
}

func (q *queue) value(string) any { return nil }

func (q *queue) load(_ string, data []byte) error {
	var d Due
	if err := json.Unmarshal(data, &d); err != nil {
		return err
	}
	*q = append(*q, d)
	return nil
}
