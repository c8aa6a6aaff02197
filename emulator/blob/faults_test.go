package blob

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/emulator/faults"
)

// fate is an engine without a universe: its accounts wait by the wall.
type fate struct {
	mu sync.Mutex // guards all below
	*faults.Engine
	accounts []string
	failure  error
}

func (f *fate) Strike(account string, c faults.Call) (*faults.Strike, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.accounts = append(f.accounts, account)
	return f.Decide(c), f.failure
}

func (f *fate) Linger(_ string, d time.Duration) (time.Duration, error) { return d, f.failure }

// struckBy makes a fixture where rules befall requests, once "box" is there.
func struckBy(t *testing.T, rules []faults.Rule, options ...Option) (*fixture, *fate) {
	t.Helper()
	e := &fate{}
	f := newFixture(t, append(options, WithFaults(e))...)
	f.container("box")
	e.Engine = faults.NewEngine(faults.Plan{Rules: rules}, 1)
	return f, e
}

var asBlock = []string{"x-ms-blob-type: BlockBlob", "User-Agent: tester/1"}

// An upload that is cut leaves nothing, and no answer.
func TestCutUpload(t *testing.T) {
	var mu sync.Mutex // guards got
	var got []string
	f, _ := struckBy(t, []faults.Rule{{Kind: faults.CutUpload, Count: 2}}, WithObserver(func(x Exchange) {
		mu.Lock()
		defer mu.Unlock()
		got = append(got, fmt.Sprintf("%s %d %d", x.Operation, x.Status, len(x.Struck)))
	}))
	// Longer than what connections keep on the way, so that it is cut while being sent.
	put := call{method: "PUT", path: "/acct/box/a", body: strings.Repeat("a", 1<<20), header: asBlock}
	block := call{method: "PUT", path: "/acct/box/a?comp=block&blockid=" + blockID(1), body: "some"}
	for _, c := range []call{put, block} {
		r := f.request(c)
		if response, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(r); err == nil {
			response.Body.Close()
			t.Errorf("%s was answered with %s", c.path, response.Status)
		}
	}
	f.want("404 BlobNotFound", call{method: "GET", path: "/acct/box/a"})
	f.want("201", put)
	mu.Lock()
	defer mu.Unlock()
	if diff := cmp.Diff([]string{"Create Container 201 0", "Put Blob 0 1", "Put Block 0 1", "Get Blob 404 0", "Put Blob 201 0"}, got); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
}

func TestSlowBlob(t *testing.T) {
	var waited []time.Duration
	pause := func(_ context.Context, d time.Duration) error { waited = append(waited, d); return nil }
	f, e := struckBy(t, []faults.Rule{{Kind: faults.SlowBlob, Delay: faults.Duration(time.Minute), Match: faults.Match{Operation: "Put Blob", Service: "ACCT", Client: "tester/*"}}}, WithPause(pause))
	f.want("201", call{method: "PUT", path: "/acct/box/a", body: "some", header: asBlock})
	f.want("200", call{method: "GET", path: "/acct/box/a"})
	f.want("403 AuthenticationFailed", call{method: "GET", path: "/acct/box/a", key: keyOf("wrong")})
	if diff := cmp.Diff([]time.Duration{time.Minute}, waited); diff != "" {
		t.Errorf("waits (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"sub/acct", "sub/acct", "sub/acct"}, e.accounts); diff != "" {
		t.Errorf("asked about accounts (-want +got):\n%s", diff)
	}
}

// A strike that cannot be kept is an error of the server.
func TestStrikeThatIsNotKept(t *testing.T) {
	f, e := struckBy(t, nil)
	e.failure = errors.New("the disk is full")
	f.want("500 InternalError", call{method: "PUT", path: "/acct/box/a", body: "some", header: asBlock})
}
