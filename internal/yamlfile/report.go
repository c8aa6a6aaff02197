package yamlfile

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// A Position is where something stands in a file: line and column, from 1; 0 for
// the file as a whole.
type Position struct{ Line, Column int }

// PositionOf returns where a node begins.
func PositionOf(n ast.Node) Position {
	if pairs, _ := Pairs(n); len(pairs) > 0 {
		return PositionOfKey(pairs[0])
	}
	return positionOf(n.GetToken())
}

// PositionOfKey returns where the key of a pair begins.
func PositionOfKey(pair *ast.MappingValueNode) Position { return positionOf(pair.Key.GetToken()) }

func positionOf(t *token.Token) Position {
	if t == nil || t.Position == nil {
		return Position{}
	}
	return Position{t.Position.Line, t.Position.Column}
}

// Pairs returns the keys and values of a mapping, and whether the node is one.
func Pairs(n ast.Node) ([]*ast.MappingValueNode, bool) {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}, true
	}
	return nil, false
}

// A Report collects what is wrong with a file, and knows where everything stands.
type Report struct {
	name   string
	data   []byte
	lines  []string
	places map[string]Position // by path, such as lifecycle.phases[0].name
	hidden map[int]bool        // lines that no error may show
	errors Errors
}

// NewReport returns a report on a file, which begins to be read. The name is for
// errors only. A byte order mark does not matter.
func NewReport(name string, data []byte) *Report {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	return &Report{name: name, data: data, lines: strings.Split(string(data), "\n"), places: map[string]Position{}, hidden: map[int]bool{}}
}

// Note remembers that the value at a path stands at a place.
func (r *Report) Note(path string, at Position) { r.places[path] = at }

// Place returns where the value at a path stands, and whether it is there.
func (r *Report) Place(path string) (Position, bool) {
	at, found := r.places[path]
	return at, found
}

// Hide keeps errors from showing the line where the value at a path stands.
func (r *Report) Hide(path string) { r.hidden[r.places[path].Line] = true }

// Path reports what is wrong with the value at a path, or with the nearest thing
// around it that is there, or else with the whole file.
func (r *Report) Path(path, message, hint string) {
	at := Position{} // the whole file
	for around := path; around != ""; around = around[:max(0, strings.LastIndexAny(around, ".["))] {
		if place, found := r.places[around]; found {
			at = place
			break
		}
	}
	r.At(at, message, hint)
	r.errors[len(r.errors)-1].Path = path
}

// At reports what is wrong at a place.
func (r *Report) At(at Position, message, hint string) {
	e := &Error{File: r.name, Line: at.Line, Column: at.Column, Message: message, Hint: hint}
	if 0 < at.Line && at.Line <= len(r.lines) {
		e.Source = strings.TrimRight(r.lines[at.Line-1], "\r")
	}
	r.errors = append(r.errors, e)
}

// Failed reports whether something was reported.
func (r *Report) Failed() bool { return len(r.errors) > 0 }

// Err returns the [Errors] in the order of the file, or nil when there are none.
func (r *Report) Err() error {
	if len(r.errors) == 0 {
		return nil
	}
	for _, e := range r.errors {
		if r.hidden[e.Line] {
			e.Source = ""
		}
	}
	slices.SortStableFunc(r.errors, func(a, b *Error) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return r.errors
}
