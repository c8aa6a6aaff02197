package markdown

import (
	"regexp"
	"strings"
	"sync"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer/html"
)

// HTML returns the HTML of a text. Like Octopus' filter it leaves out blanks around
// the text, closes empty elements (<br />) and adds one line break to the end. It
// refuses text over 1 MiB, and lines that open over 1,000 quotes and lists in
// each other. Ask [Steps] first how long it will take.
func HTML(text string) (string, bool) {
	text = strings.TrimSpace(text)
	if len(text) > maxText || tooDeep(text) {
		return "", false
	}
	var b strings.Builder
	if err := converter().Convert([]byte(text), &b); err != nil {
		return "", false
	}
	return b.String() + "\n", true
}

// converter makes the goldmark with Octopus' dialect once; it keeps nothing of a text.
var converter = sync.OnceValue(func() goldmark.Markdown {
	never := regexp.MustCompile(`[^\s\S]`) // Markdig makes no links of bare mail addresses
	return goldmark.New(
		goldmark.WithRendererOptions(html.WithUnsafe(), html.WithXHTML()),
		goldmark.WithExtensions(
			extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignStyle)),
			extension.NewLinkify(extension.WithLinkifyEmailRegexp(never)),
			extraEmphasis{},
		),
	)
})
