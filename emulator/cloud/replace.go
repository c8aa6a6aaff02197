package cloud

import (
	"encoding/json"
	"strings"
)

// Save returns all that the universe holds, brought to the present, in the form
// that Restore and Replace take: all but who may manage it. with is called with it before anything else can
// happen in the universe, to save what belongs to it elsewhere; nil for nothing.
func (u *Universe) Save(with func(Saved) error) (Saved, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.state.advance(u.clock.Now())
	if err := u.save(); err != nil {
		return Saved{}, err
	}
	saved := Saved{Universe: u.meta(), Records: map[string]map[string]json.RawMessage{}}
	st := &u.state
	for kind, k := range st.keepers() {
		if kind == keptManagementCertificates {
			continue
		}
		for key := range k.keys() {
			if err := saved.put(kind, key, k.value(key)); err != nil {
				return Saved{}, err
			}
		}
	}
	for _, d := range st.due {
		if err := saved.put(keptPending, pendingKey(d.Seq), d); err != nil {
			return Saved{}, err
		}
	}
	saved.Universe.Faults = st.faults.Clone()
	if with == nil {
		return saved, nil
	}
	return saved, with(saved)
}

func (s Saved) put(kind, key string, value any) error {
	data, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if s.Records[kind] == nil {
		s.Records[kind] = map[string]json.RawMessage{}
	}
	s.Records[kind][key] = data
	return nil
}

// Replace puts what was saved, of this universe or another one, in the place of
// all that the universe holds, at once. Time goes on from when it was saved, in the
// universe's own way. The universe stays the subscription that it is, and the same
// may manage it: what was saved of another one gets access keys of its own. then is called before the change is kept and seen. The
// error says which record cannot be read, or why the change could not be saved;
// then nothing has changed.
func (u *Universe) Replace(saved Saved, then func(*State)) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	clock := u.clock
	clock.set(saved.Universe.Now)
	restored, err := Restore(saved, clock)
	if err != nil {
		return err
	}
	state, oldClock, requests := u.state, u.clock, u.requests
	restored.state.moveTo(state.Subscription)
	restored.state.follow(&state)
	u.state, u.clock, u.requests = restored.state, restored.clock, restored.requests
	then(&u.state)
	if err := u.save(); err != nil {
		u.state, u.clock, u.requests = state, oldClock, requests
		return err
	}
	return nil
}

// follow makes a state the next one of a universe: documents are remembered by
// revision and era, which go on, and all of both states has changed.
func (st *State) follow(old *State) {
	for s := range st.services.all {
		for _, slot := range Slots {
			if d := s.Slots[slot].Deployment; d != nil {
				d.revision += old.revision
			}
		}
	}
	st.managers = old.managers
	st.revision += old.revision
	st.era = old.era + 1
	st.changes = changes{on: old.changes.on, meta: old.changes.on}
	st.changes.gone(old)
	st.changes.there(st)
}

// moveTo makes the state that of another subscription, if it is one: access keys
// are made anew, since whoever holds a key is known by it, and operations tell of
// the same things there.
func (st *State) moveTo(subscription string) {
	from := st.Subscription
	st.Subscription = subscription
	if from == subscription {
		return
	}
	for a := range st.accounts.all {
		for n := range a.Keys {
			a.Generations[n]--
			st.makeKey(a, n)
		}
	}
	for _, op := range st.order {
		if op.Request == nil {
			continue
		}
		if rest, ok := cutFold(op.Request.Object, "/"+from); ok {
			op.Request.Object = "/" + subscription + rest
		}
	}
}

// cutFold cuts a prefix off, without regard to case.
func cutFold(s, prefix string) (rest string, ok bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return s[len(prefix):], true
}
