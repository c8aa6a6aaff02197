package deployer_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/management"
)

var errBlocked = errors.New("the release is blocked")

// mind is a consent that is taken back at the n-th question.
type mind struct{ asked, changesAt int }

func (m *mind) Given(context.Context) error {
	if m.asked++; m.asked == m.changesAt {
		return errBlocked
	}
	return nil
}

// TestConsentTakenBack changes nothing when consent is taken back, and asks for it
// right before something is brought into a slot alone.
func TestConsentTakenBack(t *testing.T) {
	for _, test := range []struct {
		name      string
		changesAt int
		world     *world
		slot      management.Slot
		asked     int
		made      []string
	}{
		{"swap", 0, newWorld(up("p1", "1.0"), up("s1", "1.1")), production, 1, []string{"swap"}},
		{"swap, taken back", 1, newWorld(up("p1", "1.0"), up("s1", "1.1")), production, 1, nil},
		{"create, taken back", 1, newWorld(nil, nil), staging, 1, nil},
		{"upgrade, taken back", 1, newWorld(nil, up("s1", "1.0")), staging, 1, nil},
		{"there already", 1, newWorld(up("p1", "1.1"), nil), production, 1, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			w, m := test.world, mind{changesAt: test.changesAt}
			ports := w.ports("1.1")
			ports.Consent = &m
			_, err := deployer.Run(context.Background(), ports, w.plan(t, w.deploy(test.slot, "1.1")))
			if errors.Is(err, errBlocked) != (test.changesAt > 0) {
				t.Errorf("it ended with %v", err)
			}
			w.settle()
			if diff := cmp.Diff(test.made, w.made); diff != "" {
				t.Errorf("changes mismatch (-want +got):\n%s", diff)
			}
			if m.asked != test.asked {
				t.Errorf("asked %d times, want %d", m.asked, test.asked)
			}
		})
	}
}

// TestConsentToTheWayBack asks nobody whether production may be swapped back.
func TestConsentToTheWayBack(t *testing.T) {
	s := newSite(up("p1", "1.0"), up("s1", "1.1"))
	s.flaps(1)
	m := mind{changesAt: 2}
	ports := s.gatePorts()
	ports.Consent = &m
	_, err := deployer.Run(t.Context(), ports, s.gated(t, deployer.Gates{Bake: baked(0)}))
	if back := (*deployer.SwappedBackError)(nil); !errors.As(err, &back) || m.asked != 1 {
		t.Errorf("asked %d times, it ended with %v", m.asked, err)
	}
	if !slices.Equal(s.made, []string{"swap", "swap"}) {
		t.Errorf("it changed %v", s.made)
	}
}
