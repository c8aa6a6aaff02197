package management_test

import (
	"context"
	"crypto/sha1"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/faults"
	"github.com/vipswap/vipswap/emulator/management"
)

// befall sets a plan for everything to come.
func (w *world) befall(plan faults.Plan) {
	w.Helper()
	if err := w.SetFaults(plan); err != nil {
		w.Fatal(err)
	}
}

// line is a world that is reached over real connections: faults end them.
type line struct {
	*world
	url    string
	client *http.Client
}

func newLine(t testing.TB, w *world) *line {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		r.TLS = &tls.ConnectionState{PeerCertificates: known}
		w.server.ServeHTTP(rw, r)
	}))
	t.Cleanup(server.Close)
	// A connection for each request: on a kept one, the client would ask again by itself.
	return &line{w, server.URL, &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}}
}

// heard is what a client gets to hear.
type heard struct {
	status int
	header http.Header
	body   string
	err    error // what was wrong with the connection
}

func (l *line) ask(c call) heard {
	l.Helper()
	r, err := http.NewRequestWithContext(context.Background(), c.method, l.url+"/"+subscription+c.path, strings.NewReader(c.body))
	if err != nil {
		l.Fatal(err)
	}
	r.Header.Set("x-ms-version", usualVersion)
	r.Header.Set("User-Agent", "tester/1")
	resp, err := l.client.Do(r)
	if err != nil {
		return heard{err: err}
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return heard{resp.StatusCode, resp.Header, string(body), err}
}

// String is for comparing in tables.
func (h heard) String() string {
	code := regexp.MustCompile(`<Code>(.*)</Code>`).FindStringSubmatch(h.body)
	switch {
	case h.err != nil && h.status != 0:
		return fmt.Sprintf("%d cut", h.status)
	case h.err != nil:
		return "nothing"
	case code != nil:
		return fmt.Sprintf("%d %s", h.status, code[1])
	}
	return fmt.Sprint(h.status)
}

// A watcher observes what is struck: who is cut off does not wait for that.
type watcher struct {
	mu   sync.Mutex // guards seen
	seen []string
}

func (w *watcher) observe(x *management.Exchange) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range x.Struck {
		w.seen = append(w.seen, x.Operation+" "+string(s.Kind))
	}
}

func (w *watcher) all() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.seen)
}

const createStore = `<CreateHostedService xmlns="http://schemas.microsoft.com/windowsazure"><ServiceName>store</ServiceName><Label>c2hvcA==</Label><Location>West US</Location></CreateHostedService>`

// What each fault does to a request that would change something, and whether it
// has changed.
func TestFaultsOfChanges(t *testing.T) {
	minute := faults.Duration(time.Minute)
	tests := map[string]struct {
		rule  faults.Rule
		want  string
		made  bool
		retry string        // Retry-After
		took  time.Duration // by the universe's clock
	}{
		"refused":                {rule: faults.Rule{Kind: faults.Refuse, Code: "SubscriptionDisabled"}, want: "403 SubscriptionDisabled"},
		"refused in other words": {rule: faults.Rule{Kind: faults.Refuse, Code: "Own", Status: 418, RetryAfter: minute}, want: "418 Own", retry: "60"},
		"answer lost":            {rule: faults.Rule{Kind: faults.LoseAnswer}, want: "nothing", made: true},
		"dropped":                {rule: faults.Rule{Kind: faults.Drop}, want: "nothing"},
		"delayed":                {rule: faults.Rule{Kind: faults.Delay, Delay: minute}, want: "201", made: true, took: time.Minute},
		"conflict":               {rule: faults.Rule{Kind: faults.Conflict}, want: "409 ConflictError", took: 30 * time.Second},
		"throttled":              {rule: faults.Rule{Kind: faults.Throttle}, want: "429 TooManyRequests", retry: "1"},
		"throttled for longer":   {rule: faults.Rule{Kind: faults.Throttle, RetryAfter: minute}, want: "429 TooManyRequests", retry: "60"},
		"error":                  {rule: faults.Rule{Kind: faults.ServerError}, want: "500 InternalError"},
		"busy":                   {rule: faults.Rule{Kind: faults.ServerError, Status: 503}, want: "503 ServerBusy"},
		"time out":               {rule: faults.Rule{Kind: faults.ServerError, Code: "OperationTimedOut"}, want: "500 OperationTimedOut"},
		"truncated":              {rule: faults.Rule{Kind: faults.Truncate}, want: "201 cut", made: true},
		"slow":                   {rule: faults.Rule{Kind: faults.Slow, Delay: minute}, want: "201", made: true, took: time.Minute},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var struck watcher
			l := newLine(t, worldOf(t, cloud.AutoTime, packagesReader(), management.WithObserver(struck.observe)))
			l.befall(faults.Plan{Rules: []faults.Rule{test.rule}, Budget: faults.Budget{Total: 1}})
			before := l.Now()
			got := l.ask(call{method: "POST", path: "/services/hostedservices", body: createStore})
			if got.String() != test.want || got.header.Get("Retry-After") != test.retry {
				t.Errorf("heard %s with Retry-After %q, want %s with %q", got, got.header.Get("Retry-After"), test.want, test.retry)
			}
			if diff := cmp.Diff([]string{"Create Cloud Service " + string(test.rule.Kind)}, struck.all()); diff != "" {
				t.Errorf("seen (-want +got):\n%s", diff)
			}
			if took := l.Now().Sub(before); took != test.took {
				t.Errorf("it took %s, want %s", took, test.took)
			}
			if made := l.ask(call{method: "GET", path: "/services/hostedservices/store"}).status == 200; made != test.made {
				t.Errorf("made: %v, want %v", made, test.made)
			}
		})
	}
}

// A cut answer is half of the whole.
func TestTruncatedAnswer(t *testing.T) {
	l := newLine(t, newWorld(t))
	get := call{method: "GET", path: "/services/hostedservices/shop"}
	whole := l.ask(get)
	l.befall(faults.Plan{Rules: []faults.Rule{{Kind: faults.Truncate}}})
	half := l.ask(get)
	if half.err == nil || half.body != whole.body[:len(whole.body)/2] || half.header.Get("Content-Length") != whole.header.Get("Content-Length") {
		t.Errorf("heard %q of %q: %v", half.body, whole.body, half.err)
	}
}

// Somebody else's operation can be waited for.
func TestPhantomOperationCanBePolled(t *testing.T) {
	l := newLine(t, worldOf(t, cloud.ManualTime, packagesReader()))
	l.befall(faults.Plan{Rules: []faults.Rule{{Kind: faults.Conflict, Match: faults.Match{Operation: "Swap*"}}}})
	refused := l.ask(call{method: "POST", path: shop, body: swapBody("", "v1")})
	id := regexp.MustCompile(`x-ms-requestid ([0-9a-f]{32}) on`).FindStringSubmatch(refused.body)
	if id == nil {
		t.Fatalf("refused with %s", refused.body)
	}
	for _, want := range []string{"InProgress", "Succeeded"} {
		if got := l.ask(call{method: "GET", path: "/operations/" + id[1]}); !strings.Contains(got.body, "<Status>"+want+"</Status>") {
			t.Errorf("the operation is %s, want %s", got.body, want)
		}
		l.advance(30 * time.Second)
	}
}

// Where the clock cannot step, the request waits: through the option.
func TestPauses(t *testing.T) {
	for _, test := range []struct {
		kind faults.Kind
		want []time.Duration
	}{
		{faults.Delay, []time.Duration{8 * time.Second}},
		{faults.Slow, []time.Duration{time.Second, time.Second, time.Second, time.Second, time.Second, time.Second, time.Second, time.Second}},
	} {
		var waited []time.Duration
		pause := func(_ context.Context, d time.Duration) error { waited = append(waited, d); return nil }
		l := newLine(t, worldOf(t, cloud.ManualTime, packagesReader(), management.WithPause(pause)))
		l.befall(faults.Plan{Rules: []faults.Rule{{Kind: test.kind, Delay: faults.Duration(8 * time.Second)}}})
		whole := l.ask(call{method: "GET", path: shop})
		if diff := cmp.Diff(test.want, waited); diff != "" || whole.err != nil || !strings.HasSuffix(whole.body, "</HostedService>") {
			t.Errorf("%s: heard %s (-want +got):\n%s", test.kind, whole, diff)
		}
	}
}

// A slow answer ends when the client goes.
func TestSlowAnswerEndsWithTheClient(t *testing.T) {
	waits := 0
	w := worldOf(t, cloud.ManualTime, packagesReader(), management.WithPause(func(context.Context, time.Duration) error { waits++; return errors.New("gone") }))
	w.befall(faults.Plan{Rules: []faults.Rule{{Kind: faults.Slow, Delay: faults.Duration(time.Second)}}})
	w.do(call{method: "GET", path: shop})
	if waits != 1 {
		t.Errorf("there were %d waits", waits)
	}
}

// Every operation of the API can be refused before it does anything.
func TestEveryOperationCanBeStruck(t *testing.T) {
	w := newWorld(t)
	w.deploy("staging", "v1")
	before := w.dump()
	w.befall(faults.Plan{Rules: []faults.Rule{{Kind: faults.Refuse, Code: "Own", Status: 418}}})
	first := func(int) int { return 0 }
	for _, op := range management.Operations() {
		path := strings.TrimPrefix(pathFrom(op, first), "/"+subscription)
		c := call{method: op.Method, path: path}
		if strings.HasPrefix(op.Path, "/subscriptions") {
			c.subscription = "-"
		}
		if op.Comp != "" {
			c.path += "?comp=" + op.Comp
		}
		if got := refused(t, w.do(c)); got.Status != 418 || got.Code != "Own" {
			t.Errorf("%s %s %s: %+v", op.Name, op.Method, path, got)
		}
	}
	if e := w.Faults(); e.Strikes != len(management.Operations()) {
		t.Errorf("%d strikes on %d operations", e.Strikes, len(management.Operations()))
	}
	w.befall(faults.Plan{})
	if diff := cmp.Diff(before, w.dump()); diff != "" {
		t.Errorf("what it left (-before +after):\n%s", diff)
	}
}

// Requests are matched by what their paths name and by who asks.
func TestFaultsMatchRequests(t *testing.T) {
	tests := map[string]struct {
		match faults.Match
		call  call
		want  bool
	}{
		"the slot of the path":       {faults.Match{Slot: "staging"}, call{method: "GET", path: shop + "/deploymentslots/Staging"}, true},
		"the other slot":             {faults.Match{Slot: "production"}, call{method: "GET", path: shop + "/deploymentslots/Staging"}, false},
		"the slot of the deployment": {faults.Match{Slot: "staging"}, call{method: "GET", path: shop + "/deployments/v1"}, true},
		"an instance":                {faults.Match{Instance: "web_in_*"}, call{method: "POST", path: shop + "/deployments/v1/roleinstances/Web_IN_0?comp=reboot"}, true},
		"an account":                 {faults.Match{Service: "files"}, call{method: "GET", path: "/services/storageservices/files"}, true},
		"a program":                  {faults.Match{Client: "tester/*"}, call{method: "GET", path: shop}, true},
		"another program":            {faults.Match{Client: "other/*"}, call{method: "GET", path: shop}, false},
		"a certificate":              {faults.Match{Client: fmt.Sprintf("%x", sha1.Sum([]byte(certificate)))}, call{method: "GET", path: shop}, true},
		"what is no operation":       {faults.Match{}, call{method: "GET", path: "/nothing/here"}, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.deploy("staging", "v1")
			l := newLine(t, w)
			l.befall(faults.Plan{Rules: []faults.Rule{{Kind: faults.Refuse, Code: "Own", Status: 418, Match: test.match}}})
			if got := l.ask(test.call); (got.status == 418) != test.want {
				t.Errorf("heard %s", got)
			}
		})
	}
}

// What befalls an operation shows in the exchange that began it, and matches by
// who asked.
func TestStruckOperationsAreSeen(t *testing.T) {
	var struck []faults.Strike
	w := worldOf(t, cloud.ManualTime, packagesReader(), management.WithObserver(func(x *management.Exchange) { struck = append(struck, x.Struck...) }))
	l := newLine(t, w)
	l.befall(faults.Plan{Rules: []faults.Rule{
		{Kind: faults.FailOperation, Match: faults.Match{Client: "other*"}},
		{Name: "late", Kind: faults.FailOperation, Match: faults.Match{Client: "tester*"}, Code: "OperationTimedOut"},
	}})
	l.ask(call{method: "POST", path: shop + "/deploymentslots/staging", body: createBody("v1", "label", true)})
	want := []faults.Strike{{Number: 1, Rule: "late", Kind: faults.FailOperation, Code: "OperationTimedOut", Subject: "Create Deployment shop staging"}}
	if diff := cmp.Diff(want, struck); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
	l.advance(time.Hour)
	if got := l.ask(call{method: "GET", path: shop + "/deploymentslots/staging"}); got.status != 404 {
		t.Errorf("the deployment is %s", got)
	}
}

// With a pace of polls, time plays no part in what clients wait for.
func TestPolls(t *testing.T) {
	w := newWorld(t)
	if err := w.SetProgressions(map[cloud.Kind]cloud.Progression{cloud.EveryKind: {Pace: cloud.AfterPolls, Polls: 3}}); err != nil {
		t.Fatal(err)
	}
	id := w.must(call{method: "POST", path: shop + "/deploymentslots/staging", body: createBody("v1", "label", true)})
	var got []string
	for range 4 {
		body := w.do(call{method: "GET", path: "/operations/" + id}).Body.String()
		got = append(got, regexp.MustCompile(`<Status>(.*)</Status>`).FindStringSubmatch(body)[1])
		w.advance(time.Hour)
	}
	if diff := cmp.Diff([]string{"InProgress", "InProgress", "Succeeded", "Succeeded"}, got); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
}

// anyFaults draws plans whose faults come to an end.
func anyFaults(t *rapid.T) faults.Plan {
	rule := rapid.Custom(func(t *rapid.T) faults.Rule {
		r := faults.Rule{
			Kind: rapid.SampledFrom(faults.Kinds()).Draw(t, "kind"), Count: rapid.IntRange(0, 6).Draw(t, "count"),
			Probability: rapid.SampledFrom([]float64{0, 0.1, 0.5, 0.9}).Draw(t, "probability"),
			Match:       faults.Match{Nth: rapid.IntRange(0, 5).Draw(t, "nth")},
		}
		switch r.Kind {
		case faults.Refuse:
			r.Code = rapid.SampledFrom(faults.Codes()).Draw(t, "code")
		case faults.Delay, faults.Slow, faults.SlowBlob, faults.StuckOperation, faults.Conflict:
			r.Delay = faults.Duration(rapid.IntRange(1, 3000).Draw(t, "seconds")) * faults.Duration(time.Second)
		}
		return r
	})
	return faults.Plan{
		Rules:  rapid.SliceOfN(rule, 1, 6).Draw(t, "rules"),
		Budget: faults.Budget{InARow: rapid.IntRange(0, 4).Draw(t, "inARow"), Total: rapid.IntRange(1, 40).Draw(t, "total")},
	}
}

// stubborn is a client that looks, and tries again whatever it heard, until what
// it wants is so: one service, with v2 in production and v1 in staging.
type stubborn struct {
	*line
	heard  []string
	left   int // requests
	waited int // looks
}

func (s *stubborn) ask(c call) heard {
	s.left--
	h := s.line.ask(c)
	s.heard = append(s.heard, fmt.Sprint(c.method, " ", c.path, " ", h, " ", len(h.body)))
	return h
}

// name returns which deployment a slot holds and whether it is ready; ok is
// false when it could not be seen.
func (s *stubborn) name(slot string) (name string, ready, ok bool) {
	h := s.ask(call{method: "GET", path: shop + "/deploymentslots/" + slot})
	found := regexp.MustCompile(`<Name>(v\d)</Name>`).FindStringSubmatch(h.body)
	switch {
	case h.err != nil || h.status != 200 && h.status != 404:
		return "", false, false
	case found == nil:
		return "", false, h.status == 404
	}
	ready = strings.Count(h.body, "<InstanceStatus>ReadyRole</InstanceStatus>") == 3
	return found[1], ready, true
}

// act sends a change and waits for its operation as long as it is in progress.
func (s *stubborn) act(c call) {
	h := s.ask(c)
	for h.err == nil && h.status == http.StatusAccepted && s.left > 0 {
		o := s.ask(call{method: "GET", path: "/operations/" + h.header.Get("x-ms-request-id")})
		if o.err == nil && o.status == http.StatusOK && !strings.Contains(o.body, "InProgress") {
			return
		}
	}
}

// settle brings the service where it should be; false when it could not.
func (s *stubborn) settle() bool {
	for s.left > 0 {
		live, liveReady, seen := s.name("production")
		staged, stagedReady, seenToo := s.name("staging")
		switch {
		case !seen || !seenToo:
		case live == "" && staged == "":
			s.act(call{method: "POST", path: shop + "/deploymentslots/production", body: createBody("v1", "label", true)})
		case live == "v1" && staged == "":
			s.act(call{method: "POST", path: shop + "/deploymentslots/staging", body: createBody("v2", "label", true)})
		case live == "v1" && staged == "v2":
			s.act(call{method: "POST", path: shop, body: swapBody("v1", "v2")})
		case live == "v2" && staged == "v1" && liveReady && stagedReady:
			return true
		default:
			if s.waited++; s.waited%100 == 0 { // long enough to start twice
				s.reboot()
			}
		}
	}
	return false
}

// reboot sees to instances that are not well.
func (s *stubborn) reboot() {
	for _, slot := range []string{"production", "staging"} {
		h := s.ask(call{method: "GET", path: shop + "/deploymentslots/" + slot})
		ill := regexp.MustCompile(`<InstanceName>(\w+)</InstanceName><InstanceStatus>(?:StartingRole|RestartingRole|UnresponsiveRole)<`).FindAllStringSubmatch(h.body, -1)
		for _, i := range ill {
			s.act(call{method: "POST", path: shop + "/deploymentslots/" + slot + "/roleinstances/" + i[1] + "?comp=reboot"})
		}
	}
}

// Whatever goes wrong within a budget: a client that looks and tries again gets
// where it wants; and the same seed and requests give the same faults.
func TestStubbornClientsGetThere(t *testing.T) {
	plans := rapid.Custom(anyFaults)
	for seed := range 40 {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			plan := plans.Example(seed)
			run := func() []string {
				l := newLine(t, worldOf(t, cloud.AutoTime, packagesReader()))
				l.befall(plan)
				s := &stubborn{line: l, left: 1500}
				if !s.settle() {
					t.Fatalf("not there after all requests; faults: %+v; in the end:\n%s", l.Faults(), strings.Join(s.heard[max(0, len(s.heard)-20):], "\n"))
				}
				return s.heard
			}
			if diff := cmp.Diff(run(), run()); diff != "" {
				t.Errorf("the second run is another (-first +second):\n%s", diff)
			}
		})
	}
}
