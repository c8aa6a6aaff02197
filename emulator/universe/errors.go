package universe

import "fmt"

// A Code says what kind of refusal an [Error] is.
type Code string

// The codes, each with the HTTP status that the control interface gives it.
const (
	NotFound         Code = "NotFound"         // 404: no such universe, snapshot or address
	Invalid          Code = "Invalid"          // 400: the request cannot be understood or asks for nonsense
	Exists           Code = "Exists"           // 409: the name is taken
	Unauthorized     Code = "Unauthorized"     // 401: the token is missing or wrong
	ForeignOrigin    Code = "ForeignOrigin"    // 403: a browser asks for a page from elsewhere
	MethodNotAllowed Code = "MethodNotAllowed" // 405
	TooLarge         Code = "TooLarge"         // 413: the body is larger than is read
	Internal         Code = "Internal"         // 500: the emulator could not do what it should
	Unavailable      Code = "Unavailable"      // 503: the emulator is starting or stopping
)

var statuses = map[Code]int{
	NotFound: 404, Invalid: 400, Exists: 409, Unauthorized: 401, ForeignOrigin: 403, MethodNotAllowed: 405, TooLarge: 413, Internal: 500, Unavailable: 503,
}

// Codes lists every code.
func Codes() []Code {
	return []Code{NotFound, Invalid, Exists, Unauthorized, ForeignOrigin, MethodNotAllowed, TooLarge, Internal, Unavailable}
}

// An Error is a refusal of the emulator's own interface. It changed nothing.
type Error struct {
	Code    Code   `json:"code"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"` // what to do about it, "" when there is nothing to say
}

// Errorf returns a refusal.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// WithHint adds what to do about it.
func (e *Error) WithHint(format string, args ...any) *Error {
	e.Hint = fmt.Sprintf(format, args...)
	return e
}

// Error gives the message.
func (e *Error) Error() string { return e.Message }

// Status returns the HTTP status of the code; 500 for one that is unknown.
func (e *Error) Status() int {
	if status, ok := statuses[e.Code]; ok {
		return status
	}
	return 500
}
