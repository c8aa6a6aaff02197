package deployer

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"

	"github.com/vipswap/vipswap/deployer/management"
	"github.com/vipswap/vipswap/deployer/release/version"
	"github.com/vipswap/vipswap/internal/servicepackage"
)

// careful are the warnings that careful people do not want to go past: production
// would get what is older, suspended, not ready, smaller or configured for staging, or
// lose what it could be swapped back to.
var careful = []Code{
	StagedOlder, StagedNewer, StagedSuspended, StagedNotReady, RollbackCopyLost, LiveSlotUpgrade, SameLabelSwap, LaterSwapImpeded,
	FewerInstances, SettingsDiffer,
}

// Careful returns the codes of the warnings that a careful plan refuses.
func Careful() []Code { return slices.Clone(careful) }

// Refusing returns the plan with those of its warnings as refusals, so that it is
// not carried out.
func (p Plan) Refusing(codes ...Code) Plan {
	var kept []Decision
	p.Refusals = slices.Clone(p.Refusals)
	for _, d := range p.Decisions {
		if d.Warning && slices.Contains(codes, d.Code) {
			p.Refusals = append(p.Refusals, Refusal{Code: d.Code, Text: d.Text})
			continue
		}
		kept = append(kept, d)
	}
	if len(kept) < len(p.Decisions) {
		p.Decisions = append([]Decision{}, kept...)
	}
	if p.Refused() {
		p.Steps = []Step{}
	}
	return p
}

// risks say what can go wrong with each kind of step, and what is then so.
var risks = map[StepKind]string{
	StepUpload:  "the storage account refuses or the connection breaks: no slot has changed",
	StepCreate:  "the service refuses the package or has no room: the slot may keep a deployment that never starts",
	StepUpgrade: "instances of the new version do not start: the slot is left with both versions until it is upgraded again",
	StepSwap:    "the service refuses: the slots stay; clients with open connections or cached addresses see both versions for a moment",
	StepDelete:  "it cannot be taken back; the slot's address is given up",
	StepStatus:  "instances do not start again, or keep working until they have stopped",
	StepScale:   "the service refuses the configuration, or instances do not come up: the others go on",
	StepReady:   "instances do not get ready: what was changed before stays changed",
	StepCheck:   "it does not pass: the run ends before the swap",
	StepPause:   "it is rejected: the run ends, what is staged stays",
	StepBake:    "the release fails: production is swapped back, if there is something to swap back to",
	StepHook:    "the command fails or takes too long",
}

// Risk says what can go wrong with the step, and what is then so.
func (s Step) Risk() string {
	if s.Back {
		return "the way back fails: production keeps what did not prove itself, and that is said"
	}
	return risks[s.Kind]
}

// labelVersion reads the release number at the end of a label, as DefaultLabel
// writes it.
func labelVersion(label string) (version.Version, bool) {
	word := strings.TrimPrefix(label[strings.LastIndexByte(label, ' ')+1:], "v")
	if word == "" || word[0] < '0' || word[0] > '9' {
		return version.Version{}, false
	}
	v, err := version.Parse(word)
	return v, err == nil
}

// warnOfAge says that a swap goes back to an earlier release, or that a rollback goes
// forward, as after a rollback by other means.
func warnOfAge(p *Plan, seen Observed) {
	if seen.Production == nil || p.Action == "undo" {
		return
	}
	staged, ok := labelVersion(seen.Staging.Label)
	live, known := labelVersion(seen.Production.Label)
	if !ok || !known {
		return
	}
	switch age := staged.Compare(live); {
	case age < 0 && p.Action != "rollback":
		p.warn(StagedOlder, "staging holds %q, which is older than %q in production: the swap goes back", seen.Staging.Label, seen.Production.Label)
	case age > 0 && p.Action == "rollback":
		p.warn(StagedNewer, "staging holds %q, which is newer than %q in production: the rollback goes forward", seen.Staging.Label, seen.Production.Label)
	}
}

// Digest returns a hash, in hex, of what a plan depends on: which deployments the
// slots hold, with their labels, configurations, endpoints, sizes and whether they
// run. Instances that restart, and statuses that pass, do not change it.
func (o Observed) Digest() string {
	data, err := json.Marshal([]any{o.Service, essence(o.Production), essence(o.Staging)})
	if err != nil {
		return "" // cannot be: the parts are strings and numbers
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// content returns the hash of [SlotState]. Numbers of instances are left out, since a
// deployment is scaled while it waits to be swapped back. What an upgrade by vipswap
// brought is known by its mark alone: the service does not tell which package runs.
func content(d *management.Deployment) string {
	configuration := d.Configuration
	if cfg, err := servicepackage.ParseConfiguration(configuration); err == nil {
		var same []servicepackage.RoleEdit
		for _, role := range cfg.Roles {
			same = append(same, servicepackage.RoleEdit{Role: role.Name, Instances: 1})
		}
		if edited, err := servicepackage.EditConfiguration(configuration, same); err == nil {
			configuration = edited
		}
	}
	data, err := json.Marshal([]any{digest(configuration), EndpointsOf(d), markOf(d)})
	if err != nil {
		return "" // cannot be: the parts are strings and numbers
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func essence(d *management.Deployment) []any {
	if d == nil {
		return nil
	}
	roles := map[string]int{}
	for _, i := range d.Instances {
		roles[i.Role]++
	}
	return []any{strings.ToLower(d.Name), d.Label, isSuspended(d), digest(d.Configuration), EndpointsOf(d), roles, markOf(d)}
}
