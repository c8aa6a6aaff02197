package deployer

import (
	"errors"
	"fmt"
	"slices"
)

// All returns the steps of the plan, and behind them those of the way back. A
// journal counts steps so.
func (p Plan) All() []Step { return slices.Concat(p.Steps, p.Back) }

// Ended says how one step of a plan ended, by its index in [Plan.All].
type Ended struct {
	Step    int
	Outcome Outcome
	Note    string
}

// Left returns the plan without the steps that are known to have ended. After a bake
// that failed it is what is left of the way back, and Turned says why. A step that was
// begun stays: it looks before it acts. So does the check before a swap that is still
// to come: what it saw is no longer news.
func (p Plan) Left(ended []Ended) Plan {
	all, first := p.All(), 0
	for i, s := range all {
		if failed := find(ended, i); s.Kind == StepBake && failed != nil && failed.Outcome == OutcomeFailed {
			p.Turned, first = failed.Note, len(p.Steps)
		}
	}
	last := len(p.Steps)
	if p.Turned != "" {
		last = len(all)
	}
	left := []Step{}
	for i := first; i < last; i++ {
		if find(ended, i) == nil || p.looksAgain(i, ended) {
			left = append(left, all[i])
		}
	}
	if p.Steps = left; p.Turned != "" {
		p.Back = nil
	}
	return p
}

// looksAgain reports whether the step is the last check before a swap that has not
// ended.
func (p Plan) looksAgain(i int, ended []Ended) bool {
	if i >= len(p.Steps) || p.Steps[i].Kind != StepCheck {
		return false
	}
	for j := i + 1; j < len(p.Steps); j++ {
		switch p.Steps[j].Kind {
		case StepCheck:
			return false
		case StepSwap:
			return find(ended, j) == nil
		}
	}
	return false
}

func find(ended []Ended, step int) *Ended {
	i := slices.IndexFunc(ended, func(e Ended) bool { return e.Step == step })
	if i < 0 {
		return nil
	}
	return &ended[i]
}

// Next returns the index in [Plan.All] of the first step that is like s and has not
// ended, or -1.
func (p Plan) Next(like func(Step) bool, ended []Ended) int {
	for i, s := range p.All() {
		if like(s) && find(ended, i) == nil {
			return i
		}
	}
	return -1
}

// Misfits says how the slots no longer fit the next change of the plan; nothing, when
// they do, or when there is no change left.
func (p Plan) Misfits(seen Observed) []Refusal {
	for _, s := range p.Steps {
		c, isChange := changes[s.Kind]
		if !isChange {
			continue
		}
		var gone *MovedError
		if _, _, err := c.stand(s, p.ID, seen); errors.As(err, &gone) {
			return []Refusal{{Code: UnexpectedDeployment, Text: fmt.Sprintf("%s: the slots have changed since: %s", s, gone.Saw), Hint: "look at the slots; a run that cannot go on is taken back, or given up"}}
		}
		return nil
	}
	return nil
}
