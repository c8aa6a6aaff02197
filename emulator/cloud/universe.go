package cloud

import (
	"sync"
	"time"
)

// Epoch is where the time of an auto or manual clock begins, so that two runs
// can be compared whole.
var Epoch = time.Date(2015, time.July, 1, 0, 0, 0, 0, time.UTC)

// A Universe holds one subscription: its state, its clock and the lock on both.
type Universe struct {
	id       string
	requests Source // guarded by mu

	mu    sync.Mutex // guards all below
	clock Clock
	state State
	saver Saver
}

// A Saver keeps a universe beyond the life of the process. Save is called with
// the universe's lock held, before the change is answered.
type Saver interface {
	Save(Changes) error
}

// NewUniverse returns an empty subscription. Identifiers follow from seed.
func NewUniverse(subscription string, seed uint64, clock Clock) *Universe {
	return &Universe{
		id:       key(subscription),
		clock:    clock,
		state:    newState(subscription, seed, clock.Now()),
		requests: requestSource(seed),
	}
}

// ID returns the subscription's id, in lower case.
func (u *Universe) ID() string { return u.id }

// View calls f with the state brought to the present, to read. What f reaches is
// valid only inside f. It returns f's refusal, or why what has happened in the
// meantime could not be saved.
func (u *Universe) View(f func(*State) *Error) error { return u.Update(f) }

// Update calls f with the state brought to the present, for a change. What f
// reaches is valid only inside f; f refuses before it changes anything. What has
// changed is saved before Update returns. It returns f's refusal, or why the
// change could not be saved.
func (u *Universe) Update(f func(*State) *Error) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.state.advance(u.clock.Now())
	refused := f(&u.state)
	if err := u.save(); err != nil {
		return err
	}
	if refused != nil {
		return refused
	}
	return nil
}

// Step is called when a client looks at something unfinished. With an auto clock
// time steps to when the next pending thing happens; otherwise nothing happens.
// It reports whether time has moved.
func (u *Universe) Step() (moved bool, err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.clock.Mode != AutoTime {
		return false, nil
	}
	at, ok := u.state.NextDue()
	if !ok {
		return false, nil
	}
	return true, u.move(at)
}

// Advance moves the time of the universe forward by d; a negative d is none.
func (u *Universe) Advance(d time.Duration) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.move(u.clock.Now().Add(max(d, 0)))
}

// move makes it t. Callers hold the lock.
func (u *Universe) move(t time.Time) error {
	if t.After(u.clock.Now()) {
		u.clock.set(t)
		u.state.changes.meta = true
	}
	u.state.advance(u.clock.Now())
	return u.save()
}

// Now returns the universe's time.
func (u *Universe) Now() time.Time {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.clock.Now()
}

// WallSecond returns how much of the universe's time a second on the wall takes, if
// its clock runs with that; a second otherwise.
func (u *Universe) WallSecond() time.Duration {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.clock.Mode != RealTime {
		return time.Second
	}
	return time.Duration(min(u.clock.Speed, MaxSpeed) * float64(time.Second))
}

// OwnTime returns the universe's time, and whether it is another than the wall's.
func (u *Universe) OwnTime() (now time.Time, own bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.clock.own()
}

// Admit gives the next request an id, as [Universe.RequestID] does, if may says
// that its sender may manage the subscription: otherwise the id is "" and the
// error ForbiddenError. With an id, the error may be TooManyRequests.
func (u *Universe) Admit(may func(*State) bool) (id string, err *Error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if !may(&u.state) {
		return "", NewError(ForbiddenError)
	}
	return u.requests.ID(), u.state.throttle(u.clock.Now)
}

// RequestID returns an id for the next request: 32 lower-case hex digits.
func (u *Universe) RequestID() string {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.requests.ID()
}
