package blob

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/vipswap/vipswap/emulator/blob/internal/content"
)

// An archive is the form in which accounts leave the store: records as the
// database has them, but that blocks name their contents by SHA-256, in hex.
type (
	archivedAccount struct {
		Account    *accountRecord
		Containers map[string]*archivedContainer `json:",omitempty"`
	}
	archivedContainer struct {
		Container *containerRecord
		Blobs     map[string]*blobRecord       `json:",omitempty"`
		Waiting   map[string]map[string]*block `json:",omitempty"` // uncommitted blocks by blob and ID
	}
)

// Archive returns the records of an account as JSON, the same bytes for the same
// records; null when nothing is kept under the ID. For each of its contents it
// calls keep with the SHA-256, in hex, under which the records name it; several
// times with the same, if it is there several times. What open opens is valid
// during the call.
func (s *Store) Archive(id string, keep func(sum string, size int64, open func() (io.ReadCloser, error)) error) (json.RawMessage, error) {
	a, release := s.borrow(id)
	defer release()
	if a == nil {
		return json.RawMessage("null"), nil
	}
	archived := archivedAccount{a.record, map[string]*archivedContainer{}}
	for name, c := range a.containers {
		archived.Containers[name] = c.archived()
	}
	for _, c := range archived.Containers {
		if err := c.archiveBlocks(keep); err != nil {
			return nil, fmt.Errorf("archive account %s: %w", id, err)
		}
	}
	return json.Marshal(archived)
}

// borrow returns a copy of an account, nil when there is none, whose contents
// stay until it is released.
func (s *Store) borrow(id string) (a *account, release func()) {
	var held []*content.Content
	s.mu.Lock()
	defer s.mu.Unlock()
	if have := s.state[id]; have != nil {
		a = have.share(func(c *content.Content) {
			c.Retain()
			held = append(held, c)
		})
	}
	return a, func() {
		for _, c := range held {
			c.Release()
		}
	}
}

// archived copies records, since their blocks get other names.
func (c *container) archived() *archivedContainer {
	out := &archivedContainer{Container: c.record, Blobs: map[string]*blobRecord{}, Waiting: map[string]map[string]*block{}}
	for name, b := range c.blobs {
		record := *b
		record.Parts = append([]block(nil), b.Parts...)
		out.Blobs[name] = &record
	}
	for name, waiting := range c.waiting {
		out.Waiting[name] = map[string]*block{}
		for id, b := range waiting {
			copied := *b
			out.Waiting[name][id] = &copied
		}
	}
	return out
}

// blocks goes over all blocks, committed or not.
func (c *archivedContainer) blocks(yield func(*block) bool) {
	(&container{blobs: c.Blobs, waiting: c.Waiting}).allBlocks(yield)
}

func (c *archivedContainer) archiveBlocks(keep func(string, int64, func() (io.ReadCloser, error)) error) error {
	for b := range c.blocks {
		sum := sha256.New()
		if err := b.content.CopyTo(sum, 0, b.Size); err != nil {
			return err
		}
		b.File, b.Sum = hex.EncodeToString(sum.Sum(nil)), 0
		if err := keep(b.File, b.Size, b.content.Reader); err != nil {
			return err
		}
	}
	return nil
}

// Unarchive makes the account of an ID what Archive returned, in the place of
// whatever is kept under it. open returns the content of a SHA-256. The error
// says what of the records does not fit, or which content is another than they
// say; then nothing has changed.
func (s *Store) Unarchive(id string, records json.RawMessage, open func(sum string) (io.ReadCloser, error)) error {
	var archived *archivedAccount
	if err := json.Unmarshal(records, &archived); err != nil {
		return fmt.Errorf("read records of account %s: %w", id, err)
	}
	if archived == nil {
		return s.DeleteAccount(id)
	}
	if err := archived.check(); err != nil {
		return fmt.Errorf("read records of account %s: %w", id, err)
	}
	r := reader{store: s, open: open, read: map[string]*content.Content{}}
	defer r.release()
	for _, c := range archived.Containers {
		if err := r.contents(c); err != nil {
			return fmt.Errorf("read contents of account %s: %w", id, err)
		}
	}
	return s.update(func(t *transaction) error {
		t.deleteAccount(id)
		t.putWholeAccount(id, archived.account().share(t.retain))
		return nil
	})
}

// account returns the account that was archived.
func (a *archivedAccount) account() *account {
	out := &account{record: a.Account, containers: map[string]*container{}}
	for name, c := range a.Containers {
		out.containers[name] = &container{record: c.Container, blobs: c.Blobs, waiting: c.Waiting}
	}
	return out
}

// errArchive is what is wrong with records that no store wrote.
var errArchive = errors.New("they are not what was archived")

// check refuses records that no store can have written.
func (a *archivedAccount) check() error {
	if a.Account == nil {
		return fmt.Errorf("%w: there is no account", errArchive)
	}
	for name, c := range a.Containers {
		if name == "" || strings.Contains(name, "\x00") || c == nil || c.Container == nil {
			return fmt.Errorf("%w: container %q", errArchive, name)
		}
		if err := c.check(); err != nil {
			return fmt.Errorf("%w: container %s: %w", errArchive, name, err)
		}
	}
	return nil
}

func (c *archivedContainer) check() error {
	for name, b := range c.Blobs {
		if name == "" || strings.Contains(name, "\x00") || b == nil {
			return fmt.Errorf("blob %q", name)
		}
		size := int64(0)
		for _, p := range b.Parts {
			size += p.Size
		}
		if size != b.Size {
			return fmt.Errorf("blob %s: its parts have %d bytes, not %d", name, size, b.Size)
		}
	}
	for name, waiting := range c.Waiting {
		for id, b := range waiting {
			if name == "" || strings.Contains(name+id, "\x00") || b == nil || b.ID != id {
				return fmt.Errorf("block %q of blob %q", id, name)
			}
		}
	}
	for b := range c.blocks {
		if b.Size < 0 {
			return fmt.Errorf("a block of %d bytes", b.Size)
		}
	}
	return nil
}

// A reader reads the contents that records name.
type reader struct {
	store *Store
	open  func(sum string) (io.ReadCloser, error)
	read  map[string]*content.Content // by SHA-256; with a reference each
}

func (r *reader) release() {
	for _, c := range r.read {
		c.Release()
	}
}

// contents gives all blocks of a container their contents.
func (r *reader) contents(c *archivedContainer) error {
	for b := range c.blocks {
		got := r.read[b.File]
		if got == nil {
			var err error
			if got, err = r.content(b.File, b.Size); err != nil {
				return err
			}
			r.read[b.File] = got
		}
		if got.Size() != b.Size {
			return fmt.Errorf("%s has %d bytes, not %d", b.File, got.Size(), b.Size)
		}
		b.File, b.Sum, b.content = got.Name(), got.Sum(), got
	}
	return nil
}

// content keeps a content that is what its name says.
func (r *reader) content(name string, size int64) (*content.Content, error) {
	in, err := r.open(name)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	sum := sha256.New()
	c, err := r.store.contents.Write(io.LimitReader(in, size+1), size, sum)
	if err != nil {
		return nil, err
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != name {
		c.Release()
		return nil, fmt.Errorf("%s has other bytes than its name says", name)
	}
	return c, nil
}
