package cli

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/vipswap/vipswap/deployer"
)

// reporter returns what tells people how a run goes: with lines that move on a
// terminal, and lines that stay elsewhere.
func (p *program) reporter() deployer.Reporter {
	if p.telling.quiet {
		return quietReporter{writer: p.warnings(), style: p.style(p.warnings())}
	}
	w := p.progress()
	lines := &lineReporter{w: w, style: p.style(w), verbose: p.telling.verbose}
	if screen := p.screen(); screen != nil {
		return &liveReporter{lineReporter: lines, canvas: screen}
	}
	return lines
}

// A quietReporter tells of warnings alone.
type quietReporter struct {
	deployer.Silent
	writer io.Writer
	style  style
}

// Decision writes a warning.
func (r quietReporter) Decision(d deployer.Decision) {
	if d.Warning {
		writeDecision(r.writer, r.style, d)
	}
}

// A lineReporter writes a line for each thing that happens.
type lineReporter struct {
	w     io.Writer
	style style
	ready string // what was last said of a deployment's instances

	verbose bool // say everything that is waited for
}

// Decision says what was seen and what follows.
func (r *lineReporter) Decision(d deployer.Decision) { writeDecision(r.w, r.style, d) }

func writeDecision(w io.Writer, s style, d deployer.Decision) {
	if d.Warning {
		fmt.Fprintf(w, "  %s %s\n", s.warn("warning:"), d.Text)
		return
	}
	fmt.Fprintf(w, "  %s %s\n", s.mark("because"), d.Text)
}

// StepStarted names the step.
func (r *lineReporter) StepStarted(s deployer.Step) {
	r.ready = ""
	fmt.Fprintf(r.w, "  %s %s\n", r.style.bold("step"), s)
}

// outcomes has the words for how a step ended.
var outcomes = map[deployer.Outcome]string{
	deployer.OutcomeDone:    "done",
	deployer.OutcomeAlready: "was so already",
	deployer.OutcomeFailed:  "failed",
}

// StepEnded says how the step ended; failures are told by the command.
func (r *lineReporter) StepEnded(result deployer.StepResult, err error) {
	if err != nil {
		fmt.Fprintf(r.w, "       %s\n", r.style.bad("failed"))
		return
	}
	words := outcomes[result.Outcome]
	if result.Took >= time.Second {
		words += " in " + result.Took.Round(time.Second).String()
	}
	fmt.Fprintf(r.w, "       %s\n", r.style.good(words))
}

// Uploading says nothing: a finished upload is a finished step.
func (r *lineReporter) Uploading(int64, int64) {}

// Waiting says what is waited for. Of instances it says how many are ready, and
// nothing more until that number changes, unless it is to say everything.
func (r *lineReporter) Waiting(w deployer.Waiting) {
	if w.Step.Kind == deployer.StepPause {
		return // the question says so
	}
	if w.Step.Kind == deployer.StepReady && !r.verbose {
		ready, _, _ := strings.Cut(w.Why, ",")
		if ready == r.ready {
			return
		}
		r.ready = ready
	}
	fmt.Fprintf(r.w, "       %s\n", r.style.dim("waiting: "+w.Why))
}

// Instances says nothing: Waiting does.
func (r *lineReporter) Instances(deployer.Progress) {}

// Line shows what a check or a hook has to say.
func (r *lineReporter) Line(text string) { fmt.Fprintf(r.w, "       | %s\n", harmlessText(text)) }
