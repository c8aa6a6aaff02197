package cloud

// set is a set of keys.
type set map[string]bool

// changes remembers what has changed since the state was last saved.
type changes struct {
	on         bool // the universe is saved; otherwise nothing is remembered
	meta       bool
	services   set
	accounts   set
	operations set
	pending    map[uint64]*Due // nil: no longer pending
}

func (c *changes) service(k string)   { c.mark(&c.services, k) }
func (c *changes) account(k string)   { c.mark(&c.accounts, k) }
func (c *changes) operation(k string) { c.mark(&c.operations, k) }

func (c *changes) mark(s *set, k string) {
	if !c.on {
		return
	}
	if *s == nil {
		*s = set{}
	}
	(*s)[k] = true
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

// any reports whether there is something to save.
func (c *changes) any() bool {
	return c.meta || c.services != nil || c.accounts != nil || c.operations != nil || c.pending != nil
}
