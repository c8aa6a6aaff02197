package variables

import "strings"

// A node is one piece of a parsed template.
type node interface {
	// source writes the node as a template that parses to the same node, in
	// one normal form: this is what an unresolved expression leaves behind.
	source(b *strings.Builder)

	// evaluate writes the node's text.
	evaluate(e *evaluator, b *strings.Builder) error
}

// text is copied as it is.
type text string

// A substitution is #{A | Filter}.
type substitution struct{ value chain }

// A chain is a value and the filters it passes through. Without a symbol the
// first filter makes the value.
type chain struct {
	symbol  symbol // nil: none
	filters []call
}

// A call is one filter with its options.
type call struct {
	name    string
	options []option
}

// An option of a filter is text, or the value of a symbol.
type option struct {
	text    string
	escaped bool   // written \"text\"
	symbol  symbol // nil: text
}

// A symbol is a path to a value.
type symbol []step

// A step is one part of a symbol.
type step struct {
	kind  stepKind
	text  string // of a member or an index
	inner symbol // of a computed index
}

type stepKind int

const (
	member   stepKind = iota // A, .A
	index                    // [A]
	computed                 // [#{A}]
	wildcard                 // [*]
)

// A conditional is #{if} or #{unless} with its branches.
type conditional struct {
	unless    bool
	branches  []branch
	otherwise []node
	hasElse   bool
}

type branch struct {
	test condition
	body []node
}

// A condition is the truth of its left side, or a comparison.
type condition struct {
	left, right operand
	operator    string // "", == or !=
}

// An operand of a comparison is quoted text or a chain.
type operand struct {
	quote string // " or, as in JSON, \"; "": a chain
	text  string
	value chain
}

// A loop is #{each}.
type loop struct {
	variable   string
	collection symbol
	body       []node
}

// A calculation is #{calc}.
type calculation struct{ root term }

// source escapes the hashes in front of a brace, and those at the end: text
// in a block is always followed by an expression or a tag.
func (n text) source(b *strings.Builder) {
	rest := string(n)
	for rest != "" {
		start := strings.IndexByte(rest, '#')
		if start < 0 {
			break
		}
		after := strings.TrimLeft(rest[start:], "#")
		hashes := len(rest) - start - len(after)
		if after == "" || after[0] == '{' {
			b.WriteString(rest[:start] + escapedHashes(hashes))
		} else {
			b.WriteString(rest[:len(rest)-len(after)])
		}
		rest = after
	}
	b.WriteString(rest)
}

func (n substitution) source(b *strings.Builder) {
	b.WriteString("#{")
	n.value.source(b)
	b.WriteString("}")
}

func (c chain) source(b *strings.Builder) {
	c.symbol.source(b)
	for _, f := range c.filters {
		b.WriteString(" | " + f.name)
		for _, o := range f.options {
			b.WriteString(" ")
			o.source(b)
		}
	}
}

func (o option) source(b *strings.Builder) {
	switch {
	case o.symbol != nil:
		b.WriteString("#{")
		o.symbol.source(b)
		b.WriteString("}")
	case o.escaped:
		b.WriteString(`\"` + o.text + `\"`)
	default:
		b.WriteString(`"` + o.text + `"`)
	}
}

func (s symbol) source(b *strings.Builder) {
	for i, st := range s {
		switch st.kind {
		case member:
			if i > 0 {
				b.WriteString(".")
			}
			b.WriteString(st.text)
		case index:
			b.WriteString("[" + st.text + "]")
		case wildcard:
			b.WriteString("[*]")
		case computed:
			b.WriteString("[#{")
			st.inner.source(b)
			b.WriteString("}]")
		}
	}
}

func (n conditional) source(b *strings.Builder) {
	keyword := "if"
	if n.unless {
		keyword = "unless"
	}
	for i, br := range n.branches {
		if i == 0 {
			b.WriteString("#{" + keyword + " ")
		} else {
			b.WriteString("#{elseif ")
		}
		br.test.source(b)
		b.WriteString("}")
		sourceOf(br.body, b)
	}
	if n.hasElse {
		b.WriteString("#{else}")
		sourceOf(n.otherwise, b)
	}
	b.WriteString("#{/" + keyword + "}")
}

func (c condition) source(b *strings.Builder) {
	c.left.source(b)
	if c.operator != "" {
		b.WriteString(" " + c.operator + " ")
		c.right.source(b)
	}
}

func (o operand) source(b *strings.Builder) {
	if o.quote != "" {
		b.WriteString(o.quote + o.text + o.quote)
		return
	}
	o.value.source(b)
}

func (n loop) source(b *strings.Builder) {
	b.WriteString("#{each " + n.variable + " in ")
	n.collection.source(b)
	b.WriteString("}")
	sourceOf(n.body, b)
	b.WriteString("#{/each}")
}

// source leaves the word calc out, as the original does.
func (n calculation) source(b *strings.Builder) {
	b.WriteString("#{")
	n.root.source(b)
	b.WriteString("}")
}

func sourceOf(nodes []node, b *strings.Builder) {
	for _, n := range nodes {
		n.source(b)
	}
}

// sourceString returns what source writes.
func sourceString(n interface{ source(*strings.Builder) }) string {
	var b strings.Builder
	n.source(&b)
	return b.String()
}
