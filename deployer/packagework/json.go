package packagework

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// maxDepth is how deep a structured file may nest.
const maxDepth = 200

var errDepth = fmt.Errorf("it nests deeper than %d", maxDepth)

// setJSON sets the values of a JSON text for which there is a variable: with the
// name Logging:LogLevel:Default that of {"Logging":{"LogLevel":{"Default":...}}},
// with Servers:0 the first of a list. A value keeps its type where the variable's
// value fits it, and becomes text where not. Comments and commas at the end stay.
func setJSON(text string, _ []string, value lookup) (string, []string, error) {
	plain := plainJSON(text)
	j := &jsonSetter{text: plain, value: value, decoder: json.NewDecoder(strings.NewReader(plain))}
	j.decoder.UseNumber()
	if err := j.visit("", 0); err != nil {
		return "", nil, j.explain(err)
	}
	if _, err := j.decoder.Token(); !errors.Is(err, io.EOF) {
		return "", nil, errors.New("it is not JSON: there is more behind the value")
	}
	return applySplices(text, j.splices), j.set, nil
}

type jsonSetter struct {
	text    string // without comments
	decoder *json.Decoder
	value   lookup
	splices []splice
	set     []string
	within  int // how many replaced values are around: nothing is replaced in them
}

func (j *jsonSetter) explain(err error) error {
	if errors.Is(err, errDepth) {
		return err
	}
	line := 1 + strings.Count(j.text[:min(int(j.decoder.InputOffset()), len(j.text))], "\n")
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("it is not JSON: it ends too early, in line %d", line)
	}
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return fmt.Errorf("it is not JSON, near line %d: %w", line, err)
	}
	return err
}

// visit reads the value at a path.
func (j *jsonSetter) visit(path string, depth int) error {
	if depth > maxDepth {
		return errDepth
	}
	token, err := j.decoder.Token()
	if err != nil {
		return err
	}
	start := j.start(token)
	value, defined := "", false
	if path != "" && j.within == 0 {
		if value, defined, err = j.value(path); err != nil {
			return err
		}
	}
	if defined {
		j.within++
	}
	if delim, ok := token.(json.Delim); ok {
		if err := j.children(delim, path, depth); err != nil {
			return err
		}
	}
	if defined {
		j.within--
		end := int(j.decoder.InputOffset())
		j.splices = append(j.splices, splice{start, end, jsonLike(j.text[start:end], value)})
		j.set = append(j.set, path)
	}
	return nil
}

// start returns where the token began that was just read.
func (j *jsonSetter) start(token json.Token) int {
	end := int(j.decoder.InputOffset())
	switch t := token.(type) {
	case json.Delim:
		return end - 1
	case json.Number:
		return end - len(t)
	case bool:
		return end - len(strconv.FormatBool(t))
	case nil:
		return end - len("null")
	}
	for i := end - 2; ; i-- { // the quote that no backslash escapes
		if j.text[i] != '"' {
			continue
		}
		escapes := len(j.text[:i]) - len(strings.TrimRight(j.text[:i], `\`))
		if escapes%2 == 0 {
			return i
		}
	}
}

func (j *jsonSetter) children(open json.Delim, path string, depth int) error {
	for i := 0; j.decoder.More(); i++ {
		name := strconv.Itoa(i)
		if open == '{' {
			key, err := j.decoder.Token()
			if err != nil {
				return err
			}
			name = key.(string)
		}
		if err := j.visit(strings.TrimPrefix(path+":"+name, ":"), depth+1); err != nil {
			return err
		}
	}
	_, err := j.decoder.Token()
	return err
}

// jsonLike writes a value in the place of another one, with its type if possible.
func jsonLike(was, value string) string {
	trimmed := strings.TrimSpace(value)
	switch was[0] {
	case '"', 'n':
	case 't', 'f':
		if strings.EqualFold(trimmed, "true") || strings.EqualFold(trimmed, "false") {
			return strings.ToLower(trimmed)
		}
	case '{', '[':
		if json.Valid([]byte(value)) {
			return trimmed
		}
	default:
		if isNumber(trimmed) {
			return trimmed
		}
	}
	return jsonText(value)
}

// isNumber reports whether JSON and YAML would read text as a number.
func isNumber(text string) bool {
	return text != "" && strings.ContainsRune("-0123456789", rune(text[0])) && json.Valid([]byte(text))
}

// jsonText quotes a text.
func jsonText(value string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(value) // a string can always be encoded
	return strings.TrimSuffix(b.String(), "\n")
}
