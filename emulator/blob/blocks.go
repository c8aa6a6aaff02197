package blob

import (
	"encoding/base64"
	"net/http"
	"strconv"
	"time"
)

// longestBlockID is the length of a block ID before it is encoded. Source:
// Microsoft's page "Put Block".
const longestBlockID = 64

// blockID reads the ID of a block, which stays as the client encoded it.
func (q *request) blockID() (string, error) {
	id := q.query.Get("blockid")
	if id == "" {
		return "", refuse(missingRequiredQueryParameter, "QueryParameterName", "blockid")
	}
	decoded, err := base64.StdEncoding.DecodeString(id)
	if err != nil || len(decoded) == 0 || len(decoded) > longestBlockID {
		return "", refuse(invalidBlockID, "Reason", "an ID has 1 to 64 bytes before it is encoded")
	}
	return id, nil
}

// putBlock stores a block for a later block list.
func (s *Server) putBlock(q *request) (*response, error) {
	id, err := q.blockID()
	if err != nil {
		return nil, err
	}
	if q.ContentLength == 0 {
		return nil, refuseHeader(invalidHeaderValue, "Content-Length", "0", "a block is not empty")
	}
	check := func(st state) (*container, error) { return s.checkBlock(q, st, id) }
	if err := s.store.view(func(st state) error { _, err := check(st); return err }); err != nil {
		return nil, err
	}
	body, err := s.receive(q, q.limit(s.limits).block, false)
	if err != nil {
		return nil, err
	}
	b := &block{ID: id, Size: body.content.Size(), File: body.content.Name(), Sum: body.content.Sum(), Added: q.now, content: body.content}
	if err := s.store.update(func(t *transaction) error { return q.addBlock(t, check, b) }); err != nil {
		body.content.Release()
		return nil, err
	}
	r := respond(http.StatusCreated, "x-ms-request-server-encrypted", "true")
	body.writeTo(r.header)
	return r, nil
}

// checkBlock tells whether the request may add a block: its ID is as long as
// those of the other blocks, and there are not too many.
func (s *Server) checkBlock(q *request, st state, id string) (*container, error) {
	c, err := st.container(q.account.ID, q.location.container, q.now)
	if err != nil {
		return nil, err
	}
	if err := q.checkBlobLease(c.blobs[q.location.blob]); err != nil {
		return nil, err
	}
	waiting := c.blocks(q.location.blob, q.now)
	for other := range waiting {
		if len(other) != len(id) {
			return nil, refuse(invalidBlobOrBlock, "Reason", "the IDs of all blocks of a blob have the same length")
		}
		break
	}
	if waiting[id] == nil && len(waiting) >= 2*s.limits.Blocks {
		return nil, refuse(blockCountExceedsLimit)
	}
	return c, nil
}

// addBlock adds a block, and forgets any that waited too long.
func (q *request) addBlock(t *transaction, check func(state) (*container, error), b *block) error {
	c, err := check(t.state)
	if err != nil {
		return err
	}
	if c.blocks(q.location.blob, q.now) == nil {
		t.dropBlocks(q.account.ID, q.location.container, q.location.blob)
	}
	t.putBlock(q.account.ID, q.location.container, q.location.blob, b)
	return nil
}

// blockListBytes is how much of a block list a block may take.
const blockListBytes = 160

// putBlockList makes a blob of blocks.
func (s *Server) putBlockList(q *request) (*response, error) {
	p, err := q.properties(false)
	if err != nil {
		return nil, err
	}
	metadata, err := q.metadata()
	if err != nil {
		return nil, err
	}
	cond, err := q.conditions()
	if err != nil {
		return nil, err
	}
	document, err := s.receiveDocument(q, max(s.limits.Document, int64(s.limits.Blocks)*blockListBytes))
	if err != nil {
		return nil, err
	}
	wanted, err := decodeBlockList(document, s.limits.Blocks)
	if err != nil {
		return nil, err
	}
	record, err := s.commitList(q, cond, wanted, newBlob(p, metadata, nil))
	if err != nil {
		return nil, err
	}
	return respond(http.StatusCreated, "x-ms-request-server-encrypted", "true").stamped(record.ETag, record.Modified), nil
}

// commitList gives record the wanted blocks and makes it the request's blob.
func (s *Server) commitList(q *request, cond conditions, wanted []blockReference, record *blobRecord) (*blobRecord, error) {
	err := s.store.update(func(t *transaction) error {
		c, err := q.checkCommit(t.state, cond)
		if err != nil {
			return err
		}
		parts, err := c.find(q.location.blob, wanted, c.blocks(q.location.blob, q.now))
		if err != nil {
			return err
		}
		for _, part := range parts {
			t.retain(part.content)
		}
		*record = *newBlob(record.Properties, record.Metadata, parts)
		t.commitBlob(q.account.ID, q.location.container, q.location.blob, c, record, q.now)
		return nil
	})
	return record, err
}

// find looks for the blocks that a list names: each in the lists that it names.
func (c *container) find(blob string, wanted []blockReference, waiting map[string]*block) ([]block, error) {
	committed := c.committed(blob)
	parts := make([]block, 0, len(wanted))
	for _, w := range wanted {
		uncommitted := waiting[w.id]
		old, isOld := committed[w.id]
		switch {
		case uncommitted != nil && w.where != onlyCommitted:
			part := *uncommitted
			part.Added = time.Time{} // it waits no longer
			parts = append(parts, part)
		case isOld && w.where != onlyUncommitted:
			parts = append(parts, old)
		default:
			return nil, refuse(invalidBlockList, "Reason", "there is no block "+w.id+" in the list that is named")
		}
	}
	return parts, nil
}

// committed returns the committed blocks of a blob by ID.
func (c *container) committed(blob string) map[string]block {
	blocks := map[string]block{}
	if b := c.blobs[blob]; b != nil {
		for _, part := range b.Parts {
			if part.ID != "" {
				blocks[part.ID] = part
			}
		}
	}
	return blocks
}

// blockListTypes tells which lists a Get Block List shows.
var blockListTypes = map[string]struct{ committed, uncommitted bool }{
	"":            {true, false},
	"committed":   {true, false},
	"uncommitted": {false, true},
	"all":         {true, true},
}

// getBlockList answers with the blocks of a blob.
func (s *Server) getBlockList(q *request) (*response, error) {
	kind := q.query.Get("blocklisttype")
	show, ok := blockListTypes[kind]
	if !ok {
		return nil, refuseParameter(invalidQueryParameterValue, "blocklisttype", kind, "it is committed, uncommitted or all")
	}
	var record *blobRecord
	list := blockListDocument{}
	err := s.store.view(func(st state) error {
		c, err := st.container(q.account.ID, q.location.container, q.now)
		if err != nil {
			return err
		}
		record = c.blobs[q.location.blob]
		waiting := c.blocks(q.location.blob, q.now)
		if record == nil && waiting == nil {
			return refuse(blobNotFound)
		}
		if show.uncommitted {
			list.Uncommitted = listWaiting(waiting)
		}
		if record == nil {
			return nil
		}
		return record.Lease.checkRead(q.leaseID(), blobLease, q.now)
	})
	if err != nil {
		return nil, err
	}
	if show.committed {
		list.Committed = listCommitted(record)
	}
	r, err := document(http.StatusOK, list)
	if err != nil || record == nil {
		return r, err
	}
	r.header.Set("x-ms-blob-content-length", strconv.FormatInt(record.Size, 10))
	return r.stamped(record.ETag, record.Modified), nil
}
