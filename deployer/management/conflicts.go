package management

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/vipswap/vipswap/deployer/wait"
	"github.com/vipswap/vipswap/internal/lazyregexp"
)

// A ConflictWait is told to Config.OnConflict before the client waits for an
// operation that stands in the way.
type ConflictWait struct {
	Action      string        // what was refused, in words
	OperationID string        // of the running operation, or "" when the refusal does not name it
	Pause       time.Duration // before trying again, when it does not
	Attempt     int           // counts the waits for this change, from 1
}

// String says what is waited for, for a person to read.
func (w ConflictWait) String() string {
	if w.OperationID == "" {
		return fmt.Sprintf("%s: another operation is running, trying again in %v", w.Action, w.Pause.Round(time.Millisecond))
	}
	return fmt.Sprintf("%s: waiting for operation %s to finish first", w.Action, w.OperationID)
}

// What the service writes when an operation has exclusive access. Three texts
// are known from recorded traffic and from client code, of which only the first
// carries the id ("... an operation with x-ms-requestid 0123... on this
// deployment that requires exclusive access."); the extension's and the
// network's texts speak of another operation in progress.
var (
	runningID    = lazyregexp.New(`(?i)x-ms-request-?id:?\s+'?([0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\b`)
	exclusive    = lazyregexp.New(`(?i)requires\s+exclusive\s+access`)
	otherRunning = lazyregexp.New(`(?i)another\s+operation\b.*\bin\s+progress`)
)

// RunningOperation reports whether err is a refusal because another operation is
// running, and returns that operation's id in 32 hex digits where the refusal
// names it. Other conflicts, such as a taken name, are not of this kind.
func RunningOperation(err error) (id string, busy bool) {
	var refusal *Error
	if !errors.As(err, &refusal) || refusal.Code != CodeConflict {
		return "", false
	}
	return parseConflict(refusal.Message)
}

func parseConflict(message string) (id string, busy bool) {
	if m := runningID().FindStringSubmatch(message); m != nil {
		return normalID(m[1]), true
	}
	return "", exclusive().MatchString(message) || otherRunning().MatchString(message)
}

// WaitConflict waits until the operation that refused a change has ended, well
// or badly. Where the refusal does not name it, WaitConflict passes one pause
// that grows with attempt, which counts the waits for the same change from 1.
// It returns nil when it is time to look again, err itself if err is no such
// refusal, and the context's error when ctx ends first.
//
// Before sending a change again, look: the operation may have changed what it
// means.
func (c *Client) WaitConflict(ctx context.Context, err error, attempt int) error {
	id, busy := RunningOperation(err)
	if !busy {
		return err
	}
	var refusal *Error
	errors.As(err, &refusal)
	w := ConflictWait{Action: refusal.Action, OperationID: id, Attempt: attempt}
	if id == "" {
		w.Pause = c.poll.Pause(attempt - 1)
	}
	c.onConflict(w)
	c.log.InfoContext(ctx, "waiting for another operation", "action", w.Action, "operation", id, "attempt", attempt)
	if id == "" {
		return c.clock.Sleep(ctx, w.Pause)
	}
	return c.waitForeign(ctx, id, attempt)
}

// waitForeign waits until an operation of someone else is over. One that the
// service does not know counts as over, after a pause.
func (c *Client) waitForeign(ctx context.Context, id string, attempt int) error {
	err := wait.For(ctx, c.poll, func(ctx context.Context) (wait.Verdict, string, error) {
		op, err := c.Operation(ctx, id)
		if err == nil && op.Status != InProgress {
			return wait.Met, "", nil
		}
		return wait.NotYet, "operation " + id + " is in progress", err
	})
	if IsNotFound(err) {
		return c.clock.Sleep(ctx, c.poll.Pause(attempt-1))
	}
	return err
}

// sendPastConflicts sends the call, and again after an operation in its way has
// ended, as often as the configuration allows.
func (c *Client) sendPastConflicts(ctx context.Context, k call, body []byte) (*answer, error) {
	for waits := 0; ; waits++ {
		a, err := c.send(ctx, k, body)
		if err == nil || !k.changes() || k.lookFirst || waits >= c.conflicts {
			return a, err
		}
		if _, busy := RunningOperation(err); !busy {
			return nil, err
		}
		if stopped := c.WaitConflict(ctx, err, waits+1); stopped != nil {
			return nil, fmt.Errorf("%w (gave up waiting for it: %w)", err, stopped)
		}
	}
}

// normalID returns an operation id as the header x-ms-request-id writes it: 32
// lower-case hex digits. Bodies have the same digits with dashes.
func normalID(id string) string {
	return strings.ToLower(strings.ReplaceAll(strings.TrimSpace(id), "-", ""))
}
