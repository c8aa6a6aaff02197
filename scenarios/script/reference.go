package script

import (
	_ "embed"
	"fmt"
	"strings"
)

// language is the page on scripts, without the commands.
//
//go:embed language.md
var language string

// commandsPlace is where the commands go.
const commandsPlace = "{{commands}}\n"

// Reference returns the page on scripts in Markdown: what they begin with, and all
// commands.
func Reference() string {
	var b strings.Builder
	for _, c := range commands() {
		fmt.Fprintf(&b, "### `%s`\n\n```\n%s\n```\n\n%s\n\n", c.name, strings.TrimSpace(c.name+" "+c.usage), c.text)
		if c.negatable {
			b.WriteString("With `!` before it, the opposite.\n\n")
		}
		fmt.Fprintf(&b, "```\n%s\n```\n\n", strings.Join(c.example, "\n"))
	}
	return strings.Replace(language, commandsPlace, strings.TrimRight(b.String(), "\n")+"\n", 1)
}

// comment returns the commands as part of a package comment.
func comment() string {
	var b strings.Builder
	for _, c := range commands() {
		fmt.Fprintf(&b, "//\n//\t%s\n", strings.TrimSpace(c.name+" "+c.usage))
		for _, line := range wrap(c.text, 84) {
			fmt.Fprintf(&b, "//\t\t%s\n", line)
		}
	}
	return b.String()
}

// wrap breaks text into lines.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && len(line)+1+len(word) > width {
			lines, line = append(lines, line), ""
		}
		line = strings.TrimSpace(line + " " + word)
	}
	return append(lines, line)
}
