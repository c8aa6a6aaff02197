package variables

import (
	"regexp"
	"strings"
)

// EvaluatePattern is [Dictionary.Evaluate] for a regular expression. What a variable or a
// calculation comes to matches as it stands: 1.0 does not match 1x0. The text around
// expressions, and that in blocks such as #{if}, is pattern. Whether the result is a
// regular expression is not looked at.
func (d *Dictionary) EvaluatePattern(template string) (Result, error) {
	if !strings.Contains(template, "#{") {
		return Result{Text: template}, nil
	}
	nodes, err := parse(template, false)
	if err != nil {
		return Result{Text: template}, err
	}
	return d.run(template, quoteAll(nodes))
}

// quoteAll returns nodes that quote what expressions come to.
func quoteAll(nodes []node) []node {
	var all []node
	for _, n := range nodes {
		all = append(all, quote(n))
	}
	return all
}

func quote(n node) node {
	switch n := n.(type) {
	case substitution:
		return quoted{n, n.substitute}
	case calculation:
		return quoted{n, n.calculate}
	case loop:
		n.body = quoteAll(n.body)
		return n
	case conditional:
		var branches []branch
		for _, b := range n.branches {
			branches = append(branches, branch{b.test, quoteAll(b.body)})
		}
		n.branches, n.otherwise = branches, quoteAll(n.otherwise)
		return n
	}
	return n
}

// A quoted expression writes what it comes to so that a regular expression takes it as
// text.
type quoted struct {
	node
	write func(*evaluator, *strings.Builder) error
}

func (n quoted) evaluate(e *evaluator, b *strings.Builder) error {
	return e.placed(b, func() error {
		var plain strings.Builder
		if err := n.write(e, &plain); err != nil {
			return err
		}
		return e.write(b, regexp.QuoteMeta(plain.String()))
	})
}
