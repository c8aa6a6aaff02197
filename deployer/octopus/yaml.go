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
