package suite

import (
	"encoding/json"
	"fmt"
	"io"
	"path"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/vipswap/vipswap/internal/junit"
)

// Text tells of a failure to people: what failed in which phase, the log of that
// phase, what the slots held and what was asked last.
func (r *Result) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", r.Reason)
	if r.Phase != "" {
		fmt.Fprintf(&b, "phase: %s\n", r.Phase)
	}
	section(&b, "log", r.Log)
	section(&b, "slots", r.slotTable())
	section(&b, "last requests", strings.Join(r.Journal, "\n"))
	var broken []string
	for _, one := range r.Broken {
		broken = append(broken, one.String())
	}
	section(&b, "broken invariants", strings.Join(broken, "\n"))
	if r.Subscription != "" {
		var env []string
		for _, v := range r.Environment {
			if strings.HasPrefix(v.Name, "VIPSWAP_") {
				env = append(env, v.String())
			}
		}
		section(&b, "kept", "work folder "+r.WorkDir+"\nuniverse "+r.Universe+"\n"+strings.Join(env, "\n"))
	}
	return b.String()
}

// section writes text below a title, indented; nothing when there is no text.
func section(b *strings.Builder, title, text string) {
	if text = strings.TrimSpace(text); text == "" {
		return
	}
	fmt.Fprintf(b, "%s:\n  %s\n", title, strings.ReplaceAll(text, "\n", "\n  "))
}

func (r *Result) slotTable() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, s := range r.Slots {
		label := s.Label
		if s.Status == "" {
			label = "-"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", s.Service, s.Slot, label, s.Status, s.Instances, s.Operation)
	}
	// A strings.Builder never fails.
	_ = w.Flush()
	lines := strings.Split(b.String(), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " ")
	}
	return strings.Join(lines, "\n")
}

// WriteJSON writes a report as one JSON document.
func WriteJSON(w io.Writer, r Report) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(struct {
		Passed      int           `json:"passed"`
		FailedCount int           `json:"failed"`
		Skipped     int           `json:"skipped"`
		Cloud       time.Duration `json:"cloudTookNs"`
		Report
	}{r.Count(Passed), r.Count(Failed), r.Count(Skipped), r.Cloud(), r})
}

// WriteJUnit writes a report in JUnit's XML, which CI servers read: a suite for each
// folder of scripts.
func WriteJUnit(w io.Writer, r Report) error {
	all := junit.Report{Took: r.Took}
	for _, one := range r.Results {
		folder := path.Dir(one.Name)
		if n := len(all.Suites); n == 0 || all.Suites[n-1].Name != folder {
			all.Suites = append(all.Suites, junit.Suite{Name: folder})
		}
		s := &all.Suites[len(all.Suites)-1]
		s.Cases = append(s.Cases, one.testCase())
	}
	return junit.Write(w, all)
}

// testCase tells of a script as a case of its folder.
func (r *Result) testCase() junit.Case {
	c := junit.Case{Class: strings.ReplaceAll(path.Dir(r.Name), "/", "."), Name: path.Base(r.Name), File: r.File, Took: r.Took}
	switch r.Outcome {
	case Failed:
		c.Failure = &junit.Message{Type: "script", Line: r.Reason, Text: r.Text()}
	case Skipped:
		c.Skipped = &junit.Message{Line: r.Reason}
	}
	return c
}
