package faultfile

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"github.com/vipswap/vipswap/emulator/faults"
)

// Limits of a file.
const (
	maxFile  = 1 << 20
	maxDepth = 10
	maxRules = 1000
	maxOpen  = 2000 // brackets, which the parser recurses into
)

// Load reads a plan from a file. Errors are those of the file system and
// [Errors].
func Load(path string) (faults.Plan, error) {
	file, err := os.Open(path)
	if err != nil {
		return faults.Plan{}, fmt.Errorf("read the plan of faults: %w", err)
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err != nil {
		return faults.Plan{}, fmt.Errorf("read the plan of faults: %w", err)
	}
	return Read(path, data)
}

// Read reads a plan from the content of a file, whose name is for errors only.
// The error, if any, is an [Errors]: what is neither YAML nor JSON, unknown keys,
// values of the wrong kind, and all that [faults.Plan.Validate] finds. A file that
// holds nothing is the empty plan.
func Read(name string, data []byte) (faults.Plan, error) {
	r := &reader{file: name, places: map[string]place{}}
	plan := r.read(data)
	if len(r.errors) == 0 {
		for _, p := range plan.Validate() {
			r.report(r.nearest(p.Path), p.Text, p.Hint)
		}
	}
	if len(r.errors) == 0 {
		return plan, nil
	}
	slices.SortStableFunc(r.errors, func(a, b *Error) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return faults.Plan{}, r.errors
}

// place is where something stands in a file, from 1; 0 for nowhere.
type place struct{ line, column int }

func placeOf(t *token.Token) place {
	if t == nil || t.Position == nil {
		return place{}
	}
	return place{t.Position.Line, t.Position.Column}
}

// A reader turns a file into a plan and collects what is wrong with it.
type reader struct {
	file   string
	places map[string]place // by path, such as rules[0].match.slot
	errors Errors
}

func (r *reader) report(at place, message, hint string) {
	r.errors = append(r.errors, &Error{r.file, at.line, at.column, message, hint})
}

// nearest returns the place of a path or of what is around it.
func (r *reader) nearest(path string) place {
	for path != "" {
		if at, ok := r.places[path]; ok {
			return at
		}
		path = path[:max(0, strings.LastIndexAny(path, ".["))]
	}
	return place{}
}

func (r *reader) read(data []byte) (plan faults.Plan) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	switch {
	case len(data) > maxFile:
		r.report(place{}, fmt.Sprintf("the file is larger than %d bytes", maxFile), "")
	case !utf8.Valid(data):
		r.report(place{}, "the file is not UTF-8 text", "")
	case bytes.Count(data, []byte("["))+bytes.Count(data, []byte("{")) > maxOpen:
		r.report(place{}, "the file has too many brackets", "")
	default:
		body, err := parse(data)
		if err != nil {
			r.reportSyntax(err)
		} else if body != nil {
			r.plan(body, &plan)
		}
	}
	return plan
}

func (r *reader) reportSyntax(err error) {
	var located yaml.Error
	if errors.As(err, &located) {
		r.report(placeOf(located.GetToken()), located.GetMessage(), "")
		return
	}
	r.report(place{}, err.Error(), "")
}

// parse returns the only document of a file; nil for a file that holds nothing.
// A panic in the library, on nonsense that it did not expect, is an error.
func parse(data []byte) (body ast.Node, err error) {
	defer func() {
		if recover() != nil {
			body, err = nil, errors.New("this is neither YAML nor JSON")
		}
	}()
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		return nil, err
	}
	for _, document := range file.Docs {
		if document.Body == nil || document.Body.Type() == ast.CommentType || document.Body.Type() == ast.NullType {
			continue
		}
		if body != nil {
			return nil, errors.New("the file has more than one document")
		}
		body = document.Body
	}
	return body, nil
}
