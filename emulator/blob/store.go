package blob

import (
	"crypto/md5"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/vipswap/vipswap/emulator/blob/internal/content"
	dbfile "github.com/vipswap/vipswap/emulator/internal/database"
)

// defaultMemory is how much a store without a folder keeps in memory.
const defaultMemory = 64 << 20

// A Store holds the containers and blobs of all accounts. It is safe for
// concurrent use. Accounts need not be announced: an account is there with the
// first container or setting under its ID. IDs have no zero bytes.
type Store struct {
	contents *content.Store
	database *database

	mu    sync.Mutex // guards state; never held while contents are copied
	state state
}

// A StoreOption changes how a store keeps things.
type StoreOption func(*storeOptions)

type storeOptions struct {
	memory     int64
	durability dbfile.Durability
}

// WithMemory sets how many bytes of contents a store without a folder keeps in
// memory before it spools to a temporary folder. The default is 64 MiB; a single
// content above 4 MiB is always spooled. It has no effect on a store with a
// folder.
func WithMemory(bytes int64) StoreOption {
	return func(o *storeOptions) { o.memory = bytes }
}

// WithRelaxedDurability leaves what is stored to the operating system, which has
// it on disk some seconds later, instead of waiting for that before a request is
// answered. A killed process loses nothing by that, a machine without power may.
func WithRelaxedDurability() StoreOption {
	return func(o *storeOptions) { o.durability = dbfile.Relaxed }
}

// OpenStore opens the store in a folder, which is made when missing. Everything
// is on disk before a request is answered, and is there again after a restart;
// what a killed process left half done is removed. One process at a time may
// have a folder open.
//
// With an empty dir nothing outlives the store: small contents are in memory,
// larger ones in a temporary folder that Close removes.
//
// It fails when the folder cannot be used, another process uses it, or contents
// are missing from it.
func OpenStore(dir string, options ...StoreOption) (*Store, error) {
	o := storeOptions{memory: defaultMemory}
	for _, set := range options {
		set(&o)
	}
	if dir == "" {
		contents, err := content.Open("", o.memory)
		return &Store{contents: contents, state: state{}}, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make folder of blob store: %w", err)
	}
	db, err := openDatabase(dir, o.durability)
	if err != nil {
		return nil, err
	}
	s := &Store{database: db}
	if err := s.load(filepath.Join(dir, contentsFolder), o.durability); err != nil {
		return nil, errors.Join(err, db.close())
	}
	return s, nil
}

// contentsFolder is where the contents are, in the folder of a store.
const contentsFolder = "contents"

// load reads what an earlier process wrote, and removes its leftovers.
func (s *Store) load(dir string, d dbfile.Durability) (err error) {
	if s.contents, err = content.Open(dir, 0); err != nil {
		return err
	}
	if d == dbfile.Relaxed {
		s.contents.Relax()
	}
	if s.state, err = s.database.load(); err != nil {
		return err
	}
	files := map[string]*content.Content{}
	for b := range s.state.blocksOfAll {
		c := files[b.File]
		if c == nil {
			if c, err = s.contents.Reopen(b.File, b.Size); err != nil {
				return fmt.Errorf("blob store is damaged: %w (delete its folder to start afresh)", err)
			}
			files[b.File] = c
		} else {
			c.Retain()
		}
		b.content = c
	}
	return s.contents.Sweep(func(name string) bool { return files[name] != nil })
}

// blocksOfAll goes over all blocks of all blobs, committed or not.
func (s state) blocksOfAll(yield func(*block) bool) {
	for _, a := range s {
		for _, c := range a.containers {
			if !c.allBlocks(yield) {
				return
			}
		}
	}
}

// allBlocks goes over all blocks in a container, until yield says false.
func (c *container) allBlocks(yield func(*block) bool) bool {
	for _, b := range c.blobs {
		for i := range b.Parts {
			if !yield(&b.Parts[i]) {
				return false
			}
		}
	}
	for _, waiting := range c.waiting {
		for _, b := range waiting {
			if !yield(b) {
				return false
			}
		}
	}
	return true
}

// A Listed is one committed blob of an account.
type Listed struct {
	Container, Blob, ETag string
	Size                  int64 // bytes
}

// List lists the committed blobs of an account, in order of container and name.
func (s *Store) List(id string) []Listed {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Listed
	containers := s.state.account(id).containers
	for _, container := range slices.Sorted(maps.Keys(containers)) {
		blobs := containers[container].blobs
		for _, name := range slices.Sorted(maps.Keys(blobs)) {
			all = append(all, Listed{container, name, blobs[name].ETag, blobs[name].Size})
		}
	}
	return all
}

// Close ends the use of the store. With a folder, everything stays in it.
func (s *Store) Close() error {
	return errors.Join(s.database.close(), s.contents.Close())
}

// Accounts returns the IDs that begin with prefix of accounts of which something
// is kept, in order.
func (s *Store) Accounts(prefix string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var ids []string
	for id := range s.state {
		if strings.HasPrefix(id, prefix) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// DeleteAccount deletes all that is kept for accounts. An unknown account is no
// error. Who reads a blob of one can read on.
func (s *Store) DeleteAccount(ids ...string) error {
	return s.update(func(t *transaction) error {
		for _, id := range ids {
			t.deleteAccount(id)
		}
		return nil
	})
}

// Put stores what r gives as a block blob, in the place of any blob of that
// name and without regard to leases. The time is the blob's Last-Modified.
// Nothing changes when r fails. An error that matches ErrNotFound says that the
// container is not there.
func (s *Store) Put(accountID, container, blob string, r io.Reader, now time.Time) error {
	hash := md5.New()
	c, err := s.contents.Write(r, -1, hash)
	if err != nil {
		return fmt.Errorf("store blob: %w", err)
	}
	props := properties{ContentType: defaultContentType, ContentMD5: hash.Sum(nil)}
	err = s.update(func(t *transaction) error {
		target, err := t.container(accountID, container, now)
		if err != nil {
			return err
		}
		t.commitBlob(accountID, container, blob, target, newBlob(props, nil, wholeBlob(c)), now)
		return nil
	})
	if err != nil {
		c.Release()
		return fmt.Errorf("store blob %s in container %s: %w", blob, container, err)
	}
	return nil
}

// wholeBlob makes a content the only part of a blob.
func wholeBlob(c *content.Content) []block {
	return []block{{Size: c.Size(), File: c.Name(), Sum: c.Sum(), content: c}}
}

// newBlob returns the record of a blob that consists of parts.
func newBlob(p properties, metadata map[string]string, parts []block) *blobRecord {
	b := &blobRecord{Properties: p, Metadata: metadata, Parts: parts}
	for _, part := range parts {
		b.Size += part.Size
	}
	return b
}

// commitBlob makes b the blob of a name, and drops the uncommitted blocks.
func (t *transaction) commitBlob(accountID, containerName, name string, c *container, b *blobRecord, now time.Time) {
	b.ETag, b.Modified = t.stamp(accountID, now)
	b.Created = now
	if old := c.blobs[name]; old != nil {
		b.Created = old.Created
		b.Lease = old.Lease.afterWrite(now)
	}
	t.putBlob(accountID, containerName, name, b)
	t.dropBlocks(accountID, containerName, name)
}
