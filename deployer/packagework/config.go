package packagework

import (
	"strings"
)

// transformSpace is the namespace by which a file is an XDT transform.
const transformSpace = "http://schemas.microsoft.com/XML-Document-Transform"

func isTransform(text string) bool { return strings.Contains(text, transformSpace) }

// sections are the sections of a .config whose entries are attributes.
var sections = map[string]struct{ key, value string }{
	"appsettings":       {"key", "value"},
	"connectionstrings": {"name", "connectionString"},
}

// setConfiguration sets the entries of a .config for which there is a variable of
// their name, and returns their names.
func setConfiguration(text string, value lookup) (string, []string, error) {
	x, err := parseXML(text)
	if err != nil {
		return "", nil, err
	}
	var set []string
	for _, n := range x.nodes {
		name, put := entryOf(x, n)
		if name == "" {
			continue
		}
		v, defined, err := value(name)
		if err != nil {
			return "", nil, err
		}
		if !defined {
			continue
		}
		if err := put(v); err != nil {
			return "", nil, err
		}
		set = append(set, name)
	}
	return x.String(), set, nil
}

// entryOf returns the name of an entry and what sets its value; "" for an element
// that is none.
func entryOf(x *xmlText, n *xmlNode) (name string, put func(string) error) {
	if n.parent == nil {
		return "", nil
	}
	if s, ok := sections[strings.ToLower(n.parent.name)]; ok && strings.EqualFold(n.name, "add") {
		name, _ = n.attr(s.key)
		return name, func(v string) error { return x.setAttr(n, s.value, v) }
	}
	group := n.parent.parent
	if group == nil || !strings.EqualFold(group.name, "applicationSettings") || !strings.EqualFold(n.name, "setting") {
		return "", nil
	}
	for _, child := range n.children {
		if strings.EqualFold(child.name, "value") && len(child.children) == 0 {
			name, _ = n.attr("name")
			return name, func(v string) error { return x.setText(child, v) }
		}
	}
	return "", nil
}
