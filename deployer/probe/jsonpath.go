package probe

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// maxPath bounds a path, in bytes.
const maxPath = 1000

// A part of a path is a member of an object, or an element of an array.
type part struct {
	name  string
	index int
	array bool
}

// Lookup returns the value that a path leads to in a JSON text: text as it is,
// numbers and truth values as written, null as "null", objects and arrays as JSON
// without spaces.
//
// A path begins with $, the whole text. Behind it .name or ['name'] is a member, and
// [0] an element; [-1] is the last one. Nothing else of JSON path is understood:
// a check looks at one value.
//
// Errors are about the path, text that is no JSON, and where the path leads nowhere.
func Lookup(data []byte, path string) (string, error) {
	parts, err := parsePath(path)
	if err != nil {
		return "", err
	}
	value, err := decode(data)
	if err != nil {
		return "", err
	}
	at := "$"
	for _, p := range parts {
		next, ok := p.in(value)
		if !ok {
			return "", fmt.Errorf("the body's JSON has no %s: %s is %s", path, at, kindOf(value))
		}
		value, at = next, at+p.String()
	}
	return textOf(value)
}

// decode reads one JSON value, and nothing behind it.
func decode(data []byte) (value any, err error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if err := d.Decode(&value); err != nil {
		return nil, errors.New("the body is no JSON")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("the body is no JSON")
	}
	return value, nil
}

// in follows the part into a value.
func (p part) in(value any) (any, bool) {
	if !p.array {
		object, _ := value.(map[string]any)
		next, ok := object[p.name]
		return next, ok
	}
	list, _ := value.([]any)
	i := p.index
	if i < 0 {
		i += len(list)
	}
	if i < 0 || i >= len(list) {
		return nil, false
	}
	return list[i], true
}

// String writes the part as in a path.
func (p part) String() string {
	if p.array {
		return fmt.Sprintf("[%d]", p.index)
	}
	return "." + p.name
}

func kindOf(value any) string {
	switch v := value.(type) {
	case map[string]any:
		return fmt.Sprintf("an object with %d members", len(v))
	case []any:
		return fmt.Sprintf("an array with %d elements", len(v))
	case string:
		return "text"
	case nil:
		return "null"
	}
	return "a number or truth value"
}

func textOf(value any) (string, error) {
	switch v := value.(type) {
	case string:
		return v, nil
	case json.Number:
		return v.String(), nil
	}
	data, err := json.Marshal(value)
	return string(data), err
}

// parsePath reads a path.
func parsePath(path string) ([]part, error) {
	rest, found := strings.CutPrefix(path, "$")
	if !found || len(path) > maxPath {
		return nil, fmt.Errorf("%q is no path to a value in JSON: it begins with $", shorten(path))
	}
	var parts []part
	for rest != "" {
		read := readMember
		if rest[0] == '[' {
			read = readBracket
		}
		p, after, ok := read(rest)
		if !ok {
			return nil, fmt.Errorf("%q is no path to a value in JSON: %q is neither .name nor [0]", path, rest)
		}
		parts, rest = append(parts, p), after
	}
	return parts, nil
}

// readMember reads .name.
func readMember(text string) (part, string, bool) {
	name, dotted := strings.CutPrefix(text, ".")
	rest := ""
	if end := strings.IndexAny(name, ".["); end >= 0 {
		name, rest = name[:end], name[end:]
	}
	return part{name: name}, rest, dotted && name != "" && !strings.ContainsAny(name, `]*'"?@`)
}

// readBracket reads [0] or ['name'].
func readBracket(text string) (part, string, bool) {
	for _, quote := range []string{"'", `"`} {
		if inner, quoted := strings.CutPrefix(text, "["+quote); quoted {
			name, rest, closed := strings.Cut(inner, quote+"]")
			return part{name: name}, rest, closed
		}
	}
	number, rest, closed := strings.Cut(text[1:], "]")
	i, err := strconv.Atoi(number)
	return part{index: i, array: true}, rest, closed && err == nil
}
