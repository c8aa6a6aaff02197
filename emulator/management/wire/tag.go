package wire

import (
	"fmt"
	"strings"
)

// A tag is what a field's wire tag says.
type tag struct {
	name      string // of the element, or of the element around a list
	item      string // of a list's items, in the form List>Item
	since     Version
	until     Version
	namespace string
	omitEmpty bool
	nillable  bool
	flat      bool
}

// flags are the options without a value.
var flags = map[string]func(*tag){
	"omitempty": func(t *tag) { t.omitEmpty = true },
	"nil":       func(t *tag) { t.nillable = true },
	"flat":      func(t *tag) { t.flat = true },
}

// settings are the options with a value.
var settings = map[string]func(*tag, string) error{
	"since": func(t *tag, value string) (err error) { t.since, err = ParseKnownVersion(value); return err },
	"until": func(t *tag, value string) (err error) { t.until, err = ParseKnownVersion(value); return err },
	"ns":    func(t *tag, value string) error { t.namespace = value; return nil },
}

// parseTag reads a wire tag.
func parseTag(text string) (tag, error) {
	parts := strings.Split(text, ",")
	t := tag{namespace: Namespace}
	t.name, t.item, _ = strings.Cut(parts[0], ">")
	if t.name == "" {
		return tag{}, fmt.Errorf("tag %q names no element", text)
	}
	for _, option := range parts[1:] {
		if err := t.set(option); err != nil {
			return tag{}, fmt.Errorf("tag %q: %w", text, err)
		}
	}
	return t, nil
}

func (t *tag) set(option string) error {
	if set, ok := flags[option]; ok {
		set(t)
		return nil
	}
	key, value, _ := strings.Cut(option, "=")
	set, ok := settings[key]
	if !ok || value == "" {
		return fmt.Errorf("unknown option %q", option)
	}
	return set(t, value)
}
