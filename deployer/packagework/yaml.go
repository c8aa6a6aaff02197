package packagework

import (
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/vipswap/vipswap/internal/yamlfile"
)

// setYAML sets the single values of a YAML text for which there is a variable, by
// names as in JSON. Lists and mappings are not replaced as a whole.
func setYAML(text string, _ []string, value lookup) (out string, set []string, err error) {
	if strings.Count(text, "[")+strings.Count(text, "{") > 10_000 {
		return "", nil, errors.New("it has too many brackets")
	}
	y := &yamlSetter{text: text, value: value, lines: lineStarts(text)}
	if err := y.read(); err != nil {
		return "", nil, err
	}
	if len(y.set) == 0 {
		return text, nil, nil
	}
	out = applySplices(text, y.splices)
	return out, y.set, y.check(out)
}

// read goes through the text.
func (y *yamlSetter) read() error {
	file, err := parseYAML(y.text)
	if err != nil {
		return err
	}
	for _, document := range file.Docs {
		if err := y.visit(document.Body, "", 0); err != nil {
			return err
		}
	}
	return nil
}

var errStuck = errors.New("its values cannot be replaced where they stand\nhint: write them on one line, in quotes")

// check reads what came out: it must have the values that were to be set where they
// were to be set, and nothing else more or less than before.
func (y *yamlSetter) check(out string) error {
	now := &yamlSetter{text: out, value: func(string) (string, bool, error) { return "", false, nil }}
	if err := now.read(); err != nil {
		return errStuck
	}
	last := errStuck // of the values that were set, the one before the difference
	for i, was := range y.scalars {
		if was.set {
			last = was.stuck()
		}
		if i >= len(now.scalars) || !was.becomes(now.scalars[i]) {
			return last
		}
	}
	if len(now.scalars) > len(y.scalars) {
		return last
	}
	return nil
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
	scalars []yamlScalar // all, in the order of the text
}

// A yamlScalar is a single value of a text.
type yamlScalar struct {
	path  string
	line  int
	value string
	set   bool // something was set in its place
	text  bool // that was a text: value
}

// becomes reports whether a value is now as it should be.
func (s yamlScalar) becomes(now yamlScalar) bool {
	return s.path == now.path && (!s.text || s.value == now.value)
}

func (s yamlScalar) stuck() error {
	return fmt.Errorf("the value of %s, in line %d, cannot be replaced where it stands\nhint: write it on one line, in quotes", s.path, s.line)
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
	if err != nil {
		return err
	}
	is := yamlScalar{path: path, line: n.GetToken().Position.Line, value: fmt.Sprint(n.GetValue()), set: defined}
	if defined {
		text := yamlLike(n, value)
		is.value, is.text = value, strings.HasPrefix(text, `"`)
		pieces, ok := y.place(n)
		if !ok {
			return is.stuck()
		}
		pieces[0].text += text
		y.splices = append(y.splices, pieces...)
		y.set = append(y.set, path)
	}
	y.scalars = append(y.scalars, is)
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
