package planfile

import (
	"fmt"
	"strings"
	"time"

	"github.com/vipswap/vipswap/deployer"
)

// A MovedError says that the slots are not as they were when the plan was made.
type MovedError struct {
	Made time.Time
	What string // what has changed
}

// Error says since when, and what.
func (e *MovedError) Error() string {
	return fmt.Sprintf("the slots have changed since the plan was made at %s: %s", e.Made.Format(time.RFC3339), e.What)
}

// An AlteredError says that a file was changed by hand: the slots are as they were, and
// it says something else.
type AlteredError struct {
	Slot          string // staging or production
	Told, Present string // what the file and the service say of it
}

// Error says what the file tells of which slot.
func (e *AlteredError) Error() string {
	return fmt.Sprintf("the file was changed after it was written: it says that %s held %s, and its digest is that of %s", e.Slot, e.Told, e.Present)
}

// StillHolds compares what the slots hold with what they held when the plan was made.
// The error is a [*MovedError] or an [*AlteredError].
func (f File) StillHolds(seen deployer.Observed) error {
	if seen.Digest() == f.Digest {
		return f.unaltered(seen.Slots())
	}
	return &MovedError{f.Made, whatMoved(f.Plan.Seen, seen.Slots())}
}

// A slot is what two descriptions say of it.
type slot struct {
	name    string
	was, is *deployer.SlotState
}

func slotsOf(was, is deployer.Slots) []slot {
	return []slot{{"production", was.Production, is.Production}, {"staging", was.Staging, is.Staging}}
}

// unaltered finds what the file says of the slots that its digest does not.
func (f File) unaltered(now deployer.Slots) error {
	for _, s := range slotsOf(f.Plan.Seen, now) {
		if told, present := lastingOf(s.was), lastingOf(s.is); told != present {
			return &AlteredError{s.name, told, present}
		}
	}
	return nil
}

// lastingOf says what a digest of a slot tells, too: no status that passes.
func lastingOf(d *deployer.SlotState) string {
	if d == nil {
		return "nothing"
	}
	roles := map[string]int{}
	for _, i := range d.Instances {
		roles[i.Role]++
	}
	state := "running"
	if strings.HasPrefix(string(d.Status), "Suspend") {
		state = "suspended"
	}
	return fmt.Sprintf("%q (deployment %s, %s, instances %v)", d.Label, strings.ToLower(d.Name), state, roles)
}

// whatMoved says how the slots differ from what a plan saw.
func whatMoved(before, now deployer.Slots) string {
	for _, s := range slotsOf(before, now) {
		if was, is := holdingOf(s.was), holdingOf(s.is); was != is {
			return fmt.Sprintf("%s held %s and holds %s", s.name, was, is)
		}
	}
	return "a configuration, the endpoints or what upgraded a deployment is another"
}

func holdingOf(d *deployer.SlotState) string {
	if d == nil {
		return "nothing"
	}
	return fmt.Sprintf("%q (deployment %s, %s, %d instances)", d.Label, d.Name, d.Status, len(d.Instances))
}
