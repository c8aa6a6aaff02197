package blob

import (
	"errors"
	"testing"
	"time"
)

const (
	leaseA = "aaaaaaaa-0000-0000-0000-000000000001"
	leaseB = "bbbbbbbb-0000-0000-0000-000000000002"
	leaseC = "cccccccc-0000-0000-0000-000000000003"
)

// at0 is now0 by a clock that runs with the wall's.
var at0 = instant{now0, time.Second}

// leasesInStates has a lease A in each state, at now0.
var leasesInStates = []struct {
	state leaseState
	lease lease
}{
	{leaseAvailable, lease{}},
	{leaseLeased, lease{ID: leaseA, Duration: 15, Ends: now0.Add(10 * time.Second)}},
	{leaseBreaking, lease{ID: leaseA, Duration: 15, Broken: true, Ends: now0.Add(10 * time.Second)}},
	{leaseBroken, lease{ID: leaseA, Duration: 15, Broken: true, Ends: now0}},
	{leaseExpired, lease{ID: leaseA, Duration: 15, Ends: now0}},
}

// outcome is the state after an action and the ID of the lease, or the code of
// the refusal.
func outcome(l lease, err error) string {
	var refused *refusal
	switch {
	case errors.As(err, &refused):
		return string(refused.code)
	case err != nil:
		return err.Error()
	case l.ID == "":
		return string(l.state(now0))
	}
	return string(l.state(now0)) + " " + l.ID[:1]
}

// TestLeaseActions is the table "Outcomes of lease operations on blobs by lease
// state" of Microsoft's page "Lease Blob". The columns are the states above.
func TestLeaseActions(t *testing.T) {
	tests := []struct {
		action string
		do     func(lease) (lease, error)
		want   [5]string
	}{
		{"acquire A", func(l lease) (lease, error) { return l.acquire(leaseA, 30, at0) },
			[5]string{"leased a", "leased a", "LeaseIsBreakingAndCannotBeAcquired", "leased a", "leased a"}},
		{"acquire B", func(l lease) (lease, error) { return l.acquire(leaseB, infinite, at0) },
			[5]string{"leased b", "LeaseAlreadyPresent", "LeaseAlreadyPresent", "leased b", "leased b"}},
		{"break, period 0", func(l lease) (lease, error) { return l.breakUp(0, at0) },
			[5]string{"LeaseNotPresentWithLeaseOperation", "broken a", "broken a", "broken a", "broken a"}},
		{"break, period 5", func(l lease) (lease, error) { return l.breakUp(5, at0) },
			[5]string{"LeaseNotPresentWithLeaseOperation", "breaking a", "breaking a", "broken a", "broken a"}},
		{"break, no period", func(l lease) (lease, error) { return l.breakUp(-1, at0) },
			[5]string{"LeaseNotPresentWithLeaseOperation", "breaking a", "breaking a", "broken a", "broken a"}},
		{"change A to B", func(l lease) (lease, error) { return l.change(leaseA, leaseB, now0) },
			[5]string{"LeaseNotPresentWithLeaseOperation", "leased b", "LeaseIsBreakingAndCannotBeChanged", "LeaseNotPresentWithLeaseOperation", "LeaseNotPresentWithLeaseOperation"}},
		{"change B to A", func(l lease) (lease, error) { return l.change(leaseB, leaseA, now0) },
			[5]string{"LeaseNotPresentWithLeaseOperation", "leased a", "LeaseIsBreakingAndCannotBeChanged", "LeaseNotPresentWithLeaseOperation", "LeaseNotPresentWithLeaseOperation"}},
		{"change B to C", func(l lease) (lease, error) { return l.change(leaseB, leaseC, now0) },
			[5]string{"LeaseNotPresentWithLeaseOperation", "LeaseIdMismatchWithLeaseOperation", "LeaseIdMismatchWithLeaseOperation", "LeaseIdMismatchWithLeaseOperation", "LeaseIdMismatchWithLeaseOperation"}},
		{"renew A", func(l lease) (lease, error) { return l.renew(leaseA, at0) },
			[5]string{"LeaseNotPresentWithLeaseOperation", "leased a", "LeaseIsBrokenAndCannotBeRenewed", "LeaseIsBrokenAndCannotBeRenewed", "leased a"}},
		{"renew B", func(l lease) (lease, error) { return l.renew(leaseB, at0) },
			[5]string{"LeaseNotPresentWithLeaseOperation", "LeaseIdMismatchWithLeaseOperation", "LeaseIdMismatchWithLeaseOperation", "LeaseIdMismatchWithLeaseOperation", "LeaseIdMismatchWithLeaseOperation"}},
		{"release A", func(l lease) (lease, error) { return l.release(leaseA) },
			[5]string{"LeaseNotPresentWithLeaseOperation", "available", "available", "available", "available"}},
		{"release B", func(l lease) (lease, error) { return l.release(leaseB) },
			[5]string{"LeaseNotPresentWithLeaseOperation", "LeaseIdMismatchWithLeaseOperation", "LeaseIdMismatchWithLeaseOperation", "LeaseIdMismatchWithLeaseOperation", "LeaseIdMismatchWithLeaseOperation"}},
	}
	for _, tt := range tests {
		for i, from := range leasesInStates {
			if got := outcome(tt.do(from.lease)); got != tt.want[i] {
				t.Errorf("%s when %s: got %s, want %s", tt.action, from.state, got, tt.want[i])
			}
		}
	}
}

// TestLeaseUse is the table "Outcomes of use attempts on blobs by lease state"
// of the same page.
func TestLeaseUse(t *testing.T) {
	tests := []struct {
		use  string
		do   func(lease) error
		want [5]string
	}{
		{"write with A", func(l lease) error { return l.checkWrite(leaseA, blobLease, now0) },
			[5]string{"LeaseNotPresentWithBlobOperation", "", "", "LeaseLost", "LeaseLost"}},
		{"write with B", func(l lease) error { return l.checkWrite(leaseB, blobLease, now0) },
			[5]string{"LeaseNotPresentWithBlobOperation", "LeaseIdMismatchWithBlobOperation", "LeaseIdMismatchWithBlobOperation", "LeaseIdMismatchWithBlobOperation", "LeaseIdMismatchWithBlobOperation"}},
		{"write without", func(l lease) error { return l.checkWrite("", blobLease, now0) },
			[5]string{"", "LeaseIdMissing", "LeaseIdMissing", "", ""}},
		{"read with A", func(l lease) error { return l.checkRead(leaseA, containerLease, now0) },
			[5]string{"LeaseNotPresentWithContainerOperation", "", "", "LeaseLost", "LeaseLost"}},
		{"read with B", func(l lease) error { return l.checkRead(leaseB, containerLease, now0) },
			[5]string{"LeaseNotPresentWithContainerOperation", "LeaseIdMismatchWithContainerOperation", "LeaseIdMismatchWithContainerOperation", "LeaseIdMismatchWithContainerOperation", "LeaseIdMismatchWithContainerOperation"}},
		{"read without", func(l lease) error { return l.checkRead("", containerLease, now0) },
			[5]string{"", "", "", "", ""}},
	}
	for _, tt := range tests {
		for i, from := range leasesInStates {
			got := ""
			if err := tt.do(from.lease); err != nil {
				got = outcome(lease{}, err)
			}
			if got != tt.want[i] {
				t.Errorf("%s when %s: got %q, want %q", tt.use, from.state, got, tt.want[i])
			}
		}
	}
}

func TestLeaseBreakNeverLastsLonger(t *testing.T) {
	endless := started(leaseA, infinite, at0)
	tests := []struct {
		name   string
		lease  lease
		period int
		want   int // seconds
	}{
		{"fixed, no period", started(leaseA, 20, at0), -1, 20},
		{"fixed, shorter period", started(leaseA, 20, at0), 5, 5},
		{"fixed, longer period", started(leaseA, 20, at0), 60, 20},
		{"infinite, no period", endless, -1, 0},
		{"infinite, with period", endless, 60, 60},
	}
	for _, tt := range tests {
		broken, err := tt.lease.breakUp(tt.period, at0)
		if err != nil || broken.remaining(at0) != tt.want {
			t.Errorf("%s: %d seconds, %v; want %d", tt.name, broken.remaining(at0), err, tt.want)
		}
		again, err := broken.breakUp(60, at0)
		if err != nil || again.remaining(at0) != tt.want {
			t.Errorf("%s, broken again: %d seconds, %v; want %d", tt.name, again.remaining(at0), err, tt.want)
		}
	}
}

func TestLeaseStates(t *testing.T) {
	l := started(leaseA, 15, at0)
	for _, step := range []struct {
		after time.Duration
		want  leaseState
	}{{0, leaseLeased}, {15*time.Second - 1, leaseLeased}, {15 * time.Second, leaseExpired}} {
		if got := l.state(now0.Add(step.after)); got != step.want {
			t.Errorf("after %v: %s, want %s", step.after, got, step.want)
		}
	}
	if got := started(leaseA, infinite, at0).state(now0.AddDate(100, 0, 0)); got != leaseLeased {
		t.Errorf("infinite lease after a century: %s", got)
	}
	if got := l.afterWrite(now0.Add(time.Minute)); got != (lease{}) {
		t.Errorf("expired lease after a write: %+v, want none", got)
	}
	if got := l.afterWrite(now0); got != l {
		t.Errorf("held lease after a write: %+v, want the same", got)
	}
}

// TestLeaseOfAFastClock lasts as long on the wall as it says, however much time
// passes in the account.
func TestLeaseOfAFastClock(t *testing.T) {
	const speed = 100_000
	at := instant{now0, speed * time.Second}
	l := started(leaseA, 15, at)
	wall := func(d time.Duration) time.Time { return now0.Add(speed * d) }
	if got := l.state(wall(14 * time.Second)); got != leaseLeased {
		t.Errorf("it is %s after 14 seconds", got)
	}
	if got := l.state(wall(15 * time.Second)); got != leaseExpired {
		t.Errorf("it is %s after 15 seconds", got)
	}
	broken, err := l.breakUp(5, at)
	if err != nil || broken.remaining(at) != 5 || broken.remaining(instant{wall(4 * time.Second), at.second}) != 1 {
		t.Errorf("it is broken in %d seconds, %v", broken.remaining(at), err)
	}
}
