package blob

import (
	"fmt"
	"strings"
	"time"

	"github.com/vipswap/vipswap/emulator/blob/internal/content"
)

// A change is one step of a transaction: to the database first, then, when the
// database has all of them, to the state.
type change struct {
	bucket string
	key    string
	record any // nil: the key is deleted
	all    bool
	apply  func()
}

// A transaction collects changes to the state. It reads the state as it was
// when it began. The changes happen together or not at all.
type transaction struct {
	state
	changes  []change
	released []*content.Content // to be released once the changes are made
	retained []*content.Content // to be released if they are not
}

// retain takes a reference to c for a record of this transaction.
func (t *transaction) retain(c *content.Content) {
	c.Retain()
	t.retained = append(t.retained, c)
}

// key joins the names that a record is kept under. Names have no zero bytes.
func key(names ...string) string { return strings.Join(names, "\x00") }

// stamp returns a new ETag of an account and the time that goes with it. ETags
// of an account only grow, even while its clock stands still.
func (t *transaction) stamp(accountID string, now time.Time) (etag string, modified time.Time) {
	record := *t.account(accountID).record
	record.LastTag = max(record.LastTag+1, ticks(now))
	t.putAccount(accountID, &record)
	return fmt.Sprintf("0x%X", record.LastTag), now
}

// ticks counts 100-nanosecond steps since the year 1, as the real ETags do.
func ticks(t time.Time) uint64 {
	const secondsToUnix = 62135596800
	return uint64(t.Unix()+secondsToUnix)*1e7 + uint64(t.Nanosecond())/100
}

// putAccount replaces the record of an account.
func (t *transaction) putAccount(id string, record *accountRecord) {
	t.changes = append(t.changes, change{bucket: accountsBucket, key: id, record: record, apply: func() {
		a := t.account(id)
		a.record = record
		t.state[id] = a
	}})
}

// putContainer replaces the record of a container. It follows a stamp, so the
// account is there.
func (t *transaction) putContainer(accountID, name string, record *containerRecord) {
	t.changes = append(t.changes, change{
		bucket: containersBucket, key: key(accountID, name), record: record,
		apply: func() { t.state[accountID].container(name).record = record },
	})
}

// container returns a container of an account, a new one when there is none.
func (a *account) container(name string) *container {
	c := a.containers[name]
	if c == nil {
		c = &container{blobs: map[string]*blobRecord{}, waiting: map[string]map[string]*block{}}
		a.containers[name] = c
	}
	return c
}

// clearContainer takes everything out of a container.
func (t *transaction) clearContainer(accountID, name string) {
	c := t.anyContainer(accountID, name)
	t.releaseContainer(c)
	prefix := key(accountID, name, "")
	t.changes = append(t.changes,
		change{bucket: blobsBucket, key: prefix, all: true, apply: func() { clear(c.blobs) }},
		change{bucket: blocksBucket, key: prefix, all: true, apply: func() { clear(c.waiting) }})
}

// deleteContainer takes away a container with everything in it.
func (t *transaction) deleteContainer(accountID, name string) {
	t.clearContainer(accountID, name)
	t.changes = append(t.changes, change{
		bucket: containersBucket, key: key(accountID, name),
		apply: func() { delete(t.state[accountID].containers, name) },
	})
}

// releaseContainer lets go of the contents of all blobs and blocks of c.
func (t *transaction) releaseContainer(c *container) {
	for _, b := range c.blobs {
		t.released = append(t.released, b.contents()...)
	}
	for _, waiting := range c.waiting {
		t.releaseBlocks(waiting)
	}
}

func (t *transaction) releaseBlocks(waiting map[string]*block) {
	for _, b := range waiting {
		t.released = append(t.released, b.content)
	}
}

// putBlob replaces the record of a blob. The record brings a reference to each
// of its contents; those of the replaced record are released.
func (t *transaction) putBlob(accountID, container, name string, record *blobRecord) {
	c := t.anyContainer(accountID, container)
	if old := c.blobs[name]; old != nil {
		t.released = append(t.released, old.contents()...)
	}
	t.changes = append(t.changes, change{
		bucket: blobsBucket, key: key(accountID, container, name), record: record,
		apply: func() { c.blobs[name] = record },
	})
}

// deleteBlob takes away a blob.
func (t *transaction) deleteBlob(accountID, container, name string) {
	c := t.anyContainer(accountID, container)
	t.released = append(t.released, c.blobs[name].contents()...)
	t.changes = append(t.changes, change{
		bucket: blobsBucket, key: key(accountID, container, name),
		apply: func() { delete(c.blobs, name) },
	})
}

// putBlock adds an uncommitted block, which brings a reference to its content.
func (t *transaction) putBlock(accountID, container, blob string, b *block) {
	c := t.anyContainer(accountID, container)
	if old := c.blocks(blob, b.Added)[b.ID]; old != nil {
		t.released = append(t.released, old.content)
	}
	t.changes = append(t.changes, change{
		bucket: blocksBucket, key: key(accountID, container, blob, b.ID), record: b,
		apply: func() {
			if c.waiting[blob] == nil {
				c.waiting[blob] = map[string]*block{}
			}
			c.waiting[blob][b.ID] = b
		},
	})
}

// dropBlocks forgets the uncommitted blocks of a blob.
func (t *transaction) dropBlocks(accountID, container, blob string) {
	c := t.anyContainer(accountID, container)
	if len(c.waiting[blob]) == 0 {
		return
	}
	t.releaseBlocks(c.waiting[blob])
	t.changes = append(t.changes, change{
		bucket: blocksBucket, key: key(accountID, container, blob, ""), all: true,
		apply: func() { delete(c.waiting, blob) },
	})
}

// deleteAccount forgets an account with everything in it.
func (t *transaction) deleteAccount(id string) {
	for _, c := range t.account(id).containers {
		t.releaseContainer(c)
	}
	for _, bucket := range []string{containersBucket, blobsBucket, blocksBucket} {
		t.changes = append(t.changes, change{bucket: bucket, key: key(id, ""), all: true, apply: func() {}})
	}
	t.changes = append(t.changes, change{bucket: accountsBucket, key: id, apply: func() { delete(t.state, id) }})
}

// view calls f with the state. What f reaches, other than records, is valid
// only inside f.
func (s *Store) view(f func(state) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return f(s.state)
}

// update calls f with a transaction and, unless f fails, makes its changes.
func (s *Store) update(f func(*transaction) error) error {
	t := &transaction{}
	err := s.commit(t, f)
	unused := t.released
	if err != nil {
		unused = t.retained
	}
	for _, c := range unused {
		c.Release() // without the lock: it may remove a file
	}
	return err
}

// commit is the part of update that holds the lock.
func (s *Store) commit(t *transaction, f func(*transaction) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t.state = s.state
	if err := f(t); err != nil {
		return err
	}
	if err := s.database.write(t.changes); err != nil {
		return err
	}
	for _, c := range t.changes {
		c.apply()
	}
	return nil
}
