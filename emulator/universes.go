package emulator

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/journal"
)

// A resident is a universe with what the emulator keeps beside it.
type resident struct {
	*cloud.Universe
	journal *journal.Journal
}

// universes holds the universe of each subscription.
type universes struct {
	mu   sync.RWMutex // guards byID and list
	byID map[string]*resident
	list []*cloud.Universe // in order of id; replaced, never changed
}

func newUniverses() *universes { return &universes{byID: map[string]*resident{}} }

// resident returns the universe of a subscription with what belongs to it, nil
// when there is none.
func (us *universes) resident(subscription string) *resident {
	us.mu.RLock()
	defer us.mu.RUnlock()
	if r := us.byID[subscription]; r != nil {
		return r
	}
	return us.byID[strings.ToLower(subscription)]
}

// Universe returns the universe of a subscription, nil when there is none.
func (us *universes) Universe(subscription string) *cloud.Universe {
	if r := us.resident(subscription); r != nil {
		return r.Universe
	}
	return nil
}

// Universes returns all universes in order of subscription id.
func (us *universes) Universes() []*cloud.Universe {
	us.mu.RLock()
	defer us.mu.RUnlock()
	return us.list
}

// add puts a universe in; false when its subscription is there already.
func (us *universes) add(r *resident) bool {
	us.mu.Lock()
	defer us.mu.Unlock()
	if us.byID[r.ID()] != nil {
		return false
	}
	us.byID[r.ID()] = r
	at, _ := slices.BinarySearchFunc(us.list, r.ID(), byID)
	us.list = slices.Insert(slices.Clone(us.list), at, r.Universe)
	return true
}

// remove takes a universe out; nil when there is none.
func (us *universes) remove(subscription string) *resident {
	us.mu.Lock()
	defer us.mu.Unlock()
	r := us.byID[strings.ToLower(subscription)]
	if r == nil {
		return nil
	}
	delete(us.byID, r.ID())
	if at, found := slices.BinarySearchFunc(us.list, r.ID(), byID); found {
		us.list = slices.Delete(slices.Clone(us.list), at, at+1)
	}
	return r
}

func byID(u *cloud.Universe, id string) int { return cmp.Compare(u.ID(), id) }

// closeJournals ends whoever follows a journal.
func (us *universes) closeJournals() {
	us.mu.RLock()
	defer us.mu.RUnlock()
	for _, r := range us.byID {
		r.journal.Close()
	}
}
