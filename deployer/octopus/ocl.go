package octopus

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// Limits of one file.
const (
	maxFile  = 4 << 20 // bytes
	maxDepth = 100     // brackets in brackets
)

// A body is what stands between the braces of a block, or in a file.
type body struct {
	attributes []attribute
	blocks     []block
}

// A block is one with a name, labels and a body.
type block struct {
	name   string
	labels []string
	line   int
	body
}

// label returns the first label, or "".
func (b block) label() string {
	if len(b.labels) == 0 {
		return ""
	}
	return b.labels[0]
}

// An attribute is a name with a value, in a body or in a dictionary.
type attribute struct {
	name  string
	line  int
	value value
}

// A value is text, a list of texts or a dictionary. Numbers and truth values
// are text; null is none of them.
type value struct {
	text       string
	isText     bool
	list       []string
	isList     bool
	dictionary []attribute
	isNull     bool
}

// find returns the attribute of a name, or nil.
func (b body) find(name string) *attribute {
	for i := range b.attributes {
		if b.attributes[i].name == name {
			return &b.attributes[i]
		}
	}
	return nil
}

// text returns the text of an attribute, or "".
func (b body) text(name string) string {
	if a := b.find(name); a != nil {
		return a.value.text
	}
	return ""
}

// A SyntaxError says where a file is not in Octopus' configuration language.
type SyntaxError struct {
	File         string
	Line, Column int // from 1; 0 if the file as a whole is meant
	Message      string
}

// Error names the place.
func (e *SyntaxError) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %s", e.File, e.Message)
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Message)
}

// guard hides the beginnings of HCL's own templates, which Octopus' language
// does not have: ${ and %{ are text there. It is a private character.
const guard = "\ue000"

// A parser reads one file.
type parser struct {
	file   string
	source []byte
	errs   []error
}

// parse reads a file. The language is a part of HCL, in which text is taken
// as it stands; see the notation in the readme of Octopus' public library.
// The error joins *[SyntaxError] values.
func parse(file string, data []byte) (body, error) {
	p := &parser{file: file}
	if message := unreadable(data); message != "" {
		return body{}, &SyntaxError{File: file, Message: message}
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	text := strings.ReplaceAll(string(data), "\r\n", "\n")
	text = strings.NewReplacer("${", "$"+guard+"{", "%{", "%"+guard+"{").Replace(text)
	p.source = []byte(text)
	parsed, diagnostics := hclsyntax.ParseConfig(p.source, file, hcl.InitialPos)
	for _, d := range diagnostics {
		p.diagnose(d)
	}
	if len(p.errs) > 0 {
		return body{}, errors.Join(p.errs...)
	}
	b := p.body(parsed.Body.(*hclsyntax.Body))
	return b, errors.Join(p.errs...)
}

func unreadable(data []byte) string {
	switch {
	case len(data) > maxFile:
		return fmt.Sprintf("the file is larger than %d bytes", maxFile)
	case !utf8.Valid(data):
		return "the file is not UTF-8 text"
	case bytes.Contains(data, []byte(guard)):
		return "the file has the private character U+E000"
	case deep(data):
		return "brackets are nested too deep"
	}
	return ""
}

// deep reports whether more brackets are open at once than a process needs.
// Brackets in text count, too: those close again.
func deep(data []byte) bool {
	depth := 0
	for _, c := range data {
		switch c {
		case '{', '[', '(':
			depth++
		case '}', ']', ')':
			depth = max(0, depth-1)
		}
		if depth > maxDepth {
			return true
		}
	}
	return false
}

func (p *parser) diagnose(d *hcl.Diagnostic) {
	if d.Severity != hcl.DiagError {
		return
	}
	message := d.Summary
	if d.Detail != "" {
		message += ": " + d.Detail
	}
	e := &SyntaxError{File: p.file, Message: strings.ReplaceAll(message, guard, "")}
	if d.Subject != nil {
		e.Line, e.Column = d.Subject.Start.Line, d.Subject.Start.Column
	}
	p.errs = append(p.errs, e)
}

func (p *parser) refuse(at hcl.Range, message string) {
	p.errs = append(p.errs, &SyntaxError{p.file, at.Start.Line, at.Start.Column, message})
}

func (p *parser) body(b *hclsyntax.Body) body {
	var result body
	for _, a := range b.Attributes {
		result.attributes = append(result.attributes, attribute{a.Name, a.NameRange.Start.Line, p.value(a.Expr)})
	}
	sortByLine(result.attributes)
	for _, inner := range b.Blocks {
		result.blocks = append(result.blocks, block{
			name: inner.Type, labels: plain(inner.Labels), line: inner.TypeRange.Start.Line, body: p.body(inner.Body),
		})
	}
	return result
}

// plain takes the guards out of texts.
func plain(texts []string) []string {
	var result []string
	for _, t := range texts {
		result = append(result, strings.ReplaceAll(t, guard, ""))
	}
	return result
}

func (p *parser) value(e hclsyntax.Expression) value {
	switch e := e.(type) {
	case *hclsyntax.TupleConsExpr:
		v := value{isList: true}
		for _, item := range e.Exprs {
			v.list = append(v.list, p.text(item).text)
		}
		return v
	case *hclsyntax.ObjectConsExpr:
		var v value
		for _, item := range e.Items {
			v.dictionary = append(v.dictionary, attribute{p.key(item.KeyExpr), item.KeyExpr.Range().Start.Line, p.text(item.ValueExpr)})
		}
		return v
	}
	return p.text(e)
}

// key returns the key of a dictionary: text in quotes, or a name with dots
// and brackets, as it stands.
func (p *parser) key(e hclsyntax.Expression) string {
	source := strings.TrimSpace(string(e.Range().SliceBytes(p.source)))
	if strings.HasPrefix(source, `"`) {
		if k, ok := e.(*hclsyntax.ObjectConsKeyExpr); ok {
			e = k.Wrapped
		}
		return p.text(e).text
	}
	return source
}

// text returns a literal.
func (p *parser) text(e hclsyntax.Expression) value {
	source := string(e.Range().SliceBytes(p.source))
	if strings.HasPrefix(source, "<<") {
		return value{text: strings.ReplaceAll(heredoc(source), guard, ""), isText: true}
	}
	v, diagnostics := e.Value(nil)
	if diagnostics.HasErrors() {
		p.refuse(e.Range(), "text, a number, true, false or a list of these is expected")
		return value{}
	}
	if v.IsNull() {
		return value{isNull: true}
	}
	text, err := convert.Convert(v, cty.String)
	if err != nil || !text.IsKnown() {
		p.refuse(e.Range(), "text, a number, true or false is expected")
		return value{}
	}
	return value{text: strings.ReplaceAll(text.AsString(), guard, ""), isText: true}
}

// heredoc returns the text between the lines of a heredoc. With <<- the
// blanks are taken off that all lines begin with, blank lines not counted.
func heredoc(source string) string {
	lines := strings.Split(strings.TrimRight(source, "\n"), "\n")
	if len(lines) < 3 {
		return ""
	}
	indented := strings.HasPrefix(source, "<<-")
	lines = lines[1 : len(lines)-1]
	if !indented {
		return strings.Join(lines, "\n")
	}
	margin := -1
	for _, l := range lines {
		blank := len(l) - len(strings.TrimLeft(l, " \t"))
		if blank < len(l) && (margin < 0 || blank < margin) {
			margin = blank
		}
	}
	for i, l := range lines {
		lines[i] = l[min(max(margin, 0), len(l)-len(strings.TrimLeft(l, " \t"))):]
	}
	return strings.Join(lines, "\n")
}
