package blob

import (
	"maps"
	"slices"

	"github.com/vipswap/vipswap/emulator/blob/internal/content"
)

// A Copy says that an account, by its ID, becomes a copy of another.
type Copy struct{ From, To string }

// Copy makes copies of accounts, all or none, in the place of whatever is kept
// under their new IDs. Contents are shared, not copied; from then on accounts and
// copies change apart. Nothing being kept under From, nothing is under To.
func (s *Store) Copy(copies ...Copy) error {
	return s.update(func(t *transaction) error {
		for _, c := range copies {
			t.copyAccount(c.From, c.To)
		}
		return nil
	})
}

func (t *transaction) copyAccount(from, to string) {
	t.deleteAccount(to)
	if a := t.state[from]; a != nil {
		t.putWholeAccount(to, a.share(t.retain))
	}
}

// share returns a copy of an account, and calls retain for each content.
func (a *account) share(retain func(*content.Content)) *account {
	shared := &account{record: a.record, containers: make(map[string]*container, len(a.containers))}
	for name, c := range a.containers {
		to := shared.container(name)
		to.record = c.record
		maps.Copy(to.blobs, c.blobs)
		for blob, waiting := range c.waiting {
			to.waiting[blob] = maps.Clone(waiting)
		}
		c.allBlocks(func(b *block) bool {
			retain(b.content)
			return true
		})
	}
	return shared
}

// putWholeAccount makes a, with all that is in it, the account of an ID under
// which nothing is kept. It brings a reference to each of its contents.
func (t *transaction) putWholeAccount(id string, a *account) {
	t.changes = append(t.changes, change{bucket: accountsBucket, key: id, record: a.record, apply: func() { t.state[id] = a }})
	put := func(bucket string, record any, names ...string) {
		t.changes = append(t.changes, change{bucket: bucket, key: key(names...), record: record, apply: func() {}})
	}
	for _, name := range slices.Sorted(maps.Keys(a.containers)) {
		c := a.containers[name]
		put(containersBucket, c.record, id, name)
		for _, blob := range slices.Sorted(maps.Keys(c.blobs)) {
			put(blobsBucket, c.blobs[blob], id, name, blob)
		}
		for _, blob := range slices.Sorted(maps.Keys(c.waiting)) {
			for _, block := range slices.Sorted(maps.Keys(c.waiting[blob])) {
				put(blocksBucket, c.waiting[blob][block], id, name, blob, block)
			}
		}
	}
}
