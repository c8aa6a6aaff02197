package management

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"sync"

	"github.com/vipswap/vipswap/deployer/wait"
)

// operationDocument is the answer of Get Operation Status. HttpStatusCode and
// Error are absent while the operation is in progress.
type operationDocument struct {
	XMLName    xml.Name        `xml:"http://schemas.microsoft.com/windowsazure Operation"`
	ID         string          `xml:"ID"`
	Status     OperationStatus `xml:"Status"`
	HTTPStatus int             `xml:"HttpStatusCode"`
	Error      *errorDocument  `xml:"Error"`
}

// Operation reads how far an operation has come (Get Operation Status). The id
// may be written with or without dashes. A failed operation is no error of this
// call: it is in the result. An id that the service does not know, or knows no
// longer, gives an [*Error] with CodeNotFound.
func (c *Client) Operation(ctx context.Context, id string) (Operation, error) {
	id = normalID(id)
	var doc operationDocument
	_, err := c.do(ctx, call{
		operation: "Get Operation Status",
		action:    "read operation " + id,
		method:    http.MethodGet,
		path:      []string{"operations", id},
		into:      &doc,
	})
	if err != nil {
		return Operation{}, err
	}
	return doc.operation(id)
}

func (d *operationDocument) operation(id string) (Operation, error) {
	op := Operation{ID: id, Status: d.Status, HTTPStatus: d.HTTPStatus}
	switch d.Status {
	case InProgress, Succeeded:
		return op, nil
	case Failed:
		op.Err = &Error{HTTPStatus: d.HTTPStatus, RequestID: id, Code: "InternalError", Message: "the operation failed without saying why"}
		if d.Error != nil {
			op.Err.Code, op.Err.Message = d.Error.Code, d.Error.Message
		}
		return op, nil
	}
	return op, fmt.Errorf("read operation %s: its status %q is not one of %s, %s and %s", id, d.Status, InProgress, Succeeded, Failed)
}

// WaitOperation waits until the operation has succeeded and then returns nil. A
// failed operation gives its [*Error], with the words of the call that began it
// if this client made that call; the end of ctx gives a [*wait.InterruptedError].
//
// A successful operation says that the service accepted the change and carried
// it out as far as slots, labels and configurations go. Instances may still be
// on their way to ReadyRole.
func (c *Client) WaitOperation(ctx context.Context, id string) error {
	id = normalID(id)
	var failure *Error
	err := wait.For(ctx, c.poll, func(ctx context.Context) (wait.Verdict, string, error) {
		op, err := c.Operation(ctx, id)
		if err != nil {
			return wait.NotYet, "", err
		}
		failure = op.Err
		return verdict(op)
	})
	var never *wait.NeverError
	if errors.As(err, &never) {
		failure.Action = c.actions.of(id)
		return failure
	}
	return err
}

func verdict(op Operation) (wait.Verdict, string, error) {
	switch op.Status {
	case Succeeded:
		return wait.Met, "", nil
	case Failed:
		return wait.Never, op.Err.Message, nil
	}
	return wait.NotYet, "operation " + op.ID + " is in progress", nil
}

// LastRequestID returns the x-ms-request-id of the newest answer, a refusal
// included; "" before the first. The service gives no two answers the same.
func (c *Client) LastRequestID() string {
	if id := c.lastID.Load(); id != nil {
		return *id
	}
	return ""
}

// recentActions remembers in words what the last operations were about, so that
// the failure of one can say so.
type recentActions struct {
	mu    sync.Mutex // guards kept and count
	kept  [32]struct{ id, action string }
	count int
}

func (r *recentActions) remember(id, action string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	entry := &r.kept[r.count%len(r.kept)]
	entry.id, entry.action = normalID(id), action
	r.count++
}

func (r *recentActions) of(id string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, entry := range r.kept {
		if entry.id == id {
			return entry.action
		}
	}
	return "operation " + id
}
