package control

import (
	"net/http"
	"time"

	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/universe"
)

// ClockChange asks for another clock. What is left out stays as it is.
type ClockChange struct {
	Mode  cloud.ClockMode `json:"mode,omitempty"`
	Speed float64         `json:"speed,omitempty"`
}

func (s *server) showClock(r *http.Request) (any, error) {
	return given(s.emulator.Clock(r.PathValue("id")))
}

func (s *server) setClock(r *http.Request) (any, error) {
	var change ClockChange
	if err := decode(r, &change); err != nil {
		return nil, err
	}
	now, err := s.emulator.Clock(r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	if change.Mode == "" {
		change.Mode = now.Mode
	}
	if change.Speed == 0 {
		change.Speed = now.Speed
	}
	return given(s.emulator.SetClock(r.PathValue("id"), change.Mode, change.Speed))
}

// Next is where Move goes to the next pending event.
const Next = "next"

// A Move says how far time moves: exactly one of its fields is set.
type Move struct {
	By string `json:"by,omitempty"` // a duration such as 90s or 1h30m
	To string `json:"to,omitempty"` // Next, or a time such as 2015-07-01T00:10:00Z
}

// Moved tells where time is after a Move.
type Moved struct {
	universe.Clock
	Moved bool `json:"moved"` // false when there was nothing to move to
}

func (s *server) advance(r *http.Request) (any, error) {
	var move Move
	if err := decode(r, &move); err != nil {
		return nil, err
	}
	id := r.PathValue("id")
	before, err := s.emulator.Clock(id)
	if err != nil {
		return nil, err
	}
	moved, err := s.move(id, before.Now, move)
	if err != nil {
		return nil, err
	}
	now, err := s.emulator.Clock(id)
	return given(Moved{now, moved}, err)
}

func (s *server) move(id string, now time.Time, m Move) (bool, error) {
	const example = `send {"by": "90s"}, {"to": "next"} or {"to": "2015-07-01T00:10:00Z"}`
	switch {
	case (m.By == "") == (m.To == ""):
		return false, universe.Errorf(universe.Invalid, "it takes one of by and to").WithHint(example)
	case m.To == Next:
		return s.emulator.AdvanceToNext(id)
	case m.By != "":
		d, err := time.ParseDuration(m.By)
		if err != nil {
			return false, universe.Errorf(universe.Invalid, "%q is no duration", m.By).WithHint(example)
		}
		return d > 0, s.emulator.Advance(id, d)
	}
	to, err := time.Parse(time.RFC3339, m.To)
	if err != nil {
		return false, universe.Errorf(universe.Invalid, "%q is no time", m.To).WithHint(example)
	}
	if to.Before(now) {
		return false, universe.Errorf(universe.Invalid, "it is %s already, and time does not go back", now.Format(time.RFC3339)).WithHint("reset begins anew")
	}
	return to.After(now), s.emulator.Advance(id, to.Sub(now))
}
