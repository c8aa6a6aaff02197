package management

import (
	"errors"
	"fmt"
	"net/http"
	"time"
)

// An Error is a refusal by the service: the Error document of an answer, or of
// a failed operation.
type Error struct {
	HTTPStatus int    // of the answer; of a failed operation, what it reports
	Code       string // ResourceNotFound, ConflictError, BadRequest, ...
	Message    string
	RequestID  string // x-ms-request-id of the refused request or failed operation
	Action     string // what was being tried, in words, e.g. "swap shop"
}

// Error gives action, code and message.
func (e *Error) Error() string {
	if e.Action == "" {
		return fmt.Sprintf("%s: %s", e.Code, e.Message)
	}
	return fmt.Sprintf("%s: %s: %s", e.Action, e.Code, e.Message)
}

// Codes that the deployer acts on.
const (
	CodeNotFound       = "ResourceNotFound"
	CodeConflict       = "ConflictError"
	CodeTooMany        = "TooManyRequests"
	CodeForbidden      = "ForbiddenError"
	CodeAuthentication = "AuthenticationFailed"
)

// IsNotFound reports whether err says that the thing asked for does not exist.
// An empty slot is reported this way.
func IsNotFound(err error) bool {
	return hasCode(err, CodeNotFound) || hasStatus(err, http.StatusNotFound)
}

// IsConflict reports whether err says that a name or slot is taken, or that
// another operation has exclusive access.
func IsConflict(err error) bool { return hasCode(err, CodeConflict) }

func hasCode(err error, code string) bool {
	var e *Error
	return errors.As(err, &e) && e.Code == code
}

func hasStatus(err error, status int) bool {
	var e *Error
	return errors.As(err, &e) && e.HTTPStatus == status
}

// An UnknownOutcomeError says that a change was sent and no answer came back, or
// one that leaves open what happened (InternalError, a gateway's 502 or 504; for
// changes of deployments also ServerBusy): it may or may not have been carried
// out. The caller settles it by looking, and sends the change again only when that
// shows that nothing was done.
type UnknownOutcomeError struct {
	Action     string
	Err        error
	RetryAfter time.Duration // how long the answer asked to wait; 0 when it did not
}

// Error says what is not known, and why.
func (e *UnknownOutcomeError) Error() string {
	return fmt.Sprintf("%s: no clear answer came back, so it is not known whether it was carried out: %v", e.Action, e.Reason())
}

// Reason returns what came back in place of a clear answer, without the words of
// the action.
func (e *UnknownOutcomeError) Reason() error {
	var refusal *Error
	if errors.As(e.Err, &refusal) && refusal.Action == e.Action {
		plain := *refusal
		plain.Action = ""
		return &plain
	}
	return e.Err
}

// Unwrap returns the connection's error, or the service's.
func (e *UnknownOutcomeError) Unwrap() error { return e.Err }
