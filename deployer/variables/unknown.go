package variables

import (
	"slices"
	"strings"
)

// UnknownFilters lists the filters that a template uses and that are not known here,
// each once, in the order in which they stand. An expression with such a filter is
// never resolved. A template that cannot be parsed has none.
func UnknownFilters(template string) []string {
	nodes, err := parse(template, false)
	if err != nil {
		return nil
	}
	var unknown []string
	each(nodes, func(c chain) {
		for _, f := range c.filters {
			_, known := filters[strings.ToLower(f.name)]
			if !known && !slices.Contains(unknown, f.name) {
				unknown = append(unknown, f.name)
			}
		}
	})
	return unknown
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
			each(n.body, f)
		}
	}
}
