package cli

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/vipswap/vipswap/scenarios/robustness"
	"github.com/vipswap/vipswap/scenarios/stage"
	"github.com/vipswap/vipswap/scenarios/suite"
)

// testEach plays each script under each fault at each of its calls.
func (p *program) testEach(ctx context.Context, st *stage.Stage, scripts []suite.Script, o robustness.Options, f testFlags) error {
	w := p.progress()
	bad, played, unplayable := 0, 0, 0
	var matrices []robustness.Matrix
	o.Beginnings = &robustness.Beginnings{}
	report := suite.Report{}
	for _, s := range scripts {
		if ctx.Err() != nil {
			return failed("", "test: interrupted")
		}
		o.Told = p.cellsTold(s.Name)
		m := robustness.Explore(ctx, st, s, o)
		if err := p.showMatrix(m, f.out); err != nil {
			return err
		}
		matrices = append(matrices, m)
		report.Results = append(report.Results, m.Results()...)
		report.Took += m.Took
		bad += len(m.Bad())
		played += len(m.Cells)
		if m.Baseline.Outcome == suite.Failed {
			unplayable++
		}
	}
	if err := writeReports(report, f); err != nil {
		return err
	}
	if p.output == formatJSON {
		if err := writeJSON(p.Stdout, matrices); err != nil {
			return err
		}
	}
	fmt.Fprintf(w, "%d combinations of %d scripts played, %d failed\n", played, len(scripts), bad)
	if ctx.Err() != nil {
		return failed("", "test: interrupted")
	}
	if bad > 0 {
		return failed("", "test: %d of %d combinations failed", bad, played)
	}
	if unplayable > 0 {
		return failed("", "test: %d of %d scripts do not pass without faults", unplayable, len(scripts))
	}
	return nil
}

// cellsTold returns what shows on a terminal how far a matrix is.
func (p *program) cellsTold(name string) func(robustness.Cell, int) {
	w := p.progress()
	if !p.live(w) {
		return nil
	}
	done, bad := 0, 0
	return func(c robustness.Cell, of int) {
		done++
		if c.Verdict.Bad() {
			bad++
		}
		fmt.Fprintf(w, "\r\x1b[K%s: %d of %d, %d failed", name, done, of, bad)
		if done == of {
			fmt.Fprint(w, "\r\x1b[K")
		}
	}
}

// showMatrix prints a matrix and writes its failing cells.
func (p *program) showMatrix(m robustness.Matrix, dir string) error {
	w := p.progress()
	s := p.style(w)
	switch m.Baseline.Outcome {
	case suite.Skipped:
		fmt.Fprintf(w, "%s %s %s\n\n", s.warn("skip"), m.Script, m.Baseline.Reason)
		return nil
	case suite.Failed:
		fmt.Fprintf(w, "%s %s: it does not even pass without faults\n", s.bad("FAIL"), m.Script)
		indented(w, m.Baseline.Text())
		return nil
	}
	bad := m.Bad()
	fmt.Fprintf(w, "%s: %d calls, %d combinations, %d failed (%.1fs)%s\n", s.bold(m.Script), len(m.Calls), len(m.Cells), len(bad), m.Took.Seconds(), sharedWords(m.Shared))
	if len(m.Cells) == 0 {
		fmt.Fprintln(w)
		return nil
	}
	if err := m.WriteText(w); err != nil {
		return err
	}
	fmt.Fprintln(w, s.dim(robustness.Legend))
	for _, c := range bad {
		file, err := m.Save(dir, c)
		if err != nil {
			return fmt.Errorf("test: write a failing combination: %w", err)
		}
		fmt.Fprintf(w, "%s %s at %s: %s\n     %s\n", s.bad("FAIL"), c.Rule.Kind, m.Calls[c.Call], c.Reason, s.dim("vipswap test "+file))
	}
	fmt.Fprintln(w)
	return nil
}

// sharedWords says how many combinations other scripts have.
func sharedWords(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("; %d more were played in scripts that begin alike", n)
}

// parseShare reads K/N; 0/0 is all.
func parseShare(text string) (k, n int, err error) {
	if text == "" {
		return 0, 0, nil
	}
	first, second, _ := strings.Cut(text, "/")
	k, err = strconv.Atoi(first)
	if err == nil {
		n, err = strconv.Atoi(second)
	}
	if err != nil || k < 1 || k > n {
		return 0, 0, usage("3/8 is the third of eight shares, which are all", "test: --share: %q is no share", text)
	}
	return k, n, nil
}
