package yamlfile

import (
	"fmt"
	"strings"
)

// An Error is one thing that is wrong with a file.
type Error struct {
	File         string
	Path         string // of the value that is meant, such as step.slot; "" for none
	Line, Column int    // from 1; 0 if the file as a whole is meant
	Message      string
	Source       string // the line, as it stands in the file; "" when it is not shown
	Hint         string // what to do; may be empty
}

// Error shows the place, the message, the line with a mark under it, and the
// hint.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.File)
	if e.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", e.Line, e.Column)
	}
	b.WriteString(": " + e.Message)
	if e.Source != "" {
		fmt.Fprintf(&b, "\n%5d | %s\n      | %s^", e.Line, e.Source, blankLike(e.Source, e.Column-1))
	}
	if e.Hint != "" {
		b.WriteString("\nhint: " + e.Hint)
	}
	return b.String()
}

// blankLike returns n blanks, with tabs where line has some.
func blankLike(line string, n int) string {
	var b strings.Builder
	for _, r := range line {
		if n--; n < 0 {
			break
		}
		if r != '\t' {
			r = ' '
		}
		b.WriteRune(r)
	}
	return b.String()
}

// Errors are all things that are wrong with a file, in the order of the file.
// There is one at least.
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
