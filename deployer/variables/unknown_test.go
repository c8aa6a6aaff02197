package variables

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestUnknownFilters(t *testing.T) {
	tests := []struct {
		template string
		want     []string
	}{
		{"plain", nil},
		{"#{A | ToLower | TOUPPER}", nil},
		{"#{A | Markdawn}", []string{"Markdawn"}},
		{"#{A | Markdown}#{B | markdowntohtml}", nil},
		{"#{A | ToLower | Nose | Ear x | Nose}", []string{"Nose", "Ear"}},
		{"#{if A | One == B | Two}#{C | Three}#{else}#{D | Four}#{/if}", []string{"One", "Two", "Three", "Four"}},
		{"#{unless A}#{each i in B}#{i | Five}#{/each}#{/unless}", []string{"Five"}},
		{"##{A | Escaped}", nil},
		{"#{A | Broken", nil},
	}
	for _, test := range tests {
		if diff := cmp.Diff(test.want, UnknownFilters(test.template)); diff != "" {
			t.Errorf("%s: mismatch (-want +got):\n%s", test.template, diff)
		}
	}
}
