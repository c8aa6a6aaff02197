package servicepackage

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// decoder turns elements into values. It keeps the first error and goes on, so
// that readers need not ask after every attribute.
type decoder struct {
	file     string
	space    string // XML namespace of the document
	err      error  // first error, a *SyntaxError
	warnings []Warning
}

// child says how one child element is read into a T.
type child[T any] struct {
	many bool // may stand more than once
	read func(*decoder, *element, *T)
}

// readChildren reads the children of e by table. An element of a foreign
// namespace is passed over, an unknown one of our namespace gives a warning,
// and a second one of a kind that may stand once is an error.
func readChildren[T any](d *decoder, e *element, into *T, table map[string]child[T]) {
	e.visited = true
	seen := map[string]bool{}
	for _, c := range e.children {
		if c.name.Space != d.space {
			continue
		}
		kind, known := table[c.name.Local]
		switch {
		case !known:
			d.warn(c, "unknown element <%s> in <%s> is ignored", c.name.Local, e.name.Local)
		case seen[c.name.Local] && !kind.many:
			d.fail(c, "<%s> may stand only once in <%s>", c.name.Local, e.name.Local)
		default:
			seen[c.name.Local] = true
			c.visited = true
			kind.read(d, c, into)
		}
	}
}

// listOf reads children named name, any number of them, each by read.
func listOf[T any](name string, read func(*decoder, *element, *T)) map[string]child[T] {
	return map[string]child[T]{name: {many: true, read: read}}
}

// nested reads an element that only groups others.
func nested[T any](table map[string]child[T]) child[T] {
	return child[T]{read: func(d *decoder, e *element, into *T) { readChildren(d, e, into, table) }}
}

func (d *decoder) fail(e *element, format string, args ...any) {
	if d.err == nil {
		d.err = &SyntaxError{File: d.file, Line: e.line, Column: e.column, Msg: fmt.Sprintf(format, args...)}
	}
}

func (d *decoder) warn(e *element, format string, args ...any) {
	if len(d.warnings) == maxWarnings {
		return
	}
	d.warnings = append(d.warnings, Warning{Line: e.line, Column: e.column, Msg: fmt.Sprintf(format, args...)})
}

// required returns an attribute that must be there; it may be empty.
func (d *decoder) required(e *element, name string) string {
	a := e.attr(name)
	if a == nil {
		d.fail(e, "<%s> needs the attribute %s", e.name.Local, name)
		return ""
	}
	return a.value
}

// optional returns an attribute, or otherwise when it is absent.
func (d *decoder) optional(e *element, name, otherwise string) string {
	if a := e.attr(name); a != nil {
		return a.value
	}
	return otherwise
}

// integer reads a whole number from min to max. A missing attribute gives
// otherwise.
func (d *decoder) integer(e *element, name string, otherwise, min, max int) int {
	a := e.attr(name)
	if a == nil {
		return otherwise
	}
	n, err := strconv.Atoi(strings.TrimSpace(a.value))
	if err != nil {
		d.fail(e, "%s of <%s> must be a whole number, not %q", name, e.name.Local, a.value)
		return otherwise
	}
	if n < min || n > max {
		d.fail(e, "%s of <%s> must be from %d to %d, not %d", name, e.name.Local, min, max, n)
	}
	return n
}

// requiredInteger is integer for an attribute that must be there.
func (d *decoder) requiredInteger(e *element, name string, min, max int) int {
	d.required(e, name)
	return d.integer(e, name, min, min, max)
}

// port reads a port number from 1 to 65535, zero when absent.
func (d *decoder) port(e *element, name string) int {
	return d.integer(e, name, 0, 1, maxPort)
}

// portOrAny reads a port number where "*" (given as zero) means that the
// platform assigns one. A missing attribute gives otherwise.
func (d *decoder) portOrAny(e *element, name string, otherwise int) int {
	if a := e.attr(name); a != nil && strings.TrimSpace(a.value) == "*" {
		return 0
	}
	return d.integer(e, name, otherwise, 1, maxPort)
}

// boolean reads an xs:boolean: true, false, 1 or 0.
func (d *decoder) boolean(e *element, name string, otherwise bool) bool {
	a := e.attr(name)
	if a == nil {
		return otherwise
	}
	switch strings.TrimSpace(a.value) {
	case "true", "1", "True":
		return true
	case "false", "0", "False":
		return false
	}
	d.fail(e, "%s of <%s> must be true or false, not %q", name, e.name.Local, a.value)
	return otherwise
}

// oneOf reads one of the allowed words without regard to case and returns it
// as the schema spells it. With otherwise empty the attribute is required.
func (d *decoder) oneOf(e *element, name, otherwise string, allowed ...string) string {
	a := e.attr(name)
	if a == nil && otherwise != "" {
		return otherwise
	}
	value := d.required(e, name)
	i := slices.IndexFunc(allowed, func(word string) bool { return strings.EqualFold(word, value) })
	if i < 0 {
		d.fail(e, "%s of <%s> must be one of %s, not %q", name, e.name.Local, strings.Join(allowed, ", "), value)
		return otherwise
	}
	return allowed[i]
}

// unique fails when name was already in seen, which it is added to.
func (d *decoder) unique(e *element, seen map[string]bool, name string) {
	if seen[name] {
		d.fail(e, "<%s> %q is there twice", e.name.Local, name)
	}
	seen[name] = true
}

// warnUnreadAttributes adds a warning for each attribute that no reader asked
// for, in the elements that readers looked at.
func (d *decoder) warnUnreadAttributes(e *element) {
	if !e.visited {
		return
	}
	for _, a := range e.attrs {
		if !a.read && a.name.Space == "" && a.name.Local != "xmlns" {
			d.warn(e, "unknown attribute %s of <%s> is ignored", a.name.Local, e.name.Local)
		}
	}
	for _, c := range e.children {
		d.warnUnreadAttributes(c)
	}
}

// checkRoot fails unless e is the root element that the document must have.
func (d *decoder) checkRoot(e *element, local string) {
	switch {
	case e.name.Local != local:
		d.fail(e, "the root element is <%s>; expected <%s>", e.name.Local, local)
	case e.name.Space != d.space:
		d.fail(e, "the root element is in the namespace %q; expected %q", e.name.Space, d.space)
	}
}
