package probe_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/deployer/probe"
)

var epoch = time.Date(2015, 7, 2, 2, 0, 0, 0, time.UTC)

// An answer is one of the web's.
type answer struct {
	status int
	body   string
	took   time.Duration
	err    error
}

// A web answers in order; the last answer stays. Time passes by waiting alone.
type web struct {
	now     time.Time
	answers []answer
	asked   []string
}

func (w *web) Do(r *http.Request) (*http.Response, error) {
	w.asked = append(w.asked, fmt.Sprintf("%s %s host=%s key=%s", r.Method, r.URL, r.Host, r.Header.Get("X-Key")))
	a := w.answers[0]
	if len(w.answers) > 1 {
		w.answers = w.answers[1:]
	}
	w.now = w.now.Add(a.took)
	if a.err != nil {
		return nil, a.err
	}
	return &http.Response{StatusCode: a.status, Body: io.NopCloser(strings.NewReader(a.body))}, nil
}

func (w *web) asker() probe.Asker {
	w.now = epoch
	return probe.Asker{Client: func([]probe.Resolve) probe.Doer { return w }, Now: func() time.Time { return w.now }}
}

func text(s string) *string { return &s }

func TestAsk(t *testing.T) {
	const health = `{"state": "up", "checks": [{"name": "db", "ms": 12}]}`
	tests := []struct {
		name   string
		answer answer
		check  probe.Check
		want   string
	}{
		{"right", answer{status: 200}, probe.Check{}, ""},
		{"wrong status", answer{status: 503}, probe.Check{}, "the status is 503, not 200"},
		{"one of several", answer{status: 302}, probe.Check{Status: []int{200, 302}}, ""},
		{"none of several", answer{status: 500}, probe.Check{Status: []int{200, 302}}, "the status is 500, not 200 or 302"},
		{"body", answer{status: 200, body: "version 1.1.0"}, probe.Check{Contains: "1.1.0", Matches: `^version \d`}, ""},
		{"other body", answer{status: 200, body: "version 1.0.0"}, probe.Check{Contains: "1.1.0"}, `the body does not contain "1.1.0"`},
		{"other pattern", answer{status: 200, body: "release 1"}, probe.Check{Matches: `^version`}, "the body does not match ^version"},
		{"slow", answer{status: 200, took: 2 * time.Second}, probe.Check{Latency: time.Second}, "it took 2s, more than 1s"},
		{"fast enough", answer{status: 200, took: time.Second}, probe.Check{Latency: time.Second}, ""},
		{"json", answer{status: 200, body: health}, probe.Check{JSONPath: "$.state", Equals: text("up")}, ""},
		{"json number", answer{status: 200, body: health}, probe.Check{JSONPath: "$.checks[0].ms", Equals: text("12")}, ""},
		{"json other", answer{status: 200, body: health}, probe.Check{JSONPath: "$.state", Equals: text("down")}, `$.state is "up", not "down"`},
		{"json missing", answer{status: 200, body: health}, probe.Check{JSONPath: "$.checks[1].ms"}, "the body's JSON has no $.checks[1].ms: $.checks is an array with 1 elements"},
		{"no json", answer{status: 200, body: "up"}, probe.Check{JSONPath: "$.state"}, "the body is no JSON"},
		{"no answer", answer{err: errors.New("connection refused")}, probe.Check{}, "connection refused"},
		{"bad address", answer{}, probe.Check{URL: "shop.example"}, "its url is no http or https address"},
		{"bad resolve", answer{}, probe.Check{Resolve: []string{"shop"}}, `"shop" does not say where a host is`},
		{"status before body", answer{status: 500, body: "down"}, probe.Check{Contains: "up"}, "the status is 500, not 200"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := &web{answers: []answer{tt.answer}}
			if tt.check.URL == "" {
				tt.check.URL = "http://shop.example/health"
			}
			if diff := cmp.Diff(tt.want, w.asker().Ask(t.Context(), tt.check)); diff != "" {
				t.Errorf("mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAskSends(t *testing.T) {
	w := &web{answers: []answer{{status: 200}}}
	w.asker().Ask(t.Context(), probe.Check{
		URL: "/health", Base: "http://10.0.0.1/", Method: "head", Headers: []probe.Header{{Name: "host", Value: "www.shop.example"}, {Name: "X-Key", Value: "k"}},
	})
	want := []string{"HEAD http://10.0.0.1/health host=www.shop.example key=k"}
	if diff := cmp.Diff(want, w.asked); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
}

func TestUntil(t *testing.T) {
	ok, bad := answer{status: 200}, answer{status: 500}
	tests := []struct {
		name    string
		answers []answer
		check   probe.Check
		said    []string
		err     string
	}{
		{"once", []answer{ok}, probe.Check{}, []string{"front: as it should be (1 of 1)"}, ""},
		{"flapping has to be right three times in a row", []answer{ok, bad, ok, ok, bad, ok, ok, ok}, probe.Check{InARow: 3}, []string{
			"front: as it should be (1 of 3)", "front: the status is 500, not 200", "front: as it should be (1 of 3)",
			"front: as it should be (2 of 3)", "front: the status is 500, not 200", "front: as it should be (1 of 3)",
			"front: as it should be (2 of 3)", "front: as it should be (3 of 3)",
		}, ""},
		{"the same reason is said once", []answer{bad, bad, bad, ok}, probe.Check{}, []string{"front: the status is 500, not 200", "front: as it should be (1 of 1)"}, ""},
		{"never", []answer{bad}, probe.Check{Within: 5 * time.Second}, []string{"front: the status is 500, not 200"},
			"front did not answer as it should within 5s: the status is 500, not 200"},
		{"not often enough", []answer{bad, ok}, probe.Check{InARow: 9, Within: 5 * time.Second}, nil,
			"front did not answer as it should within 5s: only 3 of 9 answers in a row were right; before them: the status is 500, not 200"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := &web{answers: tt.answers}
			var said []string
			asker := w.asker()
			tt.check.URL, tt.check.Name = "http://shop.example/", "front"
			err := probe.Loop{
				Ask: asker.Ask, Now: asker.Now, Say: func(words string) { said = append(said, words) },
				Sleep: func(_ context.Context, d time.Duration) error { w.now = w.now.Add(d); return nil },
			}.Until(t.Context(), tt.check)
			if got := fmt.Sprint(err); got != tt.err && !(err == nil && tt.err == "") {
				t.Errorf("got error %q, want %q", got, tt.err)
			}
			if diff := cmp.Diff(tt.said, said); diff != "" && tt.said != nil {
				t.Errorf("said: mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

func TestUntilEnds(t *testing.T) {
	w := &web{answers: []answer{{status: 500}}}
	stop := errors.New("the lock was lost")
	asker := w.asker()
	err := probe.Loop{Ask: asker.Ask, Now: asker.Now, Sleep: func(context.Context, time.Duration) error { return stop }}.Until(t.Context(), probe.Check{URL: "http://a/"})
	if !errors.Is(err, stop) {
		t.Errorf("got %v, want the error of Sleep", err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := (probe.Loop{Ask: asker.Ask, Now: asker.Now}).Until(ended, probe.Check{URL: "http://a/"}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's error", err)
	}
}

func TestProblems(t *testing.T) {
	tests := map[string]struct {
		check probe.Check
		want  []string
	}{
		"none":     {probe.Check{URL: "/health", Method: "get", Status: []int{200}, Matches: "^a", JSONPath: "$.a", Equals: text(""), Resolve: []string{"a:80:#{Slot.Vip}"}}, nil},
		"status":   {probe.Check{Status: []int{200, 20}}, []string{"status[1]: 20 is no status of HTTP"}},
		"row":      {probe.Check{InARow: -1}, []string{"inARow: inARow is a number of answers, at least 1"}},
		"late":     {probe.Check{InARow: 3, Every: 10 * time.Second, Within: time.Second}, []string{"within: 3 right answers, 10s between two, do not come within 1s: it could never pass"}},
		"too many": {probe.Check{InARow: 1 << 62}, []string{"within: 4611686018427387904 right answers, 2s between two, do not come within 1m0s: it could never pass"}},
		"just":     {probe.Check{InARow: 31}, nil},
		"just not": {probe.Check{InARow: 32}, []string{"within: 32 right answers, 2s between two, do not come within 1m0s: it could never pass"}},
		"one more": {probe.Check{InARow: 2, Every: 10 * time.Second, Within: time.Nanosecond}, nil},
		"pattern":  {probe.Check{Matches: "("}, []string{"matches: this is no regular expression: missing closing ): `(`"}},
		"template": {probe.Check{Matches: "(#{A}"}, nil},
		"path":     {probe.Check{JSONPath: "state"}, []string{`jsonPath: "state" is no path to a value in JSON: it begins with $`}},
		"wildcard": {probe.Check{JSONPath: "$.a[*]"}, []string{`jsonPath: "$.a[*]" is no path to a value in JSON: "[*]" is neither .name nor [0]`}},
		"equals":   {probe.Check{Equals: text("up")}, []string{"equals: equals needs a jsonPath, which says what is compared"}},
		"method":   {probe.Check{Method: "DROP"}, []string{`method: "DROP" is not possible here`}},
		"header":   {probe.Check{Headers: []probe.Header{{Name: "A B"}}}, []string{`headers[0]: "A B" cannot be the name of a header`}},
		"resolve":  {probe.Check{Resolve: []string{"a:b:c"}}, []string{`resolve[0]: "a:b:c" does not say where a host is`}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, p := range tt.check.Problems() {
				got = append(got, p.Field+": "+p.Text)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWords(t *testing.T) {
	c := probe.Check{
		URL: "https://user:secret@shop.example/health?key=secret#there", Status: []int{200, 204}, Contains: "up", Matches: "^u",
		JSONPath: "$.a", Equals: text("b"), Latency: time.Second, InARow: 3,
	}
	got := []string{c.String(), c.Wanted(), probe.Check{Name: "front", URL: "x"}.String(), probe.Check{URL: "/a", Base: "http://b/"}.String(), probe.Check{URL: "#{Slot.Url}%zz?key=secret"}.String()}
	want := []string{
		"https://shop.example/health",
		`status 200 or 204, body with "up", body like ^u, JSON with $.a = "b", within 1s, 3 times in a row`,
		"front", "http://b/a", "#{Slot.Url}%zz",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
}

func TestEvaluate(t *testing.T) {
	c := probe.Check{
		URL: "#{A}", Contains: "#{A}", Equals: text("#{A}"), Headers: []probe.Header{{Name: "X", Value: "#{A}"}}, Resolve: []string{"#{A}"},
		Matches: "#{A}", JSONPath: "$.a",
	}
	b := func(template string) (string, error) { return strings.ReplaceAll(template, "#{A}", "b"), nil }
	dot := func(template string) (probe.Pattern, error) {
		return probe.Pattern{Text: strings.ReplaceAll(template, "#{A}", `\.`), Shown: "a dot"}, nil
	}
	got, err := c.Evaluate(b, dot)
	if err != nil {
		t.Fatal(err)
	}
	want := probe.Check{
		URL: "b", Contains: "b", Equals: text("b"), Headers: []probe.Header{{Name: "X", Value: "b"}}, Resolve: []string{"b"},
		Matches: `\.`, JSONPath: "$.a", Shown: "a dot",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
	if c.Headers[0].Value != "#{A}" || *c.Equals != "#{A}" || c.Resolve[0] != "#{A}" {
		t.Errorf("the original was changed: %+v", c)
	}
	bad := errors.New("unresolved")
	if _, err := c.Evaluate(func(string) (string, error) { return "", bad }, dot); !errors.Is(err, bad) {
		t.Errorf("got %v, want the error of evaluate", err)
	}
	if _, err := c.Evaluate(b, func(string) (probe.Pattern, error) { return probe.Pattern{}, bad }); !errors.Is(err, bad) {
		t.Errorf("got %v, want the error of evaluate for patterns", err)
	}
}

// TestEvaluatedPattern looks at what evaluation has made of a regular expression.
func TestEvaluatedPattern(t *testing.T) {
	tests := []struct {
		made probe.Pattern
		want string // the error, or what is said of the body "v1x0"
	}{
		{probe.Pattern{Text: "^v1.0$"}, ""},
		{probe.Pattern{Text: `^v1\.0$`}, `the body does not match ^v1\.0$`},
		{probe.Pattern{Text: `^hunter22$`, Shown: "^****$"}, "the body does not match ^****$"},
		{probe.Pattern{Text: "a{5,2}"}, "matches is no regular expression once it is evaluated: invalid repeat count: a{5,2}"},
		{probe.Pattern{Text: "(hunter22", Shown: "(****"}, "matches is no regular expression once it is evaluated: missing closing ): (****"},
		{probe.Pattern{Text: "(#{Later}"}, "this is no regular expression: (#{Later}"},
	}
	same := func(text string) (string, error) { return text, nil }
	for _, test := range tests {
		c, err := probe.Check{URL: "http://a/", Matches: "#{A}"}.Evaluate(same, func(string) (probe.Pattern, error) { return test.made, nil })
		got := ""
		if err != nil {
			got = err.Error()
		} else {
			got = (&web{answers: []answer{{status: 200, body: "v1x0"}}}).asker().Ask(t.Context(), c)
		}
		if got != test.want {
			t.Errorf("%+v: %q, want %q", test.made, got, test.want)
		}
	}
}
