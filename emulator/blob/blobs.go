package blob

import (
	"bytes"
	"crypto/md5"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/crc64"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// putBlob stores a whole blob.
func (s *Server) putBlob(q *request) (*response, error) {
	if err := q.checkBlobType(); err != nil {
		return nil, err
	}
	p, err := q.properties(true)
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
	check := func(st state) (*container, error) { return q.checkCommit(st, cond) }
	// Refuse before the body is read what can be refused then.
	if err := s.store.view(func(st state) error { _, err := check(st); return err }); err != nil {
		return nil, err
	}
	body, err := s.receive(q, q.limit(s.limits).blob, true)
	if err != nil {
		return nil, err
	}
	if p.ContentMD5 == nil {
		p.ContentMD5 = body.md5
	}
	if !bytes.Equal(p.ContentMD5, body.md5) {
		body.content.Release()
		return nil, body.mismatch(p.ContentMD5)
	}
	record := newBlob(p, metadata, wholeBlob(body.content))
	if err := s.commit(q, check, record); err != nil {
		body.content.Release()
		return nil, err
	}
	r := respond(http.StatusCreated, "x-ms-request-server-encrypted", "true").stamped(record.ETag, record.Modified)
	body.writeTo(r.header)
	return r, nil
}

// checkBlobType refuses page blobs and append blobs.
func (q *request) checkBlobType() error {
	kind, err := q.required("x-ms-blob-type")
	if err == nil && !strings.EqualFold(kind, "BlockBlob") {
		return refuseHeader(invalidHeaderValue, "x-ms-blob-type", kind, "this emulator keeps block blobs only")
	}
	return err
}

// checkCommit tells whether the request may write a whole blob.
func (q *request) checkCommit(st state, cond conditions) (*container, error) {
	c, err := st.container(q.account.ID, q.location.container, q.now)
	if err != nil {
		return nil, err
	}
	old := c.blobs[q.location.blob]
	if old != nil && !q.grant.overwrites() {
		return nil, refuse(authorizationPermission)
	}
	if err := cond.checkCreate(old); err != nil {
		return nil, err
	}
	return c, q.checkBlobLease(old)
}

// checkBlobLease refuses to write to a blob, nil for none, against its lease.
func (q *request) checkBlobLease(b *blobRecord) error {
	if b == nil {
		b = &blobRecord{}
	}
	return b.Lease.checkWrite(q.leaseID(), blobLease, q.now)
}

// commit makes record the request's blob if check lets it.
func (s *Server) commit(q *request, check func(state) (*container, error), record *blobRecord) error {
	return s.store.update(func(t *transaction) error {
		c, err := check(t.state)
		if err != nil {
			return err
		}
		t.commitBlob(q.account.ID, q.location.container, q.location.blob, c, record, q.now)
		return nil
	})
}

// openFor opens the request's blob, if the request's conditions and lease let it.
func (s *Server) openFor(q *request) (*Blob, error) {
	cond, err := q.conditions()
	if err != nil {
		return nil, err
	}
	var b *Blob
	err = s.store.view(func(st state) error {
		record, err := st.blob(q.account.ID, q.location.container, q.location.blob, q.now)
		if err != nil {
			return err
		}
		if err := cond.checkRead(record.ETag, record.Modified); err != nil {
			return err
		}
		if err := record.Lease.checkRead(q.leaseID(), blobLease, q.now); err != nil {
			return err
		}
		b = openBlob(record)
		return nil
	})
	return b, err
}

// getBlob answers with the contents of a blob or a part of them.
func (s *Server) getBlob(q *request) (*response, error) {
	b, err := s.openFor(q)
	if err != nil {
		return nil, err
	}
	r, err := q.contents(b)
	if err != nil {
		b.Close()
	}
	return r, err
}

// contents is the answer to a Get Blob of b.
func (q *request) contents(b *Blob) (*response, error) {
	wanted, all, err := q.wantedSpan(b.Size())
	if err != nil {
		return nil, err
	}
	r := q.describe(b.record)
	r.blob, r.offset, r.length = b, wanted.first, wanted.length
	if all {
		setNonEmpty(r.header, "Content-MD5", base64.StdEncoding.EncodeToString(b.record.Properties.ContentMD5))
		return r, nil
	}
	r.status = http.StatusPartialContent
	r.header.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", wanted.first, wanted.last(), b.Size()))
	setNonEmpty(r.header, "x-ms-blob-content-md5", base64.StdEncoding.EncodeToString(b.record.Properties.ContentMD5))
	return r, q.hashSpan(r, wanted)
}

// mostHashed is the size of a range that the service hashes when asked.
const mostHashed = 4 << 20

// rangeHashes are the headers that ask for a hash of a range, and the header
// that has it.
var rangeHashes = []struct {
	asks, has string
	sum       func([]byte) []byte
}{
	{"x-ms-range-get-content-md5", "Content-MD5", func(data []byte) []byte { sum := md5.Sum(data); return sum[:] }},
	{"x-ms-range-get-content-crc64", "x-ms-content-crc64", func(data []byte) []byte {
		return crcBytes(crc64.Checksum(data, crc64.MakeTable(crcPolynomial)))
	}},
}

// hashSpan adds the hashes of the range that the request asks for.
func (q *request) hashSpan(r *response, wanted span) error {
	for _, h := range rangeHashes {
		if !strings.EqualFold(q.Header.Get(h.asks), "true") {
			continue
		}
		if wanted.length > mostHashed {
			return refuseHeader(invalidHeaderValue, h.asks, "true", "only a range of up to 4 MiB can be hashed")
		}
		data := make([]byte, wanted.length)
		if _, err := r.blob.ReadAt(data, wanted.first); err != nil && err != io.EOF {
			return err
		}
		r.header.Set(h.has, base64.StdEncoding.EncodeToString(h.sum(data)))
	}
	return nil
}

// crcPolynomial is that of the CRC-64 of Azure storage, as its clients have it.
const crcPolynomial = 0x9A6C9329AC4BC9B5

// crcBytes is a CRC-64 in the order of bytes in which it travels.
func crcBytes(sum uint64) []byte { return binary.LittleEndian.AppendUint64(nil, sum) }

// describe is an answer with the headers of a blob.
func (q *request) describe(b *blobRecord) *response {
	r := respond(http.StatusOK,
		"x-ms-blob-type", "BlockBlob",
		"Accept-Ranges", "bytes",
		"x-ms-creation-time", b.Created.Format(http.TimeFormat),
		"x-ms-server-encrypted", "true",
	).stamped(b.ETag, b.Modified)
	b.Properties.writeTo(r.header, q.grant.overrides)
	b.Lease.writeTo(r.header, q.now)
	writeMetadata(r.header, b.Metadata)
	return r
}

// getBlobProperties answers a HEAD of a blob.
func (s *Server) getBlobProperties(q *request) (*response, error) {
	b, err := s.openFor(q)
	if err != nil {
		return nil, err
	}
	r := q.describe(b.record)
	setNonEmpty(r.header, "Content-MD5", base64.StdEncoding.EncodeToString(b.record.Properties.ContentMD5))
	r.blob, r.length = b, b.Size()
	return r, nil
}

// getBlobMetadata answers with the metadata alone.
func (s *Server) getBlobMetadata(q *request) (*response, error) {
	b, err := s.openFor(q)
	if err != nil {
		return nil, err
	}
	defer b.Close()
	r := respond(http.StatusOK).stamped(b.record.ETag, b.record.Modified)
	writeMetadata(r.header, b.record.Metadata)
	return r, nil
}

// setBlobMetadata replaces the metadata of a blob.
func (s *Server) setBlobMetadata(q *request) (*response, error) {
	metadata, err := q.metadata()
	if err != nil {
		return nil, err
	}
	return s.changeBlob(q, func(b *blobRecord) { b.Metadata = metadata })
}

// setBlobProperties replaces the headers that a blob is served with. Those that
// the request does not give are cleared.
func (s *Server) setBlobProperties(q *request) (*response, error) {
	p, err := q.properties(false)
	if err != nil {
		return nil, err
	}
	return s.changeBlob(q, func(b *blobRecord) { b.Properties = p })
}

// changeBlob replaces the record of a blob by a changed copy, with the same
// contents.
func (s *Server) changeBlob(q *request, change func(*blobRecord)) (*response, error) {
	cond, err := q.conditions()
	if err != nil {
		return nil, err
	}
	var record blobRecord
	err = s.store.update(func(t *transaction) error {
		old, err := q.writable(t.state, cond)
		if err != nil {
			return err
		}
		record = *old
		change(&record)
		record.Lease = old.Lease.afterWrite(q.now)
		record.ETag, record.Modified = t.stamp(q.account.ID, q.now)
		for _, c := range record.contents() {
			t.retain(c)
		}
		t.putBlob(q.account.ID, q.location.container, q.location.blob, &record)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return respond(http.StatusOK, "x-ms-request-server-encrypted", "true").stamped(record.ETag, record.Modified), nil
}

// writable returns the request's blob if the request may change it.
func (q *request) writable(st state, cond conditions) (*blobRecord, error) {
	b, err := st.blob(q.account.ID, q.location.container, q.location.blob, q.now)
	if err != nil {
		return nil, err
	}
	if err := cond.checkWrite(b.ETag, b.Modified); err != nil {
		return nil, err
	}
	return b, q.checkBlobLease(b)
}

// deleteBlob deletes a blob and its uncommitted blocks.
func (s *Server) deleteBlob(q *request) (*response, error) {
	if value := q.Header.Get("x-ms-delete-snapshots"); value != "" && value != "include" {
		return nil, refuseHeader(invalidHeaderValue, "x-ms-delete-snapshots", value, "this emulator keeps no snapshots")
	}
	cond, err := q.conditions()
	if err != nil {
		return nil, err
	}
	err = s.store.update(func(t *transaction) error {
		if _, err := q.writable(t.state, cond); err != nil {
			return err
		}
		t.deleteBlob(q.account.ID, q.location.container, q.location.blob)
		t.dropBlocks(q.account.ID, q.location.container, q.location.blob)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return respond(http.StatusAccepted, "x-ms-delete-type-permanent", strconv.FormatBool(true)), nil
}
