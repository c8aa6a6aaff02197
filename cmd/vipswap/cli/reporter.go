package cli

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/management"
)

// reporter returns what tells people how a run goes: with a line that moves on a
// terminal, and lines that stay elsewhere.
func (p *program) reporter() deployer.Reporter {
	w := p.progress()
	lines := &lineReporter{w: w, style: p.style(w)}
	if isTerminal(w) {
		return &liveReporter{lineReporter: lines, width: terminalWidth(w)}
	}
	return lines
}

// A lineReporter writes a line for each thing that happens.
type lineReporter struct {
	w     io.Writer
	style style
	ready string // what was last said of a deployment's instances
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
// nothing more until that number changes.
func (r *lineReporter) Waiting(w deployer.Waiting) {
	if w.Step.Kind == deployer.StepReady {
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

// A liveReporter keeps what is going on in one last line that it writes again and
// again.
type liveReporter struct {
	*lineReporter
	width int
	shown bool // the last line is a moving one
}

// clear removes the moving line.
func (r *liveReporter) clear() {
	if r.shown {
		fmt.Fprint(r.w, "\r\x1b[K")
		r.shown = false
	}
}

// move replaces the moving line; what does not fit is left out.
func (r *liveReporter) move(text string) {
	text = "       " + text
	if runes := []rune(text); len(runes) >= r.width {
		text = string(runes[:r.width-1])
	}
	fmt.Fprint(r.w, "\r\x1b[K"+r.style.dim(text))
	r.shown = true
}

// Decision writes a line that stays.
func (r *liveReporter) Decision(d deployer.Decision) {
	r.clear()
	r.lineReporter.Decision(d)
}

// StepStarted writes a line that stays.
func (r *liveReporter) StepStarted(s deployer.Step) {
	r.clear()
	r.lineReporter.StepStarted(s)
}

// StepEnded ends the moving line.
func (r *liveReporter) StepEnded(result deployer.StepResult, err error) {
	r.clear()
	r.lineReporter.StepEnded(result, err)
}

// Uploading moves a bar.
func (r *liveReporter) Uploading(done, total int64) {
	r.move(fmt.Sprintf("%s %s of %s", bar(done, total), bytesOf(done), bytesOf(total)))
}

// Waiting shows what is waited for, unless the bars of Instances do.
func (r *liveReporter) Waiting(w deployer.Waiting) {
	if w.Step.Kind != deployer.StepReady {
		r.move("waiting: " + w.Why)
	}
}

// Instances moves a bar for each role, with what its instances are up to.
func (r *liveReporter) Instances(progress deployer.Progress) {
	var roles []string
	for _, role := range progress.Roles {
		text := fmt.Sprintf("%s %s %d/%d", role.Role, bar(int64(role.Ready), int64(role.Total)), role.Ready, role.Total)
		for _, status := range slices.Sorted(maps.Keys(role.States)) {
			if status != management.InstanceReady {
				text += " " + string(status)
			}
		}
		roles = append(roles, text)
	}
	r.move(strings.Join(roles, "   "))
}

const barWidth = 12

// bar draws how much of total is done.
func bar(done, total int64) string {
	filled := 0
	if total > 0 {
		filled = int(min(done, total) * barWidth / total)
	}
	return "[" + strings.Repeat("#", filled) + strings.Repeat(".", barWidth-filled) + "]"
}
