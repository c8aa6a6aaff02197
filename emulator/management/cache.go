package management

import (
	"sync"

	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/management/wire"
)

// documentKey says what an encoded document shows: a revision of a universe's
// state, in a version of the API, at a second.
type documentKey struct {
	universe *cloud.Universe
	revision uint64
	version  wire.Version
	second   int64
}

// cachedDocuments is how many encoded documents are kept. A client that waits
// asks for the same one again and again; a thousand waiting at once are many.
const cachedDocuments = 1024

// documentCache keeps documents that were encoded once.
type documentCache struct {
	mu      sync.Mutex // guards entries
	entries map[documentKey][]byte
}

func newDocumentCache() *documentCache {
	return &documentCache{entries: map[documentKey][]byte{}}
}

func (c *documentCache) get(key documentKey) []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.entries[key]
}

// put remembers a document; when the cache is full it starts anew.
func (c *documentCache) put(key documentKey, body []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.entries) >= cachedDocuments {
		clear(c.entries)
	}
	c.entries[key] = body
}
