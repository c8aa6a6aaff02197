package cli

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// A canvas is the end of a terminal's text: lines that are written again and again.
// What stays is said above them.
type canvas struct {
	w     io.Writer
	size  func() (columns, rows int)
	shown []string
}

// draw replaces the lines. What does not fit is left out, so that no line breaks:
// the right end of lines, and lines past the height.
func (c *canvas) draw(lines []string) {
	columns, rows := c.size()
	if most := max(1, rows-1); len(lines) > most {
		more := fmt.Sprintf("       and %d more", len(lines)-most+1)
		lines = append(lines[:most-1:most-1], more)
	}
	var fitting []string
	for _, line := range lines {
		fitting = append(fitting, clip(line, columns-1))
	}
	io.WriteString(c.w, c.wipe()+strings.Join(fitting, "\n"))
	c.shown = fitting
}

// clear removes the lines.
func (c *canvas) clear() {
	io.WriteString(c.w, c.wipe())
	c.shown = nil
}

// say writes a line that stays above the others.
func (c *canvas) say(line string) {
	io.WriteString(c.w, c.wipe()+line+"\n"+strings.Join(c.shown, "\n"))
}

// wipe is what takes the cursor to the first of the lines and clears all of them.
func (c *canvas) wipe() string {
	if len(c.shown) == 0 {
		return ""
	}
	up := ""
	if n := len(c.shown) - 1; n > 0 {
		up = fmt.Sprintf("\x1b[%dA", n)
	}
	return "\r" + up + "\x1b[J"
}

// clip cuts a line to a width in characters; codes of colour take no room, and end
// with what is cut.
func clip(line string, width int) string {
	var b strings.Builder
	painted := false
	for line != "" {
		if code := colourCode(line); code != "" {
			b.WriteString(code)
			painted, line = true, line[len(code):]
			continue
		}
		r, size := utf8.DecodeRuneInString(line)
		if width--; width < 0 {
			break
		}
		b.WriteRune(r)
		line = line[size:]
	}
	if painted && line != "" {
		b.WriteString("\x1b[0m")
	}
	return b.String()
}

// colourCode returns the code that the line begins with, "" for none.
func colourCode(line string) string {
	if end := strings.IndexByte(line, 'm'); strings.HasPrefix(line, "\x1b[") && end > 0 {
		return line[:end+1]
	}
	return ""
}
