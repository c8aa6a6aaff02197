package calls_test

import (
	"testing"
	"time"

	"github.com/vipswap/vipswap/deployer/calls"
)

func TestString(t *testing.T) {
	tests := map[string]calls.Call{
		"POST /s/services Swap Deployment: 202 in 12ms, request 0f": {
			Method: "POST", Path: "/s/services", Operation: "Swap Deployment", Status: 202, RequestID: "0f", Tries: 1, Took: 12 * time.Millisecond,
		},
		"GET /s Get Subscription: 503 (ServerBusy) in 2s, sent 3 times": {
			Method: "GET", Path: "/s", Operation: "Get Subscription", Status: 503, Tries: 3, Took: 2 * time.Second, Error: "ServerBusy",
		},
		"PUT /a/b Put Blob: no answer (EOF) in 0s": {Method: "PUT", Path: "/a/b", Operation: "Put Blob", Tries: 1, Error: "EOF"},
	}
	for want, call := range tests {
		if got := call.String(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}
