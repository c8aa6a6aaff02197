package cli

import (
	"strings"
	"unicode"

	"github.com/vipswap/vipswap/internal/lazyregexp"
)

// colours are the sequences that paint text on a terminal.
var colours = lazyregexp.New("\x1b\\[[0-9;]*m")

// harmlessText returns text that others wrote as it may go to a terminal: without colours, and
// with a picture in place of each control character, which could clear the screen or
// write over what stands there. Tabs and ends of lines stay.
func harmlessText(text string) string {
	if strings.IndexFunc(text, controls) < 0 {
		return text
	}
	return strings.Map(func(r rune) rune {
		switch {
		case !controls(r):
			return r
		case r < 0x20:
			return 0x2400 + r // Control Pictures
		case r == 0x7f:
			return 0x2421
		}
		return unicode.ReplacementChar
	}, colours().ReplaceAllString(text, ""))
}

func controls(r rune) bool { return unicode.IsControl(r) && r != '\t' && r != '\n' }
