package blob

import (
	"time"

	"github.com/vipswap/vipswap/emulator/blob/internal/content"
)

// An access tells who may read a container without credentials.
type access string

// The levels of public access, as the header x-ms-blob-public-access has them.
const (
	accessPrivate   access = ""
	accessBlob      access = "blob"      // its blobs
	accessContainer access = "container" // its blobs, the list of them, its properties
)

// allows tells whether a container with this access lets everyone do what takes
// at least the wanted one. Private things are never allowed.
func (a access) allows(wanted access) bool {
	return wanted != accessPrivate && (a == wanted || a == accessContainer)
}

// Records are what is kept about accounts, containers and blobs. They are never
// changed, only replaced, so that what is read under the lock stays valid
// without it.
type (
	// An accountRecord is about one storage account.
	accountRecord struct {
		LastTag    uint64            // of the ETags given so far
		Properties serviceProperties // of its blob service
	}

	// A containerRecord is about one container.
	containerRecord struct {
		Modified     time.Time
		ETag         string
		Metadata     map[string]string `json:",omitempty"` // names in lower case
		Access       access            `json:",omitempty"`
		Policies     []policy          `json:",omitempty"`
		Lease        lease             `json:",omitzero"`
		DeletedUntil time.Time         `json:",omitzero"` // set: it is being deleted until then
	}

	// A blobRecord is about one committed blob.
	blobRecord struct {
		Created    time.Time
		Modified   time.Time
		ETag       string
		Size       int64
		Properties properties
		Metadata   map[string]string `json:",omitempty"` // names in lower case
		Lease      lease             `json:",omitzero"`
		Parts      []block
	}

	// A block is a part of a blob, or one that waits to become a part.
	block struct {
		ID    string    `json:",omitempty"` // "" for the contents of a Put Blob
		Size  int64     // bytes
		File  string    `json:",omitempty"` // name of its contents, for the next start
		Sum   uint32    `json:",omitempty"` // CRC-32C of its contents, for Check; 0 is unknown
		Added time.Time `json:",omitzero"`  // while it waits

		content *content.Content
	}

	// A policy is a stored access policy of a container, which a SAS may name.
	policy struct {
		ID         string
		Start      time.Time `json:",omitzero"`
		Expiry     time.Time `json:",omitzero"`
		Permission string    `json:",omitempty"`
	}

	// properties are the headers that a blob is served with.
	properties struct {
		ContentType, ContentEncoding, ContentLanguage string `json:",omitempty"`
		CacheControl, ContentDisposition              string `json:",omitempty"`
		ContentMD5                                    []byte `json:",omitempty"`
	}
)

// blockExpiry is how long blocks wait for a block list. Source: Microsoft's
// page "Put Block".
const blockExpiry = 7 * 24 * time.Hour

// A state is all that the store knows. Whoever has it holds the store's lock.
type state map[string]*account // by the ID of the account

// An account is a storage account with its containers.
type account struct {
	record     *accountRecord
	containers map[string]*container
}

// A container holds blobs, and blocks of blobs to come.
type container struct {
	record  *containerRecord
	blobs   map[string]*blobRecord
	waiting map[string]map[string]*block // uncommitted blocks by blob and ID
}

// account returns an account, a new one when nothing is kept under the ID. A
// new one becomes part of the state with the first record under it.
func (s state) account(id string) *account {
	if a := s[id]; a != nil {
		return a
	}
	return &account{record: &accountRecord{}, containers: map[string]*container{}}
}

// anyContainer returns a container, also one that is being deleted, or nil.
func (s state) anyContainer(accountID, name string) *container {
	return s.account(accountID).containers[name]
}

// container returns a container, or the refusal that says why it is not there.
func (s state) container(accountID, name string, now time.Time) (*container, error) {
	c := s.anyContainer(accountID, name)
	switch {
	case c == nil || c.record.gone(now):
		return nil, refuse(containerNotFound)
	case c.record.deleting(now):
		return nil, refuse(containerBeingDeleted)
	}
	return c, nil
}

// deleting tells whether the container still holds its name, but nothing else.
func (r *containerRecord) deleting(now time.Time) bool {
	return !r.DeletedUntil.IsZero() && now.Before(r.DeletedUntil)
}

// gone tells whether the container was deleted and its name is free again.
func (r *containerRecord) gone(now time.Time) bool {
	return !r.DeletedUntil.IsZero() && !now.Before(r.DeletedUntil)
}

// blob returns a committed blob, or the refusal that says what is not there.
func (s state) blob(accountID, container, name string, now time.Time) (*blobRecord, error) {
	c, err := s.container(accountID, container, now)
	if err != nil {
		return nil, err
	}
	b := c.blobs[name]
	if b == nil {
		return nil, refuse(blobNotFound)
	}
	return b, nil
}

// blocks returns the uncommitted blocks of a blob, without any that expired.
func (c *container) blocks(blob string, now time.Time) map[string]*block {
	waiting := c.waiting[blob]
	for _, b := range waiting {
		if now.Sub(b.Added) < blockExpiry {
			return waiting // a block that is young keeps the others
		}
	}
	return nil
}

// contents returns the contents of all parts.
func (b *blobRecord) contents() []*content.Content {
	all := make([]*content.Content, len(b.Parts))
	for i, p := range b.Parts {
		all[i] = p.content
	}
	return all
}
