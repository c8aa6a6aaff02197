package junit_test

import (
	"encoding/xml"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/internal/junit"
)

const want = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="3" failures="1" skipped="1" time="3.500">
  <testsuite name="deploy &lt;shop&gt;" tests="3" failures="1" errors="0" skipped="1" time="1.250">
    <testcase classname="shop" name="swap" time="1.250"></testcase>
    <testcase classname="shop" name="wait" file="a.txtar" time="0.000">
      <failure message="said &#34;no&#34; &amp; left" type="step">line 1&#xA;]]&gt;</failure>
    </testcase>
    <testcase classname="shop" name="delete" time="0.000">
      <skipped message="not reached"></skipped>
    </testcase>
  </testsuite>
</testsuites>
`

func TestWrite(t *testing.T) {
	report := junit.Report{Took: 3500 * time.Millisecond, Suites: []junit.Suite{{Name: "deploy <shop>", Cases: []junit.Case{
		{Class: "shop", Name: "swap", Took: 1250 * time.Millisecond},
		{Class: "shop", Name: "wait", File: "a.txtar", Failure: &junit.Message{Type: "step", Line: "said \"no\" & left\x1b\x00", Text: "line 1\n]]>\xff"}},
		{Class: "shop", Name: "delete", Skipped: &junit.Message{Line: "not reached"}},
	}}}}
	var b strings.Builder
	if err := junit.Write(&b, report); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
}

// broken is a writer that fails after so many bytes.
type broken int

func (b *broken) Write(data []byte) (int, error) {
	if *b -= broken(len(data)); *b < 0 {
		return 0, errors.New("disk full")
	}
	return len(data), nil
}

func TestWriteFails(t *testing.T) {
	for _, room := range []broken{0, 40} {
		if err := junit.Write(&room, junit.Report{}); err == nil {
			t.Error("a report that could not be written is no error")
		}
	}
}

// FuzzWrite writes any text as a document that can be read again.
func FuzzWrite(f *testing.F) {
	f.Add("a", "b")
	f.Add("\x00<&>\"'", "]]>\ufffe")
	f.Fuzz(func(t *testing.T, name, text string) {
		var b strings.Builder
		c := junit.Case{Name: name, Failure: &junit.Message{Line: text, Text: text}}
		if err := junit.Write(&b, junit.Report{Suites: []junit.Suite{{Name: text, Cases: []junit.Case{c}}}}); err != nil {
			t.Fatal(err)
		}
		if err := xml.Unmarshal([]byte(b.String()), new(struct{ XMLName xml.Name })); err != nil {
			t.Fatalf("%v:\n%s", err, b.String())
		}
	})
}
