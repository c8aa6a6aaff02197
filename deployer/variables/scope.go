package variables

import (
	"slices"
	"strings"
)

// A Kind is a way of narrowing where a value holds, such as Environment.
type Kind string

// The kinds of scope. Octopus knows all of them; a kind that a project never
// resolves for simply never matches.
const (
	Private     Kind = "private"  // built in, cannot be overridden
	Prompted    Kind = "prompted" // given for one deployment
	Step        Kind = "step"
	Machine     Kind = "machine"
	TargetRole  Kind = "target role" // of the machine, and targeted by the step
	Role        Kind = "role"
	Tenant      Kind = "tenant"
	TenantTag   Kind = "tenant tag"
	Environment Kind = "environment"
	Channel     Kind = "channel"
	Project     Kind = "project"
)

// weights tell how specific each kind is. The sum over the kinds that a value
// names is its rank. The numbers are those of Octopus' public client library,
// where the kinds Private, Prompted (User there) and Project hold everywhere.
var weights = map[Kind]struct {
	weight int
	always bool
}{
	Private:     {1_000_000_000, true},
	Prompted:    {100_000_000, true},
	Step:        {10_000_000, false},
	Machine:     {1_000_000, false},
	TargetRole:  {100_000, false},
	Role:        {10_000, false},
	Tenant:      {1_001, false},
	TenantTag:   {1_000, false},
	Environment: {100, false},
	Channel:     {10, false},
	Project:     {1, true},
}

// A Scope says where a value holds: for each kind it names, in one of the
// places listed. An empty scope holds everywhere. Places are compared without
// regard to case.
//
// The same type says where a set is resolved: for each kind, the places that
// one is in.
type Scope map[Kind][]string

// Rank is how specific the scope is; the value with the highest rank wins.
// How many places a kind lists does not matter.
func (s Scope) Rank() int {
	rank := 0
	for kind := range s {
		rank += weights[kind].weight
	}
	return rank
}

// Matches reports whether a value with this scope holds at place.
func (s Scope) Matches(place Scope) bool { return s.misses(place) == "" }

// misses returns the first kind, by weight, in which s does not hold at
// place, or "".
func (s Scope) misses(place Scope) Kind {
	for _, kind := range s.kinds() {
		if !weights[kind].always && !overlap(s[kind], place[kind]) {
			return kind
		}
	}
	return ""
}

// kinds lists the kinds of the scope, the most specific first.
func (s Scope) kinds() []Kind {
	kinds := make([]Kind, 0, len(s))
	for kind := range s {
		kinds = append(kinds, kind)
	}
	slices.SortFunc(kinds, func(a, b Kind) int {
		if d := weights[b].weight - weights[a].weight; d != 0 {
			return d
		}
		return strings.Compare(string(a), string(b))
	})
	return kinds
}

// String writes the scope for people: "environment Production, role web".
func (s Scope) String() string {
	if len(s) == 0 {
		return "everywhere"
	}
	var parts []string
	for _, kind := range s.kinds() {
		part := string(kind)
		if places := strings.Join(s[kind], " or "); places != "" {
			part += " " + places
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ", ")
}

func overlap(a, b []string) bool {
	return slices.ContainsFunc(a, func(x string) bool {
		return slices.ContainsFunc(b, func(y string) bool { return strings.EqualFold(x, y) })
	})
}
