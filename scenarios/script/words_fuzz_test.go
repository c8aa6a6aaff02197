package script

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/faults"
)

// FuzzWords reads the arguments of commands: whatever is wrong with them is a matter
// of usage, and clocks and paces are what they can be.
func FuzzWords(f *testing.F) {
	for _, line := range []string{
		"empty strict seed=7 cores=4 clock=manual", "speed=NaN", "real Inf", "real 1e400", "auto", "manual 2", "cores=-1",
		"drop service=shop nth=2 count=3 probability=NaN", "budget total=3", "refuse code=ConflictError delay=5s", "-version 2014-02-01 200/OK GET operations/x body.xml",
		"-header X=Y 999 PUT //", "count=2 operation=*", "count=-1", "3polls", "2m+30s", "-1m", "0polls", "9999999999999h",
	} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		args := strings.Fields(line)
		if len(args) == 0 {
			t.Skip("skipped, because each command has at least one argument")
		}
		b, beginning := parseBeginning(args)
		_, speed, clock := parseClock(args)
		_, fault := parseRule(args) // the emulator checks the rule
		pace, progression := parsePace(args[0])
		count, _, journal := parseJournal(args)
		_, order := parseOrder(args)
		for _, err := range []error{beginning, clock, fault, progression, journal, order, parseBudget(&faults.Budget{}, args)} {
			if err != nil && !errors.Is(err, errUsage) {
				t.Errorf("%q: %v is no matter of usage", line, err)
			}
		}
		if !(b.Speed >= 0 && speed >= 0) || math.IsInf(b.Speed+speed, 0) {
			t.Errorf("%q: a speed of %v", line, b.Speed+speed)
		}
		if progression == nil && (pace.After < 0 || pace.Jitter < 0 || pace.Pace == cloud.AfterPolls && pace.Polls < 1) || count < -1 {
			t.Errorf("%q: %+v, count %d", line, pace, count)
		}
	})
}
