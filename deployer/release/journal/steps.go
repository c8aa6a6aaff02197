package journal

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/release"
)

// History keeps entries of deployments. *release.History has these methods, and says
// what each does.
type History interface {
	RecordIntent(id, step, detail string) error
	RecordDone(id, step, detail string) error
	RecordSecrets(id, step, detail string, secrets map[string]string) error
	Secrets(id string, e release.Entry) (map[string]string, error)
}

// planEntry is the step under which a plan is kept, so that a run that was interrupted
// goes on with the very same one.
const planEntry = "plan"

// RecordPlan writes down the plan of the deployment with an id, before its first step.
func RecordPlan(h History, id string, plan deployer.Plan) error {
	data, err := json.Marshal(plan)
	if err != nil {
		return err
	}
	if err := h.RecordIntent(id, planEntry, string(data)); err != nil {
		return err
	}
	return h.RecordDone(id, planEntry, "")
}

// PlanOf returns the plan of a deployment, and whether it has one. The error is for a
// plan that this version cannot carry out.
func PlanOf(d release.Deployment) (plan deployer.Plan, planned bool, err error) {
	for _, e := range d.Journal {
		if e.Step == planEntry && e.State == release.Intent {
			err := json.Unmarshal([]byte(e.Detail), &plan)
			if err == nil {
				err = plan.Check()
			}
			return plan, true, err
		}
	}
	return plan, false, nil
}

// Steps writes the steps of a plan into a history. It is a deployer.Journal.
type Steps struct {
	History History
	ID      string // of the deployment
}

// failedPrefix begins the detail of a step that ended with a failure.
const failedPrefix = "failed: "

// Intent records that a step is about to be carried out.
func (j Steps) Intent(step deployer.Step) error {
	return j.History.RecordIntent(j.ID, step.Name(), step.String())
}

// Done records that it came to its end.
func (j Steps) Done(step deployer.Step, result deployer.StepResult) error {
	detail := cmp.Or(result.OperationID, result.Note)
	if result.Outcome == deployer.OutcomeFailed {
		detail = failedPrefix + result.Note
	}
	return j.History.RecordDone(j.ID, step.Name(), detail)
}

// onceOnly are the steps that are not repeated when a run goes on. The others look
// before they act.
var onceOnly = []deployer.StepKind{deployer.StepHook, deployer.StepPause, deployer.StepBake}

// Left returns what is to be done of the plan of a deployment that was interrupted.
func Left(plan deployer.Plan, entries []release.Entry) deployer.Plan {
	var ended []deployer.Ended
	for _, e := range entries {
		at := plan.Next(func(s deployer.Step) bool { return s.Name() == e.Step }, ended)
		if e.State != release.Done || at < 0 {
			continue
		}
		one := deployer.Ended{Step: at, Outcome: deployer.OutcomeDone}
		if note, failed := strings.CutPrefix(e.Detail, failedPrefix); failed {
			one.Outcome, one.Note = deployer.OutcomeFailed, note
		}
		ended = append(ended, one)
	}
	if left := plan.Left(ended); left.Turned != "" {
		return left
	}
	steps := []deployer.Step{}
	for i, step := range plan.Steps {
		over := slices.ContainsFunc(ended, func(e deployer.Ended) bool { return e.Step == i })
		if !over || !slices.Contains(onceOnly, step.Kind) {
			steps = append(steps, step)
		}
	}
	plan.Steps = steps
	return plan
}
