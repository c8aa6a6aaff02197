package cloud

import (
	"fmt"
	"time"
)

// A Code names a kind of refusal, as clients see it in the Error document.
type Code string

// The codes of the Service Management API. Source: Microsoft's page "Service
// Management Status and Error Codes"; ForbiddenError and TooManyRequests are
// from recorded traffic.
const (
	MissingOrIncorrectVersionHeader        Code = "MissingOrIncorrectVersionHeader"
	InvalidXMLRequest                      Code = "InvalidXmlRequest"
	MissingOrInvalidRequiredQueryParameter Code = "MissingOrInvalidRequiredQueryParameter"
	InvalidHTTPVerb                        Code = "InvalidHttpVerb"
	BadRequest                             Code = "BadRequest"
	AuthenticationFailed                   Code = "AuthenticationFailed"
	ForbiddenError                         Code = "ForbiddenError"
	SubscriptionDisabled                   Code = "SubscriptionDisabled"
	ResourceNotFound                       Code = "ResourceNotFound"
	ConflictError                          Code = "ConflictError"
	TooManyRequests                        Code = "TooManyRequests"
	InternalError                          Code = "InternalError"
	OperationTimedOut                      Code = "OperationTimedOut"
	ServerBusy                             Code = "ServerBusy"
)

// codes is the one table of errors: the HTTP status of each code and the message
// that goes with it when there is nothing more specific to say.
var codes = map[Code]struct {
	status  int
	message string
}{
	MissingOrIncorrectVersionHeader:        {400, "The versioning header is not specified or was specified incorrectly."},
	InvalidXMLRequest:                      {400, "The request body’s XML was invalid or not correctly specified."},
	MissingOrInvalidRequiredQueryParameter: {400, "A required query parameter was not specified for this request or was specified incorrectly."},
	InvalidHTTPVerb:                        {400, "The HTTP verb specified was not recognized by the server or isn’t valid for this resource."},
	BadRequest:                             {400, "A parameter was incorrect."},
	AuthenticationFailed:                   {401, notAuthenticated},
	ForbiddenError:                         {403, notAuthenticated},
	SubscriptionDisabled:                   {403, "The subscription is in a disabled state."},
	ResourceNotFound:                       {404, "The specified resource does not exist."},
	ConflictError:                          {409, "A conflict occurred to prevent the operation from completing."},
	TooManyRequests:                        {429, "Too many requests received. Retry after some time."},
	InternalError:                          {500, "The server encountered an internal error. Please retry the request."},
	OperationTimedOut:                      {500, "The operation could not be completed within the permitted time."},
	ServerBusy:                             {503, "The server (or an internal component) is currently unavailable to receive requests. Please retry your request."},
}

// notAuthenticated is what a client with a wrong certificate reads. Recorded.
const notAuthenticated = "The server failed to authenticate the request. Verify that the certificate is valid and is associated with this subscription."

// An Error is a refusal. It is what a request is answered with, and what a
// failed operation carries long after its request is gone.
type Error struct {
	Code    Code
	Message string

	// RetryAfter is when to come again, 0 when nothing is said about it.
	RetryAfter time.Duration `json:",omitempty"`

	// HTTPStatus takes the place of the code's own, unless it is 0.
	HTTPStatus int `json:",omitempty"`

	busy bool
}

// Busy reports whether err is a refusal because an operation is in progress: it
// would be gone if time passed.
func Busy(err error) bool {
	e, ok := err.(*Error)
	return ok && e.busy
}

// NewError returns the error of a code with the code's own message.
func NewError(code Code) *Error { return &Error{Code: code, Message: codes[code].message} }

// Errorf returns an error with a message of its own.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Error gives code and message.
func (e *Error) Error() string { return string(e.Code) + ": " + e.Message }

// Status returns the HTTP status: the error's own, else the one that goes with
// the code; 500 for a code that is not in the table.
func (e *Error) Status() int {
	if e.HTTPStatus != 0 {
		return e.HTTPStatus
	}
	if c, ok := codes[e.Code]; ok {
		return c.status
	}
	return 500
}

// Codes lists every code that the platform can answer with.
func Codes() []Code {
	all := make([]Code, 0, len(codes))
	for code := range codes {
		all = append(all, code)
	}
	return all
}

// The refusals that more than one operation gives, in words that clients match.
// All are recorded.
func errNoService() *Error    { return Errorf(ResourceNotFound, "The hosted service does not exist.") }
func errNoDeployment() *Error { return Errorf(ResourceNotFound, "No deployments were found.") }

func errNoDeploymentNamed(name string) *Error {
	return Errorf(ResourceNotFound, "The deployment name '%s' does not exist.", name)
}

// errBusyDeployment names the operation that runs; clients cut its id out of the
// text to wait for it.
func errBusyDeployment(operation string) *Error {
	e := Errorf(ConflictError, "Windows Azure is currently performing an operation with x-ms-requestid %s on this deployment that requires exclusive access.", operation)
	e.busy = true
	return e
}

func errBusyService() *Error {
	return errBusyf("Windows Azure is currently performing an operation on this hosted service that requires exclusive access.")
}

// errBusyf is a conflict that would be gone if time passed.
func errBusyf(format string, args ...any) *Error {
	e := Errorf(ConflictError, format, args...)
	e.busy = true
	return e
}
