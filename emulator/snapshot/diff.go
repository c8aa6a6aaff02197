package snapshot

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A Diff is what differs between two universes, or two moments of one.
type Diff struct {
	From    string   `json:"from"` // name of the first
	To      string   `json:"to"`
	Changes []Change `json:"changes"` // services first, then slots, deployments, instances, operations, the rest
}

// A Change is one thing that is only in one of the two, or not the same in both.
type Change struct {
	What   What          `json:"what"`
	Kind   string        `json:"kind"` // service, slot, deployment, instance, operation, storage account, blob, ...
	Name   string        `json:"name"` // shop, shop/Production, shop/v1, shop/v1/Web_IN_0, ...
	Fields []FieldChange `json:"fields"`
}

// A FieldChange is one property that differs; "" where there is none.
type FieldChange struct {
	Field string `json:"field"`
	From  string `json:"from"`
	To    string `json:"to"`
}

// A What says how something differs.
type What string

// The ways to differ.
const (
	Added   What = "added"
	Removed What = "removed"
	Changed What = "changed"
)

var signs = map[What]string{Added: "+", Removed: "-", Changed: "~"}

// Compare tells what differs between two lists of items.
func Compare(from, to []Item) []Change {
	changes := []Change{}
	old, fresh := byName(from), byName(to)
	for _, item := range to {
		before, known := old[item.key()]
		if c, differs := compare(before, item); differs {
			c.What = Changed
			if !known {
				c.What = Added
			}
			changes = append(changes, c)
		}
	}
	for _, item := range from {
		if _, there := fresh[item.key()]; !there {
			c, _ := compare(item, Item{Kind: item.Kind, Name: item.Name})
			c.What = Removed
			changes = append(changes, c)
		}
	}
	slices.SortStableFunc(changes, func(a, b Change) int {
		return cmp.Compare(slices.Index(kinds, a.Kind), slices.Index(kinds, b.Kind))
	})
	return changes
}

func (i Item) key() string { return i.Kind + "\n" + i.Name }

func byName(items []Item) map[string]Item {
	all := make(map[string]Item, len(items))
	for _, i := range items {
		all[i.key()] = i
	}
	return all
}

// compare tells which fields of an item differ. An item that was not there
// differs, even without fields.
func compare(from, to Item) (Change, bool) {
	c := Change{Kind: to.Kind, Name: to.Name, Fields: []FieldChange{}}
	for _, name := range fieldNames(from, to) {
		if a, b := from.field(name), to.field(name); a != b {
			c.Fields = append(c.Fields, FieldChange{name, a, b})
		}
	}
	return c, from.Kind == "" || len(c.Fields) > 0
}

// fieldNames returns the names of the fields of both, each once.
func fieldNames(items ...Item) []string {
	var names []string
	for _, i := range items {
		for _, f := range i.Fields {
			if !slices.Contains(names, f.Name) {
				names = append(names, f.Name)
			}
		}
	}
	return names
}

func (i Item) field(name string) string {
	for _, f := range i.Fields {
		if f.Name == name {
			return f.Value
		}
	}
	return ""
}

// String tells the differences to people, one a line: + for what is only in the
// second, - for what is only in the first, ~ for what is not the same in both.
func (d Diff) String() string {
	if len(d.Changes) == 0 {
		return "no differences\n"
	}
	var b strings.Builder
	for _, c := range d.Changes {
		fmt.Fprintf(&b, "%s %s %s", signs[c.What], c.Kind, c.Name)
		for i, f := range c.Fields {
			b.WriteString([]string{": ", ", "}[min(i, 1)] + f.text(c.What))
		}
		b.WriteString("\n")
	}
	return b.String()
}

// shownValue is how long a value may be in a line.
const shownValue = 60

func (f FieldChange) text(what What) string {
	switch {
	case what == Added:
		return f.Field + " " + shown(f.To)
	case what == Removed:
		return f.Field + " " + shown(f.From)
	}
	return f.Field + " " + shown(f.From) + " -> " + shown(f.To)
}

func shown(value string) string {
	if value == "" {
		return "none"
	}
	if r := []rune(value); len(r) > shownValue {
		return string(r[:shownValue]) + "…"
	}
	return value
}
