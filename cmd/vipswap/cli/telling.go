package cli

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/calls"
	"github.com/vipswap/vipswap/deployer/report"
)

// A telling is all that is told of what a command does, while it does it.
type telling struct {
	quiet, verbose bool
	flags          tellFlags
	log            report.Log
	tally          report.Tally
	counted        report.Counts // what earlier summaries told of
	cases          report.Cases
	files          []io.Closer
	canvas         *canvas // of the terminal, nil without one or before it is used
}

// registerVerbosity adds the flags that all commands have.
func (p *program) registerVerbosity(root *cobra.Command) {
	flags := root.PersistentFlags()
	flags.BoolVarP(&p.telling.quiet, "quiet", "q", false, "print errors, warnings and results only")
	flags.BoolVarP(&p.telling.verbose, "verbose", "v", false, "print every call to the service, and all that is waited for")
	root.MarkFlagsMutuallyExclusive("quiet", "verbose")
}

// progress is where lines about what is being done go; nowhere with --quiet.
func (p *program) progress() io.Writer {
	if p.telling.quiet {
		return io.Discard
	}
	return p.beside()
}

// warnings is where warnings go; --quiet does not silence them.
func (p *program) warnings() io.Writer {
	if p.telling.quiet {
		return p.Stderr
	}
	return p.progress()
}

// warning writes a warning about what is being done.
func (p *program) warning(words string) {
	w := p.warnings()
	fmt.Fprintf(w, "  %s %s\n", p.style(w).warn("warning:"), words)
}

// beside is where what is no result goes: out of the way of JSON.
func (p *program) beside() io.Writer {
	if p.output == formatJSON {
		return p.Stderr
	}
	return p.Stdout
}

// questions is where somebody is asked; --quiet does not silence that.
func (p *program) questions() io.Writer {
	if p.telling.quiet {
		return p.Stderr
	}
	return p.progress()
}

// live reports whether what goes to w can be written again: a terminal that is no
// CI server's log.
func (p *program) live(w io.Writer) bool {
	return isTerminal(w) && p.Getenv("TERM") != "dumb" && p.Getenv("CI") == ""
}

// screen returns the canvas of the terminal that progress goes to, nil without one.
func (p *program) screen() *canvas {
	if w := p.progress(); p.telling.canvas == nil && p.live(w) {
		p.telling.canvas = &canvas{w: w, size: func() (int, int) { return terminalSize(w) }}
	}
	return p.telling.canvas
}

// watch returns who hears of calls, with --events open and --junit known to be writable.
func (p *program) watch() (calls.Observer, error) {
	return watcher{p}, errors.Join(p.checkReport(), p.openEvents())
}

// A watcher counts calls, writes them down, and shows them with --verbose.
type watcher struct{ *program }

// Called tells of a call.
func (w watcher) Called(c calls.Call) {
	t := &w.telling
	t.tally.Called(c)
	t.log.Called(c)
	if !t.verbose {
		return
	}
	line := "  " + w.style(w.progress()).dim("call "+c.String())
	if screen := w.screen(); screen != nil {
		screen.say(line)
		return
	}
	fmt.Fprintln(w.progress(), line)
}

// A ran is what a run came to, with its summary.
type ran struct {
	deployer.Result
	Summary report.Summary `json:"summary"`
}

// sum sums a run up: for the terminal, for the result, and for --junit.
func (p *program) sum(plan deployer.Plan, result deployer.Result, err error) ran {
	t := &p.telling
	if result.Before.Service == "" {
		result.Before = plan.Seen // the run ended before it began, as for a lock
	}
	now := t.tally.Count()
	summary := report.Summarise(result, now.Since(t.counted), err)
	t.counted = now
	t.cases.Run(planTitle(plan), plan, result, err)
	if p.output == formatText {
		writeSummary(p.progress(), p.style(p.progress()), summary)
	}
	return ran{result, summary}
}

func writeSummary(w io.Writer, s style, summary report.Summary) {
	t := table{indent: "  "}
	for _, row := range summary.Rows() {
		t.add(cell{row.Name, s.dim}, plain(row.Text))
	}
	fmt.Fprintln(w, s.bold("summary"))
	t.write(w)
}

// finish ends what is told of a command that came to err: it writes the report of
// --junit and closes files.
func (p *program) finish(command *cobra.Command, err error) error {
	t := &p.telling
	problems := []error{p.writeReport(command.CommandPath(), err)}
	for _, f := range t.files {
		problems = append(problems, f.Close())
	}
	return errors.Join(problems...)
}

// newTelling returns a telling that nobody has asked anything of.
func newTelling() telling { return telling{log: report.Log{Now: time.Now}} }
