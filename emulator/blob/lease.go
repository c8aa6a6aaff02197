package blob

import (
	"cmp"
	"math"
	"time"
)

// A leaseState is what the header x-ms-lease-state says.
type leaseState string

// The states of a lease. Source: Microsoft's page "Lease Blob".
const (
	leaseAvailable leaseState = "available" // there is none
	leaseLeased    leaseState = "leased"
	leaseExpired   leaseState = "expired"  // it ran out and may be renewed while nobody wrote
	leaseBreaking  leaseState = "breaking" // it was broken and holds until the break period is over
	leaseBroken    leaseState = "broken"   // the break period is over
)

// infinite is the duration of a lease that does not run out.
const infinite = -1

// A lease is an exclusive right to write to a blob or to delete a container.
// The zero lease is none. The methods return the lease as it is afterwards, and
// change nothing.
type lease struct {
	ID       string    `json:",omitempty"`
	Duration int       `json:",omitempty"` // seconds, or infinite
	Ends     time.Time `json:",omitzero"`  // when it runs out, or when the break period is over; zero for never
	Broken   bool      `json:",omitempty"` // somebody broke it
}

// state is what has become of the lease by now.
func (l lease) state(now time.Time) leaseState {
	over := !l.Ends.IsZero() && !now.Before(l.Ends)
	switch {
	case l.ID == "":
		return leaseAvailable
	case l.Broken && over:
		return leaseBroken
	case l.Broken:
		return leaseBreaking
	case over:
		return leaseExpired
	}
	return leaseLeased
}

// active tells whether the lease keeps others from writing.
func (l lease) active(now time.Time) bool {
	s := l.state(now)
	return s == leaseLeased || s == leaseBreaking
}

// An instant is a moment by the account's clock, and how much of its time a second
// on the wall takes.
type instant struct {
	now    time.Time
	second time.Duration
}

// in returns when so many seconds on the wall have passed.
func (at instant) in(seconds int) time.Time {
	return at.now.Add(time.Duration(seconds) * at.second)
}

// instant is that of the request.
func (q *request) instant() instant {
	return instant{q.now, cmp.Or(q.account.Second, time.Second)}
}

// started returns a lease that begins now.
func started(id string, duration int, at instant) lease {
	l := lease{ID: id, Duration: duration}
	if duration != infinite {
		l.Ends = at.in(duration)
	}
	return l
}

// acquire makes a lease, or changes the duration of the caller's own.
func (l lease) acquire(id string, duration int, at instant) (lease, error) {
	own := l.ID == id
	switch l.state(at.now) {
	case leaseBreaking:
		if own {
			return l, refuse(leaseIsBreakingCannotAcquire)
		}
		return l, refuse(leaseAlreadyPresent)
	case leaseLeased:
		if !own {
			return l, refuse(leaseAlreadyPresent)
		}
	}
	return started(id, duration, at), nil
}

// renew starts the time of the lease again.
func (l lease) renew(id string, at instant) (lease, error) {
	if err := l.owned(id); err != nil {
		return l, err
	}
	if l.Broken {
		return l, refuse(leaseIsBrokenCannotRenew)
	}
	return started(l.ID, l.Duration, at), nil
}

// change gives the lease another ID.
func (l lease) change(id, proposed string, now time.Time) (lease, error) {
	if l.ID == proposed && l.ID != "" {
		id = proposed // repeating a change is no error
	}
	if err := l.owned(id); err != nil {
		return l, err
	}
	switch l.state(now) {
	case leaseBreaking:
		return l, refuse(leaseIsBreakingCannotChange)
	case leaseLeased:
		l.ID = proposed
		return l, nil
	}
	return l, refuse(leaseNotPresentWithLease)
}

// release ends the lease at once.
func (l lease) release(id string) (lease, error) {
	if err := l.owned(id); err != nil {
		return l, err
	}
	return lease{}, nil
}

// breakUp ends the lease after period seconds; a negative period stands for
// "not given": then a lease of fixed duration runs to its end, an infinite one
// ends at once. It never makes a lease last longer.
func (l lease) breakUp(period int, at instant) (lease, error) {
	switch l.state(at.now) {
	case leaseAvailable:
		return l, refuse(leaseNotPresentWithLease)
	case leaseBroken:
		return l, nil
	case leaseExpired:
		period = 0
	}
	end := at.in(max(period, 0))
	if !l.Ends.IsZero() && (period < 0 || l.Ends.Before(end)) {
		end = l.Ends
	}
	l.Broken, l.Ends = true, end
	return l, nil
}

// remaining is the time until a lease is broken, in whole seconds, rounded up.
func (l lease) remaining(at instant) int {
	return max(0, int(math.Ceil(float64(l.Ends.Sub(at.now))/float64(at.second))))
}

// owned refuses unless id is that of the lease.
func (l lease) owned(id string) error {
	switch l.ID {
	case "":
		return refuse(leaseNotPresentWithLease)
	case id:
		return nil
	}
	return refuse(leaseIDMismatchWithLease)
}

// leaseCodes are the codes that depend on the kind of operation.
type leaseCodes struct{ mismatch, absent code }

var (
	blobLease      = leaseCodes{leaseIDMismatchWithBlob, leaseNotPresentWithBlob}
	containerLease = leaseCodes{leaseIDMismatchWithContainer, leaseNotPresentWithContainer}
)

// checkRead refuses an operation that names a lease, but not the one there is.
func (l lease) checkRead(id string, codes leaseCodes, now time.Time) error {
	switch {
	case id == "":
		return nil
	case l.ID == "":
		return refuse(codes.absent)
	case l.ID != id:
		return refuse(codes.mismatch)
	case !l.active(now):
		return refuse(leaseLost)
	}
	return nil
}

// checkWrite refuses what checkRead refuses, and whoever names no lease while
// there is one.
func (l lease) checkWrite(id string, codes leaseCodes, now time.Time) error {
	if id == "" && l.active(now) {
		return refuse(leaseIDMissing)
	}
	return l.checkRead(id, codes, now)
}

// afterWrite is the lease once its blob has been written to: one that no longer
// held can then not be renewed.
func (l lease) afterWrite(now time.Time) lease {
	if l.active(now) {
		return l
	}
	return lease{}
}
