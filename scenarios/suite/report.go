package suite

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"path"
	"strings"
	"text/tabwriter"
	"time"
	"unicode/utf8"
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

// What JUnit's XML has of test suites, as the schemas that CI servers check have it.
type (
	junitSuites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Skipped  int          `xml:"skipped,attr"`
		Time     string       `xml:"time,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Errors   int         `xml:"errors,attr"`
		Skipped  int         `xml:"skipped,attr"`
		Time     string      `xml:"time,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Class   string        `xml:"classname,attr"`
		Name    string        `xml:"name,attr"`
		File    string        `xml:"file,attr,omitempty"`
		Time    string        `xml:"time,attr"`
		Skipped *junitMessage `xml:"skipped"`
		Failure *junitMessage `xml:"failure"`
	}
	junitMessage struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr,omitempty"`
		Text    string `xml:",chardata"`
	}
)

// WriteJUnit writes a report in JUnit's XML, which CI servers read: a suite for each
// folder of scripts.
func WriteJUnit(w io.Writer, r Report) error {
	all := junitSuites{
		Tests: len(r.Results), Failures: r.Count(Failed), Skipped: r.Count(Skipped), Time: seconds(r.Took),
	}
	took := map[string]time.Duration{}
	for _, one := range r.Results {
		folder := path.Dir(one.Name)
		if n := len(all.Suites); n == 0 || all.Suites[n-1].Name != folder {
			all.Suites = append(all.Suites, junitSuite{Name: folder})
		}
		s := &all.Suites[len(all.Suites)-1]
		took[folder] += one.Took
		s.Time = seconds(took[folder])
		s.add(&one)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(all); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// add adds a script to its suite.
func (s *junitSuite) add(r *Result) {
	c := junitCase{Class: strings.ReplaceAll(path.Dir(r.Name), "/", "."), Name: path.Base(r.Name), File: r.File, Time: seconds(r.Took)}
	s.Tests++
	switch r.Outcome {
	case Failed:
		s.Failures++
		c.Failure = &junitMessage{Message: printable(r.Reason), Type: "script", Text: printable(r.Text())}
	case Skipped:
		s.Skipped++
		c.Skipped = &junitMessage{Message: printable(r.Reason)}
	}
	s.Cases = append(s.Cases, c)
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }

// printable leaves out what no XML document may hold.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || r < ' ' && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, text)
}
