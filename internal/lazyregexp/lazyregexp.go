// Package lazyregexp compiles regular expressions when they are first used. A command
// needs few of those that the program has, and compiling all of them took a fifth of
// the time of a short one.
package lazyregexp

import (
	"regexp"
	"sync"
)

// New returns a function that returns the expression, compiled once. It panics, when it
// is first called, if expr is no expression.
func New(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}
