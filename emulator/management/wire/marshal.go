package wire

import (
	"errors"
	"fmt"
	"reflect"
)

// Namespace is the namespace of all elements of the API. Copies of the reference
// that show it with https do so by accident; recorded traffic has http.
const Namespace = "http://schemas.microsoft.com/windowsazure"

// InstanceNamespace is the namespace of i:nil and i:type. The prefix must be i:
// some clients look for the attribute by its prefixed name.
const InstanceNamespace = "http://www.w3.org/2001/XMLSchema-instance"

const (
	typeAttribute = "i:type"
	declarations  = ` xmlns="` + Namespace + `" xmlns:i="` + InstanceNamespace + `"`
)

// Marshal returns the document of v, a struct or a pointer to one with a [Root],
// as answers of the given version have it. An error means that the Go type is
// wrong (no root, a bad tag, a type that cannot be written) or v is nil; no value
// of a right type fails. Text that XML cannot hold comes out as U+FFFD.
func Marshal(v any, version Version) ([]byte, error) {
	document, err := Append(make([]byte, 0, usualLength), v, version)
	if err != nil {
		return nil, err
	}
	return document, nil
}

// usualLength is a length, in bytes, that most documents do not pass; so they are
// written without being moved on the way.
const usualLength = 1024

// Append is [Marshal] that appends to dst and returns the extended slice; with an
// error, dst as it was.
func Append(dst []byte, v any, version Version) ([]byte, error) {
	p, value, err := documentPlan(v)
	if err != nil {
		return dst, err
	}
	dst, start := p.appendRoot(dst, value)
	dst = p.appendFields(dst, value, version)
	if len(dst) == start {
		return selfClose(dst), nil
	}
	return p.appendRootEnd(dst), nil
}

var errNoRoot = errors.New("the struct names no root element")

// documentPlan returns the plan of a document, and the struct that v is or points
// to.
func documentPlan(v any) (*plan, reflect.Value, error) {
	value := reflect.ValueOf(v)
	if value.Kind() == reflect.Pointer {
		value = value.Elem()
	}
	if value.Kind() != reflect.Struct {
		return nil, value, fmt.Errorf("wire: marshal %T: want a struct or a pointer to one", v)
	}
	p, err := planOf(value.Type())
	if err == nil && p.root == "" {
		err = fmt.Errorf("wire: marshal %T: %w", v, errNoRoot)
	}
	return p, value, err
}

// appendRoot appends the start tag of a document, and returns the place where
// content begins.
func (p *plan) appendRoot(dst []byte, v reflect.Value) ([]byte, int) {
	dst = append(dst, '<')
	dst = append(dst, p.root...)
	dst = append(dst, declarations...)
	return p.appendStart(dst, v)
}

func (p *plan) appendRootEnd(dst []byte) []byte {
	dst = append(dst, "</"...)
	dst = append(dst, p.root...)
	return append(dst, '>')
}

// appendStart ends a start tag, after the attribute if the struct has one, and
// returns the place where content begins.
func (p *plan) appendStart(dst []byte, v reflect.Value) ([]byte, int) {
	if p.attribute != nil {
		if value := v.FieldByIndex(p.attribute).String(); value != "" {
			dst = append(dst, " "+typeAttribute+`="`...)
			dst = appendText(dst, value, &attributeEscapes)
			dst = append(dst, '"')
		}
	}
	dst = append(dst, '>')
	return dst, len(dst)
}

// selfClose turns the start tag at the end of dst into an element without content.
func selfClose(dst []byte) []byte { return append(dst[:len(dst)-1], "/>"...) }

func (p *plan) appendFields(dst []byte, v reflect.Value, version Version) []byte {
	for i := range p.fields {
		f := &p.fields[i]
		if !f.visible(version) {
			continue
		}
		dst = f.append(dst, v.FieldByIndex(f.index), version)
	}
	return dst
}

// append writes a field's element or leaves it out.
func (f *field) append(dst []byte, v reflect.Value, version Version) []byte {
	switch {
	case f.nillable && v.IsNil():
		return append(dst, f.element.null...)
	case f.node.pointer && v.IsNil(), f.omitEmpty && f.node.empty(v):
		return dst
	case f.flat:
		return f.node.appendItems(dst, v, version)
	}
	return f.node.appendElement(dst, &f.element, v, version)
}

// empty reports whether omitempty leaves v out.
func (n *node) empty(v reflect.Value) bool {
	switch {
	case n.pointer:
		return v.IsNil()
	case n.shape == listShape:
		return v.Len() == 0
	}
	return n.scalar.empty(v)
}

// appendElement writes v within an element.
func (n *node) appendElement(dst []byte, e *element, v reflect.Value, version Version) []byte {
	if n.pointer {
		if v.IsNil() {
			return append(dst, e.null...)
		}
		v = v.Elem()
	}
	dst = append(dst, e.open...)
	start := 0
	if n.shape == structureShape {
		dst, start = n.fields.appendStart(dst, v)
	} else {
		dst = append(dst, '>')
		start = len(dst)
	}
	dst = n.appendContent(dst, v, version)
	if len(dst) == start {
		return selfClose(dst)
	}
	return append(dst, e.end...)
}

func (n *node) appendContent(dst []byte, v reflect.Value, version Version) []byte {
	switch n.shape {
	case structureShape:
		return n.fields.appendFields(dst, v, version)
	case listShape:
		return n.appendItems(dst, v, version)
	}
	return n.scalar.append(dst, v)
}

func (n *node) appendItems(dst []byte, v reflect.Value, version Version) []byte {
	for i := range v.Len() {
		dst = n.item.appendElement(dst, &n.element, v.Index(i), version)
	}
	return dst
}
