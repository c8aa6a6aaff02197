package report_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/calls"
	"github.com/vipswap/vipswap/deployer/report"
)

var noon = time.Date(2015, 7, 2, 12, 0, 0, 0, time.UTC)

// broken is a writer that fails.
type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("disk full") }

// TestLog writes all of a run down as events, and what matters into the audit log.
func TestLog(t *testing.T) {
	var events, audit bytes.Buffer
	l := &report.Log{Events: &events, Audit: &audit, Now: func() time.Time { return noon }}
	r := l.Following(deployer.Silent{})
	plan := deployer.Plan{Action: "swap", Service: "shop"}
	l.Begin("ann", plan)
	r.Decision(deployer.Decision{Code: deployer.SwapAsked})
	r.StepStarted(deployer.Step{Kind: deployer.StepSwap})
	l.Called(calls.Call{Operation: "Swap Deployment", Took: time.Second})
	r.Uploading(1, 2)
	r.Waiting(deployer.Waiting{Why: "x"})
	r.Instances(deployer.Progress{})
	r.Line("health: as it should be")
	r.StepEnded(deployer.StepResult{}, errors.New("refused"))
	l.End(plan, deployer.Result{}, errors.New("refused"))
	l.Forgotten("ann", "shop", "1.0.0 is left alone")
	kinds := func(text string) (all []string) {
		for line := range strings.Lines(text) {
			var e report.Event
			if err := json.Unmarshal([]byte(line), &e); err != nil || !e.Time.Equal(noon) {
				t.Errorf("%s: %v", line, err)
			}
			all = append(all, e.Event)
		}
		return all
	}
	if diff := cmp.Diff([]string{"run", "decision", "step", "call", "uploading", "waiting", "instances", "line", "stepEnd", "runEnd", "forgotten"}, kinds(events.String())); diff != "" {
		t.Errorf("events mismatch (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"run", "decision", "step", "stepEnd", "runEnd", "forgotten"}, kinds(audit.String())); diff != "" {
		t.Errorf("audit mismatch (-want +got):\n%s", diff)
	}
	if err := l.Err(); err != nil {
		t.Error(err)
	}
	l.Audit = broken{}
	l.Begin("ann", plan)
	if err := l.Err(); err == nil || !strings.Contains(err.Error(), "disk full") {
		t.Errorf("a log that could not be written: %v", err)
	}
}
