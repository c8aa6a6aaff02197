package wire

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Limits on a request, far above what any real one needs. The size of the body is
// limited by whoever reads it from the connection.
const (
	maxDepth      = 32
	maxElements   = 20_000
	maxAttributes = 64
)

// A RequestError says why a request's body cannot be read. It never repeats text
// of the body.
type RequestError struct {
	Line   int // counted from 1
	Reason string
}

// Error returns the reason and the line.
func (e *RequestError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Reason) }

// A Base64Error says that an element does not hold base64.
type Base64Error struct {
	Element string // its name
}

// Error returns the reason and the element's name.
func (e *Base64Error) Error() string { return fmt.Sprintf("element %s %v", e.Element, errBase64) }

// A scanner reads the tokens of a document and refuses what requests must not
// hold: a document type, an undeclared prefix, too much of anything.
type scanner struct {
	tokens   *xml.Decoder
	first    bool // no token has been read yet
	elements int
	declared []string // namespaces in scope, innermost last
	marks    []int    // for each open element, len(declared) before it
}

func newScanner(body []byte) *scanner {
	tokens := xml.NewDecoder(bytes.NewReader(body))
	tokens.CharsetReader = utf8Reader
	return &scanner{tokens: tokens, first: true}
}

var errEncoding = errors.New("the XML declaration names an encoding other than UTF-8")

// utf8Reader accepts the spellings of UTF-8 that encoding/xml does not know.
func utf8Reader(charset string, r io.Reader) (io.Reader, error) {
	if strings.EqualFold(charset, "utf8") {
		return r, nil
	}
	return nil, errEncoding
}

// refuse makes a RequestError for the place that has been read up to.
func (s *scanner) refuse(format string, args ...any) error {
	line, _ := s.tokens.InputPos()
	return &RequestError{Line: line, Reason: fmt.Errorf(format, args...).Error()}
}

// next returns the next start tag, end tag or text; io.EOF only after the root.
func (s *scanner) next() (xml.Token, error) {
	for {
		token, err := s.tokens.Token()
		if err == io.EOF {
			return nil, err
		}
		if err != nil {
			return nil, s.refuse("%s", syntaxReason(err))
		}
		first := s.first
		s.first = false
		switch token := token.(type) {
		case xml.StartElement:
			return token, s.enter(token)
		case xml.EndElement:
			s.leave()
			return token, nil
		case xml.CharData:
			return token, nil
		case xml.Directive:
			return nil, s.refuse("a document type is not allowed")
		case xml.ProcInst:
			if token.Target == "xml" && !first {
				return nil, s.refuse("the XML declaration is not at the very beginning")
			}
		}
	}
}

// enter checks a start tag and opens its scope.
func (s *scanner) enter(start xml.StartElement) error {
	s.elements++
	s.marks = append(s.marks, len(s.declared))
	switch {
	case s.elements > maxElements:
		return s.refuse("more than %d elements", maxElements)
	case len(s.marks) > maxDepth:
		return s.refuse("elements are nested more than %d deep", maxDepth)
	case len(start.Attr) > maxAttributes:
		return s.refuse("more than %d attributes on one element", maxAttributes)
	}
	for i, attr := range start.Attr {
		if slices.ContainsFunc(start.Attr[:i], func(a xml.Attr) bool { return a.Name == attr.Name }) {
			return s.refuse("an attribute is given twice on one element")
		}
		if attr.Name.Space == "xmlns" || attr.Name.Space == "" && attr.Name.Local == "xmlns" {
			s.declared = append(s.declared, attr.Value)
		}
	}
	return s.checkPrefixes(start)
}

// predeclared are the name spaces that encoding/xml reports without a declaration.
var predeclared = []string{"", "xmlns", "http://www.w3.org/XML/1998/namespace"}

// checkPrefixes refuses prefixes that no element in scope declares: encoding/xml
// gives the prefix itself in the place of their namespace.
func (s *scanner) checkPrefixes(start xml.StartElement) error {
	known := func(space string) bool {
		return slices.Contains(predeclared, space) || slices.Contains(s.declared, space)
	}
	if !known(start.Name.Space) {
		return s.refuse("the prefix of an element is not declared")
	}
	for _, attr := range start.Attr {
		if !known(attr.Name.Space) {
			return s.refuse("the prefix of an attribute is not declared")
		}
	}
	return nil
}

func (s *scanner) leave() {
	last := len(s.marks) - 1
	s.declared = s.declared[:s.marks[last]]
	s.marks = s.marks[:last]
}

// root reads up to the root's start tag.
func (s *scanner) root() (xml.StartElement, error) {
	for {
		token, err := s.next()
		if err == io.EOF {
			return xml.StartElement{}, s.refuse("the body is empty")
		}
		if err != nil {
			return xml.StartElement{}, err
		}
		switch token := token.(type) {
		case xml.StartElement:
			return token, nil
		case xml.CharData:
			if !isSpace(token) {
				return xml.StartElement{}, s.refuse("text before the root element")
			}
		}
	}
}

// end reads what follows the root, which must be nothing.
func (s *scanner) end() error {
	for {
		token, err := s.next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if text, ok := token.(xml.CharData); !ok || !isSpace(text) {
			return s.refuse("there is something after the root element")
		}
	}
}

// skip reads up to the end tag of the element whose start tag was read last.
func (s *scanner) skip() error {
	outside := len(s.marks) - 1
	for len(s.marks) > outside {
		if _, err := s.next(); err != nil {
			return err
		}
	}
	return nil
}

// text reads an element's text up to its end tag.
func (s *scanner) text(name string) (string, error) {
	var text []byte
	for {
		token, err := s.next()
		if err != nil {
			return "", err
		}
		switch token := token.(type) {
		case xml.EndElement:
			return string(text), nil
		case xml.CharData:
			text = append(text, token...)
		default:
			return "", s.refuse("element %s holds elements where text is expected", name)
		}
	}
}

func isSpace(text []byte) bool { return len(bytes.Trim(text, xmlSpace)) == 0 }

// syntaxReasons gives our words for the beginnings of encoding/xml's, which may
// quote the body.
var syntaxReasons = []struct{ begins, reason string }{
	{"invalid character entity", "an & that is not part of an entity; write &amp;"},
	{"unexpected EOF", "the body ends too early"},
	{"element ", "a start tag and the next end tag do not match"},
	{"unexpected end element", "an end tag without a start tag"},
	{"invalid UTF-8", "the body is not UTF-8"},
	{"illegal character code", "a character that XML does not allow"},
	{"unescaped ", "a < or ]]> that is not escaped"},
	{"attribute name without = in element", "an attribute without a value, or a < that is not escaped"},
	{"expected element name after <", "a < that begins no element; write &lt;"},
}

// syntaxReason says what is wrong with a body that encoding/xml cannot read.
func syntaxReason(err error) string {
	if strings.Contains(err.Error(), errEncoding.Error()) {
		return errEncoding.Error()
	}
	var syntax *xml.SyntaxError
	if errors.As(err, &syntax) {
		for _, known := range syntaxReasons {
			if strings.HasPrefix(syntax.Msg, known.begins) {
				return known.reason
			}
		}
	}
	return "the body is not well-formed XML"
}
