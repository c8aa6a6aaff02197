package cloud

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/vipswap/vipswap/emulator/faults"
	"github.com/vipswap/vipswap/internal/spelling"
)

// A Pace is what makes operations come to their end.
type Pace string

// The paces.
const (
	// Usual is after the time that the universe's Durations say.
	Usual Pace = "usual"
	// Immediate is at once: the first look at the operation sees it ended.
	Immediate Pace = "immediate"
	// AfterTime is after a time of its own.
	AfterTime Pace = "after"
	// AfterPolls is when the operation has been asked about so many times with
	// Get Operation Status; the last of these sees it ended. Time has no part.
	AfterPolls Pace = "polls"
)

// A Progression is how operations of one kind come to their end.
type Progression struct {
	Pace   Pace            `json:"pace"`
	After  faults.Duration `json:"after,omitzero"`  // with AfterTime
	Jitter faults.Duration `json:"jitter,omitzero"` // with Usual and AfterTime: up to this much is added, from the universe's seed
	Polls  int             `json:"polls,omitempty"` // with AfterPolls, 1 or more
}

// EveryKind stands for all kinds of operations that a map of progressions does
// not name.
const EveryKind Kind = "*"

// Check returns what is wrong with a progression, nil for nothing.
func (p Progression) Check() error {
	switch {
	case p.After < 0 || p.Jitter < 0:
		return fmt.Errorf("a time is negative")
	case p.Pace != AfterTime && p.After != 0:
		return fmt.Errorf("after goes with the pace %q only", AfterTime)
	case p.Pace != AfterTime && p.Pace != Usual && p.Jitter != 0:
		return fmt.Errorf("jitter goes with the paces %q and %q only", AfterTime, Usual)
	case p.Pace != AfterPolls && p.Polls != 0:
		return fmt.Errorf("polls goes with the pace %q only", AfterPolls)
	case p.Pace == AfterPolls && p.Polls < 1:
		return fmt.Errorf("the pace %q needs at least one poll", AfterPolls)
	case !slices.Contains([]Pace{Usual, Immediate, AfterTime, AfterPolls}, p.Pace):
		return fmt.Errorf("%q is no pace; it is %s, %s, %s or %s", p.Pace, Usual, Immediate, AfterTime, AfterPolls)
	}
	return nil
}

// SetProgressions sets how operations that begin from now on come to their end,
// by kind; EveryKind is for those that are not named, and kinds for which there
// is nothing are Usual. What is wrong is an error and changes nothing.
func (u *Universe) SetProgressions(by map[Kind]Progression) error {
	if err := CheckProgressions(by); err != nil {
		return err
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.state.progressions = maps.Clone(by)
	u.state.changes.meta = true
	return u.save()
}

// CheckProgressions returns what is wrong with progressions by kind, nil for
// nothing.
func CheckProgressions(by map[Kind]Progression) error {
	for _, kind := range slices.Sorted(maps.Keys(by)) {
		if err := by[kind].Check(); err != nil {
			return fmt.Errorf("set the progression of %s: %w", kind, err)
		}
		if kind != EveryKind && !slices.Contains(Kinds(), kind) {
			return fmt.Errorf("set the progression of %q: no operation that takes time is called that%s", kind, meant(kind))
		}
	}
	return nil
}

// Kinds lists the kinds of operations that take time and can be asked for,
// sorted.
func Kinds() []Kind {
	kinds := slices.Sorted(maps.Keys(finish))
	return slices.DeleteFunc(kinds, func(k Kind) bool { return k == Phantom })
}

// meant is the end of a sentence that says how a kind was meant.
func meant(kind Kind) string {
	var names []string
	for _, known := range Kinds() {
		names = append(names, string(known))
	}
	if near := spelling.Nearest(string(kind), names); near != "" {
		return "; did you mean " + near + "?"
	}
	return ""
}

// Progressions returns how operations come to their end, by kind; a copy.
func (u *Universe) Progressions() map[Kind]Progression {
	u.mu.Lock()
	defer u.mu.Unlock()
	return maps.Clone(u.state.progressions)
}

// progress schedules the end of an operation that usually takes so long.
func (st *State) progress(op *Operation, takes time.Duration) {
	p, ok := st.progressions[op.Kind]
	if !ok {
		p, ok = st.progressions[EveryKind]
	}
	if !ok {
		p.Pace = Usual
	}
	switch p.Pace {
	case AfterPolls:
		op.Polls = p.Polls
		return
	case Immediate:
		takes = 0
	case AfterTime:
		takes = time.Duration(p.After)
	}
	st.schedule(takes+st.jitter(time.Duration(p.Jitter)), Due{Kind: FinishOperation, Operation: op.ID})
}

// jitter draws a time from 0 to most.
func (st *State) jitter(most time.Duration) time.Duration {
	if most == 0 {
		return 0
	}
	st.changes.meta = true
	return time.Duration(float64(st.pacing.next()>>11) / (1 << 53) * float64(most))
}

// Polled is called once for each request that asks how op stands, and lets it
// end if that was the last one that it waited for.
func (st *State) Polled(op *Operation) {
	if op.Status != InProgress || op.Polls == 0 {
		return
	}
	op.Polls--
	st.changes.mark(keptOperations, op.ID)
	if op.Polls == 0 {
		st.finishOperation(Due{Operation: op.ID})
	}
}
