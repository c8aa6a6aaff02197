package cli

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vipswap/vipswap/deployer/release"
)

const progressionLong = `Progression prints where a release is in the lifecycle, where it may go next, and for
each environment that it may not go to, why not. A phase is complete when the release
was deployed successfully to as many of its environments as it asks for; a later
failure takes nothing back.`

// progressionView is how far a release has come, as JSON.
type progressionView struct {
	Release string             `json:"release"`
	Blocked string             `json:"blocked,omitempty"` // why
	Next    []string           `json:"next"`              // environments that it may be deployed to
	Phases  []progressionPhase `json:"phases"`
}

type progressionPhase struct {
	Name         string             `json:"name"`
	State        release.PhaseState `json:"state"`
	Optional     bool               `json:"optional"`
	Missing      int                `json:"missing"` // successful environments that complete it
	Environments []progressionPlace `json:"environments"`
}

type progressionPlace struct {
	Name      string           `json:"name"`
	Automatic bool             `json:"automatic"`
	Deployed  bool             `json:"deployed"`
	Allowed   bool             `json:"allowed"`
	Mode      release.Mode     `json:"mode,omitempty"` // what a deployment would be
	Reason    string           `json:"reason,omitempty"`
	Last      *progressionLast `json:"last,omitempty"`
}

// progressionLast is the last deployment of the release to an environment.
type progressionLast struct {
	ID    string        `json:"id"`
	State release.State `json:"state"`
	Mode  release.Mode  `json:"mode,omitempty"`
}

func (p *program) releaseProgressionCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "progression VERSION",
		Short:   "Say where a release may go next, and where not and why",
		Long:    progressionLong,
		Example: "  vipswap release progression 1.1.0\n  vipswap release progression 1.1.0 --output json",
		Args:    takes("the release's number"),
		RunE: p.action(func(_ context.Context, args []string) error {
			return p.withSession("vipswap release progression "+args[0], func(s *session) error { return s.progression(args[0]) })
		}),
	}
}

func (s *session) progression(number string) error {
	r, err := s.history.Release(number)
	if err != nil {
		return err
	}
	progress, err := s.history.Progress(r.Number, s.project.Lifecycle)
	if err != nil {
		return err
	}
	deployments, err := s.history.Deployments(release.Filter{})
	if err != nil {
		return err
	}
	v := progressionView{Release: r.Number, Blocked: r.Blocked(), Next: []string{}}
	for i, ph := range progress.Phases {
		phase := progressionPhase{Name: ph.Name, State: ph.State, Optional: s.project.Lifecycle.Phases[i].Optional, Missing: ph.Missing}
		for _, e := range progress.Environments {
			if e.Phase == ph.Name {
				phase.Environments = append(phase.Environments, progressionIn(r, e, deployments))
			}
			if e.Phase == ph.Name && e.Allowed {
				v.Next = append(v.Next, e.Name)
			}
		}
		v.Phases = append(v.Phases, phase)
	}
	return s.show(v, func(w io.Writer) { writeProgression(w, s.style(w), v) })
}

// progressionIn tells of one environment.
func progressionIn(r release.Release, e release.EnvironmentProgress, deployments []release.Deployment) progressionPlace {
	place := progressionPlace{Name: e.Name, Automatic: e.Automatic, Deployed: e.Deployed, Allowed: e.Allowed, Reason: e.Reason}
	current := ""
	for _, d := range deployments {
		if !strings.EqualFold(d.Environment, e.Name) {
			continue
		}
		if d.State == release.Success {
			current = d.Release
		}
		if d.Release == r.Number {
			place.Last = &progressionLast{d.ID, d.State, d.Mode}
		}
	}
	if e.Allowed {
		place.Mode = release.ModeOf(r.Number, current)
	}
	return place
}

func writeProgression(w io.Writer, s style, v progressionView) {
	if v.Blocked != "" {
		fmt.Fprintf(w, "%s %s\n", s.bad("blocked:"), v.Blocked)
	}
	t := table{}
	t.head(s, "PHASE", "STATE", "ENVIRONMENT", "STARTS", "LAST", "MAY GO THERE")
	for _, ph := range v.Phases {
		name, state := ph.Name, string(ph.State)
		if ph.Optional {
			name += " (optional)"
		}
		if ph.Missing > 0 && ph.State != release.PhasePending {
			state += fmt.Sprintf(", %d more", ph.Missing)
		}
		for _, e := range ph.Environments {
			t.add(cell{name, s.bold}, phaseCell(s, ph.State, state), plain(e.Name), plain(startOf(e)), lastCell(s, e.Last), mayGo(s, e))
			name, state = "", ""
		}
	}
	t.write(w)
}

func phaseCell(s style, state release.PhaseState, text string) cell {
	paints := map[release.PhaseState]func(string) string{release.PhaseComplete: s.good, release.PhaseCurrent: s.mark, release.PhasePending: s.dim}
	return cell{text, paints[state]}
}

func startOf(e progressionPlace) string {
	if e.Automatic {
		return "by itself"
	}
	return "by request"
}

func lastCell(s style, last *progressionLast) cell {
	if last == nil {
		return plain("-")
	}
	return stateCell(s, deploymentView{State: last.State})
}

// whatItIs says what a deployment would mean to its environment.
var whatItIs = map[release.Mode]string{
	release.ModeDeploy: "yes", release.ModeRollback: "yes, as a rollback", release.ModeRedeployment: "yes, once more",
}

func mayGo(s style, e progressionPlace) cell {
	if e.Allowed {
		return cell{whatItIs[e.Mode], s.good}
	}
	return plain("no: " + e.Reason)
}
