package process

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// A message is a line by which a script talks to whoever runs it.
type message struct {
	name       string
	attributes map[string]string // decoded
}

const (
	messageStart = "##octopus["
	maxMessage   = 1 << 20 // bytes
)

var (
	messageForm   = regexp.MustCompile(`^##octopus\[([A-Za-z][A-Za-z0-9-]*)((?:\s+[A-Za-z][A-Za-z0-9-]*=(?:'[^']*'|"[^"]*"))*)\s*\]\s*$`)
	attributeForm = regexp.MustCompile(`([A-Za-z][A-Za-z0-9-]*)=(?:'([^']*)'|"([^"]*)")`)
)

// parseMessage reads a line of output. It returns false for ordinary lines, and an
// error for a message whose attributes are no base64 of UTF-8 text.
func parseMessage(line string) (m message, found bool, err error) {
	if !strings.HasPrefix(line, messageStart) || len(line) > maxMessage {
		return m, false, nil
	}
	parts := messageForm.FindStringSubmatch(line)
	if parts == nil {
		return m, false, nil
	}
	m = message{name: parts[1], attributes: map[string]string{}}
	for _, a := range attributeForm.FindAllStringSubmatch(parts[2], -1) {
		data, err := base64.StdEncoding.DecodeString(a[2] + a[3])
		if err != nil || !utf8.Valid(data) {
			return m, true, fmt.Errorf("the service message %s has an attribute %s that is not the base64 of a text", m.name, a[1])
		}
		m.attributes[strings.ToLower(a[1])] = string(data)
	}
	return m, true, nil
}

// A Variable is what a script has set.
type Variable struct {
	Name, Value string
	Sensitive   bool
}

// setVariable returns the variable that a message sets.
func (m message) setVariable() (Variable, error) {
	name, named := m.attributes["name"]
	value, valued := m.attributes["value"]
	if !named || !valued || strings.TrimSpace(name) == "" {
		return Variable{}, fmt.Errorf("the service message %s needs a name and a value", m.name)
	}
	return Variable{name, value, strings.EqualFold(m.attributes["sensitive"], "true")}, nil
}

// hear takes a line of a script's output: it returns the text to show, which is
// what stands before a message.
func hear(line string, set func(Variable)) (show string, err error) {
	before := line
	if i := strings.Index(line, messageStart); i >= 0 {
		before = line[:i]
	}
	m, found, err := parseMessage(line[len(before):])
	switch {
	case err != nil:
		return before, err
	case !found:
		return line, nil
	case strings.EqualFold(m.name, "setVariable"):
		v, err := m.setVariable()
		if err == nil {
			set(v)
		}
		return before, err
	}
	return before, nil
}
