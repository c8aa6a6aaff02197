package cli

import (
	"fmt"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/process"
)

// A stepPlan says what would become of a step around a deployment.
type stepPlan struct {
	Name      string `json:"name"`
	Kind      string `json:"kind"`
	Runs      bool   `json:"runs"`
	Condition string `json:"condition,omitempty"` // under which it runs
	Why       string `json:"why,omitempty"`       // it does not run, or runs again
}

// A deploymentPlan is the plan of a release's deployment, with the steps around it.
type deploymentPlan struct {
	deployer.Plan
	Before []stepPlan `json:"before"`
	After  []stepPlan `json:"after"`
}

// planSteps says what would become of the steps of a phase.
func (a *around) planSteps(phase string, steps []process.Step) []stepPlan {
	plans := []stepPlan{}
	for i, s := range steps {
		p := stepPlan{Name: s.Name, Kind: s.Kind(), Why: s.Excuse(a.state.Environment)}
		p.Runs = p.Why == ""
		switch begun, ended := a.journal.Reached(process.Key(phase, i, s)); {
		case !p.Runs:
		case ended:
			p.Runs, p.Why = false, "it was done before the interruption"
		default:
			p.Condition = conditionOf(s)
			if begun {
				p.Why = "again: it was begun before the interruption"
			}
		}
		plans = append(plans, p)
	}
	return plans
}

// conditionOf says when a step would run, in the words of the project file.
func conditionOf(s process.Step) string {
	switch s.When {
	case process.WhenVariable:
		return "if " + s.Expression + " is true"
	case process.WhenSuccess, "":
		return ""
	}
	return fmt.Sprintf("(condition: %s)", s.When)
}

// sayAround says what would become of the steps around a plan.
func (s *session) sayAround(what string, steps []stepPlan) {
	for _, step := range steps {
		words := "be skipped: " + step.Why
		if step.Runs {
			words = joined(joined("run", step.Why), step.Condition)
		}
		fmt.Fprintf(s.progress(), "%s it, step %s (%s) would %s\n", what, step.Name, step.Kind, words)
	}
}

// joined puts a space between two texts when there is a second one.
func joined(text, more string) string {
	if more == "" {
		return text
	}
	return text + " " + more
}
