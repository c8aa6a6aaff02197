package blob

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
)

// The limits of leases, in seconds. Source: Microsoft's page "Lease Blob".
const (
	shortestLease = 15
	longestLease  = 60
	longestBreak  = 60
)

// A leaseAction is one thing to do with a lease.
type leaseAction struct {
	status int
	// do returns the lease as it is afterwards.
	do func(*Server, *request, lease) (lease, error)
	// headers adds to the answer what this action tells.
	headers func(http.Header, lease, *request)
}

// leaseActions are the values of x-ms-lease-action.
var leaseActions = map[string]leaseAction{
	"acquire": {http.StatusCreated, (*Server).acquireLease, tellLeaseID},
	"renew":   {http.StatusOK, renewLease, tellLeaseID},
	"change":  {http.StatusOK, changeLease, tellLeaseID},
	"release": {http.StatusOK, releaseLease, nil},
	"break":   {http.StatusAccepted, breakLease, tellLeaseTime},
}

func tellLeaseID(h http.Header, l lease, _ *request) { h.Set("x-ms-lease-id", l.ID) }

func tellLeaseTime(h http.Header, l lease, q *request) {
	h.Set("x-ms-lease-time", strconv.Itoa(l.remaining(q.instant())))
}

// leaseAction reads what the request wants done with a lease.
func (q *request) leaseAction() (leaseAction, error) {
	const header = "x-ms-lease-action"
	name, err := q.required(header)
	if err != nil {
		return leaseAction{}, err
	}
	action, ok := leaseActions[strings.ToLower(name)]
	if !ok {
		return action, refuseHeader(invalidHeaderValue, header, name, "it is acquire, renew, change, release or break")
	}
	return action, nil
}

// leaseContainer acts on the lease of a container.
func (s *Server) leaseContainer(q *request) (*response, error) {
	action, err := q.leaseAction()
	if err != nil {
		return nil, err
	}
	cond, err := q.conditions()
	if err != nil {
		return nil, err
	}
	var record containerRecord
	err = s.store.update(func(t *transaction) error {
		c, err := t.container(q.account.ID, q.location.container, q.now)
		if err != nil {
			return err
		}
		record = *c.record
		if err := cond.checkWrite(record.ETag, record.Modified); err != nil {
			return err
		}
		if record.Lease, err = action.do(s, q, record.Lease); err != nil {
			return err
		}
		t.putContainer(q.account.ID, q.location.container, &record)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return action.respond(q, record.Lease).stamped(record.ETag, record.Modified), nil
}

// leaseBlob acts on the lease of a blob. That does not count as a change of it.
func (s *Server) leaseBlob(q *request) (*response, error) {
	action, err := q.leaseAction()
	if err != nil {
		return nil, err
	}
	cond, err := q.conditions()
	if err != nil {
		return nil, err
	}
	var record blobRecord
	err = s.store.update(func(t *transaction) error {
		old, err := t.blob(q.account.ID, q.location.container, q.location.blob, q.now)
		if err != nil {
			return err
		}
		record = *old
		if err := cond.checkWrite(record.ETag, record.Modified); err != nil {
			return err
		}
		if record.Lease, err = action.do(s, q, record.Lease); err != nil {
			return err
		}
		for _, c := range record.contents() {
			t.retain(c)
		}
		t.putBlob(q.account.ID, q.location.container, q.location.blob, &record)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return action.respond(q, record.Lease).stamped(record.ETag, record.Modified), nil
}

// respond is the answer to an action that left this lease.
func (a leaseAction) respond(q *request, l lease) *response {
	r := respond(a.status)
	if a.headers != nil {
		a.headers(r.header, l, q)
	}
	return r
}

func (s *Server) acquireLease(q *request, l lease) (lease, error) {
	const header = "x-ms-lease-duration"
	text, err := q.required(header)
	if err != nil {
		return l, err
	}
	duration, err := strconv.Atoi(text)
	if err != nil || duration != infinite && (duration < shortestLease || duration > longestLease) {
		return l, refuseHeader(invalidHeaderValue, header, text, "a lease lasts 15 to 60 seconds, or for ever with -1")
	}
	id := s.newID()
	if q.Header.Get(proposedLease) != "" {
		if id, err = q.leaseGUID(proposedLease); err != nil {
			return l, err
		}
	}
	return l.acquire(id, duration, q.instant())
}

// Headers that name leases.
const (
	proposedLease = "x-ms-proposed-lease-id"
	givenLease    = "x-ms-lease-id"
)

// guid is the form of the ID of a lease.
var guid = regexp.MustCompile(`^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$`)

// leaseGUID reads a header that must be there with the ID of a lease.
func (q *request) leaseGUID(header string) (string, error) {
	value, err := q.required(header)
	if err != nil {
		return "", err
	}
	value = strings.ToLower(value)
	if !guid.MatchString(value) {
		return "", refuseHeader(invalidHeaderValue, header, value, "the ID of a lease is a GUID")
	}
	return value, nil
}

func renewLease(_ *Server, q *request, l lease) (lease, error) {
	id, err := q.leaseGUID(givenLease)
	if err != nil {
		return l, err
	}
	return l.renew(id, q.instant())
}

func changeLease(_ *Server, q *request, l lease) (lease, error) {
	id, err := q.leaseGUID(givenLease)
	if err != nil {
		return l, err
	}
	proposed, err := q.leaseGUID(proposedLease)
	if err != nil {
		return l, err
	}
	return l.change(id, proposed, q.now)
}

func releaseLease(_ *Server, q *request, l lease) (lease, error) {
	id, err := q.leaseGUID(givenLease)
	if err != nil {
		return l, err
	}
	return l.release(id)
}

func breakLease(_ *Server, q *request, l lease) (lease, error) {
	const header = "x-ms-lease-break-period"
	text := q.Header.Get(header)
	if text == "" {
		return l.breakUp(-1, q.instant())
	}
	period, err := strconv.Atoi(text)
	if err != nil || period < 0 || period > longestBreak {
		return l, refuseHeader(invalidHeaderValue, header, text, "a break period lasts 0 to 60 seconds")
	}
	return l.breakUp(period, q.instant())
}
