package variables

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxNesting is how deep blocks, indexes and brackets may nest in a template.
const maxNesting = 64

// A SyntaxError says where a template stops making sense. It does not quote
// the template, which may hold a secret.
type SyntaxError struct {
	Line, Column int // from 1; the column counts characters
	Message      string
}

// Error says where and what.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Message)
}

// Check returns nil if template can be parsed, else a *SyntaxError.
func Check(template string) error {
	_, err := parse(template, false)
	return err
}

// parse reads a whole template. A lenient parse takes an expression that does
// not make sense as text and never fails.
func parse(template string, lenient bool) ([]node, error) {
	p := &parser{input: template}
	if lenient {
		p.failed = make(map[int]bool)
	}
	return p.nodes(nil)
}

// A parser reads a template from left to right.
type parser struct {
	input string
	pos   int
	depth int

	// failed, in a lenient parser, holds the positions of expressions that
	// do not make sense, so that none is tried twice.
	failed map[int]bool
}

// nodes reads up to one of the closing tags, which it leaves unread, or, when
// there are none, up to the end.
func (p *parser) nodes(closers []string) ([]node, error) {
	var found []node
	for {
		if t := p.text(); t != "" {
			found = append(found, text(t))
		}
		if p.pos == len(p.input) {
			if closers != nil {
				return nil, p.errorf("the text ends where %s is expected", closers[len(closers)-1])
			}
			return found, nil
		}
		if closers != nil {
			if tag := p.closingTag(); tag != "" {
				if !slices.Contains(closers, tag) {
					return nil, p.errorf("%s does not belong here, %s is expected", tag, closers[len(closers)-1])
				}
				return found, nil
			}
		}
		n, err := p.tokenOrText()
		if err != nil {
			return nil, err
		}
		found = append(found, n)
	}
}

// closingTags end a block. They are lower-case and without blanks.
var closingTags = []string{"#{else}", "#{elseif", "#{/if}", "#{/unless}", "#{/each}"}

func (p *parser) closingTag() string {
	for _, tag := range closingTags {
		if strings.HasPrefix(p.input[p.pos:], tag) {
			return tag
		}
	}
	return ""
}

// text reads up to the next expression and undoes the escapes. As in Octostache's
// parser, which takes hashes two by two until three or two are left, a run of hashes
// before a brace stands for one less and the brace, when it is even, else for two less
// and an expression.
func (p *parser) text() string {
	var b strings.Builder
	for {
		rest := p.input[p.pos:]
		brace := strings.Index(rest, "#{")
		if brace < 0 {
			b.WriteString(rest)
			p.pos = len(p.input)
			return b.String()
		}
		start := brace
		for start > 0 && rest[start-1] == '#' {
			start--
		}
		hashes := brace - start + 1
		b.WriteString(rest[:start])
		p.pos += brace
		if hashes%2 == 1 {
			b.WriteString(strings.Repeat("#", max(0, hashes-2)))
			return b.String()
		}
		b.WriteString(strings.Repeat("#", hashes-1) + "{")
		p.pos += len("#{")
	}
}

// tokenOrText reads one expression. A lenient parser steps back over one that
// does not make sense and returns its opening as text.
func (p *parser) tokenOrText() (node, error) {
	start := p.pos
	if !p.failed[start] {
		n, err := p.token()
		if err == nil || p.failed == nil {
			return n, err
		}
		p.failed[start] = err != errTooDeep || p.isBlock(start)
	}
	p.pos = start + len("#{")
	return verbatim("#{"), nil
}

// isBlock reports whether the expression at start has a body, which makes it
// costly to try again.
func (p *parser) isBlock(start int) bool {
	q := parser{input: p.input, pos: start + len("#{")}
	q.blanks()
	return q.keyword() != ""
}

// enter goes one level deeper; leave returns.
func (p *parser) enter() error {
	if p.depth++; p.depth <= maxNesting {
		return nil
	}
	if p.failed != nil {
		return errTooDeep
	}
	return p.errorf("expressions are nested more than %d deep", maxNesting)
}

func (p *parser) leave() { p.depth-- }

// verbatim is text that needs no escape when it is written back.
type verbatim string

func (n verbatim) source(b *strings.Builder) { b.WriteString(string(n)) }

// token reads one expression, which begins at the current position.
func (p *parser) token() (node, error) {
	defer p.leave()
	if err := p.enter(); err != nil {
		return nil, err
	}
	p.pos += len("#{")
	p.blanks()
	switch p.keyword() {
	case "if":
		return p.conditional(false)
	case "unless":
		return p.conditional(true)
	case "each":
		return p.loop()
	case "calc":
		return p.calculation()
	}
	value, err := p.chain()
	if err != nil {
		return nil, err
	}
	return substitution{value}, p.expect("}")
}

// keyword reads a keyword, in any case, and the blanks after it.
func (p *parser) keyword() string {
	for _, word := range []string{"if", "unless", "each", "calc"} {
		end := p.pos + len(word)
		if end >= len(p.input) || !strings.EqualFold(p.input[p.pos:end], word) {
			continue
		}
		if r, _ := utf8.DecodeRuneInString(p.input[end:]); unicode.IsSpace(r) {
			p.pos = end
			p.blanks()
			return word
		}
	}
	return ""
}

// conditional reads an if or unless from its condition to its closing tag.
func (p *parser) conditional(unless bool) (node, error) {
	n := conditional{unless: unless}
	closers := []string{"#{else}", "#{elseif", "#{/if}"}
	if unless {
		closers = []string{"#{else}", "#{/unless}"}
	}
	for {
		br, err := p.branch(closers)
		if err != nil {
			return nil, err
		}
		n.branches = append(n.branches, br)
		if !p.accept("#{elseif") {
			break
		}
		p.blanks()
	}
	if p.accept("#{else}") {
		n.hasElse = true
		var err error
		if n.otherwise, err = p.nodes(closers[len(closers)-1:]); err != nil {
			return nil, err
		}
	}
	return n, p.expect(closers[len(closers)-1])
}

func (p *parser) branch(closers []string) (branch, error) {
	test, err := p.condition()
	if err != nil {
		return branch{}, err
	}
	if err := p.expect("}"); err != nil {
		return branch{}, err
	}
	body, err := p.nodes(closers)
	return branch{test, body}, err
}

func (p *parser) condition() (condition, error) {
	left, err := p.operand()
	if err != nil {
		return condition{}, err
	}
	c := condition{left: left}
	for _, operator := range []string{"==", "!="} {
		if p.accept(operator) {
			c.operator = operator
			p.blanks()
			c.right, err = p.operand()
			return c, err
		}
	}
	if left.quote != "" {
		return condition{}, p.errorf("== or != is expected after the text")
	}
	return c, nil
}

func (p *parser) operand() (operand, error) {
	for _, quote := range []string{`"`, `\"`} {
		if p.at(quote) {
			t, err := p.quoted(quote)
			p.blanks()
			return operand{quote: quote, text: t}, err
		}
	}
	value, err := p.chain()
	return operand{value: value}, err
}

// loop reads an each from its variable to its closing tag.
func (p *parser) loop() (node, error) {
	n := loop{variable: p.word(isIdentifierRune)}
	if n.variable == "" {
		return nil, p.errorf("the name of the loop's variable is expected")
	}
	p.blanks()
	if !p.accept("in") || !p.atBlank() {
		return nil, p.errorf("the word in is expected")
	}
	p.blanks()
	var err error
	if n.collection, err = p.symbol(); err != nil {
		return nil, err
	}
	if err := p.expect("}"); err != nil {
		return nil, err
	}
	if n.body, err = p.nodes([]string{"#{/each}"}); err != nil {
		return nil, err
	}
	return n, p.expect("#{/each}")
}
