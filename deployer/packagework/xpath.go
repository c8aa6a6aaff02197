package packagework

import (
	"strconv"
	"strings"

	"github.com/vipswap/vipswap/internal/lazyregexp"
)

// setXML sets the places of an XML text for which there is a variable: its name is
// the place as an XPath expression, of which these forms are known:
//
//	/configuration/mail/@host     an attribute
//	/configuration/mail           the text of an element without children; also .../text()
//	//mail/@host                  anywhere
//	/a/*/c   /a/b[2]   /a/b[@name='x']/@value
//
// Names are those without prefix. A name that is no such expression means nothing.
func setXML(text string, names []string, value lookup) (string, []string, error) {
	x, err := parseXML(text)
	if err != nil {
		return "", nil, err
	}
	var set []string
	for _, name := range names {
		path, ok := parseXPath(name)
		if !ok {
			continue
		}
		places := path.find(x.nodes)
		if len(places) == 0 {
			continue
		}
		v, defined, err := value(name)
		if err != nil {
			return "", nil, err
		}
		if !defined {
			continue
		}
		for _, n := range places {
			if err := path.put(x, n, v); err != nil {
				return "", nil, err
			}
		}
		set = append(set, name)
	}
	return x.String(), set, nil
}

// An xpath is a place in an XML text.
type xpath struct {
	steps []xpathStep
	attr  string // "" is the text of the element
}

type xpathStep struct {
	deep        bool   // anywhere below, not only right below
	name        string // "*" is any
	position    int    // among those of its name, from 1; 0 is any
	attr, value string // that it must have; "" is any
}

var xpathStepForm = lazyregexp.New(`^(/{1,2})((?:[\p{L}_][\p{L}\p{N}_.-]*:)?([\p{L}_][\p{L}\p{N}_.-]*|\*))((?:\[[^\]]*\])?)`)
var xpathAttrForm = lazyregexp.New(`^/@(?:[\p{L}_][\p{L}\p{N}_.-]*:)?([\p{L}_][\p{L}\p{N}_.-]*)$`)
var predicateForm = lazyregexp.New(`^\[@(?:[\p{L}_][\p{L}\p{N}_.-]*:)?([\p{L}_][\p{L}\p{N}_.-]*)\s*=\s*(?:'([^']*)'|"([^"]*)")\]$`)

// parseXPath reads a variable's name as a place.
func parseXPath(name string) (xpath, bool) {
	var p xpath
	rest := strings.TrimSpace(name)
	for rest != "" {
		if m := xpathAttrForm().FindStringSubmatch(rest); m != nil {
			p.attr = m[1]
			break
		}
		if rest == "/text()" {
			break
		}
		m := xpathStepForm().FindStringSubmatch(rest)
		if m == nil {
			return p, false
		}
		step := xpathStep{deep: m[1] == "//", name: m[3]}
		if !step.predicate(m[4]) {
			return p, false
		}
		p.steps, rest = append(p.steps, step), rest[len(m[0]):]
	}
	return p, len(p.steps) > 0
}

func (s *xpathStep) predicate(text string) bool {
	if text == "" {
		return true
	}
	if n, err := strconv.Atoi(text[1 : len(text)-1]); err == nil && n > 0 {
		s.position = n
		return true
	}
	m := predicateForm().FindStringSubmatch(text)
	if m == nil {
		return false
	}
	s.attr, s.value = m[1], m[2]+m[3]
	return true
}

// find returns the elements that the path leads to.
func (p xpath) find(nodes []*xmlNode) []*xmlNode {
	var found []*xmlNode
	for _, n := range nodes {
		if p.leads(n, len(p.steps)-1) && p.usable(n) {
			found = append(found, n)
		}
	}
	return found
}

func (p xpath) usable(n *xmlNode) bool {
	if p.attr == "" {
		return len(n.children) == 0
	}
	_, has := n.attr(p.attr)
	return has
}

// leads reports whether the steps up to i lead to the element.
func (p xpath) leads(n *xmlNode, i int) bool {
	if !p.steps[i].fits(n) {
		return false
	}
	if i == 0 {
		return p.steps[0].deep || n.parent == nil
	}
	if !p.steps[i].deep {
		return n.parent != nil && p.leads(n.parent, i-1)
	}
	for a := n.parent; a != nil; a = a.parent {
		if p.leads(a, i-1) {
			return true
		}
	}
	return false
}

func (s xpathStep) fits(n *xmlNode) bool {
	if s.name != "*" && s.name != n.name {
		return false
	}
	if s.attr != "" {
		value, has := n.attr(s.attr)
		return has && value == s.value
	}
	return s.position == 0 || s.position == n.position(s.name)
}

// position counts the element among its parent's children of that name, from 1.
func (n *xmlNode) position(name string) int {
	if n.parent == nil {
		return 1
	}
	at := 0
	for _, sibling := range n.parent.children {
		if name == "*" || sibling.name == name {
			at++
		}
		if sibling == n {
			break
		}
	}
	return at
}

func (p xpath) put(x *xmlText, n *xmlNode, value string) error {
	if p.attr != "" {
		return x.setAttr(n, p.attr, value)
	}
	return x.setText(n, value)
}
