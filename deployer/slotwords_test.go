package deployer_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/probe"
)

func TestCheckSlotWords(t *testing.T) {
	const stranger = "there is no #{Slot.Colour}: there are Slot.Name, Slot.Url, Slot.Host, Slot.Vip, Slot.Label, Slot.Deployment"
	for _, test := range []struct {
		check probe.Check
		want  string // the error
	}{
		{probe.Check{URL: "#{Slot.Url}", Matches: "#{Slot.Label}+#{Other}"}, ""},
		{probe.Check{URL: "#{Slot.Colour}"}, stranger},
		{probe.Check{Matches: "v#{Slot.Colour}"}, stranger},
		{probe.Check{Matches: "v("}, ""}, // is said by the check's Problems
	} {
		got := ""
		if err := deployer.CheckSlotWords(test.check); err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%+v: %q, want %q", test.check, got, test.want)
		}
	}
}

func TestWithoutSlotWords(t *testing.T) {
	got := deployer.WithoutSlotWords(probe.Check{URL: "#{Slot.Url}#{Page}", Contains: "#{Slot.Label}", Matches: "#{Slot.Label}+#{Page}"})
	want := probe.Check{URL: "x#{Page}", Contains: "x", Matches: "x+#{Page}"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
}

// patterns remembers what answers should match, and finds them right.
type patterns struct{ asked *[]string }

func (p patterns) Ask(_ context.Context, c probe.Check) string {
	*p.asked = append(*p.asked, c.Matches)
	return ""
}

// TestPatternOfASlot looks at a pattern with what the slot holds: it matches as it is.
func TestPatternOfASlot(t *testing.T) {
	s := newSite(up("p1", "1.0"), up("s1", "1.1+a"))
	var asked []string
	ports := s.gatePorts()
	ports.Checks = patterns{&asked}
	gates := deployer.Gates{Checks: []probe.Check{{URL: "/", Matches: "^#{Slot.Label}.#{Slot.Name}$"}}}
	if _, err := deployer.Run(t.Context(), ports, s.gated(t, gates)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{`^1\.1\+a.Staging$`}, asked); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
}
