package variables

import (
	"math"
	"strconv"
	"strings"
	"unicode"
)

// A term is one part of a calculation. Its value is false when an operand is
// undefined or not a number, or when the result is none.
type term interface {
	source(b *strings.Builder)
	value(e *evaluator) (float64, bool, error)
}

type constant struct {
	text   string
	number float64
}

// A variable operand may be written in braces, {B}, because a dash or a slash
// after a name would otherwise be part of it.
type operandTerm struct {
	symbol symbol
	braces bool
}

type operation struct {
	operator    byte
	left, right term
}

// precedence is how tightly an operator binds.
var precedence = map[byte]int{'+': 1, '-': 1, '*': 2, '/': 2}

// arithmetic is what an operator does.
var arithmetic = map[byte]func(a, b float64) float64{
	'+': func(a, b float64) float64 { return a + b },
	'-': func(a, b float64) float64 { return a - b },
	'*': func(a, b float64) float64 { return a * b },
	'/': func(a, b float64) float64 { return a / b },
}

// calculation reads an arithmetic expression up to the closing brace.
func (p *parser) calculation() (node, error) {
	root, err := p.terms(1)
	if err != nil {
		return nil, err
	}
	return calculation{root}, p.expect("}")
}

// terms reads operands joined by operators that bind at least as tightly as
// level says.
func (p *parser) terms(level int) (term, error) {
	defer p.leave()
	if err := p.enter(); err != nil {
		return nil, err
	}
	left, err := p.term()
	for err == nil && p.pos < len(p.input) {
		operator := p.input[p.pos]
		binds, known := precedence[operator]
		if !known || binds < level {
			break
		}
		p.pos++
		p.blanks()
		var right term
		if right, err = p.terms(binds + 1); err == nil {
			left = operation{operator, left, right}
		}
	}
	return left, err
}

// term reads a number, a name, a name in braces, or terms in parentheses.
func (p *parser) term() (term, error) {
	defer p.blanks()
	switch {
	case p.accept("("):
		p.blanks()
		inner, err := p.terms(1)
		if err != nil {
			return nil, err
		}
		return inner, p.expect(")")
	case p.accept("{"):
		s, err := p.symbol()
		if err != nil {
			return nil, err
		}
		return operandTerm{s, true}, p.expect("}")
	}
	if number := p.word(func(r rune) bool { return '0' <= r && r <= '9' || r == '.' }); number != "" {
		f, err := strconv.ParseFloat(number, 64)
		if err != nil {
			return nil, p.errorf("this is not a number")
		}
		return constant{number, f}, nil
	}
	return p.variableTerm()
}

// variableTerm reads a name without blanks and parentheses in it.
func (p *parser) variableTerm() (term, error) {
	var s symbol
	for {
		name := p.word(func(r rune) bool { return isIdentifierRune(r) && r != '(' && r != ')' && !unicode.IsSpace(r) })
		if name == "" {
			return nil, p.errorf("a number or a name is expected")
		}
		s = append(s, step{kind: member, text: name})
		for p.accept("[") {
			i, err := p.index()
			if err != nil {
				return nil, err
			}
			s = append(s, i)
		}
		if !p.accept(".") {
			return operandTerm{symbol: s}, nil
		}
	}
}

func (t constant) source(b *strings.Builder) { b.WriteString(t.text) }

func (t operandTerm) source(b *strings.Builder) {
	if !t.braces {
		t.symbol.source(b)
		return
	}
	b.WriteString("{")
	t.symbol.source(b)
	b.WriteString("}")
}

func (t operation) source(b *strings.Builder) {
	t.side(t.left, precedence[t.operator], b)
	b.WriteByte(t.operator)
	t.side(t.right, precedence[t.operator]+1, b)
}

// side writes an operand, in parentheses where it binds less than level.
func (t operation) side(operand term, level int, b *strings.Builder) {
	inner, ok := operand.(operation)
	if !ok || precedence[inner.operator] >= level {
		operand.source(b)
		return
	}
	b.WriteString("(")
	operand.source(b)
	b.WriteString(")")
}

func (t constant) value(*evaluator) (float64, bool, error) { return t.number, true, nil }

func (t operandTerm) value(e *evaluator) (float64, bool, error) {
	found, err := e.resolve(t.symbol)
	if err != nil || !found.ok {
		return 0, false, err
	}
	f, err := strconv.ParseFloat(strings.TrimSpace(found.text), 64)
	return f, err == nil && isNumber(f), nil
}

func (t operation) value(e *evaluator) (float64, bool, error) {
	left, ok, err := t.left.value(e)
	if err != nil || !ok {
		return 0, false, err
	}
	right, ok, err := t.right.value(e)
	if err != nil || !ok {
		return 0, false, err
	}
	f := arithmetic[t.operator](left, right)
	return f, isNumber(f), nil
}

func isNumber(f float64) bool { return !math.IsNaN(f) && !math.IsInf(f, 0) }

// formatFloat writes the shortest text that reads back as f, with an exponent
// from 1E+15 up and below 0.0001, as .NET does.
func formatFloat(f float64) string {
	if size := math.Abs(f); size != 0 && (size >= 1e15 || size < 1e-4) {
		return strconv.FormatFloat(f, 'E', -1, 64)
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}
