package variables

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// chain reads an optional symbol and its filters.
func (p *parser) chain() (chain, error) {
	var c chain
	if !p.at("|") {
		var err error
		if c.symbol, err = p.symbol(); err != nil {
			return c, err
		}
	}
	for p.accept("|") {
		p.blanks()
		f, err := p.call()
		if err != nil {
			return c, err
		}
		c.filters = append(c.filters, f)
	}
	return c, nil
}

// call reads the name of a filter and its options.
func (p *parser) call() (call, error) {
	c := call{name: p.word(func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) })}
	if c.name == "" {
		return c, p.errorf("the name of a filter is expected")
	}
	for {
		p.blanks()
		if p.pos == len(p.input) || strings.ContainsRune("|}=!", rune(p.input[p.pos])) {
			return c, nil
		}
		o, err := p.option()
		if err != nil {
			return c, err
		}
		c.options = append(c.options, o)
	}
}

func (p *parser) option() (option, error) {
	switch {
	case p.at(`"`):
		t, err := p.quoted(`"`)
		if err == nil && strings.Contains(t, "#{") {
			err = p.errorf("quotes around an option must not hold #{, write it without them")
		}
		return option{text: t}, err
	case p.at(`\"`):
		t, err := p.quoted(`\"`)
		return option{text: t, escaped: true}, err
	case p.accept("#{"):
		p.blanks()
		s, err := p.symbol()
		if err != nil {
			return option{}, err
		}
		return option{symbol: s}, p.expect("}")
	}
	word := p.word(func(r rune) bool { return isIdentifierRune(r) || r == '.' })
	if word == "" {
		return option{}, p.errorf("this character cannot stand in an option without quotes")
	}
	return option{text: word}, nil
}

// quoted reads text between two equal quotes.
func (p *parser) quoted(quote string) (string, error) {
	p.pos += len(quote)
	inside, _, found := strings.Cut(p.input[p.pos:], quote)
	if !found {
		return "", p.errorf("the closing %s is missing", quote)
	}
	p.pos += len(inside) + len(quote)
	return inside, nil
}

// symbol reads a path such as A.B[c].D and the blanks after it.
func (p *parser) symbol() (symbol, error) {
	defer p.leave()
	if err := p.enter(); err != nil {
		return nil, err
	}
	first, err := p.member()
	if err != nil {
		return nil, err
	}
	s := symbol{first}
	for {
		var next step
		switch {
		case p.accept("."):
			next, err = p.member()
		case p.accept("["):
			next, err = p.index()
		default:
			p.blanks()
			return s, nil
		}
		if err != nil {
			return nil, err
		}
		s = append(s, next)
	}
}

// member reads an identifier; blanks inside it count, those around it do not.
func (p *parser) member() (step, error) {
	p.blanks()
	name := p.word(func(r rune) bool { return isIdentifierRune(r) || unicode.IsSpace(r) })
	name = strings.TrimRightFunc(name, unicode.IsSpace)
	if name == "" {
		return step{}, p.errorf("a name is expected")
	}
	return step{kind: member, text: name}, nil
}

// maxIndexLength is how long the text between brackets may be, in bytes.
const maxIndexLength = 512

// index reads what stands between brackets, with the closing one.
func (p *parser) index() (step, error) {
	if p.at("#{") {
		return p.computedIndex()
	}
	start, open := p.pos, 1
	for ; p.pos < min(len(p.input), start+maxIndexLength); p.pos++ {
		switch p.input[p.pos] {
		case '[':
			open++
		case ']':
			open--
		}
		if open == 0 {
			inside := p.input[start:p.pos]
			p.pos++
			if inside == "*" {
				return step{kind: wildcard}, nil
			}
			return step{kind: index, text: inside}, nil
		}
	}
	p.pos = start
	return step{}, p.errorf("the closing ] is missing")
}

func (p *parser) computedIndex() (step, error) {
	p.pos += len("#{")
	inner, err := p.symbol()
	if err != nil {
		return step{}, err
	}
	if err := p.expect("}]"); err != nil {
		return step{}, err
	}
	return step{kind: computed, inner: inner}, nil
}

// isIdentifierRune reports whether r can stand in a name. Blanks can too, but
// not everywhere.
func isIdentifierRune(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("_-:/~()@", r)
}

// word reads the runes that accept takes.
func (p *parser) word(accept func(rune) bool) string {
	start := p.pos
	for p.pos < len(p.input) {
		r, size := utf8.DecodeRuneInString(p.input[p.pos:])
		if r == utf8.RuneError && size == 1 || !accept(r) {
			break
		}
		p.pos += size
	}
	return p.input[start:p.pos]
}

func (p *parser) blanks() { p.word(unicode.IsSpace) }

func (p *parser) atBlank() bool {
	r, _ := utf8.DecodeRuneInString(p.input[p.pos:])
	return unicode.IsSpace(r)
}

func (p *parser) at(s string) bool { return strings.HasPrefix(p.input[p.pos:], s) }

func (p *parser) accept(s string) bool {
	if !p.at(s) {
		return false
	}
	p.pos += len(s)
	return true
}

func (p *parser) expect(s string) error {
	if !p.accept(s) {
		return p.errorf("%s is expected", s)
	}
	return nil
}

// What a lenient parser, which shows no errors, returns instead of them.
var (
	errNoSense = errors.New("not an expression")
	errTooDeep = errors.New("nested too deep")
)

func (p *parser) errorf(format string, args ...any) error {
	if p.failed != nil {
		return errNoSense
	}
	before := p.input[:p.pos]
	line := strings.Count(before, "\n") + 1
	column := utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]) + 1
	return &SyntaxError{Line: line, Column: column, Message: fmt.Sprintf(format, args...)}
}
