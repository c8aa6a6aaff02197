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
// it, it keeps the order of members and all digits of integers, because it is written
// back into text.
type jsonValue struct {
	kind  jsonKind
	text  string       // of text, decoded; of a literal, as it is in compact JSON
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

// child returns what a step leads to, or nil where none can: in all that is no
// container, and for a name in an array. A member or an element that is not there is
// empty text. The case of names counts, as it does for Newtonsoft's parser, which
// Octostache uses.
func (v *jsonValue) child(st step) *jsonValue {
	found := -1
	switch {
	case v.kind != jsonObject && v.kind != jsonArray || st.text == "" && st.kind != wildcard:
		return nil
	case st.kind == wildcard:
		found = 0
	case v.kind == jsonObject:
		found = slices.Index(v.names, st.text)
	default:
		i, err := strconv.Atoi(strings.TrimSpace(st.text))
		if err != nil {
			return nil
		}
		found = i
	}
	if found < 0 || found >= len(v.items) {
		return emptyText
	}
	return v.items[found]
}

// render returns what .NET makes of a value: text as it is, null as empty text, True
// and False, numbers in their shortest form, and containers as compact JSON.
func (v *jsonValue) render() string {
	switch {
	case v.kind == jsonText:
		return v.text
	case v.kind == jsonLiteral:
		if word, ok := jsonWords[v.text]; ok {
			return word
		}
		return strings.TrimSuffix(v.text, ".0")
	}
	var b strings.Builder
	v.compact(&b)
	return b.String()
}

// jsonWords are the literals that are no numbers, and how they are shown.
var jsonWords = map[string]string{"null": "", "true": "True", "false": "False"}

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
// text. As Newtonsoft's parser, it takes member names without quotes, single quotes,
// comments, and a comma behind the last item.
func parseJSON(text string) (*jsonValue, error) {
	p := &jsonParser{rest: text}
	p.blanks()
	if !strings.HasPrefix(p.rest, "{") && !strings.HasPrefix(p.rest, "[") {
		return nil, errNotJSON
	}
	v, err := p.value()
	p.blanks()
	if err != nil || p.rest != "" {
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
	if _, known := jsonWords[word]; !known {
		var ok bool
		if word, ok = jsonNumber(word); !ok {
			return nil, errNotJSON
		}
	}
	return &jsonValue{kind: jsonLiteral, text: word}, nil
}

// jsonNumber returns a number as Newtonsoft writes it: integers with all their digits,
// others as doubles with a point or an exponent.
func jsonNumber(word string) (string, bool) {
	digits := strings.TrimPrefix(word, "-")
	if strings.Trim(word, "0123456789+-.eE") != "" || len(digits) > 1 && digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9' {
		return "", false
	}
	f, err := strconv.ParseFloat(word, 64)
	switch {
	case err != nil || word[0] == '+':
		return "", false
	case digits == "0":
		return "0", true
	case !strings.ContainsAny(word, ".eE"):
		return word, true
	}
	text := formatFloat(f)
	if !strings.ContainsAny(text, ".E") {
		text += ".0"
	}
	return text, true
}

func (p *jsonParser) container(kind jsonKind, closer byte) (*jsonValue, error) {
	if p.depth++; p.depth > maxNesting {
		return nil, errNotJSON
	}
	defer func() { p.depth-- }()
	v := &jsonValue{kind: kind}
	at := make(map[string]int)
	p.rest = p.rest[1:]
	for !p.accept(closer) {
		if err := p.item(v, at); err != nil {
			return nil, err
		}
		if p.accept(closer) {
			break
		}
		if !p.accept(',') {
			return nil, errNotJSON
		}
	}
	return v, nil
}

// item reads an element or a member of v. Of members with the same name, at tells
// where, the last holds.
func (p *jsonParser) item(v *jsonValue, at map[string]int) error {
	if v.kind == jsonArray {
		item, err := p.value()
		v.items = append(v.items, item)
		return err
	}
	name, err := p.name()
	if err != nil {
		return err
	}
	item, err := p.value()
	if i, again := at[name]; again {
		v.items[i] = item
		return err
	}
	at[name] = len(v.items)
	v.names, v.items = append(v.names, name), append(v.items, item)
	return err
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
	end := strings.IndexAny(p.rest, " \t\r\n,:{}[]\"'#/")
	if end < 0 {
		end = len(p.rest)
	}
	word := p.rest[:end]
	p.rest = p.rest[end:]
	return word
}

// blanks skips blanks and comments.
func (p *jsonParser) blanks() {
	for {
		p.rest = strings.TrimLeft(p.rest, " \t\r\n")
		switch {
		case strings.HasPrefix(p.rest, "//"):
			_, p.rest, _ = strings.Cut(p.rest, "\n")
		case strings.HasPrefix(p.rest, "/*") && strings.Contains(p.rest[2:], "*/"):
			_, p.rest, _ = strings.Cut(p.rest[2:], "*/")
		default:
			return
		}
	}
}

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
