package cloud

import "time"

// A Request is what is remembered of the request that asked for an operation.
// Bodies are not: they may hold secrets.
type Request struct {
	Object      string // path of what it was about, beginning with the subscription
	Certificate string `json:",omitempty"` // SHA-1 thumbprint of the caller's certificate, "" for a bearer token
	ClientIP    string `json:",omitempty"`
	Agent       string `json:",omitempty"` // User-Agent
}

// Asked calls f for a request: operations that f begins or carries out are
// recorded with it.
func (st *State) Asked(by *Request, f func(*State) *Error) *Error {
	st.asking = by
	defer func() { st.asking = nil }()
	return f(st)
}

// An OperationQuery says which operations to list.
type OperationQuery struct {
	From, To time.Time       // when they were asked for
	Object   string          // path; what is below it counts too; "" for all
	Result   OperationStatus // "" for any
	After    uint64          // only those with a higher Seq
	Most     int             // how many at most
}

// oldestListed is how far back operations are listed. Source: Microsoft's page
// "List Subscription Operations".
const oldestListed = 90 * 24 * time.Hour

// ListOperations returns the operations that q asks for, oldest first, and
// whether there are more.
func (st *State) ListOperations(q OperationQuery) (found []*Operation, more bool, err *Error) {
	switch {
	case q.From.Before(st.Now.Add(-oldestListed)):
		return nil, false, errDateRange("StartTime")
	case q.To.Before(q.From):
		return nil, false, errDateRange("EndTime")
	}
	for _, op := range st.order {
		if op.Seq <= q.After || !q.wants(op) {
			continue
		}
		if len(found) == q.Most {
			return found, true, nil
		}
		found = append(found, op)
	}
	return found, false, nil
}

// errDateRange is recorded for EndTime.
func errDateRange(parameter string) *Error {
	return Errorf(BadRequest, "The date specified in parameter %s is not within the correct range.", parameter)
}

func (q OperationQuery) wants(op *Operation) bool {
	if op.Started.Before(q.From) || op.Started.After(q.To) || q.Result != "" && op.Status != q.Result {
		return false
	}
	return q.Object == "" || op.Request != nil && within(key(op.Request.Object), key(q.Object))
}

// within reports whether path is parent or below it.
func within(path, parent string) bool {
	return path == parent || len(path) > len(parent) && path[:len(parent)] == parent && path[len(parent)] == '/'
}
