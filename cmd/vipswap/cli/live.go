package cli

import (
	"fmt"

	"github.com/vipswap/vipswap/deployer"
)

// A liveReporter keeps what is going on in lines at the end of the terminal that it
// writes again and again.
type liveReporter struct {
	*lineReporter
	canvas *canvas
}

// Decision writes a line that stays.
func (r *liveReporter) Decision(d deployer.Decision) {
	r.canvas.clear()
	r.lineReporter.Decision(d)
}

// StepStarted writes a line that stays.
func (r *liveReporter) StepStarted(s deployer.Step) {
	r.canvas.clear()
	r.lineReporter.StepStarted(s)
}

// StepEnded ends the moving lines.
func (r *liveReporter) StepEnded(result deployer.StepResult, err error) {
	r.canvas.clear()
	r.lineReporter.StepEnded(result, err)
}

// Line writes a line that stays.
func (r *liveReporter) Line(text string) {
	r.canvas.clear()
	r.lineReporter.Line(text)
}

// Uploading moves a bar.
func (r *liveReporter) Uploading(done, total int64) {
	columns, _ := r.canvas.size()
	text := fmt.Sprintf("%s of %s", bytesOf(done), bytesOf(total))
	width := max(1, min(widestBar, columns-len(barIndent)-len(text)-len("[] ")-1))
	r.canvas.draw([]string{barIndent + r.style.dim(bar(done, total, width)+" "+text)})
}

// Waiting shows what is waited for, unless the bars of Instances or a question do.
func (r *liveReporter) Waiting(w deployer.Waiting) {
	if r.verbose {
		r.canvas.clear()
		r.lineReporter.Waiting(w)
	}
	if w.Step.Kind != deployer.StepReady && w.Step.Kind != deployer.StepPause {
		r.canvas.draw([]string{barIndent + r.style.dim("waiting: "+w.Why)})
	}
}

// Instances moves a bar for each role.
func (r *liveReporter) Instances(p deployer.Progress) {
	columns, _ := r.canvas.size()
	r.canvas.draw(bars(r.style, p, columns))
}
