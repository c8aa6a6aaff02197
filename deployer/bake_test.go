package deployer

import (
	"errors"
	"testing"
)

// TestTally counts looks: right ones, failed ones (x) and some at which the service
// did not answer (?).
func TestTally(t *testing.T) {
	tests := []struct {
		looks string
		bake  Bake
		want  string
	}{
		{"......", Bake{}, ""},
		{"..x", Bake{}, "1 of 3 looks failed, and 0 may: sick"},
		{"x.x.", Bake{Budget: 2}, ""},
		{"x.x.x", Bake{Budget: 2}, "3 of 5 looks failed, and 2 may: sick"},
		{"x.xx", Bake{Budget: 9, InARow: 2}, "2 looks in a row failed: sick"},
		{"x.x.x", Bake{Budget: 9, InARow: 2}, ""},
		{"????", Bake{}, ""},
		{"x?x", Bake{Budget: 9, InARow: 2}, "2 looks in a row failed: sick"},
	}
	for _, test := range tests {
		var got tally
		for _, look := range test.looks {
			switch look {
			case '.':
				got.note("", nil)
			case 'x':
				got.note("sick", nil)
			case '?':
				got.note("", errors.New("no answer"))
			}
		}
		if why := got.over(test.bake); why != test.want {
			t.Errorf("%s with %+v: got %q, want %q", test.looks, test.bake, why, test.want)
		}
	}
}
