package cli

import (
	"io"

	"golang.org/x/term"
)

// A style paints text for a terminal; the zero style leaves it plain.
type style struct{ colour bool }

// style returns how to paint what goes to w.
func (p *program) style(w io.Writer) style {
	return style{isTerminal(w) && p.Getenv("NO_COLOR") == "" && p.Getenv("TERM") != "dumb"}
}

// isTerminal reports whether w shows text to a person as it is written.
func isTerminal(w io.Writer) bool {
	f := fileOf(w)
	return f != nil && term.IsTerminal(int(f.Fd()))
}

// terminalSize returns the columns and rows of the terminal w, 80 by 24 when it does
// not tell.
func terminalSize(w io.Writer) (columns, rows int) {
	if f := fileOf(w); f != nil {
		if columns, rows, err := term.GetSize(int(f.Fd())); err == nil && columns > 0 && rows > 0 {
			return columns, rows
		}
	}
	return 80, 24
}

func (s style) code(code, text string) string {
	if !s.colour || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (s style) bold(text string) string { return s.code("1", text) }
func (s style) dim(text string) string  { return s.code("2", text) }
func (s style) good(text string) string { return s.code("32", text) }
func (s style) warn(text string) string { return s.code("33", text) }
func (s style) bad(text string) string  { return s.code("31", text) }
func (s style) mark(text string) string { return s.code("36", text) }
