package storage

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"hash/crc64"
	"io"
	"sync"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
)

// heldBlocks is how many blocks are in memory at once: while one is sent, the next
// is read and hashed.
const heldBlocks = 2

// stage sends the content block by block, in order, and checks in passing that it
// is what was promised. It returns the ids of the blocks, which are ready to become
// the blob.
func (t *target) stage(ctx context.Context) (ids []string, err error) {
	ctx, cancel := context.WithCancel(ctx)
	c := newCutter(t.request, t.blockSize)
	var cutting sync.WaitGroup
	cutting.Go(func() { c.cut(ctx) })
	defer cutting.Wait()
	defer cancel()
	for b := range c.blocks {
		id := blockID(t.request.SHA256, len(ids))
		if err := t.stageBlock(ctx, id, b); err != nil {
			return nil, t.failure(fmt.Sprintf("upload bytes %d to %d of", b.at, b.end()), err)
		}
		ids = append(ids, id)
		t.request.Progress(b.end(), t.request.Size)
		c.spare <- b.data
	}
	return ids, c.err
}

func (t *target) stageBlock(ctx context.Context, id string, b block) error {
	_, err := t.blob.StageBlock(ctx, id, streaming.NopCloser(bytes.NewReader(b.data)),
		&blockblob.StageBlockOptions{TransactionalValidation: blob.TransferValidationTypeCRC64(b.sum)})
	return err
}

// blockID names a block after the content. All ids of a blob must be equally
// long, and two uploads of the same content at once stage the same blocks.
func blockID(sha256 string, n int) string {
	return base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "%.32s-%06d", sha256, n))
}

// A block is a part of the content.
type block struct {
	at   int64 // where it is in the content
	data []byte
	sum  uint64 // CRC-64
}

// polynomial is the one of the service's CRC-64. Source: Microsoft's SDKs.
const polynomial = 0x9a6c9329ac4bc9b5

func (b *block) end() int64 { return b.at + int64(len(b.data)) }

// A cutter reads a content and cuts it into blocks.
type cutter struct {
	content  *io.SectionReader
	promised string // SHA-256 of the content in hex
	whole    hash.Hash
	table    *crc64.Table

	blocks chan block  // in order; closed with the last
	spare  chan []byte // memory for more
	err    error       // why there are no more; to be read when blocks is closed
}

func newCutter(r UploadRequest, blockSize int) *cutter {
	c := &cutter{
		content: io.NewSectionReader(r.Source, 0, r.Size), promised: r.SHA256, whole: sha256.New(), table: crc64.MakeTable(polynomial),
		blocks: make(chan block), spare: make(chan []byte, heldBlocks),
	}
	for range min(heldBlocks, (r.Size+int64(blockSize)-1)/int64(blockSize)) {
		c.spare <- make([]byte, min(int64(blockSize), r.Size))
	}
	return c
}

// cut cuts the whole content, until ctx ends, and checks it.
func (c *cutter) cut(ctx context.Context) {
	defer close(c.blocks)
	for at := int64(0); at < c.content.Size(); {
		b, err := c.next(ctx, at)
		if err == nil {
			err = c.hand(ctx, b)
		}
		if c.err = err; err != nil {
			return
		}
		at = b.end()
	}
	if got := hex.EncodeToString(c.whole.Sum(nil)); got != c.promised {
		c.err = fmt.Errorf("the package has SHA-256 %s instead of %s; was it changed during the upload?", got, c.promised)
	}
}

// next reads and hashes the block at a place.
func (c *cutter) next(ctx context.Context, at int64) (block, error) {
	b := block{at: at}
	select {
	case b.data = <-c.spare:
	case <-ctx.Done():
		return b, ctx.Err()
	}
	b.data = b.data[:min(int64(cap(b.data)), c.content.Size()-at)]
	if _, err := io.ReadFull(c.content, b.data); err != nil {
		return b, fmt.Errorf("read the package at byte %d: %w", at, err)
	}
	c.whole.Write(b.data)
	b.sum = crc64.Checksum(b.data, c.table)
	return b, nil
}

// hand gives a block to whoever sends it.
func (c *cutter) hand(ctx context.Context, b block) error {
	select {
	case c.blocks <- b:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
