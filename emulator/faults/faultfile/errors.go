package faultfile

import (
	"fmt"
	"strings"
)

// An Error is one thing that is wrong with a file.
type Error struct {
	File         string
	Line, Column int // from 1; 0 when the file as a whole is meant
	Message      string
	Hint         string // how it may have been meant, or ""
}

// Error shows place and message, and the hint on a line of its own.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.File)
	if e.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", e.Line, e.Column)
	}
	b.WriteString(": " + e.Message)
	if e.Hint != "" {
		b.WriteString("\nhint: " + e.Hint)
	}
	return b.String()
}

// Errors is all that is wrong with a file, in the order of the file.
type Errors []*Error

// Error shows each error below the other.
func (list Errors) Error() string {
	texts := make([]string, len(list))
	for i, e := range list {
		texts[i] = e.Error()
	}
	return strings.Join(texts, "\n")
}

// Unwrap returns the single errors.
func (list Errors) Unwrap() []error {
	errs := make([]error, len(list))
	for i, e := range list {
		errs[i] = e
	}
	return errs
}
