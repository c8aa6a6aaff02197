package variables

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// A jsonValue is one value of a JSON text. Unlike what encoding/json makes of
// it, it keeps the order of members and the spelling of numbers, because it is
// written back into text.
type jsonValue struct {
	kind  jsonKind
	text  string       // of text, decoded; of a literal, as written
	names []string     // of an object's members
	items []*jsonValue // an array's elements or an object's members
}

type jsonKind int

const (
	jsonText jsonKind = iota
	jsonLiteral
	jsonArray
	jsonObject
)

var emptyText = &jsonValue{kind: jsonText}

// walk follows path. A member or an element that is not there is empty text.
func (v *jsonValue) walk(path symbol) *jsonValue {
	for _, st := range path {
		if v = v.child(st); v == nil {
			return emptyText
		}
	}
	return v
}

func (v *jsonValue) child(st step) *jsonValue {
	switch {
	case len(v.items) == 0:
		return nil
	case st.kind == wildcard:
		return v.items[0]
	case v.kind == jsonObject:
		if i := slices.Index(v.names, st.text); i >= 0 {
			return v.items[i]
		}
		same := func(name string) bool { return strings.EqualFold(name, st.text) }
		if i := slices.IndexFunc(v.names, same); i >= 0 {
			return v.items[i]
		}
		return nil
	}
	i, err := strconv.Atoi(st.text)
	if err != nil || i < 0 || i >= len(v.items) {
		return nil
	}
	return v.items[i]
}

// render returns text as it is, null as empty text, and everything else as
// compact JSON.
func (v *jsonValue) render() string {
	switch {
	case v.kind == jsonText:
		return v.text
	case v.kind == jsonLiteral && v.text == "null":
		return ""
	}
	var b strings.Builder
	v.compact(&b)
	return b.String()
}

func (v *jsonValue) compact(b *strings.Builder) {
	switch v.kind {
	case jsonText:
		b.WriteString(`"` + escapeJSON(v.text) + `"`)
	case jsonLiteral:
		b.WriteString(v.text)
	case jsonArray:
		b.WriteString("[")
		v.compactItems(b)
		b.WriteString("]")
	case jsonObject:
		b.WriteString("{")
		v.compactItems(b)
		b.WriteString("}")
	}
}

func (v *jsonValue) compactItems(b *strings.Builder) {
	for i, item := range v.items {
		if i > 0 {
			b.WriteString(",")
		}
		if v.kind == jsonObject {
			b.WriteString(`"` + escapeJSON(v.names[i]) + `":`)
		}
		item.compact(b)
	}
}

var errNotJSON = errors.New("not JSON")

// parseJSON reads an object or an array; other JSON values count as plain
// text. Member names may stand without quotes, and quotes may be single.
func parseJSON(text string) (*jsonValue, error) {
	p := &jsonParser{rest: strings.TrimSpace(text)}
	if !strings.HasPrefix(p.rest, "{") && !strings.HasPrefix(p.rest, "[") {
		return nil, errNotJSON
	}
	v, err := p.value()
	if err != nil || strings.TrimSpace(p.rest) != "" {
		return nil, errNotJSON
	}
	return v, nil
}

type jsonParser struct {
	rest  string
	depth int
}

func (p *jsonParser) value() (*jsonValue, error) {
	p.blanks()
	if p.rest == "" {
		return nil, errNotJSON
	}
	switch p.rest[0] {
	case '{':
		return p.container(jsonObject, '}')
	case '[':
		return p.container(jsonArray, ']')
	case '"', '\'':
		s, err := p.quoted()
		return &jsonValue{kind: jsonText, text: s}, err
	}
	word := p.word()
	if word != "true" && word != "false" && word != "null" {
		if _, err := strconv.ParseFloat(word, 64); err != nil {
			return nil, errNotJSON
		}
	}
	return &jsonValue{kind: jsonLiteral, text: word}, nil
}

func (p *jsonParser) container(kind jsonKind, closer byte) (*jsonValue, error) {
	if p.depth++; p.depth > maxNesting {
		return nil, errNotJSON
	}
	defer func() { p.depth-- }()
	v := &jsonValue{kind: kind}
	p.rest = p.rest[1:]
	if p.accept(closer) {
		return v, nil
	}
	for {
		if kind == jsonObject {
			name, err := p.name()
			if err != nil {
				return nil, err
			}
			v.names = append(v.names, name)
		}
		item, err := p.value()
		if err != nil {
			return nil, err
		}
		v.items = append(v.items, item)
		if p.accept(closer) {
			return v, nil
		}
		if !p.accept(',') {
			return nil, errNotJSON
		}
	}
}

// name reads the name of a member and the colon after it.
func (p *jsonParser) name() (string, error) {
	p.blanks()
	var name string
	var err error
	if p.rest != "" && (p.rest[0] == '"' || p.rest[0] == '\'') {
		name, err = p.quoted()
	} else if name = p.word(); name == "" {
		err = errNotJSON
	}
	if err == nil && !p.accept(':') {
		err = errNotJSON
	}
	return name, err
}

// word reads up to a blank or a character with a meaning.
func (p *jsonParser) word() string {
	end := strings.IndexAny(p.rest, " \t\r\n,:{}[]\"'#")
	if end < 0 {
		end = len(p.rest)
	}
	word := p.rest[:end]
	p.rest = p.rest[end:]
	return word
}

func (p *jsonParser) blanks() { p.rest = strings.TrimLeft(p.rest, " \t\r\n") }

func (p *jsonParser) accept(c byte) bool {
	p.blanks()
	if p.rest == "" || p.rest[0] != c {
		return false
	}
	p.rest = p.rest[1:]
	return true
}

// jsonEscapes are the short escapes of JSON text.
var jsonEscapes = map[byte]byte{
	'"': '"', '\'': '\'', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t',
}

func (p *jsonParser) quoted() (string, error) {
	quote := p.rest[0]
	p.rest = p.rest[1:]
	var b strings.Builder
	for {
		i := strings.IndexAny(p.rest, string(quote)+`\`)
		if i < 0 || i+1 >= len(p.rest) && p.rest[i] == '\\' {
			return "", errNotJSON
		}
		b.WriteString(p.rest[:i])
		c := p.rest[i]
		p.rest = p.rest[i+1:]
		if c == quote {
			return b.String(), nil
		}
		escape := p.rest[0]
		p.rest = p.rest[1:]
		if plain, ok := jsonEscapes[escape]; ok {
			b.WriteByte(plain)
			continue
		}
		r, err := p.unicodeEscape(escape)
		if err != nil {
			return "", err
		}
		b.WriteRune(r)
	}
}

// unicodeEscape reads \uXXXX after its u, and the second half of a pair.
func (p *jsonParser) unicodeEscape(escape byte) (rune, error) {
	r, err := p.hex(escape)
	if err != nil || !utf16.IsSurrogate(r) {
		return r, err
	}
	if !strings.HasPrefix(p.rest, `\u`) {
		return utf8.RuneError, nil
	}
	p.rest = p.rest[2:]
	second, err := p.hex('u')
	return utf16.DecodeRune(r, second), err
}

func (p *jsonParser) hex(escape byte) (rune, error) {
	if escape != 'u' || len(p.rest) < 4 {
		return 0, errNotJSON
	}
	n, err := strconv.ParseUint(p.rest[:4], 16, 32)
	p.rest = p.rest[4:]
	if err != nil {
		return 0, errNotJSON
	}
	return rune(n), nil
}
