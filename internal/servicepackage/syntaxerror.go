package servicepackage

import (
	"errors"
	"fmt"
)

// SyntaxError says where an XML document is not what its reader needs: not
// well-formed, the wrong root, a missing or malformed attribute, a name used
// twice, or a limit passed. It never quotes the value of a setting.
type SyntaxError struct {
	File   string // name for the message, e.g. "ServiceConfiguration.cscfg"
	Line   int    // from 1
	Column int    // from 1, in bytes, of the element or the offending place
	Msg    string
}

// Error gives "file:line:column: message".
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Msg)
}

// NameFile returns a copy of the SyntaxError that err is or wraps, with that
// file name. Other errors, and nil, come back unchanged.
func NameFile(err error, file string) error {
	var syntax *SyntaxError
	if !errors.As(err, &syntax) {
		return err
	}
	named := *syntax
	named.File = file
	return &named
}

// Warning is something in a document that is allowed but probably not meant,
// such as an element that this package does not know. Newer SDKs add elements,
// so they are no errors.
type Warning struct {
	Line, Column int // from 1
	Msg          string
}

// String gives "line:column: message".
func (w Warning) String() string {
	return fmt.Sprintf("%d:%d: %s", w.Line, w.Column, w.Msg)
}
