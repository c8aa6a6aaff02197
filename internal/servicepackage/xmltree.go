package servicepackage

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// element is one XML element with its children and place, for documents small
// enough to be held whole. An element of a package manifest is read one by one.
type element struct {
	name         xml.Name
	attrs        []attribute
	children     []*element
	text         string
	line, column int
	visited      bool // a reader looked at it, so unknown attributes are worth a warning
}

// attribute is one attribute; read tells whether a reader asked for it.
type attribute struct {
	name  xml.Name
	value string
	read  bool
}

// parseTree reads the whole document in data, which may begin with a byte
// order mark and be up to limit bytes long.
func parseTree(file string, data []byte, limit int) (*element, error) {
	plain, err := plainUTF8(file, data, limit)
	if err != nil {
		return nil, err
	}
	s := newScanner(file, bytes.NewReader(plain))
	root, err := s.root()
	if err != nil {
		return nil, err
	}
	e, err := s.subtree(root)
	if err != nil {
		return nil, err
	}
	return e, s.end()
}

// root returns the start of the root element.
func (s *scanner) root() (xml.StartElement, error) {
	for {
		token, err := s.next()
		if err != nil {
			return xml.StartElement{}, err
		}
		if start, ok := token.(xml.StartElement); ok {
			return start, nil
		}
	}
}

// end reads what follows the root element, where only white space, comments and
// processing instructions may stand.
func (s *scanner) end() error {
	if _, err := s.next(); !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}

// subtree reads the rest of the element that start began.
func (s *scanner) subtree(start xml.StartElement) (*element, error) {
	e := &element{name: start.Name, line: s.line, column: s.column}
	for _, a := range start.Attr {
		e.attrs = append(e.attrs, attribute{name: a.Name, value: a.Value})
	}
	var text strings.Builder
	for {
		token, err := s.next()
		if err != nil {
			return nil, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			child, err := s.subtree(t)
			if err != nil {
				return nil, err
			}
			e.children = append(e.children, child)
		case xml.CharData:
			text.Write(t)
		case xml.EndElement:
			e.text = text.String()
			return e, nil
		}
	}
}

// attr returns the attribute of that name in no namespace, nil when absent.
func (e *element) attr(name string) *attribute {
	for i := range e.attrs {
		if a := &e.attrs[i]; a.name.Local == name && a.name.Space == "" {
			a.read = true
			return a
		}
	}
	return nil
}

// child returns the first child of that local name in e's namespace, or nil.
func (e *element) child(name string) *element {
	for _, c := range e.children {
		if c.name.Local == name && c.name.Space == e.name.Space {
			return c
		}
	}
	return nil
}
