package release

import (
	"fmt"
	"slices"
	"strings"
)

// A Lifecycle says in which order a release goes through the environments.
type Lifecycle struct{ Phases []Phase }

// A Phase is a group of environments that a release reaches together.
type Phase struct {
	Name string

	// Automatic environments are deployed to as soon as the phase is reached,
	// Manual ones when somebody asks. With both empty the phase stands for
	// all environments that no earlier phase names, as manual ones.
	Automatic []string
	Manual    []string

	// Minimum is how many of the phase's environments a release must have
	// reached, successfully, before it may go on. 0 stands for all.
	Minimum int

	// Optional phases need not be gone through, and never deploy by
	// themselves.
	Optional bool
}

// Environments lists the automatic and then the manual environments.
func (p Phase) Environments() []string { return slices.Concat(p.Automatic, p.Manual) }

// Resolve returns the lifecycle with every phase's environments filled in.
// Without phases there is one for each environment, in order. Octopus'
// documentation of lifecycles defines both cases.
func (l Lifecycle) Resolve(environments []string) Lifecycle {
	var resolved Lifecycle
	if len(l.Phases) == 0 {
		for _, e := range environments {
			resolved.Phases = append(resolved.Phases, Phase{Name: e, Manual: []string{e}})
		}
		return resolved
	}
	var named []string
	for _, p := range l.Phases {
		if len(p.Environments()) == 0 {
			p.Manual = slices.DeleteFunc(slices.Clone(environments), func(e string) bool { return containsFold(named, e) })
		}
		named = append(named, p.Environments()...)
		resolved.Phases = append(resolved.Phases, p)
	}
	return resolved
}

// Facts are what the progress of one release depends on.
type Facts struct {
	// Succeeded lists the environments that the release was deployed to
	// successfully, at any time: a later failure does not take that back.
	Succeeded []string

	// Blocked, unless empty, says why the release must not progress.
	Blocked string
}

// A PhaseState is Pending, Current or Complete.
type PhaseState string

// The states of a phase.
const (
	PhasePending  PhaseState = "Pending"  // not reached
	PhaseCurrent  PhaseState = "Current"  // reached, and more is to be done
	PhaseComplete PhaseState = "Complete" // enough environments have the release
)

// A Progress tells how far a release has come.
type Progress struct {
	Phases       []PhaseProgress
	Environments []EnvironmentProgress // in the order of the phases
}

// A PhaseProgress is the state of one phase.
type PhaseProgress struct {
	Name     string
	State    PhaseState
	Deployed []string // environments of the phase that have the release
	Missing  int      // how many more are needed
}

// An EnvironmentProgress says whether a release may be deployed to an
// environment, and if not, why.
type EnvironmentProgress struct {
	Name      string
	Phase     string
	Automatic bool
	Deployed  bool // the release was deployed there successfully
	Allowed   bool
	Reason    string // why it is not allowed; empty if it is
}

// Environment returns the progress of one environment, by its name in any
// case, and whether the lifecycle has it.
func (p Progress) Environment(name string) (EnvironmentProgress, bool) {
	i := slices.IndexFunc(p.Environments, func(e EnvironmentProgress) bool { return strings.EqualFold(e.Name, name) })
	if i < 0 {
		return EnvironmentProgress{}, false
	}
	return p.Environments[i], true
}

// Progress tells where a release may go. Open are all phases up to the first
// one that is neither complete nor optional; in them, and wherever the
// release has been before, it may be deployed. A blocked release may go to
// the first phase, and to phases it has reached. The lifecycle must be a
// resolved one.
func (l Lifecycle) Progress(facts Facts) Progress {
	var progress Progress
	waitingFor := "" // why phases from here on are closed
	for i, p := range l.Phases {
		state := phaseProgress(p, facts)
		reason := waitingFor
		if reason == "" && facts.Blocked != "" && i > 0 && len(state.Deployed) == 0 {
			reason = "the release is blocked: " + facts.Blocked
		}
		if waitingFor == "" && state.State != PhaseComplete {
			state.State = PhaseCurrent
			if !p.Optional {
				waitingFor = state.waiting(p)
			}
		}
		progress.Phases = append(progress.Phases, state)
		progress.Environments = append(progress.Environments, p.environments(facts, reason)...)
	}
	return progress
}

func phaseProgress(p Phase, facts Facts) PhaseProgress {
	progress := PhaseProgress{Name: p.Name, State: PhasePending}
	for _, e := range p.Environments() {
		if containsFold(facts.Succeeded, e) && !containsFold(progress.Deployed, e) {
			progress.Deployed = append(progress.Deployed, e)
		}
	}
	progress.Missing = max(0, p.needed()-len(progress.Deployed))
	if progress.Missing == 0 {
		progress.State = PhaseComplete
	}
	return progress
}

// needed is how many environments complete the phase.
func (p Phase) needed() int {
	all := len(p.Environments())
	if p.Minimum == 0 {
		return all
	}
	return min(p.Minimum, all)
}

// waiting says what the phases behind p wait for.
func (s PhaseProgress) waiting(p Phase) string {
	var missing []string
	for _, e := range p.Environments() {
		if !containsFold(s.Deployed, e) {
			missing = append(missing, e)
		}
	}
	if len(missing) == s.Missing {
		return fmt.Sprintf("phase %s is not complete: the release must first succeed in %s", p.Name, strings.Join(missing, " and "))
	}
	return fmt.Sprintf("phase %s is not complete: the release must first succeed in %d more of %s", p.Name, s.Missing, strings.Join(missing, ", "))
}

func (p Phase) environments(facts Facts, reason string) []EnvironmentProgress {
	var list []EnvironmentProgress
	for i, e := range p.Environments() {
		deployed := containsFold(facts.Succeeded, e)
		progress := EnvironmentProgress{Name: e, Phase: p.Name, Automatic: i < len(p.Automatic), Deployed: deployed}
		progress.Allowed = reason == "" || deployed
		if !progress.Allowed {
			progress.Reason = reason
		}
		list = append(list, progress)
	}
	return list
}

// AutomaticAtCreation lists the environments that a release is deployed to as
// soon as it is created: the automatic ones of the first phase.
func (l Lifecycle) AutomaticAtCreation() []string {
	if len(l.Phases) == 0 || l.Phases[0].Optional {
		return nil
	}
	return slices.Clone(l.Phases[0].Automatic)
}

// AutomaticAfter lists the environments that a release is deployed to because
// it has just succeeded in environment: the automatic ones of the next phase,
// if the success completed the phase. Before are the facts without that
// success. A redeployment completes nothing, an optional phase starts nothing
// by itself, and neither does a blocked release.
func (l Lifecycle) AutomaticAfter(before Facts, environment string) []string {
	if before.Blocked != "" {
		return nil
	}
	has := func(p Phase) bool { return containsFold(p.Environments(), environment) }
	i := slices.IndexFunc(l.Phases, has)
	if i < 0 || i+1 >= len(l.Phases) || l.Phases[i+1].Optional {
		return nil
	}
	after := Facts{Succeeded: append(slices.Clone(before.Succeeded), environment)}
	if phaseProgress(l.Phases[i], before).Missing == 0 || phaseProgress(l.Phases[i], after).Missing > 0 {
		return nil
	}
	done := func(e string) bool { return containsFold(after.Succeeded, e) }
	return slices.DeleteFunc(slices.Clone(l.Phases[i+1].Automatic), done)
}

func containsFold(list []string, s string) bool {
	return slices.ContainsFunc(list, func(item string) bool { return strings.EqualFold(item, s) })
}
