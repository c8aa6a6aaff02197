package process

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func FuzzMessage(f *testing.F) {
	for _, seed := range []string{"plain", "##octopus[setVariable name='QQ==' value='Qg==']", `##octopus[setVariable name="QQ==" value='']`, "##octopus[x a='']", "##octopus[setVariable name='QQ==' value='Qg==' sensitive='VHJ1ZQ==']", "##octopus[", "##octopus[x a='='"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, line string) {
		m, found, err := parseMessage(line)
		if !found && (err != nil || m.name != "") {
			t.Fatalf("%q: no message, but %v, %v", line, m, err)
		}
		if !found || err != nil {
			return
		}
		text := "##octopus[" + m.name
		for name, value := range m.attributes {
			text += fmt.Sprintf(" %s='%s'", name, base64.StdEncoding.EncodeToString([]byte(value)))
		}
		again, found, err := parseMessage(text + "]")
		if diff := cmp.Diff(m.attributes, again.attributes); diff != "" || !found || err != nil {
			t.Fatalf("%q: written and read again: %v, %v, mismatch (-want +got)\n%s", line, found, err, diff)
		}
	})
}

func TestLongLinesAreCut(t *testing.T) {
	var got []int
	l := &lines{each: func(text string) { got = append(got, len(text)) }}
	if _, err := l.Write([]byte(strings.Repeat("x", 2*maxLine+5))); err != nil {
		t.Fatal(err)
	}
	l.end()
	if diff := cmp.Diff([]int{maxLine, maxLine, 5}, got); diff != "" {
		t.Errorf("mismatch (-want +got)\n%s", diff)
	}
}
