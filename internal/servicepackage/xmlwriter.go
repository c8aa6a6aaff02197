package servicepackage

import (
	"bytes"
	"strings"
)

// xmlWriter writes indented XML the way .NET's writer does: two spaces, CRLF
// line ends, " />" on elements without content, no line end at the end.
type xmlWriter struct {
	buf   bytes.Buffer
	open  []string // names of the elements not yet closed
	empty bool     // the innermost open element has no child yet, its tag lacks the ">"
}

// start opens an element; attrs are names and values in turn.
func (w *xmlWriter) start(name string, attrs ...string) {
	w.closeTag()
	w.newLine(len(w.open))
	w.buf.WriteString("<" + name)
	for i := 0; i+1 < len(attrs); i += 2 {
		w.buf.WriteString(" " + attrs[i] + `="` + escapeAttribute(attrs[i+1], '"') + `"`)
	}
	w.open = append(w.open, name)
	w.empty = true
}

// end closes the innermost open element.
func (w *xmlWriter) end() {
	name := w.open[len(w.open)-1]
	w.open = w.open[:len(w.open)-1]
	if w.empty {
		w.buf.WriteString(" />")
	} else {
		w.newLine(len(w.open))
		w.buf.WriteString("</" + name + ">")
	}
	w.empty = false
}

// leaf writes an element without children.
func (w *xmlWriter) leaf(name string, attrs ...string) {
	w.start(name, attrs...)
	w.end()
}

// text writes an element that holds only text.
func (w *xmlWriter) text(name, content string) {
	w.closeTag()
	w.newLine(len(w.open))
	w.buf.WriteString("<" + name + ">" + escapeText(content) + "</" + name + ">")
}

// group writes an element without attributes around what body writes.
func (w *xmlWriter) group(name string, body func()) {
	w.start(name)
	body()
	w.end()
}

func (w *xmlWriter) closeTag() {
	if w.empty {
		w.buf.WriteString(">")
		w.empty = false
	}
}

func (w *xmlWriter) newLine(depth int) {
	if w.buf.Len() > 0 {
		w.buf.WriteString("\r\n" + strings.Repeat("  ", depth))
	}
}

// Declarations that the real tool puts before its documents.
const (
	declarationUTF8  = "\xef\xbb\xbf" + `<?xml version="1.0" encoding="utf-8"?>`
	declarationPlain = `<?xml version="1.0"?>`
)

// document returns what was written, after a declaration.
func (w *xmlWriter) document(declaration string) []byte {
	return append([]byte(declaration+"\r\n"), w.buf.Bytes()...)
}

var textEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\r", "&#xD;")

func escapeText(s string) string { return textEscaper.Replace(s) }

var attributeEscapers = map[byte]*strings.Replacer{
	'"':  strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "\t", "&#x9;", "\n", "&#xA;", "\r", "&#xD;"),
	'\'': strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "'", "&apos;", "\t", "&#x9;", "\n", "&#xA;", "\r", "&#xD;"),
}

// escapeAttribute escapes a value that stands between that kind of quotes so
// that every reader gets the same characters back, line ends too.
func escapeAttribute(s string, quote byte) string { return attributeEscapers[quote].Replace(s) }
