package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/deployer"
)

// broken is a writer that fails.
type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("disk full") }

// TestRecorder writes all of a run down as events, and what matters into the audit
// log.
func TestRecorder(t *testing.T) {
	var events, audit bytes.Buffer
	r := &recorder{Reporter: deployer.Silent{}, events: &events, audit: &audit, now: func() time.Time { return someone.Since }}
	plan := deployer.Plan{Action: "swap", Service: "shop"}
	r.begin(plan)
	r.Decision(deployer.Decision{Code: deployer.SwapAsked})
	r.StepStarted(deployer.Step{Kind: deployer.StepSwap})
	r.Uploading(1, 2)
	r.Waiting(deployer.Waiting{Why: "x"})
	r.Instances(deployer.Progress{})
	r.StepEnded(deployer.StepResult{}, errors.New("refused"))
	r.end(plan, deployer.Result{}, errors.New("refused"))
	kinds := func(text string) (all []string) {
		for line := range strings.Lines(text) {
			var e event
			if err := json.Unmarshal([]byte(line), &e); err != nil || !e.Time.Equal(someone.Since) {
				t.Errorf("%s: %v", line, err)
			}
			all = append(all, e.Event)
		}
		return all
	}
	if diff := cmp.Diff([]string{"run", "decision", "step", "uploading", "waiting", "instances", "stepEnd", "runEnd"}, kinds(events.String())); diff != "" {
		t.Errorf("events mismatch (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"run", "decision", "step", "stepEnd", "runEnd"}, kinds(audit.String())); diff != "" {
		t.Errorf("audit mismatch (-want +got):\n%s", diff)
	}
	if err := r.close(); err != nil {
		t.Error(err)
	}
	r.audit = broken{}
	r.begin(plan)
	if err := r.close(); err == nil || !strings.Contains(err.Error(), "disk full") {
		t.Errorf("a log that could not be written: %v", err)
	}
}
