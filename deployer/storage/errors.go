package storage

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
)

// An Error is a request to the blob service that failed.
type Error struct {
	Action string // what was tried, in words
	URL    string // of the blob or container
	Code   string // the service's, such as AuthenticationFailed; "" when no answer came
	Status int    // of HTTP; 0 when no answer came
	Err    error
}

func newError(action, address string, err error) *Error {
	e := &Error{Action: action, URL: address, Err: err}
	var answer *azcore.ResponseError
	if errors.As(err, &answer) {
		e.Code, e.Status = answer.ErrorCode, answer.StatusCode
	}
	return e
}

// Error says what was tried where, and what came of it, in one line and perhaps
// a hint. It has neither key nor signature.
func (e *Error) Error() string {
	text := fmt.Sprintf("%s %s: ", e.Action, e.URL)
	switch {
	case e.Status == 0:
		return text + bare(e.Err).Error()
	case e.Code == "":
		text += fmt.Sprintf("status %d %s", e.Status, http.StatusText(e.Status))
	default:
		text += fmt.Sprintf("%s (status %d)", e.Code, e.Status)
	}
	if hint := hints[bloberror.Code(e.Code)]; hint != "" {
		text += "\nhint: " + hint
	}
	return text
}

// Unwrap returns the error of the request.
func (e *Error) Unwrap() error { return e.Err }

// hints are what a person can do about a code.
var hints = map[bloberror.Code]string{
	bloberror.AuthenticationFailed:  "the key is not this account's, or the clock of this machine is off by more than 15 minutes",
	bloberror.ContainerBeingDeleted: "the container was deleted a moment ago; try again in a minute or name another",
	bloberror.AccountIsDisabled:     "the storage account is disabled",
	bloberror.BlobAlreadyExists:     "somebody else uploads under the same name; try again",
	bloberror.ConditionNotMet:       "somebody else uploads under the same name; try again",
}

// bare removes the method and URL that net/http puts around an error.
func bare(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}
