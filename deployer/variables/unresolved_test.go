package variables

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestProblems(t *testing.T) {
	tests := []struct {
		template string
		want     []string
	}{
		{"plain", nil},
		{"#{A | ToLower | TOUPPER}", nil},
		{"#{A | Markdawn}", []string{"there is no filter Markdawn"}},
		{"#{A | Markdown}#{B | markdowntohtml}", nil},
		{"#{A | ToLower | Nose | Ear x | Nose}", []string{"there is no filter Nose", "there is no filter Ear"}},
		{"#{if A | One == B | Two}#{C | Three}#{else}#{D | Four}#{/if}",
			[]string{"there is no filter One", "there is no filter Two", "there is no filter Three", "there is no filter Four"}},
		{"#{unless A}#{each i in B}#{i | Five}#{/each}#{/unless}", []string{"there is no filter Five"}},
		{"##{A | Escaped}", nil},
		{"#{A | Broken", nil},
		{"#{A | tolower x}", []string{"the filter ToLower takes no options"}},
		{"#{A | Contains}", []string{"the filter Contains takes 1 option"}},
		{"#{A | Replace}", []string{"the filter Replace takes 1 or 2 options"}},
		{"#{A | Append}", []string{"the filter Append takes options"}},
		{`#{A | Replace "(?=l)" - | Match "(a)\\1"}`, nil},
		{`#{A | Replace "(" -}`, []string{"the regular expression makes no sense: missing closing ) in `(`"}},
		{`#{A | Match "(?P<n>x)"}`, []string{"the regular expression makes no sense: unrecognized grouping construct: (?P in `(?P<n>x)`"}},
		{"#{A | Match " + strings.Repeat("x", 20) + "}", nil},
		{"#{A | Match #{B}}", nil},
		{"#{A | Format N2}#{A | Format R}#{A | Format yyyy}#{A | Format int X}", nil},
		{"#{A | Format C}", []string{`Format does not know the pattern "C"`}},
		{"#{A | Format Double C2}", []string{`Format does not know the pattern "C2"`}},
		{"#{A | Format money N}", []string{"Format does not know the type money"}},
	}
	for _, test := range tests {
		if diff := cmp.Diff(test.want, Problems(test.template)); diff != "" {
			t.Errorf("%s: mismatch (-want +got):\n%s", test.template, diff)
		}
	}
}

func TestUnresolved(t *testing.T) {
	for expression, want := range map[string]string{
		"#{A}":                  "#{A} is not defined and stays as it is",
		"#{A | Nose}":           "#{A | Nose} stays as it is: there is no filter Nose",
		"#{A | ToLower}":        "#{A | ToLower} is not defined, or nothing that its filter takes, and stays as it is",
		"#{calc A + 1}":         "#{calc A + 1} is not defined and stays as it is",
		"#{A | Nose | Ear}":     "#{A | Nose | Ear} stays as it is: there is no filter Nose, there is no filter Ear",
		"#{if A | Nose}x#{/if}": "#{if A | Nose}x#{/if} stays as it is: there is no filter Nose",
	} {
		if got := Unresolved(expression); got != want {
			t.Errorf("%s: %s, want %s", expression, got, want)
		}
	}
}
