package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// A format is what a command prints in.
type format string

const (
	formatText format = "text"
	formatJSON format = "json"
)

// String and the next two make a format a flag.
func (f *format) String() string { return string(*f) }

// Type names the values in the help.
func (f *format) Type() string { return "text|json" }

// Set refuses what is no format.
func (f *format) Set(s string) error {
	return choose((*string)(f), s, string(formatText), string(formatJSON))
}

// choose sets *to to s when s is one of choices.
func choose(to *string, s string, choices ...string) error {
	for _, c := range choices {
		if strings.EqualFold(s, c) {
			*to = c
			return nil
		}
	}
	return fmt.Errorf("it is one of %s", strings.Join(choices, ", "))
}

// A choice is a flag whose value is one of a few words.
type choice struct {
	value   string
	choices []string
}

func (c *choice) String() string { return c.value }

// Type names the values in the help.
func (c *choice) Type() string { return strings.Join(c.choices, "|") }

// Set refuses a value that is not among the choices.
func (c *choice) Set(s string) error { return choose(&c.value, s, c.choices...) }

// show prints v as JSON, or as text in the way that text says.
func (p *program) show(v any, text func(io.Writer)) error {
	if p.output == formatJSON {
		return writeJSON(p.Stdout, v)
	}
	text(p.Stdout)
	return nil
}

// writeJSON writes v as one indented document.
func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// A cell is a piece of a table: its text, and how to paint it.
type cell struct {
	text  string
	paint func(string) string // nil leaves it as it is
}

func plain(text string) cell { return cell{text: text} }

// A table is printed in columns, as wide as their widest cell.
type table struct {
	indent string
	rows   [][]cell
}

// add appends a row.
func (t *table) add(cells ...cell) { t.rows = append(t.rows, cells) }

// head appends a row of column titles.
func (t *table) head(s style, titles ...string) {
	var cells []cell
	for _, title := range titles {
		cells = append(cells, cell{title, s.dim})
	}
	t.add(cells...)
}

// write prints the table. The last cell of a row is not padded.
func (t *table) write(w io.Writer) {
	widths := t.widths()
	for _, row := range t.rows {
		var b strings.Builder
		b.WriteString(t.indent)
		for i, c := range row {
			text := c.text
			if i < len(row)-1 {
				text += strings.Repeat(" ", widths[i]-utf8.RuneCountInString(c.text)+2)
			}
			if c.paint != nil && c.text != "" {
				text = c.paint(c.text) + text[len(c.text):]
			}
			b.WriteString(text)
		}
		fmt.Fprintln(w, strings.TrimRight(b.String(), " "))
	}
}

// width is how many columns of a terminal the table takes.
func (t *table) width() int {
	total := utf8.RuneCountInString(t.indent)
	for i, w := range t.widths() {
		if total += w; i > 0 {
			total += 2
		}
	}
	return total
}

func (t *table) widths() []int {
	var widths []int
	for _, row := range t.rows {
		for i, c := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(c.text))
		}
	}
	return widths
}
