package robustness

import (
	"crypto/sha256"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/txtar"
)

// Beginnings remembers the beginnings of scripts that were explored. Many scripts of
// a suite begin alike; what befalls a program befalls it there as well, so that its
// combinations are played in the first of them alone. The zero Beginnings remembers
// none yet.
type Beginnings struct {
	mu    sync.Mutex // guards owner
	owner map[beginning]string
}

// A beginning is a script down to a line, with all its files.
type beginning [sha256.Size]byte

// looks are the commands that look and do nothing: scripts begin alike that differ in
// these.
var looks = regexp.MustCompile(`^\s*(?:#|$|(?:\[[^\]]*\]\s*)*(?:!\s*)?(?:stdout|stderr|slots|instances|operations|journal|grep|cmp|compare|exists|invariants)\b)`)

// known returns what tells of a call whether another script has played it. What the
// matrix has is taken down.
func (b *Beginnings) known(m *Matrix) func(Call) bool {
	if b == nil {
		return func(Call) bool { return false }
	}
	taken := b.take(m.Script, beginningsOf(m.File))
	return func(c Call) bool { return slices.Contains(taken, c.step.Line) }
}

// take takes down beginnings by line, and returns the lines that other scripts have.
func (b *Beginnings) take(script string, lines map[int]beginning) []int {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.owner == nil {
		b.owner = map[beginning]string{}
	}
	var taken []int
	for line, key := range lines {
		if owner, ok := b.owner[key]; ok && owner != script {
			taken = append(taken, line)
			continue
		}
		b.owner[key] = script
	}
	return taken
}

// beginningsOf returns the beginnings of a script by line, none of one that cannot be
// read.
func beginningsOf(file string) map[int]beginning {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil
	}
	archive := txtar.Parse(data)
	hash := sha256.New()
	for _, f := range archive.Files {
		hash.Write([]byte(f.Name + "\x00"))
		hash.Write(f.Data)
	}
	lines := map[int]beginning{}
	for i, line := range strings.Split(string(archive.Comment), "\n") {
		if looks.MatchString(line) {
			continue
		}
		hash.Write([]byte("\n" + strings.TrimSpace(line)))
		lines[i+1] = beginning(hash.Sum(nil))
	}
	return lines
}
