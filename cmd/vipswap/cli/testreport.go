package cli

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/vipswap/vipswap/scenarios/suite"
)

// testListener returns what tells people how a suite goes.
func (p *program) testListener(total int, verbose bool) *testListener {
	w := p.beside()
	width, _ := terminalSize(w)
	return &testListener{w: w, style: p.style(w), total: total, verbose: verbose, quiet: p.telling.quiet, live: p.live(w) && !p.telling.quiet, width: width, running: map[string]bool{}}
}

// A testListener writes a line for each script that ended, what failed in full, and
// on a terminal a line that moves.
type testListener struct {
	w           io.Writer
	style       style
	total, done int
	verbose     bool
	quiet       bool // tell of failures only
	live        bool
	width       int
	running     map[string]bool
}

// words are how outcomes are written.
func (l *testListener) word(o suite.Outcome) string {
	switch o {
	case suite.Passed:
		return l.style.good("ok  ")
	case suite.Skipped:
		return l.style.warn("skip")
	}
	return l.style.bad("FAIL")
}

// Started moves the line.
func (l *testListener) Started(s suite.Script) {
	l.running[s.Name] = true
	l.move()
}

// Ended tells of the script.
func (l *testListener) Ended(r suite.Result) {
	l.done++
	delete(l.running, r.Name)
	if l.quiet && r.Outcome != suite.Failed {
		return
	}
	l.clear()
	line := fmt.Sprintf("%s %s", l.word(r.Outcome), r.Name)
	switch r.Outcome {
	case suite.Skipped:
		line += " " + l.style.dim(r.Reason)
	default:
		line += " " + l.style.dim(fmt.Sprintf("(%.2fs, %s in the cloud)", r.Took.Seconds(), people(r.Cloud)))
	}
	fmt.Fprintln(l.w, line)
	switch {
	case r.Outcome == suite.Failed:
		indented(l.w, r.Text())
	case l.verbose:
		indented(l.w, r.Log)
	}
	l.move()
}

func indented(w io.Writer, text string) {
	fmt.Fprintf(w, "     %s\n", strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n     "))
}

func (l *testListener) clear() {
	if l.live {
		fmt.Fprint(l.w, "\r\x1b[K")
	}
}

func (l *testListener) move() {
	if !l.live {
		return
	}
	var names []string
	for name := range l.running {
		names = append(names, name)
	}
	text := []rune(fmt.Sprintf("%d of %d  %s", l.done, l.total, strings.Join(names, ", ")))
	if len(text) >= l.width {
		text = text[:l.width-1]
	}
	fmt.Fprint(l.w, "\r\x1b[K"+l.style.dim(string(text)))
}

// end sums up.
func (l *testListener) end(r suite.Report) {
	l.clear()
	text := fmt.Sprintf("%d passed, %d failed, %d skipped", r.Count(suite.Passed), r.Count(suite.Failed), r.Count(suite.Skipped))
	fmt.Fprintf(l.w, "%s in %.1fs; %s passed in the cloud\n", l.style.bold(text), r.Took.Seconds(), people(r.Cloud().Round(time.Second)))
}
