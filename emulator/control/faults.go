package control

import (
	"errors"
	"io"
	"net/http"

	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/faults"
	"github.com/vipswap/vipswap/emulator/faults/faultfile"
	"github.com/vipswap/vipswap/emulator/universe"
)

// Faults tells what plan befalls a universe, and what it has done so far.
type Faults struct {
	Plan    faults.Plan    `json:"plan"`
	Strikes int            `json:"strikes"`
	Rules   []faults.Tally `json:"rules"` // one for each rule of the plan
}

// Problems is what is wrong with a plan; none for one that can be used.
type Problems struct {
	Problems []Problem `json:"problems"`
}

// A Problem is one thing that is wrong with a plan.
type Problem struct {
	Line    int    `json:"line,omitempty"` // from 1
	Column  int    `json:"column,omitempty"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
}

// Presets are the plans that have names, mildest first.
type Presets struct {
	Presets []Preset `json:"presets"`
}

// A Preset is a plan with its name.
type Preset struct {
	Name string      `json:"name"`
	Plan faults.Plan `json:"plan"`
}

func (s *server) showFaults(r *http.Request) (any, error) {
	engine, err := s.emulator.Faults(r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	told := Faults{Plan: faults.Plan{Rules: []faults.Rule{}}, Rules: []faults.Tally{}}
	if engine != nil {
		told = Faults{engine.Plan, engine.Strikes, engine.Rules}
	}
	return told, nil
}

// setFaults takes a plan as YAML or JSON from the body, or a preset by ?preset=.
func (s *server) setFaults(r *http.Request) (any, error) {
	plan, err := planOf(r)
	if err != nil {
		return nil, err
	}
	if err := s.emulator.SetFaults(r.PathValue("id"), plan); err != nil {
		return nil, err
	}
	return s.showFaults(r)
}

func (s *server) clearFaults(r *http.Request) (any, error) {
	return nil, s.emulator.SetFaults(r.PathValue("id"), faults.Plan{})
}

func planOf(r *http.Request) (faults.Plan, error) {
	if name := r.URL.Query().Get("preset"); name != "" {
		plan, ok := faults.Preset(name)
		if !ok {
			return plan, universe.Errorf(universe.Invalid, "%q is no preset", name).WithHint("GET /v1/faults/presets lists them")
		}
		return plan, nil
	}
	data, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxBody))
	if err != nil {
		return faults.Plan{}, err
	}
	plan, err := faultfile.Read("plan", data)
	if err != nil {
		return plan, universe.Errorf(universe.Invalid, "%v", err)
	}
	return plan, nil
}

func (s *server) validateFaults(r *http.Request) (any, error) {
	data, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxBody))
	if err != nil {
		return nil, err
	}
	found := Problems{Problems: []Problem{}}
	_, err = faultfile.Read("plan", data)
	var wrong faultfile.Errors
	if errors.As(err, &wrong) {
		for _, e := range wrong {
			found.Problems = append(found.Problems, Problem{e.Line, e.Column, e.Message, e.Hint})
		}
		err = nil
	}
	return given(found, err)
}

func (s *server) presets(*http.Request) (any, error) {
	var all Presets
	for _, name := range faults.Presets() {
		plan, _ := faults.Preset(name)
		all.Presets = append(all.Presets, Preset{name, plan})
	}
	return all, nil
}

func (s *server) showProgression(r *http.Request) (any, error) {
	by, err := s.emulator.Progression(r.PathValue("id"))
	if by == nil {
		by = map[cloud.Kind]cloud.Progression{}
	}
	return given(by, err)
}

// setProgression takes all progressions in place of those that were set.
func (s *server) setProgression(r *http.Request) (any, error) {
	by := map[cloud.Kind]cloud.Progression{}
	if err := decode(r, &by); err != nil {
		return nil, err
	}
	if err := s.emulator.SetProgression(r.PathValue("id"), by); err != nil {
		return nil, err
	}
	return s.showProgression(r)
}
