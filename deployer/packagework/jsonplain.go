package packagework

import "strings"

// plainJSON returns a text with blanks in place of what JSON does not know but .NET's
// files often have: comments (// and /* */) and commas behind the last of a list or
// an object. Everything else stands where it stood.
func plainJSON(text string) string {
	p := jsonPlainer{text: text, comma: -1}
	for p.at < len(p.text) {
		p.next()
	}
	if p.out == nil {
		return text
	}
	return string(p.out)
}

// A jsonPlainer goes through a text once.
type jsonPlainer struct {
	text  string
	out   []byte // nil as long as it is the text
	at    int
	last  byte // the last one outside of comments that is not white space; 0 at the begin
	comma int  // where the comma is behind which nothing has come yet, -1 without
}

// next takes what stands at at.
func (p *jsonPlainer) next() {
	switch n := commentLength(p.text[p.at:]); {
	case n > 0:
		p.blank(p.at, n)
		p.at += n
		return
	case n < 0:
		p.at = len(p.text)
		return
	}
	c := p.text[p.at]
	if strings.IndexByte(" \t\r\n", c) >= 0 {
		p.at++
		return
	}
	if strings.IndexByte("}]", c) >= 0 && p.comma >= 0 {
		p.blank(p.comma, 1)
	}
	p.comma = -1
	if c == ',' && strings.IndexByte("\x00[{,:", p.last) < 0 { // there is something before it
		p.comma = p.at
	}
	p.last = c
	length := 1
	if c == '"' {
		length = quoted(p.text[p.at:])
	}
	if length == 0 { // the text has no end; who reads it will say so
		length = len(p.text)
	}
	p.at += length
}

// blank writes blanks over all but line ends.
func (p *jsonPlainer) blank(start, n int) {
	if p.out == nil {
		p.out = []byte(p.text)
	}
	for i := start; i < start+n; i++ {
		if p.out[i] != '\n' && p.out[i] != '\r' {
			p.out[i] = ' '
		}
	}
}

// commentLength returns how long the comment at the begin of s is, 0 if there is
// none, below 0 if it has no end.
func commentLength(s string) int {
	switch {
	case strings.HasPrefix(s, "//"):
		if end := strings.IndexAny(s, "\r\n"); end >= 0 {
			return end
		}
		return len(s)
	case strings.HasPrefix(s, "/*"):
		if end := strings.Index(s[2:], "*/"); end >= 0 {
			return end + 4
		}
		return -1
	}
	return 0
}
