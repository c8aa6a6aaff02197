// Package junit writes the report that CI servers read of what passed and what
// failed: JUnit's XML, in the form that their schemas check.
//
//	err := junit.Write(w, junit.Report{Took: took, Suites: []junit.Suite{{Name: "deploy shop", Cases: cases}}})
package junit

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"
)

// A Report is a list of suites.
type Report struct {
	Suites []Suite
	Took   time.Duration
}

// A Suite is a list of cases under a name.
type Suite struct {
	Name  string
	Cases []Case
}

// A Case is one thing that passed, failed or was left out.
type Case struct {
	Class, Name string
	File        string // that it is from; may be empty
	Took        time.Duration
	Failure     *Message // nil when it did not fail
	Skipped     *Message // nil when it was not left out
}

// A Message says why.
type Message struct {
	Type string // what kind of failure; may be empty
	Line string // in one line
	Text string // in full; may be empty
}

// What the XML has, element by element.
type (
	suitesElement struct {
		XMLName  xml.Name       `xml:"testsuites"`
		Tests    int            `xml:"tests,attr"`
		Failures int            `xml:"failures,attr"`
		Skipped  int            `xml:"skipped,attr"`
		Time     string         `xml:"time,attr"`
		Suites   []suiteElement `xml:"testsuite"`
	}
	suiteElement struct {
		Name     string        `xml:"name,attr"`
		Tests    int           `xml:"tests,attr"`
		Failures int           `xml:"failures,attr"`
		Errors   int           `xml:"errors,attr"`
		Skipped  int           `xml:"skipped,attr"`
		Time     string        `xml:"time,attr"`
		Cases    []caseElement `xml:"testcase"`
	}
	caseElement struct {
		Class   string          `xml:"classname,attr"`
		Name    string          `xml:"name,attr"`
		File    string          `xml:"file,attr,omitempty"`
		Time    string          `xml:"time,attr"`
		Skipped *messageElement `xml:"skipped"`
		Failure *messageElement `xml:"failure"`
	}
	messageElement struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr,omitempty"`
		Text    string `xml:",chardata"`
	}
)

// Write writes the report. Characters that no XML document may hold are left out.
// Errors are those of w.
func Write(w io.Writer, r Report) error {
	all := suitesElement{Time: seconds(r.Took)}
	for _, s := range r.Suites {
		e := s.element()
		all.Tests, all.Failures, all.Skipped = all.Tests+e.Tests, all.Failures+e.Failures, all.Skipped+e.Skipped
		all.Suites = append(all.Suites, e)
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

func (s Suite) element() suiteElement {
	e := suiteElement{Name: printable(s.Name), Tests: len(s.Cases)}
	var took time.Duration
	for _, c := range s.Cases {
		took += c.Took
		if c.Failure != nil {
			e.Failures++
		}
		if c.Skipped != nil {
			e.Skipped++
		}
		e.Cases = append(e.Cases, caseElement{
			Class: printable(c.Class), Name: printable(c.Name), File: printable(c.File), Time: seconds(c.Took),
			Skipped: c.Skipped.element(), Failure: c.Failure.element(),
		})
	}
	e.Time = seconds(took)
	return e
}

func (m *Message) element() *messageElement {
	if m == nil {
		return nil
	}
	return &messageElement{Message: printable(m.Line), Type: m.Type, Text: printable(m.Text)}
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }

// printable leaves out what no XML document may hold.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || r < ' ' && r != '\n' && r != '\t' || r == 0xFFFE || r == 0xFFFF {
			return -1
		}
		return r
	}, text)
}
