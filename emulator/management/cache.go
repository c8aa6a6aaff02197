package management

import (
	"sync"

	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/management/wire"
)

// documentKey says what an encoded document shows: a deployment or an operation
// of a universe, in a version of the API, as it was at a second.
type documentKey struct {
	universe  *cloud.Universe
	revision  uint64 // of the deployment; of an operation the era of its universe
	operation string // or id of the operation, which changes only when it completes
	version   wire.Version
	second    int64
}

// cached is how many entries a cache holds. A client that waits asks for the same
// thing again and again; a thousand waiting at once are many.
const cached = 1024

// A cache remembers what was worked out once.
type cache[K comparable, V any] struct {
	mu      sync.RWMutex // guards entries
	entries map[K]V
}

func newCache[K comparable, V any]() *cache[K, V] { return &cache[K, V]{entries: map[K]V{}} }

func (c *cache[K, V]) get(key K) (V, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	v, ok := c.entries[key]
	return v, ok
}

// put remembers v; when the cache is full it starts anew.
func (c *cache[K, V]) put(key K, v V) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.entries) >= cached {
		clear(c.entries)
	}
	c.entries[key] = v
}

// encode writes a document, and remembers it under key.
func (s *Server) encode(key documentKey, document any) ([]byte, error) {
	encoded, err := wire.Marshal(document, key.version)
	if err == nil {
		s.documents.put(key, encoded)
	}
	return encoded, err
}
