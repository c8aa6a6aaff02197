package variables

import (
	"slices"
	"strings"
	"time"
)

// An input is what a filter works on.
type input struct {
	value   string
	options []string
	now     func() time.Time // nil: no clock
	limit   int              // the most bytes the result may have

	searching time.Duration // the longest that a search may take
}

// option returns the option at i, or fallback if there is none.
func (in input) option(i int, fallback string) string {
	if i < len(in.options) {
		return in.options[i]
	}
	return fallback
}

// A filter is one row of the table. It refuses its input by returning false;
// the expression then stays unresolved.
type filter struct {
	name     string
	value    need
	min, max int // how many options
	apply    func(in input) (string, bool)
	null     bool // makes the whole text null

	// steps tells how many steps apply takes, where that is not in proportion
	// to the value; nil where it is.
	steps func(value string) int

	// search is apply for one that searches, and may outgrow the limits. Nil: see apply.
	search func(in input) (string, bool, error)

	// check says what is wrong with options, whatever the value, or nothing. Nil: any
	// will do.
	check func(options []string) string
}

// A need tells whether a filter wants a value on its left.
type need int

const (
	required  need = iota
	optional       // works without one, too
	forbidden      // makes its own
)

// many is more options than a template can hold.
const many = 1 << 30

// takes reports whether the filter can be called like this.
func (f filter) takes(v value, options int) bool {
	if f.value == required && !v.ok || f.value == forbidden && v.ok {
		return false
	}
	return f.min <= options && options <= f.max
}

// filters holds all filters under their names in lower case.
var filters = tableOf(textFilters, regexpFilters, escapeFilters, hashFilters, dateFilters, partFilters, markdownFilters)

func tableOf(groups ...[]filter) map[string]filter {
	table := make(map[string]filter)
	for _, f := range slices.Concat(groups...) {
		table[strings.ToLower(f.name)] = f
	}
	return table
}

// Filters lists the names of all filters, sorted.
func Filters() []string {
	var names []string
	for _, f := range filters {
		names = append(names, f.name)
	}
	slices.Sort(names)
	return names
}

// plain makes a filter function of one that never refuses.
func plain(f func(string) string) func(input) (string, bool) {
	return func(in input) (string, bool) { return f(in.value), true }
}

// truth writes a boolean as filters do.
func truth(b bool) (string, bool) {
	if b {
		return "true", true
	}
	return "false", true
}
