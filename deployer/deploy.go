package deployer

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/vipswap/vipswap/deployer/management"
)

// Deploy brings one release into one slot: the cloud-service step of the guide.
type Deploy struct {
	Service string
	Slot    management.Slot
	Label   string // of the deployment; see DefaultLabel
	// Name is given to a new deployment, and marks an upgrade as this plan's. Take
	// a fresh one from NewName for each plan.
	Name string
	// Package and Configuration are what Run will be given as Artifacts. The plan
	// keeps only their digests. They may be left out of a plan that is only shown.
	Package       PackageFile
	Configuration []byte
	// Endpoints are those of the package's definition; nil when not known.
	Endpoints Endpoints
	// Problems are those that CheckConfiguration found. They are refusals of a plan
	// that would send the package and its configuration; a swap sends neither.
	Problems []Refusal
	Options  Options
}

// A Mismatch says what happens when a swap was wanted and staging does not hold
// the release.
type Mismatch string

// What to do instead of a swap.
const (
	MismatchDeploy Mismatch = "deploy" // deploy into production, as the guide's step does; also ""
	MismatchFail   Mismatch = "fail"   // refuse, so that an occupied production slot is only ever swapped
)

// Upgrade modes, as the service names them.
const (
	ModeAuto         = "Auto"
	ModeManual       = "Manual"
	ModeSimultaneous = "Simultaneous"
)

// Options choose where the guide, the later generations of its step and careful
// people differ. DefaultOptions has the guide's choices.
type Options struct {
	// SwapIfPossible is "Swap staging to production if possible". It matters only
	// for Production.
	SwapIfPossible bool
	// SwapIntoEmptyProduction moves the staged release into an empty production
	// slot, as the step did from the end of 2015 on. The guide deploys instead.
	SwapIntoEmptyProduction bool
	// OnLabelMismatch applies when production is occupied and staging is empty or
	// holds another label.
	OnLabelMismatch Mismatch
	// IgnoreLabelCase compares labels without regard to case, as the step did
	// until 2020.
	IgnoreLabelCase bool
	// SkipSameLabel does nothing when the slot already holds the label.
	SkipSameLabel bool
	// UpgradeMode is Auto, Manual or Simultaneous; "" is Auto.
	UpgradeMode string
	// ForceUpgrade allows an upgrade that loses local data, such as one to another
	// size. The guide's step always allows it.
	ForceUpgrade bool
	// Suspended creates a deployment without starting it.
	Suspended bool
	// Waits bound the waiting.
	Waits Waits
}

// DefaultOptions returns the guide's choices: swap if possible, upgrades forced.
func DefaultOptions() Options { return Options{SwapIfPossible: true, ForceUpgrade: true} }

func (d Deploy) target() (string, management.Slot) { return d.Service, d.Slot }

// check refuses options that no service could satisfy.
func (d Deploy) check() error {
	if !slices.Contains([]Mismatch{"", MismatchDeploy, MismatchFail}, d.Options.OnLabelMismatch) {
		return fmt.Errorf("unknown choice %q for a label mismatch: use %s or %s", string(d.Options.OnLabelMismatch), MismatchDeploy, MismatchFail)
	}
	if !slices.Contains([]string{"", ModeAuto, ModeManual, ModeSimultaneous}, d.Options.UpgradeMode) {
		return fmt.Errorf("unknown upgrade mode %q: use %s, %s or %s", d.Options.UpgradeMode, ModeAuto, ModeManual, ModeSimultaneous)
	}
	return d.Options.Waits.check()
}

func (w Waits) check() error {
	if w.Timeout < 0 || w.CyclingGrace < 0 {
		return fmt.Errorf("negative time limit %s", min(w.Timeout, w.CyclingGrace))
	}
	return nil
}

// plan decides between swap, create and upgrade.
func (d Deploy) plan(p *Plan, seen Observed) {
	p.Action, p.ID, p.Label, p.Waits = "deploy", d.Name, d.Label, d.Options.Waits
	d.preflight(p, seen)
	there := seen.In(d.Slot)
	switch {
	case d.Options.SkipSameLabel && d.isOwn(there):
		p.decide(AlreadyThere, "%s already holds %q: nothing is done", lower(d.Slot), there.Label)
	case d.decideSwap(p, seen):
		d.warnOfConfiguration(p, seen)
		planSwap(p, seen, d.Options.Waits.NoReady, fmt.Sprintf("staging holds %q, the label of this release", seen.Staging.Label))
	case there == nil:
		d.planCreate(p, seen)
	default:
		d.planUpgrade(p, seen, there)
	}
}

func (d Deploy) preflight(p *Plan, seen Observed) {
	if why := checkLabel(d.Label); why != "" {
		p.refuse(BadLabel, "shorten the step's name, or give a label of your own", "%s", why)
	}
	if why := checkName(d.Name); why != "" {
		p.refuse(BadName, "", "%s", why)
	}
	if held := seen.Named(d.Name); held != nil {
		p.refuse(BadName, "take a fresh name for each plan", "%s already holds a deployment named %s", lower(held.Slot), held.Name)
	}
}

// isOwn reports whether the deployment carries the label of this release.
func (d Deploy) isOwn(there *management.Deployment) bool {
	switch {
	case there == nil:
		return false
	case d.Options.IgnoreLabelCase:
		return strings.EqualFold(there.Label, d.Label)
	}
	return there.Label == d.Label
}

// decideSwap reports whether the slots are to be swapped, and says why or why not.
func (d Deploy) decideSwap(p *Plan, seen Observed) bool {
	if d.Slot != management.Production || !d.Options.SwapIfPossible {
		return false
	}
	own := d.isOwn(seen.Staging)
	switch {
	case seen.Production == nil && !(own && d.Options.SwapIntoEmptyProduction):
		p.decide(ProductionEmpty, "production is empty: the release is deployed into it, not swapped (a swap exchanges two deployments)")
		return false
	case seen.Production == nil:
		p.decide(PromoteIntoEmpty, "production is empty and staging holds %q: it moves into production and leaves staging empty", seen.Staging.Label)
	case seen.Staging == nil:
		return d.noSwap(p, NothingStaged, "staging is empty")
	case !own:
		return d.noSwap(p, StagedDiffers, fmt.Sprintf("staging holds %q, not %q", seen.Staging.Label, d.Label))
	default:
		p.decide(StagedMatches, "staging holds %q, the label of this release, and production holds %q: they are swapped", seen.Staging.Label, seen.Production.Label)
	}
	return true
}

// noSwap says, or refuses, that production is going to be deployed into although
// a swap was wanted. It returns false.
func (d Deploy) noSwap(p *Plan, code Code, saw string) bool {
	if d.Options.OnLabelMismatch == MismatchFail {
		p.refuse(code, "deploy the release to Staging first, or allow it to be deployed into Production", "%s, so there is nothing to swap, and deploying into the live slot is not allowed", saw)
		return false
	}
	p.decide(code, "%s: there is nothing to swap, so the release is deployed into production", saw)
	return false
}

func (d Deploy) planCreate(p *Plan, seen Observed) {
	reason := fmt.Sprintf("%s is empty", lower(d.Slot))
	p.decide(SlotEmpty, "%s: a new deployment is created there", reason)
	d.warnOfLaterSwap(p, seen)
	p.Refusals = append(p.Refusals, d.Problems...)
	p.add(d.uploadStep())
	step := d.change(StepCreate, d.Name, reason)
	step.Suspended = d.Options.Suspended
	step.After = fmt.Sprintf("%s holds %q as deployment %s", lower(d.Slot), d.Label, d.Name)
	p.add(step)
	d.planReady(p, d.Name)
}

func (d Deploy) planUpgrade(p *Plan, seen Observed, there *management.Deployment) {
	reason := fmt.Sprintf("%s is occupied by %q", lower(d.Slot), there.Label)
	p.decide(SlotOccupied, "%s (deployment %s): it is upgraded in place", reason, there.Name)
	d.warnOfUpgrade(p, seen, there)
	d.warnOfLaterSwap(p, seen)
	p.Refusals = append(p.Refusals, d.Problems...)
	p.add(d.uploadStep())
	step := d.change(StepUpgrade, there.Name, reason)
	step.Mode, step.Force, step.Replaces = d.mode(), d.Options.ForceUpgrade, there.Label
	step.After = fmt.Sprintf("deployment %s in %s runs %q", there.Name, lower(d.Slot), d.Label)
	p.add(step)
	if d.mode() == ModeManual {
		p.warn(ManualUpgrade, "the upgrade is manual: instances change only as somebody walks the upgrade domains, so the run does not wait for them")
		return
	}
	d.planReady(p, there.Name)
}

// warnOfUpgrade says aloud what an upgrade in place costs.
func (d Deploy) warnOfUpgrade(p *Plan, seen Observed, there *management.Deployment) {
	if d.Slot == management.Production {
		p.warn(LiveSlotUpgrade, "production serves %q now: its instances are upgraded under traffic, and there is nothing to swap back to", there.Label)
	}
	if d.Slot == management.Staging && seen.Production != nil && !d.isOwn(there) && there.Label != seen.Production.Label {
		p.warn(RollbackCopyLost, "staging holds %q, which could be swapped back into production: the upgrade replaces it", there.Label)
	}
	if isSuspended(there) {
		p.warn(StaysSuspended, "deployment %s is suspended, and an upgrade does not start it: it stays suspended", there.Name)
	}
	warnOfOperation(p, there)
}

// warnOfLaterSwap compares the new package with what production has.
func (d Deploy) warnOfLaterSwap(p *Plan, seen Observed) {
	other := seen.In(d.Slot.Other())
	if d.Endpoints == nil || other == nil || d.Endpoints.Equal(EndpointsOf(other)) {
		return
	}
	p.warn(LaterSwapImpeded, "the package has %s and %s has %s: the service will refuse to swap the two", d.Endpoints, lower(d.Slot.Other()), EndpointsOf(other))
}

func (d Deploy) mode() string {
	if d.Options.UpgradeMode == "" {
		return ModeAuto
	}
	return d.Options.UpgradeMode
}

func (d Deploy) uploadStep() Step {
	return Step{
		Kind: StepUpload, Package: d.Package.Name, PackageSize: d.Package.Size, PackageSHA256: d.Package.SHA256,
		Reason: "the cloud fetches a package from blob storage",
		After:  "the package is in blob storage; one that is already there is used again",
	}
}

// change returns what creating and upgrading have in common.
func (d Deploy) change(kind StepKind, name, reason string) Step {
	return Step{
		Kind: kind, Slot: d.Slot, Deployment: name, Label: d.Label,
		Package: d.Package.Name, PackageSHA256: d.Package.SHA256, ConfigSHA256: digest(d.Configuration),
		Reason: reason,
	}
}

func (d Deploy) planReady(p *Plan, name string) {
	if d.Options.Waits.NoReady {
		return
	}
	p.add(readyStep(d.Slot, name, "an operation ends before the instances are up"))
}

func readyStep(slot management.Slot, name, reason string) Step {
	return Step{Kind: StepReady, Slot: slot, Deployment: name, Reason: reason, After: fmt.Sprintf("every instance of deployment %s is ready", name)}
}

// digest returns the SHA-256 of data in hex, or "" for no data.
func digest(data []byte) string {
	if data == nil {
		return ""
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func lower(s management.Slot) string { return strings.ToLower(string(s)) }

func isSuspended(d *management.Deployment) bool {
	return d.Status == management.StatusSuspended || d.Status == management.StatusSuspending ||
		d.Status == management.StatusSuspendedTransitioning
}

// warnOfOperation says that the run begins with waiting for somebody else.
func warnOfOperation(p *Plan, d *management.Deployment) {
	if d.Locked {
		p.warn(OperationRunning, "an operation is running on deployment %s: the run waits for its end, then looks again", d.Name)
	}
}

// DefaultCyclingGrace is how long an instance may keep restarting before a wait
// for it is given up.
const DefaultCyclingGrace = 10 * time.Minute
