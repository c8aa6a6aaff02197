package report_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/calls"
	"github.com/vipswap/vipswap/deployer/report"
)

func slots(production, staging string) deployer.Slots {
	hold := func(label string) *deployer.SlotState {
		if label == "" {
			return nil
		}
		return &deployer.SlotState{Label: label}
	}
	return deployer.Slots{Service: "shop", Production: hold(production), Staging: hold(staging)}
}

func step(kind deployer.StepKind, took time.Duration) deployer.StepResult {
	return deployer.StepResult{Step: deployer.Step{Kind: kind}, Took: took, Outcome: deployer.OutcomeDone}
}

// TestSummary shows runs as people see them.
func TestSummary(t *testing.T) {
	after := slots("1.1.0", "1.0.0")
	tests := map[string]struct {
		result deployer.Result
		counts report.Counts
		err    error
		want   []report.Row
	}{
		"swapped": {
			deployer.Result{Before: slots("1.0.0", "1.1.0"), After: &after, Took: 93 * time.Second, Steps: []deployer.StepResult{
				step(deployer.StepReady, 1234*time.Millisecond), step(deployer.StepSwap, 90*time.Second), step(deployer.StepReady, 766*time.Millisecond),
			}},
			report.Counts{Management: 9}, nil,
			[]report.Row{{"production", "1.0.0 -> 1.1.0"}, {"staging", "1.1.0 -> 1.0.0"}, {"took", "ready 2s, swap 1m30s, in all 1m33s"}, {"calls", "9"}},
		},
		"nothing to do": {
			deployer.Result{Before: slots("1.1.0", "1.0.0"), After: &after}, report.Counts{Management: 2}, nil,
			[]report.Row{{"production", "1.1.0"}, {"staging", "1.0.0"}, {"took", "in all 0s"}, {"calls", "2"}},
		},
		"never begun": {
			deployer.Result{}, report.Counts{Management: 1}, errors.New("locked"),
			[]report.Row{{"production", "not looked at"}, {"staging", "not looked at"}, {"took", "in all 0s"}, {"calls", "1"}},
		},
		"only the end is known": {
			deployer.Result{After: &after}, report.Counts{Management: 1}, nil,
			[]report.Row{{"production", "1.1.0, not looked at before"}, {"staging", "1.0.0, not looked at before"}, {"took", "in all 0s"}, {"calls", "1"}},
		},
		"failed": {
			deployer.Result{Before: slots("1.0.0", ""), Took: 40 * time.Millisecond, Steps: []deployer.StepResult{step(deployer.StepUpload, 30*time.Millisecond)}},
			report.Counts{Management: 3, Blob: 4, Retries: 2, Unanswered: 1}, errors.New("no"),
			[]report.Row{{"production", "1.0.0 -> not looked at"}, {"staging", "(empty) -> not looked at"}, {"took", "upload 30ms, in all 40ms"}, {"calls", "7 (4 to blob storage), 2 sent again, 1 without an answer"}},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := report.Summarise(tt.result, tt.counts, tt.err)
			if diff := cmp.Diff(tt.want, s.Rows()); diff != "" {
				t.Errorf("rows mismatch (-want +got):\n%s", diff)
			}
			if s.OK != (tt.err == nil) {
				t.Errorf("ok is %v", s.OK)
			}
		})
	}
}

func TestTally(t *testing.T) {
	var tally report.Tally
	tally.Called(calls.Call{Service: calls.Management, Status: 200, Tries: 1})
	before := tally.Count()
	tally.Called(calls.Call{Service: calls.Management, Status: 202, Tries: 3})
	tally.Called(calls.Call{Service: calls.Blob, Tries: 1})
	if diff := cmp.Diff(report.Counts{Management: 1, Blob: 1, Retries: 2, Unanswered: 1}, tally.Count().Since(before)); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
}
