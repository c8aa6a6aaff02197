package wire

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"reflect"
	"strings"
)

// Unmarshal reads the body of a request into v, a pointer to a struct. The body's
// root element must have the given name and be in [Namespace].
//
// Elements are found by name, in any order; unknown ones are ignored, and so is
// the second of a pair. A pointer, [Base64] or slice stays nil when its element is
// absent or i:nil, and is set, if only to something empty, when the element is
// there: so absent and empty can be told apart. Booleans are true, false, 1 or 0 in
// any case. The slice body is not kept.
//
// Errors: a [*RequestError] for a body that is wrong as XML or holds text where a
// number or a time is due, which the service answers with 400 InvalidXmlRequest; a
// [*Base64Error] for a body with nothing wrong but an element whose base64 cannot
// be decoded; any other error means that v's type is wrong.
func Unmarshal(body []byte, root string, v any) error {
	value := reflect.ValueOf(v)
	if value.Kind() != reflect.Pointer || value.IsNil() || value.Elem().Kind() != reflect.Struct {
		return fmt.Errorf("wire: unmarshal into %T: want a pointer to a struct", v)
	}
	p, err := planOf(value.Type().Elem())
	if err != nil {
		return err
	}
	d := decoder{scanner: newScanner(bytes.TrimPrefix(body, []byte("\uFEFF")))}
	if err := d.document(root, p, value.Elem()); err != nil {
		return err
	}
	if d.base64 != nil {
		return d.base64
	}
	return nil
}

// A decoder reads one document. It notes the first bad base64 and goes on, since
// a body that is not XML is refused for that first.
type decoder struct {
	*scanner
	base64 *Base64Error
}

func (d *decoder) document(root string, p *plan, v reflect.Value) error {
	start, err := d.root()
	if err != nil {
		return err
	}
	switch {
	case start.Name.Local != root:
		return d.refuse("the root element is not %s", root)
	case start.Name.Space != Namespace:
		return d.refuse("the root element %s is not in the namespace %s", root, Namespace)
	case isNil(start):
		err = d.skip()
	default:
		err = d.structure(p, start, v)
	}
	if err != nil {
		return err
	}
	return d.end()
}

// structure reads the elements of a struct up to its end tag.
func (d *decoder) structure(p *plan, start xml.StartElement, v reflect.Value) error {
	if p.attribute != nil {
		v.FieldByIndex(p.attribute).SetString(typeOf(start))
	}
	seen := make([]bool, len(p.fields))
	return d.children(start.Name.Local, func(child xml.StartElement) error {
		at, ok := p.byName[child.Name]
		if !ok {
			return d.skip()
		}
		f := &p.fields[at]
		target := v.FieldByIndex(f.index)
		if f.flat {
			return d.item(f.node, child, target)
		}
		if seen[at] {
			return d.skip()
		}
		seen[at] = true
		return d.element(f.node, child, target)
	})
}

// children calls f with each start tag up to the end tag of the element named
// parent. f reads to the end tag that belongs to it.
func (d *decoder) children(parent string, f func(xml.StartElement) error) error {
	for {
		token, err := d.next()
		if err != nil {
			return err
		}
		switch token := token.(type) {
		case xml.EndElement:
			return nil
		case xml.StartElement:
			if err := f(token); err != nil {
				return err
			}
		case xml.CharData:
			if !isSpace(token) {
				return d.refuse("element %s holds text where elements are expected", parent)
			}
		}
	}
}

// element reads the content of an element, whose start tag is read, into v.
func (d *decoder) element(n *node, start xml.StartElement, v reflect.Value) error {
	if isNil(start) {
		return d.skip()
	}
	if n.pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	switch n.shape {
	case structureShape:
		return d.structure(n.fields, start, v)
	case listShape:
		return d.list(n, start, v)
	}
	return d.scalar(n.scalar, start.Name.Local, v)
}

func (d *decoder) list(n *node, start xml.StartElement, v reflect.Value) error {
	v.Set(reflect.MakeSlice(v.Type(), 0, 0))
	return d.children(start.Name.Local, func(child xml.StartElement) error {
		if child.Name != n.element.name {
			return d.skip()
		}
		return d.item(n, child, v)
	})
}

// item appends the element to the list v.
func (d *decoder) item(n *node, start xml.StartElement, v reflect.Value) error {
	item := reflect.New(v.Type().Elem()).Elem()
	if err := d.element(n.item, start, item); err != nil {
		return err
	}
	v.Set(reflect.Append(v, item))
	return nil
}

func (d *decoder) scalar(s *scalar, name string, v reflect.Value) error {
	text, err := d.text(name)
	if err != nil {
		return err
	}
	switch err := s.parse(text, v); {
	case err == errBase64 && d.base64 == nil:
		d.base64 = &Base64Error{Element: name}
	case err != nil && err != errBase64:
		return d.refuse("element %s %w", name, err)
	}
	return nil
}

// typeOf returns the value of the i:type attribute without a prefix, or "".
func typeOf(start xml.StartElement) string {
	value := instanceAttribute(start, "type")
	return value[strings.LastIndexByte(value, ':')+1:]
}

// isNil reports whether the element says of itself that it is null.
func isNil(start xml.StartElement) bool { return booleans[trim(instanceAttribute(start, "nil"))] }

func instanceAttribute(start xml.StartElement, local string) string {
	for _, attr := range start.Attr {
		if attr.Name.Space == InstanceNamespace && attr.Name.Local == local {
			return attr.Value
		}
	}
	return ""
}
