package cloud

import (
	"cmp"
	"container/heap"
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

// queue is a heap ordered by time, then by order of asking.
type queue []Due

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return dueOrder(q[i], q[j]) < 0 }
func (q queue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)        { *q = append(*q, x.(Due)) }
func (q *queue) Pop() any {
	last := len(*q) - 1
	d := (*q)[last]
	*q = (*q)[:last]
	return d
}

func dueOrder(a, b Due) int {
	if c := a.At.Compare(b.At); c != 0 {
		return c
	}
	return cmp.Compare(a.Seq, b.Seq)
}

// schedule puts d into the queue, after from now on.
func (st *State) schedule(after time.Duration, d Due) {
	st.Seq++
	d.Seq, d.At = st.Seq, st.Now.Add(after)
	heap.Push(&st.due, d)
	st.changes.due(d.Seq, &d)
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
	d := heap.Pop(&st.due).(Due)
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
	slices.SortFunc(all, dueOrder)
	return all
}
