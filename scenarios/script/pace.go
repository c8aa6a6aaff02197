package script

import (
	"strconv"
	"strings"
	"time"

	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/faults"
)

// progression sets how operations of a kind come to their end.
func (s *Script) progression(args []string) error {
	pace, err := parsePace(args[1])
	if err != nil {
		return err
	}
	e, id := s.Universe.Stage().Emulator(), s.Universe.ID()
	by, err := e.Progression(id)
	if err != nil {
		return err
	}
	if by == nil {
		by = map[cloud.Kind]cloud.Progression{}
	}
	by[cloud.Kind(args[0])] = pace
	return e.SetProgression(id, by)
}

// parsePace reads immediate, usual, 3polls, 2m or 2m+30s.
func parsePace(text string) (cloud.Progression, error) {
	switch text {
	case "immediate":
		return cloud.Progression{Pace: cloud.Immediate}, nil
	case "usual":
		return cloud.Progression{Pace: cloud.Usual}, nil
	}
	if number, ok := strings.CutSuffix(text, "polls"); ok {
		n, err := strconv.Atoi(number)
		if err != nil || n < 1 {
			return cloud.Progression{}, usage("%q is not a number of looks such as 3polls", text)
		}
		return cloud.Progression{Pace: cloud.AfterPolls, Polls: n}, nil
	}
	after, jitter, _ := strings.Cut(text, "+")
	p := cloud.Progression{Pace: cloud.AfterTime}
	for _, part := range []struct {
		to   *faults.Duration
		text string
	}{{&p.After, after}, {&p.Jitter, jitter}} {
		if part.text == "" {
			continue
		}
		d, err := time.ParseDuration(part.text)
		if err != nil || d < 0 {
			return p, usage("%q is not immediate, usual, 3polls, 2m or 2m+30s", text)
		}
		*part.to = faults.Duration(d)
	}
	return p, nil
}
