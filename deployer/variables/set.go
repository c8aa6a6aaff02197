package variables

import (
	"fmt"
	"log/slog"
	"slices"
)

// A Variable is one value of a name, with where it holds.
type Variable struct {
	Name  string
	Value string // a template; its expressions are evaluated when it is used

	// Null says that the name is defined but has no value, which is not the
	// same as an empty one. Value is then ignored.
	Null bool

	Scope Scope

	// Sensitive values are not shown when a Variable is printed or logged,
	// nor in explanations, and are masked by [Dictionary.Mask].
	Sensitive bool
}

// display returns the value as people may see it.
func (v Variable) display() string {
	switch {
	case v.Null:
		return "(none)"
	case v.Sensitive:
		return hidden
	}
	return v.Value
}

// String describes the variable without its value if that is sensitive.
func (v Variable) String() string {
	return fmt.Sprintf("%s = %s (%s)", v.Name, v.display(), v.Scope)
}

// GoString is String, so that no format verb shows a secret.
func (v Variable) GoString() string { return v.String() }

// LogValue is String, so that no log handler shows a secret.
func (v Variable) LogValue() slog.Value { return slog.StringValue(v.String()) }

// A Set is all values that a project defines. It does not change once it is
// made.
type Set struct{ variables []Variable }

// NewSet makes a set. The order counts for loops over indexed names, and
// where two values are equally specific: the earlier one wins.
func NewSet(vars ...Variable) *Set { return &Set{slices.Clone(vars)} }

// With returns a set with more values behind those of s.
func (s *Set) With(vars ...Variable) *Set {
	return &Set{slices.Concat(s.variables, vars)}
}

// A Candidate is one value of a name, and how it fared against the others.
type Candidate struct {
	Value     string // masked if sensitive
	Null      bool
	Sensitive bool
	Scope     Scope
	Rank      int
	Matches   bool   // it holds at the place that was asked for
	Wins      bool   // it is the value of the name
	Tied      bool   // it has the rank of the winner
	Reason    string // why it wins or does not, in one line
}

// Resolve returns the value that each name has at place: of those that hold
// there, the one with the highest rank.
func (s *Set) Resolve(place Scope) *Dictionary {
	choices := make(map[string][]Candidate)
	winners := make(map[string]int) // key -> position in s.variables
	for i, v := range s.variables {
		k := nameKey(v.Name)
		choices[k] = append(choices[k], candidate(v, place))
		if !v.Scope.Matches(place) {
			continue
		}
		best, seen := winners[k]
		if !seen || v.Scope.Rank() > s.variables[best].Scope.Rank() {
			winners[k] = i
		}
	}
	var chosen []Variable
	for i, v := range s.variables {
		if best, ok := winners[nameKey(v.Name)]; ok && best == i {
			chosen = append(chosen, v)
		}
	}
	d := NewDictionary(chosen...)
	for _, candidates := range choices {
		judge(candidates)
	}
	d.choices = choices
	return d
}

func candidate(v Variable, place Scope) Candidate {
	c := Candidate{Value: v.display(), Null: v.Null, Sensitive: v.Sensitive, Scope: v.Scope, Rank: v.Scope.Rank()}
	if v.Null {
		c.Value = ""
	}
	missed := v.Scope.misses(place)
	c.Matches = missed == ""
	if !c.Matches {
		c.Reason = fmt.Sprintf("does not hold here: it is for %s", Scope{missed: v.Scope[missed]})
	}
	return c
}

// judge marks the winner, which is the first of the highest rank, and gives
// everyone a reason.
func judge(candidates []Candidate) {
	winner := -1
	for i, c := range candidates {
		if c.Matches && (winner < 0 || c.Rank > candidates[winner].Rank) {
			winner = i
		}
	}
	if winner < 0 {
		return
	}
	best := &candidates[winner]
	best.Wins, best.Reason = true, fmt.Sprintf("wins with rank %d", best.Rank)
	for i := range candidates {
		c := &candidates[i]
		switch {
		case i == winner || !c.Matches:
		case c.Rank == best.Rank:
			c.Tied, best.Tied = true, true
			c.Reason = fmt.Sprintf("has the winner's rank %d, but comes later", c.Rank)
		default:
			c.Reason = fmt.Sprintf("is less specific: rank %d against %d", c.Rank, best.Rank)
		}
	}
}

// Explain returns all values of a name, in order of definition, and why each
// was chosen or not. It is empty for a name that the set does not define, and
// for a dictionary that was not made by [Set.Resolve].
func (d *Dictionary) Explain(name string) []Candidate {
	return slices.Clone(d.choices[nameKey(name)])
}

// Ambiguous lists the names whose value was chosen among equally specific
// ones, by order of definition alone. Octopus leaves that case undefined.
func (d *Dictionary) Ambiguous() []string {
	var names []string
	for _, k := range d.order {
		tied := func(c Candidate) bool { return c.Tied }
		if slices.ContainsFunc(d.choices[k], tied) {
			names = append(names, d.entries[k].name)
		}
	}
	return names
}
