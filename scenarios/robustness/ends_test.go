package robustness

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/emulator/universe"
)

func TestSwappedBack(t *testing.T) {
	tests := map[string]struct {
		without, with map[string]int
		want          []string
	}{
		"as often":              {map[string]int{"shop": 1}, map[string]int{"shop": 1}, nil},
		"less":                  {map[string]int{"shop": 1}, map[string]int{}, nil},
		"once more":             {map[string]int{"shop": 1}, map[string]int{"shop": 2}, []string{"swap-once: production of shop went back to what it held before 2 times, and 1 times without the fault"}},
		"another service alone": {map[string]int{"shop": 1}, map[string]int{"shop": 1, "bakery": 1}, []string{"swap-once: production of bakery went back to what it held before 1 times, and 0 times without the fault"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, b := range swappedBack(test.without, test.with) {
				got = append(got, b.String())
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

func TestElsewhere(t *testing.T) {
	shop := func(production, staging string) universe.State {
		s := universe.Service{Name: "shop"}
		if production != "" {
			s.Production.Deployment = &universe.Deployment{Label: production}
		}
		if staging != "" {
			s.Staging.Deployment = &universe.Deployment{Label: staging}
		}
		return universe.State{Services: []universe.Service{s}}
	}
	tests := map[string]struct {
		without, with universe.State
		want          string
	}{
		"the same":               {shop("1.1", "1.0"), shop("1.1", "1.0"), ""},
		"not swapped":            {shop("1.1", "1.0"), shop("1.0", "1.1"), `in the end production of shop holds "1.0", and "1.1" without the fault`},
		"left behind":            {shop("1.1", ""), shop("1.1", "1.0"), `in the end staging of shop holds "1.0", and nothing without the fault`},
		"gone":                   {shop("1.1", ""), shop("", ""), `in the end production of shop holds nothing, and "1.1" without the fault`},
		"not even the service":   {shop("1.1", ""), universe.State{}, "in the end there is no shop"},
		"there was none, either": {universe.State{}, shop("1.1", ""), ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := elsewhere(test.without, test.with); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
