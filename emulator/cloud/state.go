package cloud

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/vipswap/vipswap/emulator/faults"
)

// State is all that a subscription holds. It is valid only inside a closure
// given to [Universe.View] or [Universe.Update], and so is whatever is reached
// through it.
type State struct {
	Subscription string // id, lower case
	Name         string
	Now          time.Time // the time that the state has been brought to
	Seq          uint64    // last number given to pending work
	Source       Source    // of private ids, addresses and keys
	Quotas       Quotas
	Durations    Durations
	Strict       bool   // enforce rules that are documented but were not enforced
	Access       Access // who is let in besides the holders of management certificates
	Contents     uint64 // which contents the storage accounts have, where several are kept

	managers table[ManagementCertificate]
	services table[HostedService]
	accounts table[StorageAccount]
	groups   table[AffinityGroup]
	reserved table[ReservedIP]
	networks table[Network] // at most one
	profiles table[TrafficProfile]

	serviceCertificates table[ServiceCertificate]
	extensions          table[Extension]
	migrations          table[Migration]
	operations          operationMap
	order               []*Operation // oldest first
	due                 queue
	models              models
	cores               int // that deployments in slots take
	revision            uint64
	era                 uint64
	clock               *ClockSetting // nil: as for all universes
	asking              *Request      // the request that is being carried out, nil for none
	meter               meter
	faults              *faults.Engine // nil for none
	progressions        map[Kind]Progression
	pacing              Source // of jitter
	changes             changes
}

func newState(subscription string, seed uint64, now time.Time) State {
	return State{
		Subscription: strings.ToLower(subscription),
		Name:         "vipswap",
		Now:          now,
		Source:       Source{Seed: seed},
		pacing:       Source{Seed: seed ^ 0x9e6c63d0876a9a47},
		Quotas:       DefaultQuotas(),
		Durations:    DefaultDurations(),
		operations:   operationMap{},
		models:       models{},
	}
}

// key is the form of a name under which things are found: names are compared
// without regard to case.
func key(name string) string { return strings.ToLower(name) }

// table keeps things by key and lists them in order of key.
type table[T any] struct {
	byKey map[string]*T
	order []string
}

func (t *table[T]) len() int { return len(t.order) }

func (t *table[T]) get(name string) (*T, bool) {
	v, ok := t.byKey[key(name)]
	return v, ok
}

func (t *table[T]) put(name string, v *T) {
	k := key(name)
	if t.byKey == nil {
		t.byKey = map[string]*T{}
	}
	if _, known := t.byKey[k]; !known {
		i, _ := slices.BinarySearch(t.order, k)
		t.order = slices.Insert(t.order, i, k)
	}
	t.byKey[k] = v
}

func (t *table[T]) remove(name string) {
	k := key(name)
	delete(t.byKey, k)
	if i, found := slices.BinarySearch(t.order, k); found {
		t.order = slices.Delete(t.order, i, i+1)
	}
}

func (t *table[T]) all(yield func(*T) bool) {
	for _, k := range t.order {
		if !yield(t.byKey[k]) {
			return
		}
	}
}

// touchService marks a hosted service as changed; every deployment in it gets a
// new revision.
func (st *State) touchService(s *HostedService) {
	st.changes.mark(keptServices, key(s.Name))
	for _, slot := range Slots {
		if d := s.Slots[slot].Deployment; d != nil {
			st.touch(s, d)
		}
	}
}

// touch marks one deployment as changed.
func (st *State) touch(s *HostedService, d *Deployment) {
	st.revision++
	d.revision = st.revision
	st.changes.mark(keptServices, key(s.Name))
}

// sortedBy returns the elements of s in order of the key that f gives.
func sortedBy[T any, K cmp.Ordered](s []T, f func(T) K) []T {
	sorted := slices.Clone(s)
	slices.SortFunc(sorted, func(a, b T) int { return cmp.Compare(f(a), f(b)) })
	return sorted
}
