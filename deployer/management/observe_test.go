package management_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/deployer/calls"
	"github.com/vipswap/vipswap/deployer/management"
)

// heard keeps the calls that it is told of.
type heard []calls.Call

// Called keeps the call.
func (h *heard) Called(c calls.Call) { *h = append(*h, c) }

// TestObserver hears of each call once, however often it was sent, and of nothing
// that is secret.
func TestObserver(t *testing.T) {
	const shop = "/" + subscription + "/services/hostedservices/shop"
	throttled := refusal(t, 429, "error-throttled")
	swap := calls.Call{Service: calls.Management, Method: "POST", Path: shop, Operation: "Swap Deployment", Status: 202, RequestID: operationID, Tries: 1}
	look := calls.Call{Service: calls.Management, Method: "GET", Path: shop + "/deploymentslots/Production", Operation: "Get Deployment", RequestID: operationID}
	tests := map[string]struct {
		call    func(context.Context, *management.Client) error
		replies []reply
		want    func(calls.Call) calls.Call
		of      calls.Call
	}{
		"accepted": {change, []reply{accepted()}, func(c calls.Call) calls.Call { return c }, swap},
		"throttled once": {change, []reply{throttled, accepted()}, func(c calls.Call) calls.Call {
			c.Tries, c.Took = 2, 200*time.Millisecond
			return c
		}, swap},
		"refused": {read, []reply{refusal(t, 403, "error-forbidden")}, func(c calls.Call) calls.Call {
			c.Status, c.Tries, c.Error = 403, 1, "ForbiddenError"
			return c
		}, look},
		"answer lost": {change, []reply{{cut: beforeAnswer}}, func(c calls.Call) calls.Call {
			c.Status, c.RequestID, c.Error = 0, "", "EOF"
			return c
		}, swap},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var got heard
			c, _ := newStub(t, tt.replies...).client(func(config *management.Config) { config.Observer = &got })
			_ = tt.call(t.Context(), c) // what it comes to is tested elsewhere
			if diff := cmp.Diff(heard{tt.want(tt.of)}, got); diff != "" {
				t.Errorf("calls mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

// TestObserverStopped hears of a call whose sender is stopped before it sends again.
func TestObserverStopped(t *testing.T) {
	var got heard
	ctx, cancel := context.WithCancel(t.Context())
	c, clock := newStub(t, refusal(t, 429, "error-throttled")).client(func(config *management.Config) { config.Observer = &got })
	clock.wake = func(int) { cancel() }
	if err := change(ctx, c); err == nil {
		t.Fatal("a stopped call succeeded")
	}
	if len(got) != 1 || got[0].Status != 429 || got[0].Tries != 1 {
		t.Errorf("calls are %+v, want one with status 429", got)
	}
}
