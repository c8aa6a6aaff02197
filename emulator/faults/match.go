package faults

import (
	"fmt"
	"slices"
	"strings"
)

// concerns reports whether a rule is about a call.
func (r *Rule) concerns(c Call) bool {
	t := traits[r.Kind]
	if t.point != c.Point || t.only != nil && !slices.Contains(t.only, c.Operation) {
		return false
	}
	m := &r.Match
	return fits(m.Operation, c.Operation) && fits(m.Service, c.Service) && fits(m.Slot, c.Slot) &&
		fits(m.Role, c.Role) && fits(m.Instance, c.Instance) && m.fitsClient(c.Clients)
}

func (m *Match) fitsClient(names []string) bool {
	return m.Client == "" || slices.ContainsFunc(names, func(name string) bool { return fits(m.Client, name) })
}

// fits reports whether text has the form of a pattern: the same but for casing,
// where * stands for any text. An empty pattern fits everything; another one
// never fits nothing.
func fits(pattern, text string) bool {
	if pattern == "" {
		return true
	}
	if text == "" {
		return false
	}
	first, rest, starred := strings.Cut(strings.ToLower(pattern), "*")
	text, ok := strings.CutPrefix(strings.ToLower(text), first)
	if !starred {
		return ok && text == ""
	}
	parts := strings.Split(rest, "*")
	for _, part := range parts[:len(parts)-1] {
		_, after, found := strings.Cut(text, part)
		if !found {
			return false
		}
		text = after
	}
	return ok && strings.HasSuffix(text, parts[len(parts)-1])
}

// title is what a rule goes by.
func (r *Rule) title(i int) string {
	if r.Name != "" {
		return r.Name
	}
	return fmt.Sprintf("rule %d", i+1)
}
