package variables

import (
	"slices"
	"strings"
	"sync"
	"time"
)

// A Dictionary holds the value of every name in one place. It does not
// change once it is made and may be used by several goroutines.
//
// It has no way to print itself: what it holds may be secret. Pass text that
// people will see through [Dictionary.Mask].
type Dictionary struct {
	entries map[string]*entry   // by key
	order   []string            // keys, in order of definition
	indexes map[string][]string // key of a collection -> its indexes, as written
	choices map[string][]Candidate
	now     func() time.Time // nil: no date can be told
	limits  Limits

	environment func(name string) (string, bool) // nil: there is none

	secrets func() Secrets // made when first needed
}

// An entry is one name with its value.
type entry struct {
	name      string
	value     string
	null      bool
	sensitive bool

	once  sync.Once
	nodes []node
	err   error
}

// template parses the value when it is first needed.
func (en *entry) template() ([]node, error) {
	en.once.Do(func() { en.nodes, en.err = parse(en.value, false) })
	return en.nodes, en.err
}

// Limits bound what one evaluation may use. A field that is 0 takes the
// default.
type Limits struct {
	// Output is the most text, in bytes, that an evaluation may write,
	// intermediate results included. Default: 16 MiB.
	Output int

	// Steps is the most values an evaluation may look up and the most times
	// its loops may go round, together; reading 64 bytes of JSON or Markdown
	// counts as one, too, and more where Markdown is hard to read.
	// Default: 1000000.
	Steps int

	// Searching is how long the regular expressions of an evaluation may search, by
	// the wall. Default: 2s.
	Searching time.Duration
}

func (l Limits) withDefaults() Limits {
	if l.Output == 0 {
		l.Output = 16 << 20
	}
	if l.Steps == 0 {
		l.Steps = 1_000_000
	}
	if l.Searching == 0 {
		l.Searching = 2 * time.Second
	}
	return l
}

// NewDictionary makes a dictionary of unscoped values. Where a name repeats,
// in any case, the later value holds. For values with scopes use [Set.Resolve].
func NewDictionary(vars ...Variable) *Dictionary {
	d := &Dictionary{
		entries: make(map[string]*entry, len(vars)),
		indexes: make(map[string][]string),
		limits:  Limits{}.withDefaults(),
	}
	for _, v := range vars {
		d.put(v)
	}
	d.secrets = sync.OnceValue(d.buildMask)
	return d
}

func (d *Dictionary) put(v Variable) {
	k := nameKey(v.Name)
	if _, seen := d.entries[k]; !seen {
		d.order = append(d.order, k)
		d.addIndexes(v.Name)
	}
	d.entries[k] = &entry{name: v.Name, value: v.Value, null: v.Null, sensitive: v.Sensitive}
}

// addIndexes notes the indexes in a name: A[x].B makes x an index of A.
func (d *Dictionary) addIndexes(name string) {
	p := &parser{input: name}
	s, err := p.symbol()
	if err != nil || p.pos != len(name) {
		return
	}
	for i, st := range s {
		if st.kind != index {
			continue
		}
		collection := symbolKey(s[:i])
		same := func(known string) bool { return strings.EqualFold(known, st.text) }
		if !slices.ContainsFunc(d.indexes[collection], same) {
			d.indexes[collection] = append(d.indexes[collection], st.text)
		}
	}
}

// index returns the index at the end of a path, as it was first written, if variables
// have it and none is the path itself.
func (d *Dictionary) index(path symbol) (string, bool) {
	last := path[len(path)-1]
	if _, defined := d.entries[symbolKey(path)]; defined || last.kind != index {
		return "", false
	}
	indexes := d.indexes[symbolKey(path[:len(path)-1])]
	i := slices.IndexFunc(indexes, func(known string) bool { return strings.EqualFold(known, last.text) })
	if i < 0 {
		return "", false
	}
	return indexes[i], true
}

// nameKey is under what a name is stored: names are case-insensitive.
func nameKey(name string) string { return strings.ToLower(strings.TrimSpace(name)) }

// symbolKey is the key of a symbol that consists of members and indexes.
func symbolKey(s symbol) string { return nameKey(sourceString(s)) }

// WithClock returns a dictionary whose filters NowDate and NowDateUtc ask now
// for the time. Without a clock they stay unresolved.
func (d *Dictionary) WithClock(now func() time.Time) *Dictionary {
	derived := *d
	derived.now = now
	derived.secrets = sync.OnceValue(derived.buildMask)
	return &derived
}

// WithEnvironment returns a dictionary that knows the environment of a process: the
// name env:PATH asks lookup for PATH, unless a variable has that name. The values are
// text, not templates.
func (d *Dictionary) WithEnvironment(lookup func(name string) (string, bool)) *Dictionary {
	derived := *d
	derived.environment = lookup
	derived.secrets = sync.OnceValue(derived.buildMask)
	return &derived
}

// environmentPrefix begins the names of variables of the environment.
const environmentPrefix = "env:"

// fromEnvironment returns the value of a name such as env:PATH. Names are compared as
// they are, then in upper case.
func (d *Dictionary) fromEnvironment(name string) value {
	if d.environment == nil || len(name) <= len(environmentPrefix) || !strings.EqualFold(name[:len(environmentPrefix)], environmentPrefix) {
		return value{}
	}
	name = strings.TrimSpace(name[len(environmentPrefix):])
	for _, name := range []string{name, strings.ToUpper(name)} {
		if text, ok := d.environment(name); ok {
			return found(text)
		}
	}
	return value{}
}

// WithLimits returns a dictionary with other limits.
func (d *Dictionary) WithLimits(l Limits) *Dictionary {
	derived := *d
	derived.limits = l.withDefaults()
	derived.secrets = sync.OnceValue(derived.buildMask)
	return &derived
}

// Names lists all names in order of definition, as they were written.
func (d *Dictionary) Names() []string {
	names := make([]string, len(d.order))
	for i, k := range d.order {
		names[i] = d.entries[k].name
	}
	return names
}

// Presence tells an undefined name from one without a value.
type Presence int

// What a name can be.
const (
	Undefined Presence = iota // no variable has the name
	Null                      // the variable has no value
	Present                   // the variable has a value, perhaps empty
)

// Raw returns the text of a variable as it was written, with its expressions
// unevaluated, and whether it is there at all.
func (d *Dictionary) Raw(name string) (string, Presence) {
	en, found := d.entries[nameKey(name)]
	switch {
	case !found:
		return "", Undefined
	case en.null:
		return "", Null
	}
	return en.value, Present
}

// Get returns the evaluated value of a name, or of a path such as A.b[1] into
// a JSON value, and whether there is one. A null value counts as none. The
// errors are those of [Dictionary.Evaluate].
func (d *Dictionary) Get(name string) (string, bool, error) {
	e := d.evaluator()
	if _, defined := d.entries[nameKey(name)]; defined {
		found, err := e.entry(nameKey(name))
		return found.text, found.ok, err
	}
	p := &parser{input: name}
	s, err := p.symbol()
	if err != nil || p.pos != len(name) {
		return "", false, nil
	}
	found, err := e.resolve(s)
	return found.text, found.ok, err
}

// Flag returns the truth of a name: true or false in any case, and fallback
// for everything else, undefined included.
func (d *Dictionary) Flag(name string, fallback bool) (bool, error) {
	value, _, err := d.Get(name)
	if err != nil {
		return fallback, err
	}
	switch strings.ToLower(strings.TrimSpace(value)) {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return fallback, nil
}

// List returns the parts of a name's value between commas, without the blanks
// around them and without empty ones.
func (d *Dictionary) List(name string) ([]string, error) {
	value, _, err := d.Get(name)
	var parts []string
	for part := range strings.SplitSeq(value, ",") {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	return parts, err
}
