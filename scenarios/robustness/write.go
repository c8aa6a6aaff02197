package robustness

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/vipswap/vipswap/scenarios/script"
	"github.com/vipswap/vipswap/scenarios/suite"
)

// marks are how verdicts are drawn.
var marks = map[Verdict]string{Held: ".", Repeated: "o", Failed: "X", Broken: "!", Late: "T", NotMet: "-", Canceled: "?"}

// Legend explains the marks of a matrix.
const Legend = ". held   o held when a program was run once more   X the script's checks fail   ! an invariant is broken   T not done in time   - the fault never struck"

// WriteText draws the matrix: a line for each call, a column for each kind.
func (m *Matrix) WriteText(w io.Writer) error {
	cells := map[string]Verdict{}
	for _, c := range m.Cells {
		cells[fmt.Sprintf("%d %s", c.Call, c.Column)] = c.Verdict
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "CALL\t%s\n", strings.Join(m.Columns, "\t"))
	for i, call := range m.Calls {
		line := []string{call.String()}
		some := false
		for _, column := range m.Columns {
			v, ok := cells[fmt.Sprintf("%d %s", i, column)]
			some = some || ok
			line = append(line, marks[v])
		}
		if some {
			fmt.Fprintln(t, strings.Join(line, "\t"))
		}
	}
	return t.Flush()
}

var notInNames = regexp.MustCompile(`[^a-z0-9]+`)

// FileName is what a cell's own script is called.
func (m *Matrix) FileName(c Cell) string {
	plain := func(text string) string {
		return strings.Trim(notInNames.ReplaceAllString(strings.ToLower(text), "_"), "_")
	}
	call := m.Calls[c.Call]
	call.Subject = ""
	return fmt.Sprintf("%s-%s-%s.txtar", plain(m.Script), plain(c.Column), plain(call.String()))
}

// Save writes a cell as a script of its own into a folder, and returns its path.
func (m *Matrix) Save(dir string, c Cell) (string, error) {
	original, err := os.ReadFile(m.File)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return "", err
	}
	path := filepath.Join(dir, m.FileName(c))
	return path, os.WriteFile(path, m.scriptOf(c, string(original), dir), 0o666)
}

// scriptOf puts what strikes the cell before the script.
func (m *Matrix) scriptOf(c Cell, original, dir string) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "# found by \"vipswap test --faults each\" in %s: %s at %s\n", m.Script, c.Rule.Kind, m.Calls[c.Call])
	fmt.Fprintf(&b, "# %s\n", strings.ReplaceAll(c.Reason, "\n", "\n# "))
	var names []string
	for _, broken := range c.Broken {
		names = append(names, broken.Invariant)
	}
	if len(names) > 0 {
		slices.Sort(names)
		fmt.Fprintf(&b, "invariants %s\n", strings.Join(slices.Compact(names), " "))
	}
	fmt.Fprintf(&b, "%s\n", script.FaultLine(c.Rule))
	if strings.Contains(original, "SCRIPT_DIR") {
		if relative, err := relative(dir, filepath.Dir(m.File)); err == nil {
			fmt.Fprintf(&b, "env SCRIPT_DIR=$SCRIPT_DIR/%s\n", filepath.ToSlash(relative))
		}
	}
	b.WriteString("\n" + original)
	return []byte(b.String())
}

// relative returns the way from one folder to another.
func relative(from, to string) (string, error) {
	from, err := filepath.Abs(from)
	if err != nil {
		return "", err
	}
	if to, err = filepath.Abs(to); err != nil {
		return "", err
	}
	return filepath.Rel(from, to)
}

// Results makes results of the baseline and the cells, for reports.
func (m *Matrix) Results() []suite.Result {
	results := []suite.Result{m.Baseline}
	for _, c := range m.Cells {
		r := c.Result
		r.Name, r.File = fmt.Sprintf("%s/%s at %s", m.Script, c.Rule.Kind, strings.ReplaceAll(m.Calls[c.Call].String(), "/", " ")), m.File
		r.Reason, r.Broken = c.Reason, c.Broken
		switch {
		case c.Verdict.Bad():
			r.Outcome = suite.Failed
		case c.Verdict != Held && c.Verdict != Repeated:
			r.Outcome, r.Reason = suite.Skipped, "skipped, because the fault never struck"
		}
		results = append(results, r)
	}
	return results
}
