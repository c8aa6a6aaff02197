package variables

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEnvironment(t *testing.T) {
	environment := map[string]string{"PATH": "/bin", "Mixed": "yes", "TEMPLATE": "#{A}", "EMPTY": "", "P(x86)": "86", "JSON": `{"a":1}`}
	lookup := func(name string) (string, bool) { text, ok := environment[name]; return text, ok }
	d := NewDictionary(Variable{Name: "A", Value: "one"}, Variable{Name: "env:Mine", Value: "own"}, Variable{Name: "B", Value: "#{env:PATH}!"}).WithEnvironment(lookup)
	for template, want := range map[string]Result{
		"#{env:PATH}":                         {Text: "/bin"},
		"#{env:path}#{ENV:Path}":              {Text: "/bin/bin"},
		"#{B | ToUpper}":                      {Text: "/BIN!"},
		"#{env:Mixed}":                        {Text: "yes"},
		"#{env:mixed}":                        {Text: "#{env:mixed}", Unresolved: []string{"#{env:mixed}"}},
		"#{env:P(x86)}":                       {Text: "86"},
		"#{env:TEMPLATE}":                     {Text: "#{A}"},
		"#{env:EMPTY}":                        {},
		"#{env:Mine}":                         {Text: "own"},
		"#{env:NOPE}":                         {Text: "#{env:NOPE}", Unresolved: []string{"#{env:NOPE}"}},
		"#{env:}":                             {Text: "#{env:}", Unresolved: []string{"#{env:}"}},
		"#{if env:NOPE}1#{else}2#{/if}":       {Text: "2"},
		`#{if env:Mixed == "yes"}1#{/if}`:     {Text: "1"},
		"#{each e in env:PATH}[#{e}]#{/each}": {Text: "[/bin]"},
		"#{PATH}":                             {Text: "#{PATH}", Unresolved: []string{"#{PATH}"}},
	} {
		got, err := d.Evaluate(template)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v, mismatch (-want +got):\n%s", template, err, diff)
		}
	}
	if got, err := NewDictionary().Evaluate("#{env:PATH}"); len(got.Unresolved) != 1 || err != nil {
		t.Errorf("without an environment: %v, %v", got, err)
	}
}

func TestNames(t *testing.T) {
	for template, want := range map[string][]string{
		"plain":                          nil,
		"#{A}#{B.C | ToLower}#{A}":       {"A", "B.C"},
		"#{if A == B}#{C[x].D}#{/if}":    {"A", "B", "C[x].D"},
		"#{each m in L.M}#{m.N}#{/each}": {"L.M", "m.N"},
		"#{ | NowDate}##{D}":             nil,
		"#{broken":                       nil,
	} {
		if diff := cmp.Diff(want, Names(template)); diff != "" {
			t.Errorf("%s: mismatch (-want +got):\n%s", template, diff)
		}
	}
}
