package script

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/vipswap/vipswap/emulator/cloud"
)

// advance moves time.
func (s *Script) advance(args []string) error {
	e := s.Universe.Stage().Emulator()
	if args[0] == "next" {
		moved, err := e.AdvanceToNext(s.Universe.ID())
		if err == nil && !moved {
			err = errors.New("nothing is pending")
		}
		return err
	}
	d, err := duration(args[0])
	if err != nil {
		return err
	}
	return e.Advance(s.Universe.ID(), d)
}

// clock changes and shows how time passes.
func (s *Script) clock(args []string) error {
	e := s.Universe.Stage().Emulator()
	if len(args) > 0 {
		mode, speed, err := parseClock(args)
		if err != nil {
			return err
		}
		if _, err := e.SetClock(s.Universe.ID(), mode, speed); err != nil {
			return err
		}
	}
	c, err := e.Clock(s.Universe.ID())
	if err != nil {
		return err
	}
	s.out("%s %s", c.Mode, s.Universe.Passed())
	return nil
}

func parseClock(args []string) (mode cloud.ClockMode, speed float64, err error) {
	mode = cloud.ClockMode(args[0])
	if mode != cloud.AutoTime && mode != cloud.ManualTime && mode != cloud.RealTime {
		return "", 0, usage("%q is not auto, manual or real", args[0])
	}
	if len(args) > 1 {
		if speed, err = strconv.ParseFloat(args[1], 64); err != nil || !(speed > 0) || math.IsInf(speed, 0) || mode != cloud.RealTime {
			return "", 0, usage("%q: a speed is a number above 0, for a real clock", args[1])
		}
	}
	return mode, speed, nil
}

// patience is how much of the universe's time eventually waits unless told.
const patience = 24 * time.Hour

// eventually repeats a command until it holds.
func (s *Script) eventually(args []string) error {
	limit := patience
	if d, err := time.ParseDuration(args[0]); err == nil {
		limit, args = d, args[1:]
	}
	try, err := s.repeated(args)
	if err != nil {
		return err
	}
	began, e := s.Universe.Passed(), s.Universe.Stage().Emulator()
	for {
		err := try()
		if err == nil || errors.Is(err, errUsage) {
			return err
		}
		if waited := s.Universe.Passed() - began; waited > limit {
			return fmt.Errorf("not after %s: %w", waited, err)
		}
		moved, stuck := e.AdvanceToNext(s.Universe.ID())
		if stuck != nil {
			return stuck
		}
		if !moved {
			return fmt.Errorf("it will not be so, because nothing is pending any more: %w", err)
		}
	}
}

// repeated returns what carries out the command that eventually names.
func (s *Script) repeated(args []string) (func() error, error) {
	if len(args) == 0 {
		return nil, usage("the command is missing")
	}
	if args[0] == "exec" && len(args) > 1 {
		return func() error { return s.ts.Exec(args[1], args[2:]...) }, nil
	}
	negated := args[0] == "!"
	if negated {
		args = args[1:]
	}
	if len(args) == 0 {
		return nil, usage("the command is missing")
	}
	c, ok := find(args[0])
	if !ok || negated && !c.negatable {
		return nil, usage("%q cannot be repeated", args[0])
	}
	return func() error {
		if out, ok := s.ts.Stdout().(interface{ Reset() }); ok {
			out.Reset() // of the last try
		}
		err := s.run(c, args[1:])
		if !negated || errors.Is(err, errUsage) {
			return err
		}
		if err == nil {
			return errors.New("it is so still")
		}
		return nil
	}, nil
}
