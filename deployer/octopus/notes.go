package octopus

import (
	"cmp"
	"fmt"
	"slices"
)

// A Kind says what became of something.
type Kind string

// What can become of it.
const (
	LeftOut Kind = "left out" // it has no counterpart and is not carried over
	Changed Kind = "changed"  // it is carried over as something else
	Assumed Kind = "assumed"  // the files do not say it, so it was chosen
)

// A Note is one thing that was not carried over as it was.
type Note struct {
	File string `json:"file"` // without folders
	Line int    `json:"line"` // from 1; 0 if the file as a whole is meant
	Kind Kind   `json:"kind"`
	What string `json:"what"`
	Why  string `json:"why"`
}

// String writes the note in one line, in the manner of compilers.
func (n Note) String() string {
	place := n.File
	if n.Line > 0 {
		place = fmt.Sprintf("%s:%d", n.File, n.Line)
	}
	return fmt.Sprintf("%s: %s: %s: %s", place, n.Kind, n.What, n.Why)
}

// notes collects what is to be said about one file.
type notes struct {
	file string
	list *[]Note
}

func (n notes) add(line int, kind Kind, what, why string) {
	*n.list = append(*n.list, Note{n.file, line, kind, what, why})
}

// sortNotes puts notes in the order of the files, and of the lines in each.
func sortNotes(list []Note) {
	slices.SortStableFunc(list, func(a, b Note) int {
		return cmp.Or(cmp.Compare(slices.Index(files, a.File), slices.Index(files, b.File)), cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
}

func sortByLine(list []attribute) {
	slices.SortStableFunc(list, func(a, b attribute) int { return cmp.Compare(a.line, b.line) })
}
