package deployer

import (
	"time"

	"github.com/vipswap/vipswap/deployer/management"
)

// Outcome says what became of a step.
type Outcome string

// The outcomes of a step that came to its end.
const (
	OutcomeDone    Outcome = "done"    // the step did what it says
	OutcomeAlready Outcome = "already" // what it is for was already so
	OutcomeFailed  Outcome = "failed"  // of a bake: the release did not prove itself; of a hook that stops nothing: it failed
)

// StepResult tells of one step.
type StepResult struct {
	Step        Step          `json:"step"`
	Outcome     Outcome       `json:"outcome,omitempty"`     // "" when it failed
	OperationID string        `json:"operationID,omitempty"` // of the last operation it began
	Started     time.Time     `json:"started"`
	Took        time.Duration `json:"took"`           // nanoseconds
	Note        string        `json:"note,omitempty"` // who approved, or why it failed
}

// Result is what a run came to. After an error it tells how far the run got.
type Result struct {
	Action     string          `json:"action"`
	Service    string          `json:"service"`
	Slot       management.Slot `json:"slot"`
	Swapped    bool            `json:"swapped"`               // the slots were exchanged, and stay so
	Back       bool            `json:"swappedBack,omitempty"` // they were exchanged, and back again
	Suspended  bool            `json:"suspended"`             // the deployment is suspended and serves nothing
	Deployment string          `json:"deployment,omitempty"`
	PrivateID  string          `json:"privateID,omitempty"`
	Label      string          `json:"label,omitempty"`
	URL        string          `json:"url,omitempty"`
	PackageURL string          `json:"packageURL,omitempty"`
	Reused     bool            `json:"packageReused"`
	Before     Slots           `json:"before"` // as the plan saw them
	After      *Slots          `json:"after"`  // at the last look after a swap or the last step; nil when the run failed before it could look
	Decisions  []Decision      `json:"decisions"`
	Steps      []StepResult    `json:"steps"`
	Took       time.Duration   `json:"took"` // nanoseconds
}

// Outputs returns the output variables that the guide's step publishes, by name.
// Unlike there, the deployment's id and address are also set after a swap.
func (r Result) Outputs() map[string]string {
	out := map[string]string{
		"OctopusAzureServiceName": r.Service,
		"OctopusAzureSlot":        string(r.Slot),
	}
	optional := map[string]string{
		"OctopusAzureDeploymentLabel":             r.Label,
		"OctopusAzurePackageUri":                  r.PackageURL,
		"Octopus.Action.Azure.UploadedPackageUri": r.PackageURL,
		"OctopusAzureCloudServiceDeploymentID":    r.PrivateID,
		"OctopusAzureCloudServiceDeploymentUrl":   r.URL,
		"OctopusAzureCloudServiceDeploymentName":  r.Deployment,
	}
	for name, value := range optional {
		if value != "" {
			out[name] = value
		}
	}
	if r.Swapped {
		out["OctopusAzureCloudServiceDeploymentSwapped"] = "True"
	}
	return out
}

// fill describes the deployment that the plan is about.
func (r *Result) fill(d *management.Deployment) {
	if d == nil {
		return
	}
	r.Deployment, r.PrivateID, r.Label, r.URL = d.Name, d.PrivateID, d.Label, d.URL
	r.Suspended = isSuspended(d)
}
