package emulator

import (
	"time"

	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/universe"
)

// Clock tells how time passes in a universe and what waits for it.
func (e *Emulator) Clock(id string) (universe.Clock, error) {
	r, err := e.find(id)
	if err != nil {
		return universe.Clock{}, err
	}
	return universe.ClockOf(r.Timing()), nil
}

// SetClock changes how time passes in a universe from now on. It goes on from
// where it is, whatever the clock was before. Speed is for a real clock; 0 stands
// for 1. An unknown mode or a speed out of range is a *universe.Error.
func (e *Emulator) SetClock(id string, mode cloud.ClockMode, speed float64) (universe.Clock, error) {
	r, err := e.find(id)
	if err != nil {
		return universe.Clock{}, err
	}
	setting := cloud.ClockSetting{Mode: mode, Speed: speed}
	if err := setting.Check(); err != nil {
		return universe.Clock{}, universe.Errorf(universe.Invalid, "%v", err)
	}
	if err := r.SetClock(setting); err != nil {
		return universe.Clock{}, err
	}
	return universe.ClockOf(r.Timing()), nil
}

// Freeze makes time stand still in a universe, until it is moved: its clock is
// manual from then on.
func (e *Emulator) Freeze(id string) (universe.Clock, error) {
	return e.SetClock(id, cloud.ManualTime, 1)
}

// maxAdvance bounds how far time moves at once: 100 years.
const maxAdvance = 100 * 365 * 24 * time.Hour

// Advance moves the time of a universe forward by d, and lets happen what is due
// until then. It is an error when d is negative or longer than 100 years.
func (e *Emulator) Advance(id string, d time.Duration) error {
	r, err := e.find(id)
	if err != nil {
		return err
	}
	if d < 0 || d > maxAdvance {
		return universe.Errorf(universe.Invalid, "time cannot move by %v", d).WithHint("it moves forward, by up to 100 years")
	}
	return r.Advance(d)
}

// AdvanceToNext moves the time of a universe to when the next pending thing
// happens. It reports false when nothing is pending.
func (e *Emulator) AdvanceToNext(id string) (moved bool, err error) {
	r, err := e.find(id)
	if err != nil {
		return false, err
	}
	return r.AdvanceToNext()
}

// Now returns the time of a universe; the zero time when there is none.
func (e *Emulator) Now(id string) time.Time {
	if u := e.universes.Universe(id); u != nil {
		return u.Now()
	}
	return time.Time{}
}
