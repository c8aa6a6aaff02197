package markdown

import "strings"

const (
	maxText  = 1 << 20 // bytes
	maxDepth = 1_000   // quotes and lists that one line opens
)

// containers are what quotes, lists and their numbers are opened with, and blanks.
const containers = " \t>*+-.)0123456789"

// marks are the characters that the parser tries to pair: it looks back from each
// one over those before it in its paragraph.
const marks = "*_~^+=[]"

// tooDeep reports whether a line opens so many quotes and lists in each other
// that the parser, which calls itself for each, should not try.
func tooDeep(text string) bool {
	for line := range strings.Lines(text) {
		opening := line[:len(line)-len(strings.TrimLeft(line, containers))]
		if len(opening)-strings.Count(opening, " ") > maxDepth {
			return true
		}
	}
	return false
}

// Steps returns how many steps [HTML] may need for a text at most, each of about a
// microsecond. That is in proportion to the text but for two things: marks that
// find no partner, and tables with short rows under a long head.
func Steps(text string) int {
	steps, p := len(text)/64, paragraph{}
	for line := range strings.Lines(text) {
		if strings.TrimSpace(line) == "" {
			steps, p = steps+p.steps(), paragraph{}
			continue
		}
		p.add(line)
	}
	return steps + p.steps()
}

// A paragraph is lines up to a blank one, which may be a table, too.
type paragraph struct{ marks, lines, columns int }

func (p *paragraph) add(line string) {
	p.lines++
	p.columns = max(p.columns, strings.Count(line, "|"))
	for i := range len(line) {
		if strings.IndexByte(marks, line[i]) >= 0 {
			p.marks++
		}
	}
}

// steps is what a paragraph takes as text, and as a table.
func (p paragraph) steps() int { return p.marks*p.marks/64 + p.lines*p.columns }
