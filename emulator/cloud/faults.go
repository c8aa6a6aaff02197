package cloud

import (
	"errors"
	"fmt"
	"time"

	"github.com/vipswap/vipswap/emulator/faults"
)

// SetFaults makes a plan befall the universe from now on, from the plan's
// beginning: the seed is the universe's own, so the same plan and the same
// requests give the same strikes. What befell operations and instances already
// stays. A plan with problems is an error and changes nothing.
func (u *Universe) SetFaults(plan faults.Plan) error {
	if problems := plan.Validate(); len(problems) > 0 {
		var errs []error
		for _, p := range problems {
			errs = append(errs, p)
		}
		return fmt.Errorf("set faults: %w", errors.Join(errs...))
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.state.advance(u.clock.Now())
	u.state.faults = nil
	if len(plan.Rules) > 0 {
		u.state.faults = newFaults(plan, u.state.Source.Seed)
	}
	u.state.changes.meta = true
	return u.save()
}

// newFaults returns what carries out a plan in a universe of a seed.
func newFaults(plan faults.Plan, seed uint64) *faults.Engine {
	return faults.NewEngine(plan, seed^0x2545f4914f6cdd1d)
}

// Faults returns a copy of the plan that befalls the universe, with what it has
// done so far; nil for none.
func (u *Universe) Faults() *faults.Engine {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.state.faults.Clone()
}

// Strike says what befalls a call to the universe; nil when nothing does. A call
// that names a deployment in place of a slot is about the slot that it is in.
// The error is that of saving the strike.
func (u *Universe) Strike(c faults.Call, deployment string) (*faults.Strike, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	st := &u.state
	if st.faults == nil {
		return nil, nil
	}
	st.advance(u.clock.Now())
	if deployment != "" {
		if _, slot, _, err := st.Deployment(c.Service, Selector{Name: deployment}); err == nil {
			c.Slot = slot.String()
		}
	}
	s := st.decide(c)
	return s, u.save()
}

// decide asks the engine. Calls that are spared are counted, too, but that alone
// is kept with the next change only.
func (st *State) decide(c faults.Call) *faults.Strike {
	s := st.faults.Decide(c)
	if s != nil {
		st.changes.meta = true
	}
	return s
}

// StrikeError returns the error that a strike makes: its own code, or usual, its
// own message and status, or those of the code.
func StrikeError(s *faults.Strike, usual Code) *Error {
	e := &Error{Code: Code(s.Code), Message: s.Message, HTTPStatus: s.Status, RetryAfter: time.Duration(s.RetryAfter)}
	if e.Code == "" {
		e.Code = usual
	}
	if e.Message == "" {
		e.Message = codes[e.Code].message
	}
	return e
}

// Linger is called where a request takes d longer than usual, by the universe's
// time. With an auto clock time steps by that much, and the request need not
// wait; otherwise Linger returns how long it has to, by the wall: less than d
// when the clock is fast.
func (u *Universe) Linger(d time.Duration) (wait time.Duration, err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	switch u.clock.Mode {
	case AutoTime:
		return 0, u.move(u.clock.Now().Add(d))
	case RealTime:
		return time.Duration(float64(d) / u.clock.Speed), nil
	}
	return d, nil
}

// Phantom is an operation of somebody else. It changes nothing, but is in
// progress for a while.
const Phantom Kind = "Phantom Operation"

// phantomTime is how long a phantom operation goes on unless the strike says so.
const phantomTime = 30 * time.Second

// Phantom makes up an operation of somebody else, and returns the refusal that
// it causes. Clients can poll it by the id in the refusal's text.
func (u *Universe) Phantom(s *faults.Strike, service string) error {
	return u.Update(func(st *State) *Error {
		takes := time.Duration(s.Delay)
		if takes == 0 {
			takes = phantomTime
		}
		id := strayOperationID(st)
		op := &Operation{ID: id, Kind: Phantom, Status: InProgress, Started: st.Now, Service: service, Order: &Order{}, Strike: s}
		st.record(op)
		st.schedule(takes, Due{Kind: FinishOperation, Operation: id})
		return errBusyDeployment(id)
	})
}

func strayOperationID(st *State) string {
	if st.faults == nil { // taken away while the request was on its way
		return st.Source.ID()
	}
	st.changes.meta = true
	return st.faults.ID()
}

func (st *State) finishPhantom(op *Operation) { st.end(op, nil) }

// strikeOperation lets an operation that begins be struck.
func (st *State) strikeOperation(op *Operation) {
	if st.faults == nil {
		return
	}
	c := faults.Call{Point: faults.AtOperation, Operation: string(op.Kind), Service: op.Service, Slot: st.slotHeld(op)}
	if by := op.Request; by != nil {
		c.Clients = []string{by.Certificate, by.Agent}
	}
	op.Strike = st.decide(c)
}

// slotHeld returns the slot of the one deployment that an operation holds; ""
// when it holds none, or both as a swap does.
func (st *State) slotHeld(op *Operation) string {
	if len(op.Order.Deployments) != 1 {
		return ""
	}
	if _, slot, d := st.held(op); d != nil {
		return slot.String()
	}
	return ""
}

// struck is the table of what faults do to an operation that usually takes so
// long: they schedule its end, and let happen what does so at once.
var struck = map[faults.Kind]func(*State, *Operation, time.Duration){
	faults.FailOperation:  (*State).failOperation,
	faults.StuckOperation: (*State).stickOperation,
	faults.GuestOSUpdate:  (*State).updateGuests,
}

// failOperation makes an operation end with the error of its strike.
func (st *State) failOperation(op *Operation, takes time.Duration) {
	op.Order.Fault = StrikeError(op.Strike, InternalError)
	st.progress(op, takes)
}

// stickOperation keeps an operation in progress: for a while, or for ever.
func (st *State) stickOperation(op *Operation, _ time.Duration) {
	if d := time.Duration(op.Strike.Delay); d > 0 {
		st.schedule(d, Due{Kind: FinishOperation, Operation: op.ID})
		return
	}
	st.stayStuck(Due{Operation: op.ID})
}

// stuckPause is how often something happens to an operation that is stuck for
// ever: nothing, but an auto clock goes on.
const stuckPause = 5 * time.Minute

// stayStuck keeps an operation in progress. Nothing ends it: the reset of the
// universe does away with it.
func (st *State) stayStuck(d Due) {
	if op, ok := st.operations[d.Operation]; ok && op.Status == InProgress {
		st.schedule(stuckPause, Due{Kind: StayStuck, Operation: op.ID})
	}
}

// updateGuests makes an operation fail and the instances that it holds walk,
// domain by domain, while their operating system is updated. Source: Microsoft's articles
// on swaps that fail or are retried while the guest operating system is updated;
// the steps are ours.
func (st *State) updateGuests(op *Operation, takes time.Duration) {
	st.failOperation(op, takes)
	s, ok := st.services.get(op.Service)
	if !ok {
		return
	}
	for _, slot := range Slots {
		d := s.Slots[slot].Deployment
		if d == nil || d.Busy != op.ID || d.Status != Running || d.Rollout != nil {
			continue
		}
		through := map[string]Sequence{}
		for i := range d.Instances {
			through[d.Instances[i].Role] = patch
			d.Instances[i].Ahead = patch
		}
		d.Status = transition[d.Status]
		d.Rollout = &Rollout{Mode: Auto, State: Before, Through: through}
		st.beginDomain(s, d)
		st.touch(s, d)
	}
}
