package emulator

import (
	"errors"
	"strings"
	"time"

	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/faults"
	"github.com/vipswap/vipswap/emulator/faults/pause"
	"github.com/vipswap/vipswap/emulator/universe"
)

// WithPause sets how a request waits that a fault makes late, in a universe
// whose clock cannot step instead. The default waits by the wall clock.
func WithPause(wait pause.Func) Option { return func(c *config) { c.pause = wait } }

// SetFaults makes a plan befall a subscription from now on, from the plan's
// beginning; the zero Plan ends all faults to come. A plan with problems is an
// error and changes nothing.
func (e *Emulator) SetFaults(subscription string, plan faults.Plan) error {
	u, err := e.find(subscription)
	if err != nil {
		return err
	}
	if problems := plan.Validate(); len(problems) > 0 {
		var errs []error
		for _, p := range problems {
			errs = append(errs, p)
		}
		return universe.Errorf(universe.Invalid, "set faults: %v", errors.Join(errs...))
	}
	return u.SetFaults(plan)
}

// Faults returns the plan that befalls a subscription, with what it has done so
// far; nil for none.
func (e *Emulator) Faults(subscription string) (*faults.Engine, error) {
	u, err := e.find(subscription)
	if err != nil {
		return nil, err
	}
	return u.Faults(), nil
}

// SetProgression sets how operations of a subscription that begin from now on
// come to their end, by kind; cloud.EveryKind is for those that are not named.
func (e *Emulator) SetProgression(subscription string, by map[cloud.Kind]cloud.Progression) error {
	u, err := e.find(subscription)
	if err != nil {
		return err
	}
	if err := cloud.CheckProgressions(by); err != nil {
		return universe.Errorf(universe.Invalid, "%v", err)
	}
	return u.SetProgressions(by)
}

// Progression returns how operations of a subscription come to their end, by
// kind; those that are not there take their usual time.
func (e *Emulator) Progression(subscription string) (map[cloud.Kind]cloud.Progression, error) {
	u, err := e.find(subscription)
	if err != nil {
		return nil, err
	}
	return u.Progressions(), nil
}

// owner finds the universe that a storage account belongs to.
func (a *accounts) owner(account string) *cloud.Universe {
	subscription, _, _ := strings.Cut(account, "/")
	return a.universes.Universe(subscription)
}

// Strike says what befalls a request to an account; nil for nothing.
func (a *accounts) Strike(account string, c faults.Call) (*faults.Strike, error) {
	if u := a.owner(account); u != nil {
		return u.Strike(c, "")
	}
	return nil, nil
}

// Linger lets time pass in the universe of an account.
func (a *accounts) Linger(account string, d time.Duration) (time.Duration, error) {
	if u := a.owner(account); u != nil {
		return u.Linger(d)
	}
	return 0, nil
}
