package packagework

import (
	"strings"
	"unicode"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"

	"github.com/vipswap/vipswap/internal/lazyregexp"
)

func lineStarts(text string) []int {
	starts := []int{0}
	for i := range len(text) {
		if text[i] == '\n' {
			starts = append(starts, i+1)
		}
	}
	return starts
}

// place returns what gives way to a new value, and false when that is not certain.
// The value goes to the end of the first piece's text.
func (y *yamlSetter) place(n ast.ScalarNode) (pieces []splice, ok bool) {
	start, ok := y.offset(n.GetToken())
	if !ok || len(y.splices) > 0 && start < y.splices[len(y.splices)-1].end {
		return nil, false
	}
	length := 0
	switch n := n.(type) {
	case *ast.LiteralNode:
		return y.block(start, n.Value.Value)
	case *ast.AliasNode:
		length = aliasLength(y.text[start:], n)
	default:
		switch n.GetToken().Type {
		case token.ImplicitNullType:
			return y.nothing(start), true
		case token.DoubleQuoteType, token.SingleQuoteType:
			length = quoted(y.text[start:])
		default:
			length = plainLength(y.text[start:], n.GetToken().Value)
		}
	}
	return []splice{{start: start, end: start + length}}, length > 0
}

// offset returns where a token begins, in bytes.
func (y *yamlSetter) offset(t *token.Token) (int, bool) {
	if t == nil || t.Position == nil || t.Position.Line < 1 || t.Position.Line > len(y.lines) {
		return 0, false
	}
	start, column := y.lines[t.Position.Line-1], 1
	for i := range y.text[start:] {
		if column == t.Position.Column { // behind a tag or an anchor it is the blank before
			start += i
			return start + len(y.text[start:]) - len(strings.TrimLeft(y.text[start:], " ")), true
		}
		column++
	}
	return len(y.text), t.Type == token.ImplicitNullType // it may stand behind the end
}

// nothing is the place of a value that is left out: behind what it belongs to.
func (y *yamlSetter) nothing(start int) []splice {
	end := len(strings.TrimRight(y.text[:start], " \t\r\n"))
	return []splice{{start: end, end: end, text: " "}}
}

var blockHeader = lazyregexp.New(`^[|>][-+0-9]*`)

// block is the place of a text of several lines: its header, and below it all lines
// that are indented as deep as the first one.
func (y *yamlSetter) block(start int, value string) ([]splice, bool) {
	header := blockHeader().FindString(y.text[start:])
	pieces := []splice{{start: start, end: start + len(header)}}
	below := strings.IndexByte(y.text[start:], '\n')
	if header == "" || below < 0 || strings.TrimSpace(value) == "" {
		return pieces, header != ""
	}
	below += start + 1
	lines := y.text[below:]
	// An indentation that the header gives leaves blanks in front of the value.
	indent := leadOf(lines) - leadOf(value)
	if indent <= 0 {
		return nil, false
	}
	end := 0
	for at := 0; at < len(lines); {
		line := lines[at:]
		if i := strings.IndexByte(line, '\n'); i >= 0 {
			line = line[:i+1]
		}
		at += len(line)
		switch blank := strings.TrimSpace(line) == ""; {
		case blank:
		case leadOf(line) < indent:
			at = len(lines)
		default:
			end = at
		}
	}
	return append(pieces, splice{start: below, end: below + end}), true
}

// leadOf counts the blanks in front of the first line that has more than blanks.
func leadOf(text string) int {
	for line := range strings.SplitSeq(text, "\n") {
		if strings.TrimSpace(line) != "" {
			return len(line) - len(strings.TrimLeft(line, " "))
		}
	}
	return 0
}

// aliasLength returns how long the alias at the begin of s is, 0 if there is none.
func aliasLength(s string, n *ast.AliasNode) int {
	name := "*" + n.Value.GetToken().Value
	if !strings.HasPrefix(s, name) {
		return 0
	}
	return len(name)
}

// plainLength returns how long the text without quotes at the begin of s is, which
// may go on in further lines; 0 if it is not value.
func plainLength(s, value string) int {
	rest := s
	for i, word := range strings.Fields(value) {
		if i > 0 {
			rest = strings.TrimLeftFunc(rest, unicode.IsSpace)
		}
		if !strings.HasPrefix(rest, word) {
			return 0
		}
		rest = rest[len(word):]
	}
	return len(s) - len(rest)
}

// quoted returns how long the quoted text at the begin of s is, 0 if there is none.
func quoted(s string) int {
	if s == "" || s[0] != '"' && s[0] != '\'' {
		return 0
	}
	for i := 1; i < len(s); i++ {
		switch {
		case s[0] == '"' && s[i] == '\\':
			i++
		case s[0] == '\'' && s[i] == '\'' && i+1 < len(s) && s[i+1] == '\'':
			i++
		case s[i] == s[0]:
			return i + 1
		}
	}
	return 0
}
