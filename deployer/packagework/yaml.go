package packagework

import (
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"github.com/vipswap/vipswap/internal/yamlfile"
)

// setYAML sets the single values of a YAML text for which there is a variable, by
// names as in JSON. Lists and mappings are not replaced as a whole.
func setYAML(text string, _ []string, value lookup) (out string, set []string, err error) {
	if strings.Count(text, "[")+strings.Count(text, "{") > 10_000 {
		return "", nil, errors.New("it has too many brackets")
	}
	y := &yamlSetter{text: text, value: value, lines: lineStarts(text)}
	file, err := parseYAML(text)
	if err != nil {
		return "", nil, err
	}
	for _, document := range file.Docs {
		if err := y.visit(document.Body, "", 0); err != nil {
			return "", nil, err
		}
	}
	return applySplices(text, y.splices), y.set, nil
}

// parseYAML is the library's parser, whose panics on nonsense are errors.
func parseYAML(text string) (file *ast.File, err error) {
	defer func() {
		if recover() != nil {
			file, err = nil, errors.New("it is not YAML")
		}
	}()
	if err := yamlfile.CheckDepth([]byte(text)); err != nil {
		return nil, fmt.Errorf("it is not YAML: %w", err)
	}
	file, err = parser.ParseBytes([]byte(text), 0)
	var located yaml.Error
	if errors.As(err, &located) && located.GetToken() != nil && located.GetToken().Position != nil {
		err = fmt.Errorf("it is not YAML: line %d: %s", located.GetToken().Position.Line, located.GetMessage())
	}
	return file, err
}

type yamlSetter struct {
	text    string
	lines   []int // where each line starts
	value   lookup
	splices []splice
	set     []string
}

// visit goes through the node at a path. Nodes come in the order of the text.
func (y *yamlSetter) visit(n ast.Node, path string, depth int) error {
	if depth > maxDepth {
		return errDepth
	}
	join := func(name string) string { return strings.TrimPrefix(path+":"+name, ":") }
	switch n := n.(type) {
	case *ast.MappingNode:
		for _, pair := range n.Values {
			if err := y.visit(pair, path, depth+1); err != nil {
				return err
			}
		}
	case *ast.MappingValueNode:
		return y.visit(n.Value, join(n.Key.GetToken().Value), depth+1)
	case *ast.SequenceNode:
		for i, item := range n.Values {
			if err := y.visit(item, join(fmt.Sprint(i)), depth+1); err != nil {
				return err
			}
		}
	case *ast.TagNode:
		return y.visit(n.Value, path, depth+1)
	case *ast.AnchorNode:
		return y.visit(n.Value, path, depth+1)
	case ast.ScalarNode:
		return y.scalar(n, path)
	}
	return nil
}

// scalar replaces one value.
func (y *yamlSetter) scalar(n ast.ScalarNode, path string) error {
	if path == "" {
		return nil
	}
	value, defined, err := y.value(path)
	if err != nil || !defined {
		return err
	}
	start, end, ok := y.place(n.GetToken())
	if !ok {
		return fmt.Errorf("the value of %s, in line %d, cannot be replaced where it stands\nhint: write it on one line, in quotes", path, n.GetToken().Position.Line)
	}
	y.splices = append(y.splices, splice{start, end, yamlLike(n, value)})
	y.set = append(y.set, path)
	return nil
}

// yamlLike writes a value in the place of another one, with its type if possible.
func yamlLike(n ast.Node, value string) string {
	trimmed := strings.TrimSpace(value)
	switch n.Type() {
	case ast.IntegerType, ast.FloatType:
		if isNumber(trimmed) {
			return trimmed
		}
	case ast.BoolType:
		if strings.EqualFold(trimmed, "true") || strings.EqualFold(trimmed, "false") {
			return strings.ToLower(trimmed)
		}
	}
	return jsonText(value) // JSON's quotes and escapes are YAML's, too
}

func lineStarts(text string) []int {
	starts := []int{0}
	for i := range len(text) {
		if text[i] == '\n' {
			starts = append(starts, i+1)
		}
	}
	return starts
}

// place returns where a token stands in the text, in bytes, and false when that is
// not certain.
func (y *yamlSetter) place(t *token.Token) (start, end int, ok bool) {
	if t == nil || t.Position == nil || t.Position.Line < 1 || t.Position.Line > len(y.lines) {
		return 0, 0, false
	}
	start = y.lines[t.Position.Line-1]
	column := 1
	for i := range y.text[start:] {
		if column == t.Position.Column {
			start += i
			break
		}
		column++
	}
	rest := y.text[start:]
	if column != t.Position.Column || len(y.splices) > 0 && start < y.splices[len(y.splices)-1].end {
		return 0, 0, false
	}
	switch t.Type {
	case token.DoubleQuoteType, token.SingleQuoteType:
		n := quoted(rest)
		return start, start + n, n > 0
	case token.LiteralType, token.FoldedType:
		return 0, 0, false
	}
	plain := strings.TrimSpace(t.Value)
	return start, start + len(plain), plain != "" && strings.HasPrefix(rest, plain)
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
