package cloud

import "fmt"

// A kind of record that is kept, and the name of the bucket for it.
const (
	keptServices   = "services"
	keptAccounts   = "accounts"
	keptGroups     = "groups"
	keptReserved   = "reserved"
	keptNetworks   = "networks"
	keptProfiles   = "profiles"
	keptOperations = "operations"
	keptPending    = "pending"
)

// changes remembers what has changed since the state was last saved.
type changes struct {
	on      bool // the universe is saved; otherwise nothing is remembered
	meta    bool
	records map[recordKey]bool
	pending map[uint64]*Due // nil: no longer pending
}

// recordKey names one record.
type recordKey struct{ kept, key string }

func (c *changes) mark(kept, key string) {
	if !c.on {
		return
	}
	if c.records == nil {
		c.records = map[recordKey]bool{}
	}
	c.records[recordKey{kept, key}] = true
}

func (c *changes) due(seq uint64, d *Due) {
	if !c.on {
		return
	}
	if c.pending == nil {
		c.pending = map[uint64]*Due{}
	}
	c.pending[seq] = d
}

// there marks everything that a state holds, so that all of it is kept.
func (c *changes) there(st *State) {
	if !c.on {
		return
	}
	for kind, k := range st.keepers() {
		for key := range k.keys() {
			c.mark(kind, key)
		}
	}
	for _, d := range st.due {
		c.due(d.Seq, &d)
	}
}

// any reports whether there is something to save.
func (c *changes) any() bool { return c.meta || c.records != nil || c.pending != nil }

// pendingKey is the key of a piece of pending work; keys sort as numbers do.
func pendingKey(seq uint64) string { return fmt.Sprintf("%016x", seq) }
