package deployer

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/vipswap/vipswap/deployer/management"
	"github.com/vipswap/vipswap/deployer/wait"
)

// at makes a deployment of instances in these states, each in its own upgrade
// domain.
func at(status management.DeploymentStatus, upgrade *management.UpgradeStatus, states ...management.InstanceStatus) *management.Deployment {
	d := &management.Deployment{Name: "d", Status: status, Upgrade: upgrade, UpgradeDomains: len(states)}
	for i, s := range states {
		d.Instances = append(d.Instances, management.Instance{Role: "Web", Name: "Web_IN_" + string(rune('0'+i)), Status: s, UpgradeDomain: i})
	}
	return d
}

const (
	readyRole = management.InstanceReady
	failed    = management.InstanceFailedStarting
	stopped   = management.InstanceStopped
	running   = management.StatusRunning
	suspended = management.StatusSuspended
	rolling   = management.StatusRunningTransitioning
)

func TestReadyVerdicts(t *testing.T) {
	auto := func(domain int) *management.UpgradeStatus {
		return &management.UpgradeStatus{Type: ModeAuto, DomainState: "During", CurrentDomain: domain}
	}
	simultaneous := &management.UpgradeStatus{Type: ModeSimultaneous, DomainState: "During"}
	tests := []struct {
		name string
		seen *management.Deployment
		want wait.Verdict
		why  string
	}{
		{"gone", nil, wait.Never, "deployment d is gone"},
		{"being deleted", at(management.StatusDeleting, nil, readyRole), wait.Never, "deployment d is being deleted"},
		{"ready", at(running, nil, readyRole, readyRole), wait.Met, "2 of 2 instances ready, deployment Running"},
		{"running before its instances", at(running, nil, readyRole, "StartingRole"), wait.NotYet, "1 of 2 instances ready, 1 StartingRole, deployment Running"},
		{"no instances yet", at(running, nil), wait.NotYet, "0 of 0 instances ready, deployment Running"},
		{"still transitioning", at(rolling, nil, readyRole), wait.NotYet, "1 of 1 instance ready, deployment RunningTransitioning"},
		{"roll-out not begun", at(rolling, &management.UpgradeStatus{Type: ModeAuto, DomainState: "Before"}, readyRole), wait.NotYet, "1 of 1 instance ready, deployment RunningTransitioning, upgrade domain 1 of 1 (Before)"},
		{"suspended", at(suspended, nil, stopped, stopped), wait.Met, "0 of 2 instances ready, 2 StoppedVM, deployment Suspended"},
		{"suspended, still stopping", at(suspended, nil, stopped, "StoppingVM"), wait.NotYet, "0 of 2 instances ready, 1 StoppedVM, 1 StoppingVM, deployment Suspended"},
		{"failed", at(running, nil, readyRole, failed), wait.Never, "instance Web_IN_1 is FailedStartingRole"},
		{"machine failed", at(running, nil, management.InstanceFailedVM), wait.Never, "instance Web_IN_0 is FailedStartingVM"},
		{"old version failed, upgrade not there yet", at(rolling, auto(0), "BusyRole", failed), wait.NotYet, "0 of 2 instances ready, 1 BusyRole, 1 FailedStartingRole, deployment RunningTransitioning, upgrade domain 1 of 2 (During)"},
		{"new version failed, upgrade goes on", at(rolling, auto(1), failed, "BusyRole"), wait.Never, "instance Web_IN_0 is FailedStartingRole"},
		{"old versions failed, all are upgraded at once", at(rolling, simultaneous, failed, failed), wait.NotYet, "0 of 2 instances ready, 2 FailedStartingRole, deployment RunningTransitioning, upgrade domain 1 of 2 (During)"},
		{"cycling has just begun", at(running, nil, management.InstanceCycling), wait.NotYet, "0 of 1 instance ready, 1 CyclingRole, deployment Running"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			v, why := newReadyWatch(Step{Deployment: "d"}, 0).judge(test.seen, time.Unix(0, 0))
			if diff := cmp.Diff([]string{test.want.String(), test.why}, []string{v.String(), why}); diff != "" {
				t.Errorf("mismatch (-want +got)\n%s", diff)
			}
		})
	}
}

// TestRestartingGrace lets an instance restart again and again: going back to
// StartingRole in between is no sign of health, only ReadyRole is.
func TestRestartingGrace(t *testing.T) {
	looks := []struct {
		minute int
		state  management.InstanceStatus
		want   wait.Verdict
	}{
		{0, restarting, wait.NotYet},
		{4, "StartingRole", wait.NotYet},
		{5, readyRole, wait.NotYet}, // the other instance is not ready
		{6, restarting, wait.NotYet},
		{11, "StartingRole", wait.NotYet},
		{16, restarting, wait.NotYet},
		{17, "StartingRole", wait.Never},
	}
	w := newReadyWatch(Step{Deployment: "d"}, 10*time.Minute)
	for _, look := range looks {
		v, why := w.judge(at(running, nil, look.state, "BusyRole"), time.Unix(0, 0).Add(time.Duration(look.minute)*time.Minute))
		if v != look.want {
			t.Errorf("minute %d: %s, want %s (%s)", look.minute, v, look.want, why)
		}
	}
}
