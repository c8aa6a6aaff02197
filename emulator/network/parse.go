package network

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"

	"github.com/vipswap/vipswap/emulator/cloud"
)

// Namespace is the namespace of network configurations, which is not that of the
// API (recorded).
const Namespace = "http://schemas.microsoft.com/ServiceHosting/2011/07/NetworkConfiguration"

// Limits of a file. No real one comes near them.
const (
	maxSize     = 1 << 20 // bytes
	maxDepth    = 16
	maxElements = 20000
)

// An Error says what is wrong with a network configuration.
type Error struct{ words string }

// Error returns the words.
func (e *Error) Error() string { return e.words }

func errorf(format string, args ...any) *Error { return &Error{fmt.Sprintf(format, args...)} }

// Parse reads a network configuration, with or without a byte order mark. The
// error is an [*Error]. The Document of the result is a copy of file without the
// byte order mark. That locations and affinity groups exist is not checked.
func Parse(file []byte) (*cloud.Network, error) {
	file = bytes.TrimPrefix(file, []byte("\uFEFF"))
	if len(file) > maxSize {
		return nil, errorf("the file is larger than %d bytes", maxSize)
	}
	if err := scan(newDecoder(file)); err != nil {
		return nil, err
	}
	var f document
	if err := newDecoder(file).Decode(&f); err != nil {
		return nil, errorf("the file is no network configuration: its root element must be NetworkConfiguration in the namespace %s", Namespace)
	}
	if err := f.check(); err != nil {
		return nil, err
	}
	return &cloud.Network{Document: bytes.Clone(file), Sites: f.sites()}, nil
}

// newDecoder returns a decoder that takes UTF-8 whatever the file says of its
// encoding.
func newDecoder(file []byte) *xml.Decoder {
	d := xml.NewDecoder(bytes.NewReader(file))
	d.CharsetReader = func(_ string, input io.Reader) (io.Reader, error) { return input, nil }
	return d
}

// scan reads the whole file and refuses what is not well-formed, has a document
// type or is beyond the limits.
func scan(d *xml.Decoder) error {
	depth, elements := 0, 0
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return malformed(err)
		}
		switch token.(type) {
		case xml.Directive:
			return errorf("the file has a document type, which is not allowed")
		case xml.EndElement:
			depth--
		case xml.StartElement:
			if depth++; depth > maxDepth {
				return errorf("elements are nested deeper than %d", maxDepth)
			}
			if elements++; elements > maxElements {
				return errorf("there are more than %d elements", maxElements)
			}
			if depth == 1 && elements > 1 {
				return errorf("the file has more than one root element")
			}
		}
	}
	if elements == 0 {
		return errorf("the file has no root element")
	}
	return nil
}

// malformed says in which line XML is wrong, without repeating any of it.
func malformed(err error) *Error {
	var syntax *xml.SyntaxError
	if errors.As(err, &syntax) {
		return errorf("line %d is not well-formed XML", syntax.Line)
	}
	return errorf("the file is not well-formed XML")
}
