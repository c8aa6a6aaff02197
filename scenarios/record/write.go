package record

import (
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"

	"github.com/vipswap/vipswap/emulator/journal"
	"github.com/vipswap/vipswap/emulator/universe"
	"github.com/vipswap/vipswap/scenarios/script"
)

// Script writes the recording as a script that is to lie in the folder dir.
func (r *Recording) Script(dir string) (string, error) {
	way, err := filepath.Rel(dir, r.Dir)
	if err != nil {
		return "", fmt.Errorf("the script cannot name %s from %s: %w", r.Dir, dir, err)
	}
	var b strings.Builder
	b.WriteString("# recorded: " + strings.Join(r.Command, " ") + "\n")
	if r.Empty {
		b.WriteString("emulator empty\n")
	}
	folder := "$SCRIPT_DIR"
	if way != "." {
		folder += "/" + filepath.ToSlash(way)
	}
	fmt.Fprintf(&b, "cd %s\n%s\n", folder, r.commandLine())
	r.writeRequests(&b)
	r.writeEnd(&b)
	return b.String(), nil
}

// commandLine is the command of the script that runs the command.
func (r *Recording) commandLine() string {
	words := []string{"exec"}
	if r.ExitCode != 0 {
		words = []string{"exits", fmt.Sprint(r.ExitCode)}
	}
	for _, word := range r.Command {
		words = append(words, script.Quote(word))
	}
	return strings.Join(words, " ")
}

// repeated is how often requests of one kind followed each other.
type repeated struct {
	first journal.Entry
	times int
}

// writeRequests lists what was asked, and checks the changes that were accepted.
func (r *Recording) writeRequests(b *strings.Builder) {
	var runs []repeated
	for _, e := range r.Requests {
		if n := len(runs); n > 0 && line(runs[n-1].first) == line(e) {
			runs[n-1].times++
			continue
		}
		runs = append(runs, repeated{e, 1})
	}
	fmt.Fprintf(b, "\n# what it asked, in %s of the cloud's time\n", r.Took.Round(1e9))
	for _, run := range runs {
		fmt.Fprintf(b, "  # %s", line(run.first)) // indented, so that it begins no phase
		if run.times > 1 {
			fmt.Fprintf(b, " (%d times)", run.times)
		}
		b.WriteString("\n")
	}
	var order []string
	accepted := map[string]int{}
	for _, e := range r.Requests {
		if e.Endpoint != journal.Management || e.Method == http.MethodGet || e.Refused() || e.Operation == "" {
			continue
		}
		if accepted[e.Operation]++; accepted[e.Operation] == 1 {
			order = append(order, e.Operation)
		}
	}
	for _, operation := range order {
		fmt.Fprintf(b, "journal operation=%s status=2?? count=%d\n", script.Quote(operation), accepted[operation])
	}
}

// line tells a request without what differs from run to run.
func line(e journal.Entry) string {
	words := []string{e.Operation}
	if e.Operation == "" {
		words = []string{e.Method + " request that is none"}
	}
	for _, word := range []string{e.Service, e.Slot} {
		if word != "" {
			words = append(words, word)
		}
	}
	text := fmt.Sprintf("%s: %d", strings.Join(words, " "), e.Status)
	if e.Code != "" {
		text += " " + e.Code
	}
	return text
}

// writeEnd checks what it came to.
func (r *Recording) writeEnd(b *strings.Builder) {
	b.WriteString("\n# what it came to\n")
	for _, s := range r.Ended.Services {
		fmt.Fprintf(b, "eventually slots service=%s %s %s\n", script.Quote(s.Name),
			script.Quote("production="+holding(s.Production)), script.Quote("staging="+holding(s.Staging)))
	}
	var words []string
	for _, op := range operationsOf(r.Ended) {
		if !slices.ContainsFunc(r.Requests, func(e journal.Entry) bool { return e.RequestID == op.ID }) {
			continue // the beginning's own
		}
		words = append(words, script.Quote(strings.TrimSpace(fmt.Sprintf("%s=%s %s", op.Kind, op.Status, op.Code))))
	}
	if len(words) > 0 {
		fmt.Fprintf(b, "eventually operations %s\n", strings.Join(words, " "))
	}
}

func holding(s universe.Slot) string { return script.Holding(s.Deployment) }
