package cloud

import (
	"cmp"
	"slices"
	"time"
)

// A Due is something that will happen by itself at a time. It is data: what it
// does is looked up by its kind when the time comes, and a Due whose subject has
// gone or moved on since (its token no longer fits) does nothing.
type Due struct {
	At   time.Time
	Seq  uint64 // order of asking among equal times; also its identity
	Kind DueKind

	Operation  string `json:",omitempty"` // id, for FinishOperation
	Service    string `json:",omitempty"` // key of the hosted service
	Deployment string `json:",omitempty"` // private id
	Instance   uint32 `json:",omitempty"`
	Token      uint64 `json:",omitempty"`
}

// A DueKind says what will happen.
type DueKind string

// The kinds of pending work.
const (
	FinishOperation DueKind = "finish-operation" // an operation ends
	NextStage       DueKind = "next-stage"       // an instance enters its next stage
	NextDomain      DueKind = "next-domain"      // a roll-out enters its current upgrade domain
	LeaveDomain     DueKind = "leave-domain"     // a roll-out gives up waiting for a domain
	FailInstance    DueKind = "fail-instance"    // an instance that was ready fails
	StayStuck       DueKind = "stay-stuck"       // nothing, to an operation that is stuck
)

// happen is the table of what each kind does.
var happen = map[DueKind]func(*State, Due){
	FailInstance:    (*State).failInstance,
	StayStuck:       (*State).stayStuck,
	FinishOperation: (*State).finishOperation,
	NextStage:       (*State).nextStage,
	NextDomain:      (*State).nextDomain,
	LeaveDomain:     (*State).leaveDomain,
}

// queue is a heap ordered by time, then by order of asking: nothing is before
// what stands above it, at the place of its number less one, divided by arity. An
// hour of ten thousand instances that start is fifty thousand things that happen,
// nearly all of whose time goes by in here; four below each, and moving each only
// once, take half the time of two and of swapping.
type queue []Due

const arity = 4

// push adds d.
func (q *queue) push(d Due) {
	*q = append(*q, d)
	all, at := *q, len(*q)-1
	for at > 0 {
		above := (at - 1) / arity
		if dueOrder(&d, &all[above]) >= 0 {
			break
		}
		all[at], at = all[above], above
	}
	all[at] = d
}

// pop removes and returns what is due next; there must be something.
func (q *queue) pop() Due {
	all := *q
	next, last := all[0], len(all)-1
	moved := all[last]
	all[last] = Due{}
	*q = all[:last]
	if last > 0 {
		all[:last].sink(0, moved)
	}
	return next
}

// sink puts d at a place whose own content has gone, or below it.
func (q queue) sink(at int, d Due) {
	for {
		first := at*arity + 1
		if first >= len(q) {
			break
		}
		least := first
		for i := first + 1; i < min(first+arity, len(q)); i++ {
			if dueOrder(&q[i], &q[least]) < 0 {
				least = i
			}
		}
		if dueOrder(&d, &q[least]) <= 0 {
			break
		}
		q[at], at = q[least], least
	}
	q[at] = d
}

// order makes a heap of what is in no order.
func (q queue) order() {
	for i := (len(q) - 2) / arity; i >= 0 && len(q) > 1; i-- {
		q.sink(i, q[i])
	}
}

func dueOrder(a, b *Due) int {
	if c := a.At.Compare(b.At); c != 0 {
		return c
	}
	return cmp.Compare(a.Seq, b.Seq)
}

// schedule puts d into the queue, after from now on.
func (st *State) schedule(after time.Duration, d Due) {
	st.Seq++
	d.Seq, d.At = st.Seq, st.Now.Add(after)
	st.due.push(d)
	if st.changes.on {
		kept := d // so that d itself takes no memory when nothing is kept
		st.changes.due(d.Seq, &kept)
	}
}

// advance brings the state to now: all that is due happens, each at its own time.
func (st *State) advance(now time.Time) {
	for len(st.due) > 0 && !st.due[0].At.After(now) {
		st.happenNext()
	}
	if now.After(st.Now) {
		st.Now = now
	}
}

// happenNext lets the next pending thing happen.
func (st *State) happenNext() {
	d := st.due.pop()
	st.changes.due(d.Seq, nil)
	if d.At.After(st.Now) {
		st.Now = d.At
	}
	happen[d.Kind](st, d)
}

// NextDue returns when the next pending thing happens; false when nothing is
// pending.
func (st *State) NextDue() (time.Time, bool) {
	if len(st.due) == 0 {
		return time.Time{}, false
	}
	return st.due[0].At, true
}

// Pending returns a copy of the queue of pending work, in order.
func (st *State) Pending() []Due {
	all := slices.Clone([]Due(st.due))
	slices.SortFunc(all, func(a, b Due) int { return dueOrder(&a, &b) })
	return all
}
