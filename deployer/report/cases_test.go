package report_test

import (
	"encoding/xml"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/report"
)

var swapPlan = deployer.Plan{Service: "shop", Steps: []deployer.Step{
	{Kind: deployer.StepReady, Deployment: "b", Slot: "Staging", Service: "shop"}, {Kind: deployer.StepSwap, Service: "shop"},
}}

// outline reads a report: suites, and their cases with what became of them.
func outline(t *testing.T, c *report.Cases, command string, err error) []string {
	t.Helper()
	var b strings.Builder
	if err := c.Write(&b, command, err); err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Suites []struct {
			Name  string `xml:"name,attr"`
			Cases []struct {
				Name    string `xml:"name,attr"`
				Failure *struct {
					Message string `xml:"message,attr"`
				} `xml:"failure"`
				Skipped *struct{} `xml:"skipped"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal([]byte(b.String()), &doc); err != nil {
		t.Fatal(err)
	}
	lines := []string{}
	for _, s := range doc.Suites {
		lines = append(lines, s.Name)
		for _, one := range s.Cases {
			line := "  " + one.Name
			switch {
			case one.Failure != nil:
				line += ": " + one.Failure.Message
			case one.Skipped != nil:
				line += " skipped"
			}
			lines = append(lines, line)
		}
	}
	return lines
}

func TestCases(t *testing.T) {
	const ready, swap = "  wait for the instances of deployment b in Staging of shop", "  swap the slots of shop"
	late := errors.New("not ready\nhint: look")
	baked := deployer.Plan{Service: "shop", Steps: []deployer.Step{
		{Kind: deployer.StepSwap, Service: "shop"}, {Kind: deployer.StepBake, Deployment: "b", Service: "shop", For: "10m0s"}, {Kind: deployer.StepHook, Hook: "after-bake", Command: "tell"},
	}, Back: []deployer.Step{{Kind: deployer.StepSwap, Service: "shop", Back: true}}}
	tests := map[string]struct {
		tell func(*report.Cases)
		err  error
		want []string
	}{
		"swapped back": {func(c *report.Cases) {
			c.Run("swap shop", baked, deployer.Result{Steps: []deployer.StepResult{
				{Step: baked.Steps[0], Outcome: deployer.OutcomeDone}, {Step: baked.Steps[1], Outcome: deployer.OutcomeFailed}, {Step: baked.Back[0], Outcome: deployer.OutcomeDone},
			}}, late)
		}, late, []string{"swap shop", swap, "  watch deployment b in production of shop for 10m0s: not ready", swap + " back", "  run hook after-bake: tell skipped"}},
		"done": {func(c *report.Cases) {
			c.Plan("swap shop", swapPlan)
			c.Run("swap shop", swapPlan, deployer.Result{Steps: []deployer.StepResult{
				{Step: swapPlan.Steps[0], Outcome: deployer.OutcomeDone}, {Step: swapPlan.Steps[1], Outcome: deployer.OutcomeAlready},
			}}, nil)
		}, nil, []string{"swap shop", "  plan", ready, swap}},
		"a step failed": {func(c *report.Cases) {
			c.Run("swap shop", swapPlan, deployer.Result{Steps: []deployer.StepResult{{Step: swapPlan.Steps[0]}}}, late)
		}, late, []string{"swap shop", ready + ": not ready", swap + " skipped"}},
		"refused": {func(c *report.Cases) {
			c.Plan("swap shop", deployer.Plan{Service: "shop", Refusals: []deployer.Refusal{{Text: "staging is empty"}}})
		}, errors.New("refused"), []string{"swap shop", "  plan: refused: staging is empty"}},
		"locked": {func(c *report.Cases) { c.Run("swap shop", swapPlan, deployer.Result{}, errors.New("locked")) }, errors.New("locked"),
			[]string{"swap shop", ready + " skipped", swap + " skipped", "  run: locked"}},
		"steps around": {func(c *report.Cases) {
			c.Open("release 1.0.0")
			c.Step("build (script)", time.Second, nil)
			c.Plan("swap shop", swapPlan)
			c.Skipped("ask (manual)", "it is disabled")
			c.Step("test (script)", time.Second, late)
			c.Close()
			c.Plan("swap shop", swapPlan)
		}, late, []string{"release 1.0.0", "  build (script)", "  plan", "  ask (manual) skipped", "  test (script): not ready", "swap shop", "  plan"}},
		"nothing was begun": {func(*report.Cases) {}, errors.New("no connection"), []string{"swap", "  swap: no connection"}},
		"nothing to tell":   {func(*report.Cases) {}, nil, []string{}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := &report.Cases{}
			tt.tell(c)
			if diff := cmp.Diff(tt.want, outline(t, c, "swap", tt.err)); diff != "" {
				t.Errorf("mismatch (-want +got):\n%s", diff)
			}
		})
	}
}
