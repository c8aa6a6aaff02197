package management_test

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/management"
)

// names are what generated paths are made of: what exists, in several casings,
// and what does not.
var names = map[string][]string{
	"subscription": {subscription, strings.ToUpper(subscription), "11111111-2222-3333-4444-555555555555", ""},
	"service":      {"shop", "SHOP", "Store-2", "none", "operations", "a_b"},
	"slot":         {"staging", "production", "Staging", "PRODUCTION", "test"},
	"deployment":   {"v1", "V1", "v2", "none", "63cbe1e459320dd7044c3cd7f43c661c"},
	"instance":     {"Web_IN_0", "web_in_1", "Work_IN_0", "Web_IN_99", "x"},
	"account":      {"files", "FILES", "none1", "x"},
	"operation":    {"998faec08e371da6f9e249afd9fa4f89", "998faec0-8e37-1da6-f9e2-49afd9fa4f89", "1"},
	"name":         {"free", "shop", "files", "Not Good", "a_b"},
}

var variable = regexp.MustCompile(`\{[a-z]+\}`)

// pathFrom fills in a path of the table with names that pick chooses among.
func pathFrom(op management.Operation, pick func(n int) int) string {
	return variable.ReplaceAllStringFunc(op.Path, func(v string) string {
		choices := names[strings.Trim(v, "{}")]
		if choices == nil {
			choices = []string{"front", "none", "shop", "x_y"}
		}
		return strings.ReplaceAll(choices[pick(len(choices))], " ", "%20")
	})
}

// bodies are what generated requests send: right ones for the operations that
// take one, and some that are right for none.
var bodies = slices.Concat(
	[]string{"", "<", "<Swap/>", document("Swap", ""), document("CreateDeployment", ""), document("CreateHostedService", "<Label>%</Label>"), document("UpdateDeploymentStatus", "<Status>Gone</Status>")},
	requestBodies(),
	[]string{createWithoutPackage, statusBody("Running"), statusBody("Suspended"), swapBody("", "v2"), swapBody("v2", "v1"), swapBody("v1", ""), createBody("v1", "label", false), createBody("v2", "", true)},
)

// requestBodies are the bodies of the exchanges that are kept as documents.
func requestBodies() []string {
	var all []string
	for _, e := range exchanges {
		if e.body != "" {
			all = append(all, e.body)
		}
	}
	return all
}

// choose makes a request out of small numbers that pick gives.
func choose(pick func(n int) int) call {
	ops := management.Operations()
	op := ops[pick(len(ops))]
	c := call{method: op.Method, path: pathFrom(op, pick), subscription: "-", body: bodies[pick(len(bodies))]}
	if op.Comp != "" {
		c.path += "?comp=" + op.Comp
	}
	switch pick(20) {
	case 0:
		c.method = []string{"GET", "PUT", "POST", "DELETE", "PATCH"}[pick(5)]
	case 1:
		c.version = []string{"-", "2009-10-01", "2018-03-01", "1999-01-01", "soon"}[pick(5)]
	case 2:
		c.stranger = true
	case 3:
		c.path = strings.Replace(c.path, "comp=", "comp=x", 1)
	}
	return c
}

// send sends a request and checks what holds for every answer: it is no failure
// of the server, it is complete, and a refusal changes nothing.
func send(t testing.TB, w *world, c call) {
	before := w.dump()
	r := c.request()
	answer := recorded(w, r)
	checkAnswer(t, answer)
	if answer.Code >= 500 {
		t.Errorf("%s %s is answered %d %s", c.method, c.path, answer.Code, answer.Body)
	}
	if answer.Code < 400 {
		return
	}
	if e := refused(t, answer); e.Code == "" || e.Message == "" || cloud.NewError(cloud.Code(e.Code)).Status() != e.Status {
		t.Errorf("%s %s is refused with %+v", c.method, c.path, e)
	}
	if after := w.dump(); after != before {
		t.Errorf("%s %s is refused with %d and changes something\nbefore %s\nafter  %s", c.method, c.path, answer.Code, before, after)
	}
}

// TestRefusalsChangeNothing sends sequences of requests, right and wrong ones,
// with time passing in between.
func TestRefusalsChangeNothing(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t)
		for range rapid.IntRange(1, 10).Draw(rt, "requests") {
			send(fatal{t, rt}, w, choose(func(n int) int { return rapid.IntRange(0, n-1).Draw(rt, "pick") }))
			w.advance(time.Duration(rapid.SampledFrom([]int{0, 0, 5, 60, 3600}).Draw(rt, "seconds")) * time.Second)
		}
	})
}

// fatal reports failures to rapid, so that it can shrink what led to them.
type fatal struct {
	testing.TB
	rt *rapid.T
}

func (f fatal) Errorf(format string, args ...any) { f.rt.Fatalf(format, args...) }
func (f fatal) Fatalf(format string, args ...any) { f.rt.Fatalf(format, args...) }

// FuzzHandler sends any bytes as the body of any operation: the server never
// fails, and a refusal changes nothing.
func FuzzHandler(f *testing.F) {
	for i := range management.Operations() {
		f.Add(uint8(i), uint8(i), []byte(bodies[i%len(bodies)]))
	}
	for _, e := range exchanges {
		op, _ := operationOf(e.call)
		f.Add(uint8(slices.Index(management.Operations(), op)), uint8(0), []byte(e.body))
	}
	f.Fuzz(func(t *testing.T, row, pick uint8, body []byte) {
		ops := management.Operations()
		op := ops[int(row)%len(ops)]
		w := newWorld(t)
		if pick%2 == 0 {
			w.must(post(shop+"/deploymentslots/staging", createBody("v1", "label", true)))
			w.advance(time.Hour)
		}
		c := call{method: op.Method, subscription: "-", body: string(body), path: pathFrom(op, func(n int) int { return int(pick) / 2 % n })}
		if op.Comp != "" {
			c.path += "?comp=" + op.Comp
		}
		send(t, w, c)
	})
}

// FuzzCanonicalPath checks what routing rests on: the form of a path is its own
// canonical form, has no empty segments, and names keep their spelling.
func FuzzCanonicalPath(f *testing.F) {
	for _, path := range []string{"", "/", "//", "*", "/a", "/a/", "//a//b", "/Services/HostedServices/Shop/", "/x/SERVICES", "a/b", "/ſervices/ſ", "/a b/%2F", "/K/K"} {
		f.Add(path)
	}
	f.Fuzz(func(t *testing.T, path string) {
		canonical, segments := management.CanonicalPath(path)
		again, same := management.CanonicalPath(canonical)
		if again != canonical || !slices.Equal(same, segments) {
			t.Errorf("%q becomes %q %q, and that %q %q", path, canonical, segments, again, same)
		}
		var kept []string
		for _, segment := range strings.Split(path, "/") {
			if segment != "" {
				kept = append(kept, segment)
			}
		}
		if len(kept) == 0 {
			kept = []string{""}
		}
		if !strings.HasPrefix(path, "/") {
			return // no request has such a path but that of OPTIONS *
		}
		if len(kept) != len(segments) {
			t.Fatalf("%q has the segments %q", path, segments)
		}
		for i, segment := range segments {
			if segment != kept[i] && (!management.IsLiteral(kept[i]) || segment != strings.ToLower(kept[i])) {
				t.Errorf("%q: segment %q became %q", path, kept[i], segment)
			}
		}
	})
}

// TestAnyPathIsAnswered sends paths that net/url lets through and no client
// means.
func TestAnyPathIsAnswered(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{"", "/", "*", "//", "/ ", "/\x00", "/" + subscription + "/services/hostedservices/\x00", "/" + subscription + "/" + strings.Repeat("a/", 5000), subscription} {
		r := call{method: "GET"}.request()
		r.URL.Path = path
		answer := recorded(w, r)
		checkAnswer(t, answer)
		if answer.Code != http.StatusForbidden && answer.Code != http.StatusNotFound {
			t.Errorf("%.40q is answered %d %s", path, answer.Code, answer.Body)
		}
	}
}

// unreachable are the codes that no request of these tests is refused with, and
// why.
var unreachable = map[cloud.Code]string{
	cloud.AuthenticationFailed: "only for tokens; certificates are refused with ForbiddenError",
	cloud.SubscriptionDisabled: "subscriptions are never disabled",
	cloud.TooManyRequests:      "throttling is off unless it is asked for",
	cloud.InternalError:        "see TestOwnTroubleIsAnInternalError",
	cloud.OperationTimedOut:    "operations end in time unless a fault is asked for",
	cloud.ServerBusy:           "the server is never busy unless a fault is asked for",
}

// TestEveryCodeIsReachable refuses requests with each code of the table.
func TestEveryCodeIsReachable(t *testing.T) {
	calls := map[cloud.Code]call{
		cloud.MissingOrIncorrectVersionHeader:        {method: "GET", path: shop, version: "-"},
		cloud.InvalidXMLRequest:                      post(shop, "<"),
		cloud.MissingOrInvalidRequiredQueryParameter: post(shop+"/deployments/v1?comp=what", ""),
		cloud.InvalidHTTPVerb:                        {method: "PATCH", path: shop},
		cloud.BadRequest:                             get(shop + "/deploymentslots/test"),
		cloud.ForbiddenError:                         {method: "GET", path: shop, anonymous: true},
		cloud.ResourceNotFound:                       get(shop + "/deploymentslots/staging"),
		cloud.ConflictError:                          post("/services/hostedservices", createServiceBody("shop")),
	}
	for _, code := range cloud.Codes() {
		c, ok := calls[code]
		if !ok {
			if unreachable[code] == "" {
				t.Errorf("no test reaches %s", code)
			}
			continue
		}
		if got := refused(t, newWorld(t).do(c)); got.Code != string(code) || got.Status != cloud.NewError(code).Status() {
			t.Errorf("got %+v, want %s", got, code)
		}
	}
}

// TestQuotasAreForbidden checks the refusal over a quota, which has a message of
// its own.
func TestQuotasAreForbidden(t *testing.T) {
	w := newWorld(t)
	w.change(func(st *cloud.State) *cloud.Error { st.Quotas.Services = 1; return nil })
	got := refused(t, w.do(post("/services/hostedservices", createServiceBody("second"))))
	want := refusal{403, "ForbiddenError", "The subscription policy limit for resource type 'hosted service count' was exceeded. The limit for resource type 'hosted service count' is 1 per subscription, the current count is 1, and the requested increment is 1."}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// failingSaver cannot keep anything.
type failingSaver struct{ broken bool }

func (s *failingSaver) Save(cloud.Changes) error {
	if s.broken {
		return fmt.Errorf("disk full at /secret/place")
	}
	return nil
}

// TestOwnTroubleIsAnInternalError checks that the client does not read what went
// wrong inside.
func TestOwnTroubleIsAnInternalError(t *testing.T) {
	w := newWorld(t)
	saver := &failingSaver{}
	if err := w.SaveTo(saver); err != nil {
		t.Fatal(err)
	}
	saver.broken = true
	answer := w.do(post("/services/hostedservices", createServiceBody("second")))
	checkAnswer(t, answer)
	want := refusal{500, "InternalError", "The server encountered an internal error. Please retry the request."}
	if got := refused(t, answer); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
