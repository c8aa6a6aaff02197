package blob

import (
	"bytes"
	"crypto/md5"
	"encoding/base64"
	"hash"
	"hash/crc64"
	"io"
	"net/http"
	"strconv"

	"github.com/vipswap/vipswap/emulator/blob/internal/content"
)

// A sizeLimit is what a version of the service takes in one request, in bytes.
type sizeLimit struct {
	since       string
	blob, block int64
}

// sizeLimits goes from the newest version to the oldest. Source: Microsoft's
// pages "Put Blob" and "Put Block".
var sizeLimits = []sizeLimit{
	{"2019-12-12", 5000 << 20, 4000 << 20},
	{"2016-05-31", 256 << 20, 100 << 20},
	{"", 64 << 20, 4 << 20},
}

// limit is what the request may send: what its version allows, or what the
// server allows if that is less. Without a version, all that the server allows.
func (q *request) limit(server Limits) sizeLimit {
	limit := sizeLimit{blob: server.Blob, block: server.Block}
	if q.version == "" {
		return limit
	}
	for _, l := range sizeLimits {
		if q.version >= l.since {
			return sizeLimit{blob: min(limit.blob, l.blob), block: min(limit.block, l.block)}
		}
	}
	return limit
}

// A body is what a request brought. Hashes that nobody wants are nil.
type body struct {
	content *content.Content
	md5     []byte
	crc     []byte
}

// writeTo adds the hashes to an answer.
func (b body) writeTo(h http.Header) {
	setNonEmpty(h, "Content-MD5", base64.StdEncoding.EncodeToString(b.md5))
	setNonEmpty(h, "x-ms-content-crc64", base64.StdEncoding.EncodeToString(b.crc))
}

// mismatch is the refusal of a body that has not the MD5 that the client says.
func (b body) mismatch(claimed []byte) error {
	return refuse(md5Mismatch,
		"UserSpecifiedMd5", base64.StdEncoding.EncodeToString(claimed),
		"ServerCalculatedMd5", base64.StdEncoding.EncodeToString(b.md5))
}

// receive stores the body of a request, of most bytes, and checks it against
// the hashes that the client sent. With keeps, its MD5 is wanted in any case. The
// content is the caller's to release.
func (s *Server) receive(q *request, most int64, keeps bool) (body, error) {
	claimed, err := q.claims()
	if err != nil {
		return body{}, err
	}
	if q.ContentLength > most {
		return body{}, tooLarge(most)
	}
	sums := q.sums(claimed, keeps)
	in := &bodyReader{reader: q.Body}
	c, err := s.store.contents.Write(in, q.ContentLength, sums)
	if err != nil {
		return body{}, in.explain(err)
	}
	got := sums.body(c)
	if err := claimed.check(got); err != nil {
		c.Release()
		return body{}, err
	}
	return got, nil
}

// hashing is what is hashed of a body while it comes in; nil for what is not.
type hashing struct {
	md5 hash.Hash
	crc hash.Hash64
}

// crcInstead is the first version of the service that answers without an MD5 when
// the client sent none, and with a CRC-64 then. Source: Microsoft's page "Put
// Block".
const crcInstead = "2019-02-02"

// sums returns what to hash: what the client claims, what it is to be told, and
// the MD5 of what keeps one.
func (q *request) sums(claimed claims, keeps bool) hashing {
	var h hashing
	if keeps || claimed.md5 != nil || q.version < crcInstead {
		h.md5 = md5.New()
	}
	if claimed.crc != nil || h.md5 == nil {
		h.crc = crc64.New(crc64.MakeTable(crcPolynomial))
	}
	return h
}

// Write implements io.Writer.
func (h hashing) Write(p []byte) (int, error) {
	if h.md5 != nil {
		h.md5.Write(p)
	}
	if h.crc != nil {
		h.crc.Write(p)
	}
	return len(p), nil
}

func (h hashing) body(c *content.Content) body {
	b := body{content: c}
	if h.md5 != nil {
		b.md5 = h.md5.Sum(nil)
	}
	if h.crc != nil {
		b.crc = crcBytes(h.crc.Sum64())
	}
	return b
}

// tooLarge is the refusal of a body of more than most bytes.
func tooLarge(most int64) error {
	return refuse(requestBodyTooLarge, "MaxLimit", strconv.FormatInt(most, 10))
}

// claims are the hashes that a client says its body has, nil where it does not.
type claims struct{ md5, crc []byte }

func (q *request) claims() (c claims, err error) {
	const crcHeader = "x-ms-content-crc64"
	if c.md5, err = q.md5Header("Content-MD5"); err != nil {
		return c, err
	}
	if value := q.Header.Get(crcHeader); value != "" {
		c.crc, err = base64.StdEncoding.DecodeString(value)
		if err != nil || len(c.crc) != crc64.Size {
			return c, refuseHeader(invalidHeaderValue, crcHeader, value, "a CRC-64 is 8 bytes in base64")
		}
	}
	return c, nil
}

// check refuses a body that has other hashes.
func (c claims) check(got body) error {
	if c.md5 != nil && !bytes.Equal(c.md5, got.md5) {
		return got.mismatch(c.md5)
	}
	if c.crc != nil && !bytes.Equal(c.crc, got.crc) {
		return refuse(crc64Mismatch)
	}
	return nil
}

// A bodyReader remembers whether it was the client that failed.
type bodyReader struct {
	reader io.Reader
	err    error
}

// Read implements io.Reader.
func (b *bodyReader) Read(p []byte) (int, error) {
	n, err := b.reader.Read(p)
	if err != nil && err != io.EOF {
		b.err = err
	}
	return n, err
}

// explain returns the refusal for a body that ended too early, or err.
func (b *bodyReader) explain(err error) error {
	if b.err != nil {
		return refuse(invalidInput, "Reason", "the body ended before the length that Content-Length announces")
	}
	return err
}

// receiveDocument reads the body of a request that is an XML document.
func (s *Server) receiveDocument(q *request, most int64) ([]byte, error) {
	claimed, err := q.claims()
	if err != nil {
		return nil, err
	}
	if q.ContentLength > most {
		return nil, tooLarge(most)
	}
	in := &bodyReader{reader: q.Body}
	data, err := io.ReadAll(in)
	if err != nil {
		return nil, in.explain(err)
	}
	sum := md5.Sum(data)
	crc := crcBytes(crc64.Checksum(data, crc64.MakeTable(crcPolynomial)))
	return data, claimed.check(body{md5: sum[:], crc: crc})
}
