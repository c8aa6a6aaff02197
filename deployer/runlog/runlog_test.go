package runlog_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/management"
	"github.com/vipswap/vipswap/deployer/runlog"
)

var epoch = time.Date(2015, 7, 2, 2, 0, 0, 0, time.UTC)

func open(t *testing.T, dir string) *runlog.Log {
	t.Helper()
	l, err := runlog.Open(dir, "shop", runlog.Options{Now: func() time.Time { return epoch }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// swapping is a run that swaps after waiting.
func swapping() runlog.Run {
	return runlog.Run{Command: "swap", Subscription: "sub", Plan: deployer.Plan{
		Action: "swap", Service: "shop", Slot: management.Production,
		Seen: deployer.Slots{Production: &deployer.SlotState{Name: "p1", Label: "1.0"}},
		Steps: []deployer.Step{
			{Kind: deployer.StepReady, Service: "shop", Slot: management.Staging, Deployment: "s1"},
			{Kind: deployer.StepSwap, Service: "shop", Deployment: "s1", Partner: "p1"},
			{Kind: deployer.StepReady, Service: "shop", Slot: management.Staging, Deployment: "s1"},
		},
	}}
}

func swapped() *deployer.Result {
	return &deployer.Result{Swapped: true, After: &deployer.Slots{Production: &deployer.SlotState{Name: "s1", Label: "1.1"}}}
}

func kinds(p deployer.Plan) (all []deployer.StepKind) {
	for _, s := range p.Steps {
		all = append(all, s.Kind)
	}
	return all
}

func TestRunIsFoundAgain(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	r, err := l.Begin(swapping())
	if err != nil {
		t.Fatal(err)
	}
	j := l.Journal(r)
	for _, step := range r.Plan.Steps[:2] {
		if err := j.Intent(step); err != nil {
			t.Fatal(err)
		}
		if step.Kind == deployer.StepReady {
			if err := j.Done(step, deployer.StepResult{Outcome: deployer.OutcomeDone}); err != nil {
				t.Fatal(err)
			}
		}
	}
	l.Close() // as the end of a process does

	l = open(t, dir)
	found, err := l.Unfinished("SUB")
	if err != nil || found == nil {
		t.Fatalf("found %v, %v", found, err)
	}
	if diff := cmp.Diff([]deployer.StepKind{deployer.StepSwap, deployer.StepReady}, kinds(found.Remaining())); diff != "" {
		t.Errorf("remaining steps mismatch (-want +got):\n%s", diff)
	}
	if got := found.Reached(); got != "during: swap the slots of shop" {
		t.Errorf("reached %q", got)
	}
	var cutOff *runlog.UnfinishedError
	if _, err := l.Begin(swapping()); !errors.As(err, &cutOff) || cutOff.Run.ID != r.ID {
		t.Errorf("began another: %v", err)
	}
	other := swapping()
	other.Subscription = "another"
	if _, err := l.Begin(other); err != nil {
		t.Errorf("a run of another subscription is in the way: %v", err)
	}
}

func TestEndings(t *testing.T) {
	for _, test := range []struct {
		name     string
		ending   runlog.Ending
		journal  bool // says that the swap is done
		previous string
	}{
		{"succeeded", runlog.Ending{State: runlog.Succeeded, Result: swapped()}, false, "p1"},
		{"failed later", runlog.Ending{State: runlog.Failed, Error: "x", Result: swapped()}, false, "p1"},
		{"swapped before the kill", runlog.Ending{State: runlog.Succeeded, Result: &deployer.Result{After: swapped().After}}, true, "p1"},
		{"not swapped", runlog.Ending{State: runlog.Failed, Result: &deployer.Result{After: swapped().After}}, false, ""},
		{"abandoned", runlog.Ending{State: runlog.Abandoned}, false, ""},
		{"failed before it could look", runlog.Ending{State: runlog.Failed, Result: &deployer.Result{Swapped: true}}, false, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			l := open(t, t.TempDir())
			r, err := l.Begin(swapping())
			if err != nil {
				t.Fatal(err)
			}
			if test.journal {
				if err := l.Journal(r).Done(r.Plan.Steps[1], deployer.StepResult{}); err != nil {
					t.Fatal(err)
				}
			}
			if err := l.Finish(r.ID, test.ending); err != nil {
				t.Fatal(err)
			}
			if left, err := l.Unfinished("sub"); left != nil || err != nil {
				t.Errorf("unfinished: %v, %v", left, err)
			}
			last, err := l.LastSwap("sub")
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			if last != nil {
				got = last.Swap.Previous.Name
			}
			if got != test.previous {
				t.Errorf("the previous deployment is %q, want %q", got, test.previous)
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	var held *runlog.HeldError
	if _, err := runlog.Open(dir, "SHOP", runlog.Options{Now: time.Now}); !errors.As(err, &held) {
		t.Errorf("opened by two: %v", err)
	}
	for _, name := range []string{"", "../x", "a b", strings.Repeat("x", 64), "a/b", ".hidden"} {
		if _, err := runlog.Open(dir, name, runlog.Options{Now: time.Now}); err == nil || errors.As(err, &held) {
			t.Errorf("%q is no service, but: %v", name, err)
		}
	}
	if _, err := runlog.Open(dir, "shop", runlog.Options{}); err == nil {
		t.Error("opened without a clock")
	}
	if err := l.Finish(7, runlog.Ending{}); err == nil {
		t.Error("a run that is not there was finished")
	}
	r, err := l.Begin(swapping())
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Journal(r).Intent(deployer.Step{Kind: deployer.StepDelete}); err == nil {
		t.Error("a step that is not in the plan was written down")
	}
	if err := os.WriteFile(filepath.Join(dir, "other.runs.db"), []byte(strings.Repeat("no database ", 2000)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := runlog.Open(dir, "other", runlog.Options{Now: time.Now}); err == nil || !strings.Contains(err.Error(), "other.runs.db is damaged") {
		t.Errorf("opened what is no database: %v", err)
	}
}

func TestServices(t *testing.T) {
	dir := t.TempDir()
	if got, err := runlog.Services(filepath.Join(dir, "missing")); got != nil || err != nil {
		t.Errorf("a missing folder has %v, %v", got, err)
	}
	open(t, dir)
	for _, name := range []string{"audit.jsonl", "a b.runs.db"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := runlog.Services(dir)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"shop"}, got); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
}

func TestRecordAndRuns(t *testing.T) {
	l := open(t, t.TempDir())
	for range 2 {
		if err := l.Record(swapping(), runlog.Ending{State: runlog.Succeeded, Result: swapped()}); err != nil {
			t.Fatal(err)
		}
	}
	all, err := l.Runs("")
	if err != nil || len(all) != 2 || all[0].ID != 2 {
		t.Errorf("runs: %v, %v", all, err)
	}
	if none, err := l.Runs("another"); err != nil || len(none) != 0 {
		t.Errorf("runs of another subscription: %v, %v", none, err)
	}
}

// TestSwept keeps what is to become of the previous deployment, and that it did.
func TestSwept(t *testing.T) {
	l := open(t, t.TempDir())
	r := swapping()
	r.AfterSwap, r.Window = "delete", time.Hour
	if err := l.Record(r, runlog.Ending{State: runlog.Succeeded, Result: swapped()}); err != nil {
		t.Fatal(err)
	}
	last, err := l.LastSwap("sub")
	if err != nil || last.Swap.Then != "delete" || !last.Swap.Due.Equal(epoch.Add(time.Hour)) || last.Swap.Swept {
		t.Fatalf("the swap is recorded as %+v, %v", last, err)
	}
	if err := l.Swept(last.ID); err != nil {
		t.Fatal(err)
	}
	if last, err = l.LastSwap("sub"); err != nil || !last.Swap.Swept {
		t.Errorf("not swept: %+v, %v", last, err)
	}
	if err := l.Swept(99); err == nil {
		t.Error("a run that is not there was swept")
	}
}
