package deployer_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/management"
)

func TestAlwaysLostGivesUp(t *testing.T) {
	w := newWorld(up("p1", "1.0"), up("s1", "1.1"))
	w.cloud.calls.onChange = func(method string) error {
		return &management.UnknownOutcomeError{Action: "swap shop", Err: errors.New("connection reset")}
	}
	_, err := deployer.Run(context.Background(), w.ports(""), w.plan(t, deployer.Swap{Service: "shop"}))
	var lost *management.UnknownOutcomeError
	if !errors.As(err, &lost) || !strings.Contains(err.Error(), "given up after 9 unclear answers") {
		t.Errorf("got %v", err)
	}
	if diff := cmp.Diff("S=1.1 P=1.0", w.labels()); diff != "" {
		t.Errorf("mismatch (-want +got)\n%s", diff)
	}
}

// TestConflictWaitsForTheNamedOperation looks at what is reported.
func TestConflictWaitsForTheNamedOperation(t *testing.T) {
	w := newWorld(up("p1", "1.0"), up("s1", "1.1"))
	plan := w.plan(t, deployer.Swap{Service: "shop"})
	id := w.begin("alien", nil, func() {})
	told := &waits{}
	ports := w.ports("")
	ports.Reporter = told
	if _, err := deployer.Run(context.Background(), ports, plan); err != nil {
		t.Fatal(err)
	}
	want := []string{id + " another operation has exclusive access", fmt.Sprintf("%032x operation %032x is in progress", 2, 2)}
	if diff := cmp.Diff(want, told.lines); diff != "" {
		t.Errorf("mismatch (-want +got)\n%s", diff)
	}
}

type waits struct {
	deployer.Silent
	lines []string
}

func (w *waits) Waiting(x deployer.Waiting) { w.lines = append(w.lines, x.OperationID+" "+x.Why) }

// TestBusyAtTheStart begins while somebody else changes one of the deployments.
func TestBusyAtTheStart(t *testing.T) {
	w := newWorld(up("p1", "1.0"), up("s1", "1.1"))
	plan := w.plan(t, deployer.Swap{Service: "shop"})
	w.begin("alien", []string{"s1"}, func() {})
	if _, err := deployer.Run(context.Background(), w.ports(""), plan); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"alien", "swap"}, w.made); diff != "" {
		t.Errorf("mismatch (-want +got)\n%s", diff)
	}
}

func TestOperationFails(t *testing.T) {
	w := newWorld(up("p1", "1.0"), up("s1", "1.1"))
	w.fail["swap"] = &management.Error{HTTPStatus: 409, Code: management.CodeConflict, Message: "A conflict occurred."}
	result, err := deployer.Run(context.Background(), w.ports("1.1"), w.plan(t, w.deploy(production, "1.1")))
	var failed *deployer.OperationError
	if !errors.As(err, &failed) {
		t.Fatalf("got %v", err)
	}
	if diff := cmp.Diff("swap the slots of shop: operation 00000000000000000000000000000001 failed: ConflictError: A conflict occurred.", err.Error()); diff != "" {
		t.Errorf("mismatch (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff("S=1.1 P=1.0", w.labels()); diff != "" || result.Swapped || len(w.ops) != 1 {
		t.Errorf("swapped %v with %d operations, slots (-want +got)\n%s", result.Swapped, len(w.ops), diff)
	}
	if diff := cmp.Diff([]string{"intent swap"}, w.journal.entries); diff != "" {
		t.Errorf("journal: mismatch (-want +got)\n%s", diff)
	}
}

// TestForgottenOperation settles a change whose operation cannot be asked for.
func TestForgottenOperation(t *testing.T) {
	w := newWorld(up("p1", "1.0"), up("s1", "1.1"))
	w.hide = true
	result, err := deployer.Run(context.Background(), w.ports(""), w.plan(t, deployer.Swap{Service: "shop"}))
	if err != nil || !result.Swapped {
		t.Fatalf("swapped %v: %v", result.Swapped, err)
	}
	if diff := cmp.Diff([]string{"swap"}, w.made); diff != "" {
		t.Errorf("mismatch (-want +got)\n%s", diff)
	}
}

func TestRefusedPlanCallsNothing(t *testing.T) {
	w := newWorld(up("p1", "1.0"), nil)
	plan := w.plan(t, deployer.Rollback{Service: "shop"})
	before := w.cloud.calls.made
	_, err := deployer.Run(context.Background(), w.ports(""), plan)
	want := "refused: staging is empty: the previous deployment is gone, so there is nothing to swap back\nhint: deploy the earlier release again"
	if err == nil || err.Error() != want || w.cloud.calls.made != before {
		t.Errorf("got %v after %d calls", err, w.cloud.calls.made-before)
	}
}

func TestArtifactsMustFitThePlan(t *testing.T) {
	w := newWorld(nil, nil)
	plan := w.plan(t, w.deploy(staging, "1.0"))
	tests := []struct {
		name   string
		change func(*deployer.Ports)
		want   string
	}{
		{"no package", func(p *deployer.Ports) { p.Artifacts = deployer.Artifacts{} }, "are needed"},
		{"no store", func(p *deployer.Ports) { p.Packages = nil }, "are needed"},
		{"other package", func(p *deployer.Ports) { p.Artifacts.Package = pkg("2.0") }, "is not the package that was planned"},
		{"other configuration", func(p *deployer.Ports) { p.Artifacts.Configuration = []byte("<x/>") }, "configuration is not the one that was planned"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			ports := w.ports("1.0")
			test.change(&ports)
			before := w.cloud.calls.made
			_, err := deployer.Run(context.Background(), ports, plan)
			if err == nil || !strings.Contains(err.Error(), test.want) || w.cloud.calls.made != before {
				t.Errorf("got %v after %d calls", err, w.cloud.calls.made-before)
			}
		})
	}
}

// TestCancelledAnywhere ends the context at every call. The run must stop with
// its error, and running the plan again must finish without doing anything twice.
func TestCancelledAnywhere(t *testing.T) {
	for at := 1; ; at++ {
		w := newWorld(up("p1", "1.0"), deployment("s1", "1.1", management.StatusRunning, "StartingRole"))
		w.ready["s1"] = epoch.Add(readyTime)
		plan := w.plan(t, w.deploy(production, "1.1"))
		ctx, cancel := context.WithCancel(context.Background())
		w.cloud.calls.made = 0
		ports := w.ports("1.1")
		ports.Cloud = cancelling{w.cloud, func() {
			if w.cloud.calls.made >= at {
				cancel()
			}
		}}
		_, err := deployer.Run(ctx, ports, plan)
		if err == nil {
			if at < 20 {
				t.Fatalf("the run made only %d calls", at)
			}
			return
		}
		if !errors.Is(err, context.Canceled) || !errors.As(err, new(*deployer.InterruptedError)) {
			t.Fatalf("call %d: %v", at, err)
		}
		if _, err := deployer.Run(context.Background(), w.ports("1.1"), plan); err != nil {
			t.Fatalf("call %d, again: %v", at, err)
		}
		if diff := cmp.Diff([]string{"swap"}, w.made); diff != "" {
			t.Errorf("call %d: mismatch (-want +got)\n%s", at, diff)
		}
	}
}

// cancelling calls a function before each reading of a slot and each swap.
type cancelling struct {
	*cloud
	before func()
}

func (c cancelling) Deployment(ctx context.Context, service string, slot management.Slot) (*management.Deployment, error) {
	c.before()
	return c.cloud.Deployment(ctx, service, slot)
}

func (c cancelling) DeploymentByName(ctx context.Context, service, name string) (*management.Deployment, error) {
	c.before()
	return c.cloud.DeploymentByName(ctx, service, name)
}

func (c cancelling) Swap(ctx context.Context, service, live, staged string) (string, error) {
	c.before()
	return c.cloud.Swap(ctx, service, live, staged)
}

func (c cancelling) Operation(ctx context.Context, id string) (management.Operation, error) {
	c.before()
	return c.cloud.Operation(ctx, id)
}

func TestInterruptedSaysWhatGoesOn(t *testing.T) {
	w := newWorld(up("p1", "1.0"), up("s1", "1.1"))
	ctx, cancel := context.WithCancel(context.Background())
	w.clock.onSleep = cancel
	_, err := deployer.Run(ctx, w.ports(""), w.plan(t, deployer.Swap{Service: "shop"}))
	want := "stopped during: swap the slots of shop; operation 00000000000000000000000000000001 is still in progress at the service: context canceled\nhint: running the same plan again goes on from here"
	if err == nil {
		t.Fatal("no error")
	}
	if diff := cmp.Diff(want, err.Error()); diff != "" {
		t.Errorf("mismatch (-want +got)\n%s", diff)
	}
}

func TestTimeout(t *testing.T) {
	w := newWorld(nil, nil)
	desired := w.deploy(staging, "1.0")
	desired.Options.Waits.Timeout = time.Minute
	_, err := deployer.Run(context.Background(), w.ports("1.0"), w.plan(t, desired))
	var late *deployer.TimeoutError
	if !errors.As(err, &late) {
		t.Fatalf("got %v", err)
	}
	if diff := cmp.Diff("0 of 2 instances ready, 2 RoleStateUnknown, deployment Running", late.Why); diff != "" {
		t.Errorf("mismatch (-want +got)\n%s", diff)
	}
	if took := w.clock.now.Sub(epoch); took != time.Minute {
		t.Errorf("gave up after %s", took)
	}
}

func TestSuspendedUpgradeEnds(t *testing.T) {
	w := newWorld(up("p1", "1.0"), deployment("s1", "1.1", management.StatusSuspended, management.InstanceStopped))
	result, err := deployer.Run(context.Background(), w.ports("1.2"), w.plan(t, w.deploy(staging, "1.2")))
	if err != nil || !result.Suspended {
		t.Fatalf("suspended %v: %v", result.Suspended, err)
	}
	last := result.Decisions[len(result.Decisions)-1]
	want := deployer.Decision{Code: deployer.StaysSuspended, Warning: true, Text: "deployment s1 is suspended and all its instances are stopped: there is nothing to wait for"}
	if diff := cmp.Diff(want, last); diff != "" {
		t.Errorf("mismatch (-want +got)\n%s", diff)
	}
}

func TestInstancesThatFailEndTheWait(t *testing.T) {
	for _, sickly := range []management.InstanceStatus{management.InstanceFailedStarting, management.InstanceFailedVM, management.InstanceCycling, "RestartingRole"} {
		t.Run(string(sickly), func(t *testing.T) {
			w := newWorld(nil, nil)
			w.sickly = sickly
			_, err := deployer.Run(context.Background(), w.ports("1.0"), w.plan(t, w.deploy(staging, "1.0")))
			var hopeless *deployer.HopelessError
			if !errors.As(err, &hopeless) || !strings.HasPrefix(hopeless.Why, "instance Web_IN_0 ") {
				t.Errorf("got %v", err)
			}
			if took := w.clock.now.Sub(epoch); took > operationTime+readyTime+deployer.DefaultCyclingGrace+20*time.Second {
				t.Errorf("gave up after %s", took)
			}
		})
	}
}

// TestResult looks at a whole result, after a swap.
func TestResult(t *testing.T) {
	w := newWorld(up("p1", "1.0"), up("s1", "1.1"))
	result, err := deployer.Run(context.Background(), w.ports("1.1"), w.plan(t, w.deploy(production, "1.1")))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"OctopusAzureServiceName":                   "shop",
		"OctopusAzureSlot":                          "Production",
		"OctopusAzureDeploymentLabel":               "1.1",
		"OctopusAzureCloudServiceDeploymentID":      "0000000000000000000000000000000s",
		"OctopusAzureCloudServiceDeploymentUrl":     "http://production.example/",
		"OctopusAzureCloudServiceDeploymentName":    "s1",
		"OctopusAzureCloudServiceDeploymentSwapped": "True",
	}
	if diff := cmp.Diff(want, result.Outputs()); diff != "" {
		t.Errorf("outputs: mismatch (-want +got)\n%s", diff)
	}
	names := []string{result.Before.Production.Name, result.Before.Staging.Name, result.After.Production.Name, result.After.Staging.Name}
	if diff := cmp.Diff([]string{"p1", "s1", "s1", "p1"}, names); diff != "" {
		t.Errorf("slots: mismatch (-want +got)\n%s", diff)
	}
	if len(result.Steps) != 1 || result.Steps[0].Took < operationTime || result.Took < operationTime {
		t.Errorf("times: %+v of %s", result.Steps, result.Took)
	}
	if diff := cmp.Diff([]string{"intent swap", "done swap"}, w.journal.entries); diff != "" {
		t.Errorf("journal: mismatch (-want +got)\n%s", diff)
	}
}

func TestUnknownStep(t *testing.T) {
	w := newWorld(nil, nil)
	_, err := deployer.Run(context.Background(), w.ports(""), deployer.Plan{Service: "shop", Steps: []deployer.Step{{Kind: "dance"}}})
	if err == nil || w.cloud.calls.made != 0 {
		t.Errorf("got %v after %d calls", err, w.cloud.calls.made)
	}
}

// sending ends the context just before a swap is sent.
type sending struct {
	*cloud
	cancel func()
}

func (s sending) Swap(ctx context.Context, service, live, staged string) (string, error) {
	s.cancel()
	return s.cloud.Swap(ctx, service, live, staged)
}

// TestSendingIsNotCutOff ends the context while a change is under way to the
// service: its answer is still heard.
func TestSendingIsNotCutOff(t *testing.T) {
	w := newWorld(up("p1", "1.0"), up("s1", "1.1"))
	plan := w.plan(t, deployer.Swap{Service: "shop"})
	ctx, cancel := context.WithCancel(context.Background())
	ports := w.ports("")
	ports.Cloud = sending{w.cloud, cancel}
	_, err := deployer.Run(ctx, ports, plan)
	var interrupted *deployer.InterruptedError
	if !errors.As(err, &interrupted) || len(w.ops) != 1 || interrupted.OperationID != w.ops[0].ID {
		t.Errorf("got %v after %d operations", err, len(w.ops))
	}
}
