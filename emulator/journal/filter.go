package journal

import (
	"path"
	"strings"
)

// A Filter chooses entries. Empty fields let everything through; words are
// compared without regard to case and may have * and ? in them.
type Filter struct {
	Endpoint  string
	Operation string
	Service   string
	Slot      string
	Method    string
	Code      string
	Client    string
	Fault     string // kind of the fault that struck; "*" is any
	Refused   bool   // only requests that were refused or had no answer
	Changes   bool   // only requests that could change something
	After     uint64 // only entries with a higher number
	Last      int    // only the newest so many of what is left; 0 is all
	Brief     bool   // leave out headers and bodies, which masking takes long over
}

func (f *Filter) lets(e *Entry) bool {
	for _, word := range []struct{ want, have string }{
		{f.Endpoint, string(e.Endpoint)}, {f.Operation, e.Operation}, {f.Service, e.Service}, {f.Slot, e.Slot},
		{f.Method, e.Method}, {f.Code, e.Code}, {f.Client, e.Client}, {f.Fault, e.Fault},
	} {
		if word.want != "" && !matches(word.want, word.have) {
			return false
		}
	}
	reading := e.Method == "GET" || e.Method == "HEAD"
	return (!f.Refused || e.Refused()) && (!f.Changes || !reading)
}

// matches reports whether word fits the pattern. A pattern that is none is a word.
// "*" wants something to be there.
func matches(pattern, word string) bool {
	pattern, word = strings.ToLower(pattern), strings.ToLower(word)
	if pattern == "*" {
		return word != ""
	}
	// A slash is a letter like others here.
	ok, err := path.Match(strings.ReplaceAll(pattern, "/", "\x00"), strings.ReplaceAll(word, "/", "\x00"))
	return ok || err != nil && pattern == word
}
