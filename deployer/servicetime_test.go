package deployer_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/management"
)

// stepping is a service whose time steps on with each look.
type stepping struct {
	*cloud
	step  time.Duration
	ahead time.Duration
	looks int
}

func (s *stepping) Ahead() time.Duration { return s.ahead }

func (s *stepping) DeploymentByName(ctx context.Context, service, name string) (*management.Deployment, error) {
	s.ahead += s.step
	s.looks++
	return s.cloud.DeploymentByName(ctx, service, name)
}

// TestServiceTimeBoundsWaits waits for instances that do not get ready, while time
// passes for the service and hardly here: pauses are spared as far as it does.
func TestServiceTimeBoundsWaits(t *testing.T) {
	tests := map[string]struct {
		state   management.InstanceStatus
		step    time.Duration
		timeout time.Duration
		looks   int
		want    string
	}{
		"not ready by the end of the run's time": {"StartingRole", 4 * time.Minute, time.Hour, 15, "not done after 1h0m0s: 0 of 2 instances ready, 2 StartingRole"},
		"steps count for five minutes each":      {"StartingRole", time.Hour, time.Hour, 12, "not done after 1h0m0s"},
		"restarts for too long":                  {management.InstanceCycling, 4 * time.Minute, time.Hour, 4, "has been restarting for 12m0s without getting ready"},
		"in step, by the clock alone":            {"StartingRole", 0, time.Minute, 22, "not done after 1m0s"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(up("p1", "1.0"), deployment("s1", "1.1", management.StatusRunning, test.state))
			desired := deployer.Swap{Service: "shop", Waits: deployer.Waits{Timeout: test.timeout}}
			plan := w.plan(t, desired)
			service := &stepping{cloud: w.cloud, step: test.step, ahead: 11 * time.Hour} // before the run
			ports := w.ports("")
			ports.Cloud, ports.Time = service, service
			_, err := deployer.Run(context.Background(), ports, plan)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
			if service.looks != test.looks {
				t.Errorf("looked %d times, want %d", service.looks, test.looks)
			}
			if took := w.clock.now.Sub(epoch); test.step > 0 && took > time.Second {
				t.Errorf("it took %s here", took)
			}
			if len(w.made) > 0 {
				t.Errorf("made %v", w.made)
			}
		})
	}
}
