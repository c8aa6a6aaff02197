package emulator

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"github.com/vipswap/vipswap/emulator/cloud"
)

// universes holds the universe of each subscription.
type universes struct {
	mu   sync.RWMutex // guards byID and list
	byID map[string]*cloud.Universe
	list []*cloud.Universe // in order of id; replaced, never changed
}

func newUniverses() *universes { return &universes{byID: map[string]*cloud.Universe{}} }

// Universe returns the universe of a subscription, nil when there is none.
func (us *universes) Universe(subscription string) *cloud.Universe {
	us.mu.RLock()
	defer us.mu.RUnlock()
	if u := us.byID[subscription]; u != nil {
		return u
	}
	return us.byID[strings.ToLower(subscription)]
}

// Universes returns all universes in order of subscription id.
func (us *universes) Universes() []*cloud.Universe {
	us.mu.RLock()
	defer us.mu.RUnlock()
	return us.list
}

// add puts a universe in; false when its subscription is there already.
func (us *universes) add(u *cloud.Universe) bool {
	us.mu.Lock()
	defer us.mu.Unlock()
	if us.byID[u.ID()] != nil {
		return false
	}
	us.byID[u.ID()] = u
	us.list = append(slices.Clone(us.list), u)
	slices.SortFunc(us.list, func(a, b *cloud.Universe) int { return cmp.Compare(a.ID(), b.ID()) })
	return true
}
