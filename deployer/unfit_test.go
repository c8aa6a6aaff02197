package deployer_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/management"
)

// TestSwapOfWhatIsNotReadyAnyMore swaps a deployment that was ready when the plan was
// made, and is not when it is carried out, as when a run is finished after a kill.
func TestSwapOfWhatIsNotReadyAnyMore(t *testing.T) {
	soon := func(w *world) {
		w.setInstances(w.slots[staging], "BusyRole")
		w.ready["s1"] = w.clock.now.Add(readyTime)
	}
	suspend := func(w *world) { w.slots[staging].Status = management.StatusSuspended }
	tests := map[string]struct {
		happens func(w *world)
		waits   deployer.Waits
		made    []string
		want    string // of the error
		least   time.Duration
	}{
		"it gets ready again":                {soon, deployer.Waits{}, []string{"swap"}, "", readyTime},
		"nobody waits for it":                {soon, deployer.Waits{NoReady: true}, []string{"swap"}, "", 0},
		"it does not get ready":              {func(w *world) { w.setInstances(w.slots[staging], management.InstanceFailedStarting) }, deployer.Waits{}, nil, "instance Web_IN_0 is FailedStartingRole", 0},
		"it is suspended by now":             {suspend, deployer.Waits{}, nil, "s1 is suspended, and production would not serve", 0},
		"suspended, and nobody waits for it": {suspend, deployer.Waits{NoReady: true}, []string{"swap"}, "", 0},
		"so is production":                   {func(w *world) { suspend(w); w.slots[production].Status = management.StatusSuspended }, deployer.Waits{}, []string{"swap"}, "", 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(up("p1", "1.0"), up("s1", "1.1"))
			plan := w.plan(t, deployer.Swap{Service: "shop", Waits: test.waits})
			if len(plan.Steps) != 1 {
				t.Fatalf("the plan has steps %v", plan.Steps)
			}
			test.happens(w)
			_, err := deployer.Run(context.Background(), w.ports(""), plan)
			var (
				hopeless *deployer.HopelessError
				moved    *deployer.MovedError
			)
			if known := errors.As(err, &hopeless) || errors.As(err, &moved); known != (test.want != "") || known && !strings.Contains(err.Error(), test.want) || !known && err != nil {
				t.Errorf("got %v, want %q", err, test.want)
			}
			if diff := cmp.Diff(test.made, w.made); diff != "" {
				t.Errorf("mismatch (-want +got)\n%s", diff)
			}
			if took := w.clock.now.Sub(epoch); took < test.least {
				t.Errorf("it took %s", took)
			}
		})
	}
}
