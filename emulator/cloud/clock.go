package cloud

import (
	"fmt"
	"math"
	"time"
)

// A ClockMode is how time passes in a universe.
type ClockMode string

// The modes.
const (
	// RealTime passes as on the wall, or faster by a factor.
	RealTime ClockMode = "real"
	// AutoTime stands still until a client looks at something unfinished; then
	// it steps to when the next pending thing happens.
	AutoTime ClockMode = "auto"
	// ManualTime moves when it is told to.
	ManualTime ClockMode = "manual"
)

// ParseClockMode reads a mode.
func ParseClockMode(s string) (ClockMode, error) {
	switch m := ClockMode(s); m {
	case RealTime, AutoTime, ManualTime:
		return m, nil
	}
	return "", fmt.Errorf("%q is not a clock; it is real, auto or manual", s)
}

// A Clock tells the time of a universe. It is part of the universe's state and
// guarded by its lock.
type Clock struct {
	Mode  ClockMode
	Speed float64 // RealTime only: cloud seconds in a second
	wall  func() time.Time
	since time.Time // wall time at which the cloud's was base
	base  time.Time
}

// NewClock returns a clock that shows start now. wall is where real time comes
// from. A speed that is no number above 0 means 1.
func NewClock(mode ClockMode, speed float64, start time.Time, wall func() time.Time) Clock {
	if !(speed > 0) || math.IsInf(speed, 0) {
		speed = 1
	}
	return Clock{Mode: mode, Speed: speed, wall: wall, since: wall(), base: start}
}

// furthest is how far a real clock goes, in nanoseconds: what a time.Duration holds.
const furthest = 1<<63 - 1<<10

// Now returns the universe's time.
func (c *Clock) Now() time.Time {
	if c.Mode != RealTime {
		return c.base
	}
	return c.at(c.wall())
}

// at returns the time of a real clock when it is wall on the wall.
func (c *Clock) at(wall time.Time) time.Time {
	passed := min(float64(wall.Sub(c.since))*c.Speed, furthest)
	return c.base.Add(time.Duration(passed))
}

// own returns the universe's time, and whether it is another than the wall's.
func (c *Clock) own() (now time.Time, own bool) {
	if c.Mode != RealTime {
		return c.base, true
	}
	wall := c.wall()
	now = c.at(wall)
	return now, now.Sub(wall).Abs() >= time.Second
}

// set makes the clock show t.
func (c *Clock) set(t time.Time) { c.base, c.since = t, c.wall() }
