package script

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/rogpeppe/go-internal/txtar"
)

// compare compares two files but for what differs from run to run.
func (s *Script) compare(args []string) error {
	if len(args) != 2 || args[0] == args[1] {
		return usage("FILE FILE, two different ones")
	}
	got, want := s.normalise(s.ts.ReadFile(args[0])), s.normalise(s.ts.ReadFile(args[1]))
	if got == want {
		return nil
	}
	if s.Update {
		name, err := s.archived(args[1])
		if err == nil {
			s.updates[name] = got
		}
		return err
	}
	return fmt.Errorf("%s and %s differ:\n%s", args[0], args[1], diff.Diff(args[0], []byte(got), args[1], []byte(want)))
}

// archived returns the name that a file has in the script's archive.
func (s *Script) archived(file string) (string, error) {
	a, err := txtar.ParseFile(s.File)
	if err != nil {
		return "", err
	}
	for _, f := range a.Files {
		if filepath.Join(s.ts.Getenv("WORK"), filepath.FromSlash(f.Name)) == s.ts.MkAbs(file) {
			return f.Name, nil
		}
	}
	return "", fmt.Errorf("%s is not a file of the script, so it cannot be updated there", file)
}

// applyUpdates rewrites the script's file with what compare found.
func (s *Script) applyUpdates() error {
	if len(s.updates) == 0 {
		return nil
	}
	a, err := txtar.ParseFile(s.File)
	if err != nil {
		return err
	}
	for i := range a.Files {
		f := &a.Files[i]
		text, ok := s.updates[f.Name]
		if !ok {
			continue
		}
		if f.Data = []byte(text); txtar.NeedsQuote(f.Data) {
			return errors.New(f.Name + " holds a line that looks like the name of a file in a script")
		}
	}
	clear(s.updates)
	data := txtar.Format(a)
	if old, err := os.ReadFile(s.File); err == nil && bytes.Equal(old, data) {
		return nil
	}
	return os.WriteFile(s.File, data, 0o666)
}

// times are how times are written: as in documents, headers and lists.
var times = regexp.MustCompile(`\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?|\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT`)

// identifiers are those that the service makes up.
var identifiers = regexp.MustCompile(`\b(?:[0-9a-fA-F]{32}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})\b`)

// normalise replaces what differs from run to run. An identifier has the same word
// wherever it appears.
func (s *Script) normalise(text string) string {
	for _, mask := range s.Universe.Masks() {
		text = strings.ReplaceAll(text, mask.Value, mask.Name)
	}
	if work := s.ts.Getenv("WORK"); work != "" {
		text = strings.ReplaceAll(text, work, "WORK")
	}
	text = times.ReplaceAllString(text, "TIME")
	words := map[string]string{}
	return identifiers.ReplaceAllStringFunc(text, func(id string) string {
		id = strings.ToLower(id)
		if words[id] == "" {
			words[id] = fmt.Sprintf("ID-%d", len(words)+1)
		}
		return words[id]
	})
}
