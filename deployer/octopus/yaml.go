package octopus

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
)

const header = `# Imported from the project's files in Octopus by "vipswap import octopus".
# "vipswap init" writes a project with a comment for every setting.
`

// write makes a vipswap.yaml.
func (im *importer) write(s step) []byte {
	var b bytes.Buffer
	b.WriteString(header)
	line := func(key, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%s: %s\n", key, quote(value))
		}
	}
	line("project", im.options.Name)
	line("service", s.service)
	line("storageAccount", s.storage)
	fmt.Fprintf(&b, "environments: %s\n", quoteAll(im.options.Environments))
	if im.template != "" {
		fmt.Fprintf(&b, "versioning:\n  template: %s\n", quote(im.template))
	}
	b.WriteString("step:\n")
	line("  name", s.name)
	line("  slot", s.slot)
	line("  label", s.label)
	line("  swap", map[bool]string{true: "if-possible", false: "never"}[s.swap])
	line("  instanceCount", map[bool]string{true: "target", false: "file"}[s.currentSize])
	line("  configurationFile", s.configuration)
	if len(s.roles) > 0 {
		fmt.Fprintf(&b, "  roles: %s\n", quoteAll(s.roles))
	}
	s.work.write(&b)
	writeNeighbours(&b, "before", im.before)
	writeNeighbours(&b, "after", im.after)
	if len(im.vars) > 0 {
		b.WriteString("variables:\n")
	}
	for _, v := range im.vars {
		v.write(&b)
	}
	return b.Bytes()
}

func (v variable) write(b *bytes.Buffer) {
	fmt.Fprintf(b, "  - name: %s\n", quote(v.name))
	if v.fromEnv != "" {
		fmt.Fprintf(b, "    fromEnv: %s\n", quote(v.fromEnv))
	} else {
		fmt.Fprintf(b, "    value: %s\n", quote(v.value))
	}
	if len(v.environments) > 0 {
		fmt.Fprintf(b, "    environments: %s\n", quoteAll(v.environments))
	}
	if len(v.steps) > 0 {
		fmt.Fprintf(b, "    steps: %s\n", quoteAll(v.steps))
	}
	if len(v.roles) > 0 {
		fmt.Fprintf(b, "    roles: %s\n", quoteAll(v.roles))
	}
}

// simple is text that YAML takes for text without quotes.
var simple = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]*( [A-Za-z0-9_.(-][A-Za-z0-9_.()-]*)*$`)

// reserved are words that YAML takes for something else than text.
var reserved = map[string]bool{"true": true, "false": true, "null": true, "yes": true, "no": true, "on": true, "off": true, "y": true, "n": true}

// quote writes text as YAML: as it is where that is safe, else in double
// quotes with the escapes that JSON and YAML share.
func quote(text string) string {
	if simple.MatchString(text) && !reserved[strings.ToLower(text)] {
		return text
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.Encode(text) // text always encodes
	return strings.TrimSuffix(b.String(), "\n")
}

func quoteAll(list []string) string {
	var quoted []string
	for _, text := range list {
		quoted = append(quoted, quote(text))
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

func (w packageWork) write(b *bytes.Buffer) {
	var lines []string
	if len(w.substitute) > 0 {
		lines = append(lines, "substituteIn: "+quoteAll(w.substitute))
	}
	if w.variables {
		lines = append(lines, "configurationVariables: true")
	}
	if len(w.structured) > 0 {
		lines = append(lines, "structuredVariables: "+quoteAll(w.structured))
	}
	if w.noScripts {
		lines = append(lines, "scripts: false")
	}
	if len(lines) > 0 {
		fmt.Fprintf(b, "  package:\n    %s\n", strings.Join(lines, "\n    "))
	}
}

func writeNeighbours(b *bytes.Buffer, key string, list []neighbour) {
	if len(list) == 0 {
		return
	}
	fmt.Fprintf(b, "%s:\n", key)
	for _, s := range list {
		fmt.Fprintf(b, "  - name: %s\n", quote(s.name))
		if s.script != "" {
			fmt.Fprintf(b, "    script: %s\n    shell: %s\n", lines(s.script, "      "), s.shell)
		} else {
			fmt.Fprintf(b, "    manual:\n      instructions: %s\n", lines(s.instructions, "        "))
		}
		s.writeConditions(b)
	}
}

func (s neighbour) writeConditions(b *bytes.Buffer) {
	if s.condition != "" {
		fmt.Fprintf(b, "    condition: %s\n", quote(s.condition))
	}
	if len(s.environments) > 0 {
		fmt.Fprintf(b, "    environments: %s\n", quoteAll(s.environments))
	}
	if len(s.excluded) > 0 {
		fmt.Fprintf(b, "    excludedEnvironments: %s\n", quoteAll(s.excluded))
	}
	if s.disabled {
		b.WriteString("    disabled: true\n")
	}
	if s.retries > 0 {
		fmt.Fprintf(b, "    retries: %d\n", s.retries)
	}
}

// lines writes text of several lines as a block, where nothing in it could be
// read as something else, or else in quotes.
func lines(text, indent string) string {
	safe := strings.Contains(text, "\n") && !strings.ContainsAny(text, "\t\r")
	list := strings.Split(text, "\n")
	for _, l := range list {
		safe = safe && strings.TrimRight(l, " ") == l
	}
	if !safe || list[0] == "" || list[0][0] == ' ' || list[len(list)-1] == "" {
		return quote(text)
	}
	var b strings.Builder
	b.WriteString("|-")
	for _, l := range list {
		b.WriteByte('\n')
		if l != "" {
			b.WriteString(indent + l)
		}
	}
	return b.String()
}
