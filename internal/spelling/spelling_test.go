package spelling_test

import (
	"testing"

	"github.com/vipswap/vipswap/internal/spelling"
)

func TestNearest(t *testing.T) {
	words := []string{"service", "step", "environments", "instance-cycling"}
	tests := []struct{ given, want string }{
		{"servce", "service"},
		{"Service", "service"},
		{"stop", "step"},
		{"enviroment", "environments"},
		{"inst", "instance-cycling"},
		{"ins", ""},
		{"x", ""},
		{"", ""},
	}
	for _, test := range tests {
		if got := spelling.Nearest(test.given, words); got != test.want {
			t.Errorf("%q: got %q, want %q", test.given, got, test.want)
		}
	}
}

func TestDistance(t *testing.T) {
	tests := []struct {
		a, b string
		want int
	}{
		{"", "", 0},
		{"", "abc", 3},
		{"swap", "SWAP", 0},
		{"swap", "swaps", 1},
		{"kitten", "sitting", 3},
		{"production", "staging", 9},
	}
	for _, test := range tests {
		if got, back := spelling.Distance(test.a, test.b), spelling.Distance(test.b, test.a); got != test.want || back != test.want {
			t.Errorf("%q and %q: got %d and %d, want %d", test.a, test.b, got, back, test.want)
		}
	}
}
