package deployer_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/management"
)

// unclear is an answer that does not tell whether the change was carried out.
func unclear(status int, code string, retryAfter time.Duration) *management.UnknownOutcomeError {
	refusal := &management.Error{HTTPStatus: status, Code: code, Message: "Please retry the request.", Action: "swap shop"}
	return &management.UnknownOutcomeError{Action: "swap shop", Err: refusal, RetryAfter: retryAfter}
}

// TestUnclearAnswers looks at how long the run waits before it sends again what was
// not carried out, and what it says.
func TestUnclearAnswers(t *testing.T) {
	tests := map[string]struct {
		answer *management.UnknownOutcomeError
		times  int
		want   []time.Duration // between sending and sending again
		said   string
	}{
		"an internal error": {unclear(500, "InternalError", 0), 1, []time.Duration{200 * time.Millisecond},
			"swap the slots of shop: no clear answer came (InternalError: Please retry the request.): the slots are looked at before anything is sent again"},
		"again and again": {unclear(500, "InternalError", 0), 8, []time.Duration{
			200 * time.Millisecond, 400 * time.Millisecond, 800 * time.Millisecond, 1600 * time.Millisecond,
			3200 * time.Millisecond, 6400 * time.Millisecond, 12800 * time.Millisecond, 20 * time.Second}, "InternalError"},
		"busy, for as long as it says": {unclear(503, "ServerBusy", 30*time.Second), 1, []time.Duration{30 * time.Second}, "ServerBusy"},
		"a lost answer": {&management.UnknownOutcomeError{Action: "swap shop", Err: errors.New("EOF")}, 1, []time.Duration{200 * time.Millisecond},
			"swap the slots of shop: no clear answer came (EOF): the slots are looked at before anything is sent again"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(up("p1", "1.0"), up("s1", "1.1"))
			var sent []time.Time
			w.cloud.calls.onChange = func(method string) error {
				if !strings.HasSuffix(method, " cut before") {
					return nil
				}
				if sent = append(sent, w.clock.now); len(sent) <= test.times {
					return test.answer
				}
				return nil
			}
			result, err := deployer.Run(context.Background(), w.ports(""), w.plan(t, deployer.Swap{Service: "shop"}))
			if err != nil {
				t.Fatal(err)
			}
			var pauses []time.Duration
			for i := range sent[1:] {
				pauses = append(pauses, sent[i+1].Sub(sent[i]))
			}
			if diff := cmp.Diff(test.want, pauses); diff != "" {
				t.Errorf("pauses: mismatch (-want +got)\n%s", diff)
			}
			if diff := cmp.Diff([]string{"swap"}, w.made); diff != "" {
				t.Errorf("mismatch (-want +got)\n%s", diff)
			}
			last := result.Decisions[len(result.Decisions)-1]
			if last.Code != deployer.OutcomeUnknown || !last.Warning || !strings.Contains(last.Text, test.said) {
				t.Errorf("it said %+v", last)
			}
		})
	}
}

// TestConflictChangesTheMeaning deletes what is staged while somebody else swaps it
// into production: what serves is not deleted once the swap is over.
func TestConflictChangesTheMeaning(t *testing.T) {
	w := newWorld(up("p1", "1.0"), up("s1", "1.1"))
	plan := w.plan(t, deployer.Delete{Service: "shop", Slot: staging})
	w.cloud.calls.onChange = func(method string) error {
		if method == "delete cut before" && len(w.ops) == 0 {
			w.begin("alien", nil, w.exchange)
		}
		return nil
	}
	_, err := deployer.Run(context.Background(), w.ports(""), plan)
	var moved *deployer.MovedError
	if !errors.As(err, &moved) || !strings.Contains(err.Error(), "deployment s1 is in production now") {
		t.Errorf("got %v", err)
	}
	if diff := cmp.Diff([]string{"alien"}, w.made); diff != "" {
		t.Errorf("mismatch (-want +got)\n%s", diff)
	}
}
