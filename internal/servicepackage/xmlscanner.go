package servicepackage

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Limits on XML documents from outside.
const (
	maxDocumentBytes = 4 << 20  // a definition, configuration, stream or relationships part
	maxManifestBytes = 96 << 20 // a package manifest, which lists every file
	maxDepth         = 64
	maxAttributes    = 64 // of one element
	maxWarnings      = 100
)

var utf8BOM = []byte("\xef\xbb\xbf")

// scanner reads XML tokens with their positions and refuses document types,
// too much depth, and anything but white space around the one root element.
type scanner struct {
	file   string
	dec    *xml.Decoder
	depth  int
	rooted bool // the root element was seen

	line, column int // of the token that next returned last
}

// newScanner reads from r, which must be UTF-8 without byte order mark.
func newScanner(file string, r io.Reader) *scanner {
	s := &scanner{file: file, dec: xml.NewDecoder(r)}
	s.dec.CharsetReader = acceptUTF8
	return s
}

// acceptUTF8 lets a document through whose declaration names UTF-16 although
// its bytes are UTF-8, as .NET writes when it serializes into a string.
func acceptUTF8(label string, r io.Reader) (io.Reader, error) {
	switch strings.ToLower(label) {
	case "utf-16", "utf-16le", "utf-16be", "unicode", "us-ascii", "ascii", "utf8":
		return r, nil
	}
	return nil, fmt.Errorf("the encoding %q is not supported; save the file as UTF-8", label)
}

// plainUTF8 removes the byte order mark of data and refuses what is not UTF-8
// or longer than limit.
func plainUTF8(file string, data []byte, limit int) ([]byte, error) {
	fail := func(msg string) error { return &SyntaxError{File: file, Line: 1, Column: 1, Msg: msg} }
	switch {
	case len(data) > limit:
		return nil, fail(fmt.Sprintf("the document is larger than %d bytes", limit))
	case bytes.HasPrefix(data, []byte{0xff, 0xfe}), bytes.HasPrefix(data, []byte{0xfe, 0xff}):
		return nil, fail("the document is stored as UTF-16; save it as UTF-8")
	case !utf8.Valid(data):
		return nil, fail("the document is not valid UTF-8")
	}
	return bytes.TrimPrefix(data, utf8BOM), nil
}

func (s *scanner) fail(line, column int, format string, args ...any) error {
	return &SyntaxError{File: s.file, Line: line, Column: column, Msg: fmt.Sprintf(format, args...)}
}

// failHere fails at the place that the decoder has reached. Where the decoder
// went back over a line end it no longer knows the column.
func (s *scanner) failHere(format string, args ...any) error {
	line, column := s.dec.InputPos()
	return s.fail(max(line, 1), max(column, 1), format, args...)
}

// next returns the next start element, end element or character data; comments
// and processing instructions are passed over. At the end of a document that
// had a root it returns io.EOF.
func (s *scanner) next() (xml.Token, error) {
	for {
		s.line, s.column = s.dec.InputPos()
		token, err := s.dec.Token()
		if errors.Is(err, io.EOF) && s.rooted {
			return nil, io.EOF
		}
		if err != nil {
			return nil, s.failHere("%s", plainReason(err))
		}
		keep, err := s.admit(token)
		if err != nil {
			return nil, err
		}
		if keep {
			return token, nil
		}
	}
}

// admit applies the limits to one token and says whether the caller needs it.
func (s *scanner) admit(token xml.Token) (bool, error) {
	switch t := token.(type) {
	case xml.Directive:
		return false, s.fail(s.line, s.column, "a document type or other <!...> declaration is not allowed")
	case xml.StartElement:
		if s.depth == 0 && s.rooted {
			return false, s.fail(s.line, s.column, "a second root element, <%s>", t.Name.Local)
		}
		s.rooted = true
		if s.depth++; s.depth > maxDepth {
			return false, s.fail(s.line, s.column, "elements are nested more than %d deep", maxDepth)
		}
		return true, s.checkAttributes(t)
	case xml.EndElement:
		s.depth--
		return true, nil
	case xml.CharData:
		if s.depth == 0 && len(bytes.TrimSpace(t)) > 0 {
			return false, s.fail(s.line, s.column, "text outside the root element")
		}
		return s.depth > 0, nil
	}
	return false, nil
}

// checkAttributes refuses an attribute given twice, which encoding/xml allows,
// and too many of them.
func (s *scanner) checkAttributes(e xml.StartElement) error {
	if len(e.Attr) > maxAttributes {
		return s.fail(s.line, s.column, "<%s> has more than %d attributes", e.Name.Local, maxAttributes)
	}
	for i, a := range e.Attr {
		for _, b := range e.Attr[:i] {
			if a.Name == b.Name {
				return s.fail(s.line, s.column, "attribute %s of <%s> is given twice", a.Name.Local, e.Name.Local)
			}
		}
	}
	return nil
}

// plainReason puts the decoder's complaint into words that do not quote the
// document, which may hold secrets.
func plainReason(err error) string {
	var syntax *xml.SyntaxError
	msg := err.Error()
	if errors.As(err, &syntax) {
		msg = syntax.Msg
	}
	switch {
	case errors.Is(err, io.EOF):
		return "the document is empty"
	case strings.HasPrefix(msg, "invalid character entity"):
		return "an & that starts no character entity; write &amp; for a plain &"
	case strings.HasPrefix(msg, "attribute name without"), strings.HasPrefix(msg, "unquoted or missing"):
		return "an attribute without a quoted value"
	}
	return "not well-formed XML: " + strings.TrimPrefix(msg, "xml: ")
}
