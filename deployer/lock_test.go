package deployer_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/deployer"
)

var errLost = errors.New("the lock was lost")

// fence is a lock that is lost at the n-th check, or while waiting.
type fence struct {
	checks, lostAt int
	lostWaiting    bool
}

func (f *fence) Check(context.Context) error {
	if f.checks++; f.checks == f.lostAt {
		return errLost
	}
	return nil
}

func (f *fence) Keep(context.Context) error {
	if f.lostWaiting {
		return errLost
	}
	return nil
}

// TestLostLock stops before the next change, and leaves what was begun.
func TestLostLock(t *testing.T) {
	for _, test := range []struct {
		name  string
		fence fence
		made  []string // changes that the service carries out
	}{
		{"held", fence{}, []string{"swap"}},
		{"lost before the swap", fence{lostAt: 1}, nil},
		{"lost while the swap is carried out", fence{lostWaiting: true}, []string{"swap"}},
		{"lost after the only change", fence{lostAt: 2}, []string{"swap"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(up("p1", "1.0"), up("s1", "1.1"))
			ports := w.ports("1.1")
			ports.Lock = &test.fence
			_, err := deployer.Run(context.Background(), ports, w.plan(t, w.deploy(production, "1.1")))
			fails := test.fence.lostAt == 1 || test.fence.lostWaiting
			if errors.Is(err, errLost) != fails {
				t.Errorf("it ended with %v", err)
			}
			w.settle()
			if diff := cmp.Diff(test.made, w.made); diff != "" {
				t.Errorf("changes mismatch (-want +got):\n%s", diff)
			}
		})
	}
}
