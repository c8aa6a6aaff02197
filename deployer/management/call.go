package management

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// longestRetryAfter is how long a Retry-After is obeyed. A longer one ends the
// call with the refusal that carried it.
const longestRetryAfter = 5 * time.Minute

// A call is one request, as often as it has to be sent.
type call struct {
	operation string   // as the reference calls it: "Swap Deployment"
	action    string   // in words, for errors: "swap the slots of shop"
	method    string   // of HTTP
	path      []string // segments below the subscription, unescaped
	query     string   // as it is sent
	page      string   // continuation token of a listing, or ""
	body      any      // document to send, or nil
	into      any      // document to read the answer into, or nil

	// lookFirst keeps a change from being sent again before the caller has
	// looked: after an operation in its way has ended, since what it means may
	// have changed by then, and after a 503, since it may have been carried out.
	lookFirst bool
}

// changes reports whether the call is more than a read.
func (k call) changes() bool { return k.method != http.MethodGet }

// do makes the call and reads its answer.
func (c *Client) do(ctx context.Context, k call) (*answer, error) {
	body, err := k.encode()
	if err != nil {
		return nil, err
	}
	a, err := c.sendPastConflicts(ctx, k, body)
	if err != nil {
		return nil, err
	}
	if k.into == nil {
		return a, nil
	}
	if err := decode(a.body, k.into); err != nil {
		return nil, fmt.Errorf("%s: the answer (request %s) cannot be read: %w", k.action, a.requestID(), err)
	}
	return a, nil
}

// begin makes a call that starts an operation, and returns the operation's id.
func (c *Client) begin(ctx context.Context, k call) (string, error) {
	a, err := c.do(ctx, k)
	if err != nil {
		return "", err
	}
	id := a.requestID()
	if id == "" {
		return "", &UnknownOutcomeError{Action: k.action, Err: errors.New("the answer has no x-ms-request-id to follow it by")}
	}
	c.actions.remember(id, k.action)
	return id, nil
}

func (k call) encode() ([]byte, error) {
	for _, segment := range k.path {
		if segment == "" || segment == "." || segment == ".." {
			return nil, fmt.Errorf("%s: a name in the request is %q", k.action, segment)
		}
	}
	if k.body == nil {
		return nil, nil
	}
	body, err := xml.Marshal(k.body)
	if err != nil {
		return nil, fmt.Errorf("%s: write the request: %w", k.action, err)
	}
	return body, nil
}

// address returns the URL of the call.
func (c *Client) address(k call) *url.URL {
	u := *c.base
	segments := []string{u.EscapedPath(), c.subscription}
	for _, segment := range k.path {
		segments = append(segments, url.PathEscape(segment))
	}
	u.RawPath = strings.Join(segments, "/")
	if slices.Contains(slashed, k.query) {
		u.RawPath += "/"
	}
	u.Path, _ = url.PathUnescape(u.RawPath) // cannot fail: every segment was escaped above
	u.RawQuery = k.query
	return &u
}

// slashed are the queries before which Microsoft's pages have a slash.
var slashed = []string{"comp=config", "comp=status", "comp=upgrade"}

// send sends the call until it is answered for good, see retry, and tells the
// observer.
func (c *Client) send(ctx context.Context, k call, body []byte) (a *answer, err error) {
	began := c.clock.Now()
	for attempt := 1; ; attempt++ {
		a, err = c.attempt(ctx, k, body)
		if err == nil {
			err = a.refusal(k.action)
		}
		if err == nil {
			c.observe(k, a, nil, attempt, began)
			return a, nil
		}
		pause, again := c.retry(k, a, err, attempt)
		if !again || ctx.Err() != nil {
			c.observe(k, a, err, attempt, began)
			return nil, c.settle(k, a, err)
		}
		c.log.InfoContext(ctx, "sending again", "action", k.action, "attempt", attempt+1, "pause", pause, "reason", err)
		if stopped := c.clock.Sleep(ctx, pause); stopped != nil {
			c.observe(k, a, err, attempt, began)
			return nil, fmt.Errorf("%w (not sent again: %w)", c.settle(k, a, err), stopped)
		}
	}
}

// Statuses after which a request is sent again. A refused change was not carried
// out; the others leave that open, so that only a read is repeated. A 503 is a
// refusal, except to a caller that looks: what is in front of the service may
// answer it, too.
var (
	refusedForNow = []int{http.StatusTooManyRequests, http.StatusServiceUnavailable}
	failedForNow  = []int{http.StatusInternalServerError, http.StatusBadGateway, http.StatusGatewayTimeout}
)

// retry decides whether the call may be sent again after err, and when.
func (c *Client) retry(k call, a *answer, err error, attempt int) (time.Duration, bool) {
	if attempt >= c.attempts || !repeatable(k, err) {
		return 0, false
	}
	pause := min(c.retryMin<<min(attempt-1, 16), c.retryMax)
	if asked := a.retryAfter(c.clock.Now()); asked > 0 {
		return max(c.part(asked), pause), asked <= longestRetryAfter
	}
	return pause, true
}

// repeatable reports whether sending k again after err can do no harm and some
// good.
func repeatable(k call, err error) bool {
	var lost *lostError
	if errors.As(err, &lost) {
		return !lost.final && !(lost.sent && k.changes())
	}
	var refusal *Error
	if !errors.As(err, &refusal) {
		return false
	}
	if k.leavesOpen(refusal.HTTPStatus) {
		return false
	}
	return slices.Contains(refusedForNow, refusal.HTTPStatus) || slices.Contains(failedForNow, refusal.HTTPStatus)
}

// leavesOpen reports whether an answer of that status does not tell whether the
// call was carried out.
func (k call) leavesOpen(status int) bool {
	return k.changes() && (slices.Contains(failedForNow, status) || k.lookFirst && status == http.StatusServiceUnavailable)
}

// settle makes the error for the caller: where a change may have been carried
// out, it says so. An internal error and a gateway's 502 or 504 leave that as open
// as a lost connection does.
func (c *Client) settle(k call, a *answer, err error) error {
	var lost *lostError
	var refusal *Error
	switch {
	case !k.changes():
	case errors.As(err, &lost) && lost.sent:
		return &UnknownOutcomeError{Action: k.action, Err: lost.err}
	case errors.As(err, &refusal) && k.leavesOpen(refusal.HTTPStatus):
		return &UnknownOutcomeError{Action: k.action, Err: err, RetryAfter: c.part(a.retryAfter(c.clock.Now()))}
	}
	return err
}

// part returns how much of a Retry-After is waited.
func (c *Client) part(asked time.Duration) time.Duration {
	return time.Duration(float64(asked) * c.share)
}

// retryAfter returns how long the answer asks to wait: its Retry-After, in
// seconds or as a date. It is 0 for no answer or no such header.
func (a *answer) retryAfter(now time.Time) time.Duration {
	if a == nil {
		return 0
	}
	text := a.header.Get("Retry-After")
	if seconds, err := strconv.ParseInt(text, 10, 32); err == nil {
		return max(0, time.Duration(seconds)*time.Second)
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}
