package variables

import (
	"fmt"
	"slices"
	"strings"
)

// Unresolved says in one sentence why an expression stays as it is, for
// [Result.Unresolved].
func Unresolved(expression string) string {
	if problems := Problems(expression); len(problems) > 0 {
		return fmt.Sprintf("%s stays as it is: %s", expression, strings.Join(problems, ", "))
	}
	filtered := false
	if nodes, err := parse(expression, false); err == nil {
		each(nodes, func(c chain) { filtered = filtered || len(c.filters) > 0 })
	}
	if filtered {
		return expression + " is not defined, or nothing that its filter takes, and stays as it is"
	}
	return expression + " is not defined and stays as it is"
}

// Problems says what is wrong with the filters that a template uses: those that are not
// known here, those that do not take so many options, and options that they cannot
// take. Each comes once, in the order in which they stand. An expression with one
// is never resolved. A template that cannot be parsed has none.
func Problems(template string) []string {
	nodes, err := parse(template, false)
	if err != nil {
		return nil
	}
	var problems []string
	each(nodes, func(c chain) {
		for _, f := range c.filters {
			if p := f.problem(); p != "" && !slices.Contains(problems, p) {
				problems = append(problems, p)
			}
		}
	})
	return problems
}

// Names lists the names and paths that a template uses, each once, in the order in
// which they stand. A template that cannot be parsed has none.
func Names(template string) []string {
	nodes, err := parse(template, false)
	if err != nil {
		return nil
	}
	var names uniqueList
	each(nodes, func(c chain) {
		if c.symbol != nil {
			names.add(sourceString(c.symbol))
		}
	})
	return names.items
}

// problem says what is wrong with a call, whatever the values, or nothing.
func (f call) problem() string {
	row, known := filters[strings.ToLower(f.name)]
	switch {
	case !known:
		return "there is no filter " + f.name
	case len(f.options) < row.min || len(f.options) > row.max:
		return fmt.Sprintf("the filter %s takes %s", row.name, row.wants())
	case row.check == nil || slices.ContainsFunc(f.options, func(o option) bool { return o.symbol != nil }):
		return ""
	}
	options := make([]string, len(f.options))
	for i, o := range f.options {
		options[i] = o.text
	}
	return row.check(options)
}

// wants says how many options a filter takes.
func (f filter) wants() string {
	switch {
	case f.max == 0:
		return "no options"
	case f.max == many:
		return "options"
	case f.max == 1 && f.min == 1:
		return "1 option"
	case f.max == 1:
		return "at most 1 option"
	case f.min == 0:
		return fmt.Sprintf("at most %d options", f.max)
	}
	return fmt.Sprintf("%d or %d options", f.min, f.max)
}

// each calls f with every chain in a tree.
func each(nodes []node, f func(chain)) {
	for _, n := range nodes {
		switch n := n.(type) {
		case substitution:
			f(n.value)
		case conditional:
			for _, b := range n.branches {
				f(b.test.left.value)
				f(b.test.right.value)
				each(b.body, f)
			}
			each(n.otherwise, f)
		case loop:
			f(chain{symbol: n.collection})
			each(n.body, f)
		}
	}
}
