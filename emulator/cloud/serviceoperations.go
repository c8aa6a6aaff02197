package cloud

import (
	"slices"
	"strings"
	"time"
)

// holdService begins an operation that has exclusive access to a hosted service.
// Its deployments stay as they are, but cannot be changed meanwhile.
func (st *State) holdService(s *HostedService, id string, kind Kind, order Order, took time.Duration) {
	s.Busy = id
	st.changes.mark(keptServices, key(s.Name))
	st.begin(id, kind, s.Name, order, took)
}

// releaseService ends an operation and the exclusive access that it had.
func (st *State) releaseService(op *Operation) (*HostedService, bool) {
	s, ok := st.services.get(op.Service)
	if !ok || s.Busy != op.ID {
		st.end(op, errNoService())
		return nil, false
	}
	s.Busy = ""
	st.changes.mark(keptServices, key(s.Name))
	st.end(op, nil)
	return s, true
}

// forget removes what a hosted service held, when it goes.
func (st *State) forget(s *HostedService) {
	for _, at := range st.serviceCertificates.drop(s.Name) {
		st.changes.mark(keptServiceCertificates, at)
	}
	for _, at := range st.extensions.drop(s.Name) {
		st.changes.mark(keptExtensions, at)
	}
}

// below is the key of what belongs to a hosted service.
func below(service, name string) string { return key(service) + "/" + key(name) }

// span returns the keys of what a table holds below a hosted service.
func (t *table[T]) span(service string) []string {
	prefix := below(service, "")
	first, _ := slices.BinarySearch(t.order, prefix)
	last := first
	for last < len(t.order) && strings.HasPrefix(t.order[last], prefix) {
		last++
	}
	return t.order[first:last]
}

// within yields what a table holds below a hosted service, in order of name.
func (t *table[T]) within(service string) func(yield func(*T) bool) {
	return func(yield func(*T) bool) {
		for _, k := range t.span(service) {
			if !yield(t.byKey[k]) {
				return
			}
		}
	}
}

// drop removes all that a table holds below a hosted service, and returns the
// keys.
func (t *table[T]) drop(service string) []string {
	gone := slices.Clone(t.span(service))
	for _, k := range gone {
		t.remove(k)
	}
	return gone
}
