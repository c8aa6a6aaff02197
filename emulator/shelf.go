package emulator

import (
	"maps"
	"slices"
	"sync"

	"github.com/vipswap/vipswap/emulator/cloud"
)

// A shelf keeps snapshots of universes, by subscription and name: a store with a
// data folder, memory without.
type shelf interface {
	PutSnapshot(subscription, name string, saved cloud.Saved) error
	Snapshot(subscription, name string) (saved cloud.Saved, ok bool, err error)
	SnapshotNames(subscription string) ([]string, error) // in order
	DeleteSnapshot(subscription, name string) error
	Delete(subscription string) error // all that is kept of a subscription
}

// memoryShelf is a shelf that ends with the process.
type memoryShelf struct {
	mu  *sync.Mutex // guards all
	all map[string]map[string]cloud.Saved
}

func newMemoryShelf() memoryShelf {
	return memoryShelf{&sync.Mutex{}, map[string]map[string]cloud.Saved{}}
}

// PutSnapshot keeps a snapshot in the place of any of that name.
func (m memoryShelf) PutSnapshot(subscription, name string, saved cloud.Saved) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.all[subscription] == nil {
		m.all[subscription] = map[string]cloud.Saved{}
	}
	m.all[subscription][name] = saved
	return nil
}

// Snapshot returns a snapshot; false when there is none of that name.
func (m memoryShelf) Snapshot(subscription, name string) (cloud.Saved, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	saved, ok := m.all[subscription][name]
	return saved, ok, nil
}

// SnapshotNames lists names in order.
func (m memoryShelf) SnapshotNames(subscription string) ([]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Sorted(maps.Keys(m.all[subscription])), nil
}

// DeleteSnapshot removes a snapshot, if there is one of that name.
func (m memoryShelf) DeleteSnapshot(subscription, name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.all[subscription], name)
	return nil
}

// Delete removes all snapshots of a subscription.
func (m memoryShelf) Delete(subscription string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.all, subscription)
	return nil
}
