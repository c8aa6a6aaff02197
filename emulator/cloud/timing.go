package cloud

import (
	"fmt"
	"time"
)

// MaxSpeed is the fastest that a real clock may be made to pass.
const MaxSpeed = 1e6

// A ClockSetting is how time passes in a universe, where that was chosen for it
// and not for all universes alike.
type ClockSetting struct {
	Mode  ClockMode
	Speed float64
}

// Check refuses a mode that is none and a speed that is not between 0 and
// MaxSpeed; 0 stands for 1.
func (c ClockSetting) Check() error {
	if _, err := ParseClockMode(string(c.Mode)); err != nil {
		return err
	}
	if !(c.Speed >= 0 && c.Speed <= MaxSpeed) {
		return fmt.Errorf("the speed %v is not between 0 and %v", c.Speed, float64(MaxSpeed))
	}
	return nil
}

// A Timing is how a universe stands in time.
type Timing struct {
	Mode    ClockMode
	Speed   float64
	Now     time.Time
	Next    time.Time // when the next pending thing happens; zero when nothing is pending
	Pending int       // how many things are pending
}

// Timing tells the time of the universe and what waits for it, without bringing
// the state to the present.
func (u *Universe) Timing() Timing {
	u.mu.Lock()
	defer u.mu.Unlock()
	t := Timing{Mode: u.clock.Mode, Speed: u.clock.Speed, Now: u.clock.Now(), Pending: len(u.state.due)}
	t.Next, _ = u.state.NextDue()
	return t
}

// SetClock changes how time passes from now on. Time goes on from where it is:
// it jumps neither forward nor back. The error is that of [ClockSetting.Check], or
// says why the change could not be saved.
func (u *Universe) SetClock(c ClockSetting) error {
	if err := c.Check(); err != nil {
		return err
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.clock.choose(c)
	u.state.clock = &ClockSetting{u.clock.Mode, u.clock.Speed}
	u.state.changes.meta = true
	u.state.advance(u.clock.Now())
	return u.save()
}

// choose changes how time passes from the present on.
func (c *Clock) choose(s ClockSetting) {
	c.set(c.Now())
	c.Mode, c.Speed = s.Mode, s.Speed
	if c.Speed == 0 {
		c.Speed = 1
	}
}

// AdvanceToNext moves the time of the universe to when the next pending thing
// happens, whatever its clock. It reports false when nothing is pending.
func (u *Universe) AdvanceToNext() (moved bool, err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	at, ok := u.state.NextDue()
	if !ok {
		return false, nil
	}
	return true, u.move(at)
}

// Reset empties the universe, as if it had just been made with this seed and
// clock; what is kept of it is emptied, too. furnish sets up what a new
// universe begins with. A plan of faults stays and begins anew; progressions stay.
func (u *Universe) Reset(seed uint64, clock Clock, furnish func(*State)) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	old := &u.state
	fresh := newState(old.Subscription, seed, clock.Now())
	fresh.Name, fresh.clock, fresh.Contents = old.Name, old.clock, old.Contents
	// Documents are remembered by revision and era, which therefore go on.
	fresh.revision, fresh.era = old.revision, old.era+1
	fresh.progressions = old.progressions
	if old.faults != nil {
		fresh.faults = newFaults(old.faults.Plan, seed)
	}
	fresh.changes = old.changes
	fresh.changes.meta = true
	fresh.changes.gone(old)
	u.state, u.clock, u.requests = fresh, clock, requestSource(seed)
	furnish(&u.state)
	return u.save()
}

// gone marks everything that a state holds, so that what is kept of it goes.
func (c *changes) gone(st *State) {
	if !c.on {
		return
	}
	for kind, k := range st.keepers() {
		for key := range k.keys() {
			c.mark(kind, key)
		}
	}
	for _, d := range st.due {
		c.due(d.Seq, nil)
	}
}

// requestSource is where the ids of requests come from.
func requestSource(seed uint64) Source { return Source{Seed: seed ^ 0x5bd1e9955bd1e995} }

// Era tells states of one universe apart between which it was emptied or put
// back: the same identifiers may mean other things in another era.
func (st *State) Era() uint64 { return st.era }

// Retire ends the keeping of the universe, which is about to be forgotten:
// requests that are still on their way change it in memory only.
func (u *Universe) Retire() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.saver = nil
	u.state.changes = changes{}
}
