package management

import (
	"errors"
	"time"

	"github.com/vipswap/vipswap/deployer/calls"
)

// observe tells the observer of a call that is over: a is the last answer, nil when
// none came, err why the call failed.
func (c *Client) observe(k call, a *answer, err error, tries int, began time.Time) {
	seen := calls.Call{
		Service: calls.Management, Method: k.method, Path: c.address(k).EscapedPath(), Operation: k.operation,
		Tries: tries, Took: c.clock.Now().Sub(began), Error: reason(err),
	}
	if a != nil {
		seen.Status, seen.RequestID = a.status, a.requestID()
	}
	c.observer.Called(seen)
}

// reason is the service's code of a refusal, or why no answer came.
func reason(err error) string {
	var refusal *Error
	var lost *lostError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &refusal):
		return refusal.Code
	case errors.As(err, &lost):
		return lost.err.Error()
	}
	return err.Error()
}
