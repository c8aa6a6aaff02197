package script

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/faults"
	"github.com/vipswap/vipswap/emulator/journal"
	"github.com/vipswap/vipswap/emulator/universe"
	"github.com/vipswap/vipswap/scenarios/stage"
)

// TestFaultLine reads what FaultLine writes.
func TestFaultLine(t *testing.T) {
	tests := map[string]faults.Rule{
		"fault drop": {Kind: faults.Drop},
		"fault refuse 'Swap Deployment' nth=2 code=ConflictError": {
			Kind: faults.Refuse, Code: "ConflictError", Match: faults.Match{Operation: "Swap Deployment", Nth: 2},
		},
		"fault slow service=shop slot=staging delay=5s count=3": {
			Kind: faults.Slow, Delay: faults.Duration(5 * time.Second), Count: 3, Match: faults.Match{Service: "shop", Slot: "staging"},
		},
		"fault server-error code=ServerBusy status=503 retryAfter=2s": {
			Kind: faults.ServerError, Code: "ServerBusy", Status: 503, RetryAfter: faults.Duration(2 * time.Second),
		},
		"fault instance-cycling role='it''s' instance=Web_IN_0": {
			Kind: faults.InstanceCycling, Match: faults.Match{Role: "it's", Instance: "Web_IN_0"},
		},
	}
	for want, rule := range tests {
		if got := FaultLine(rule); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		got, err := parseRule(words(want)[1:])
		if err != nil {
			t.Errorf("%s: %v", want, err)
		}
		if diff := cmp.Diff(rule, got); diff != "" {
			t.Errorf("%s: mismatch (-want +got):\n%s", want, diff)
		}
	}
}

// words splits a line as testscript does.
func words(line string) []string {
	const escaped = "\x00"
	line = strings.ReplaceAll(line, "''", escaped)
	var split []string
	for i, part := range strings.Split(line, "'") {
		if i%2 == 1 {
			split[len(split)-1] += strings.ReplaceAll(part, " ", "\x01")
			continue
		}
		fields := strings.Split(part, " ")
		if len(split) > 0 && i > 0 {
			split[len(split)-1] += fields[0]
			fields = fields[1:]
		}
		split = append(split, fields...)
	}
	for i, word := range split {
		split[i] = strings.NewReplacer(escaped, "'", "\x01", " ").Replace(word)
	}
	return split
}

func TestWrongUse(t *testing.T) {
	tests := map[string]func() error{
		"no such field":       func() error { _, err := parseRule([]string{"drop", "Swap Deployment", "when=now"}); return err },
		"field of no value":   func() error { _, err := parseRule([]string{"drop", "x", "nth"}); return err },
		"no number":           func() error { _, err := parseRule([]string{"drop", "nth=first"}); return err },
		"no duration":         func() error { _, err := parseRule([]string{"delay", "delay=soon"}); return err },
		"budget of what":      func() error { return parseBudget(&faults.Budget{}, []string{"most=1"}) },
		"request of no path":  func() error { _, err := parseOrder([]string{"200", "GET"}); return err },
		"request of too much": func() error { _, err := parseOrder([]string{"200", "GET", "x", "y", "z"}); return err },
		"no status":           func() error { _, err := parseOrder([]string{"OK", "GET", "x"}); return err },
		"no header":           func() error { _, err := parseOrder([]string{"-header", "x", "200", "GET", "x"}); return err },
		"no flag":             func() error { _, err := parseOrder([]string{"-body", "x", "200", "GET", "x"}); return err },
		"no setting":          func() error { _, err := parseBeginning([]string{"fast"}); return err },
		"no clock":            func() error { _, err := parseBeginning([]string{"clock=slow"}); return err },
		"negative quota":      func() error { _, err := parseBeginning([]string{"cores=-1"}); return err },
		"speed of what":       func() error { _, _, err := parseClock([]string{"manual", "2"}); return err },
		"no journal field":    func() error { _, _, err := parseJournal([]string{"colour=blue"}); return err },
		"no count":            func() error { _, _, err := parseJournal([]string{"count=many"}); return err },
		"no pace":             func() error { _, err := parsePace("soon"); return err },
		"no polls":            func() error { _, err := parsePace("0polls"); return err },
		"no jitter":           func() error { _, err := parsePace("2m+x"); return err },
		"no such time":        func() error { _, err := duration("later"); return err },
		"time does not go on": func() error { _, err := duration("-1s"); return err },
	}
	for name, use := range tests {
		if err := use(); !errors.Is(err, errUsage) {
			t.Errorf("%s: got %v, want a word on usage", name, err)
		}
	}
}

func TestParseBeginning(t *testing.T) {
	seed, cores := uint64(7), 20
	want := stage.Beginning{Empty: true, Strict: true, Clock: cloud.RealTime, Speed: 60, Seed: &seed, Quotas: &universe.Quotas{Cores: &cores}}
	got, err := parseBeginning([]string{"empty", "strict", "speed=60", "seed=7", "cores=20"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
}

func TestParseOrder(t *testing.T) {
	got, err := parseOrder([]string{"-version", "2011-10-01", "-header", "Expect: nothing", "409/ConflictError", "POST", "/services/x", "body.xml"})
	if err != nil {
		t.Fatal(err)
	}
	want := order{
		status: "409", code: "ConflictError", method: "POST", path: "services/x", version: "2011-10-01",
		header: [][2]string{{"Expect", "nothing"}}, file: "body.xml",
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(order{})); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
}

func TestErrorCode(t *testing.T) {
	for text, want := range map[string]string{
		`<Error xmlns="http://schemas.microsoft.com/windowsazure"><Code>ConflictError</Code><Message>No.</Message></Error>`: "ConflictError",
		`<Deployment><Code>x</Code></Deployment>`: "",
		`no document`: "",
	} {
		if got := errorCode([]byte(text)); got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}

func TestFits(t *testing.T) {
	e := journal.Entry{Endpoint: journal.Management, Operation: "Swap Deployment", Service: "shop", Method: "POST", Status: 202}
	for want, patterns := range map[bool][]map[string]string{
		true:  {{}, {"operation": "swap*"}, {"status": "2??", "method": "post"}, {"endpoint": "*"}, {"fault": ""}},
		false: {{"operation": "Swap"}, {"status": "409"}, {"operation": "Swap*", "service": "bakery"}, {"service": "["}},
	} {
		for _, one := range patterns {
			if got := fits(&e, one); got != want {
				t.Errorf("%v: got %v, want %v", one, got, want)
			}
		}
	}
}

func TestCheckRoles(t *testing.T) {
	have := map[string][]string{"Web": {"ReadyRole", "BusyRole"}, "Orders": {"ReadyRole"}}
	tests := map[string]string{
		"Orders=ReadyRole":       "",
		"Web=ReadyRole,BusyRole": "",
		"Web=ReadyRole":          "the instances of Web are [ReadyRole,BusyRole], want [ReadyRole,ReadyRole]",
		"Cache=ReadyRole":        "the instances of Cache are [], want [ReadyRole]",
	}
	for arg, want := range tests {
		got := ""
		if err := checkRoles(have, []string{arg}); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", arg, got, want)
		}
	}
}

// TestStopper counts requests as crash does.
func TestStopper(t *testing.T) {
	read, write := &http.Request{Method: http.MethodGet}, &http.Request{Method: http.MethodPost}
	tests := map[string]struct {
		stopper  *stopper
		requests []*http.Request
		want     string // of each request: goes on, stopped before or after it, refused
	}{
		"before the second":       {&stopper{left: 2}, []*http.Request{read, write, read}, "+<-"},
		"after the second":        {&stopper{left: 2, after: true}, []*http.Request{read, write, read}, "+>-"},
		"before the first change": {&stopper{left: 1, changes: true}, []*http.Request{read, read, write}, "++<"},
		"after the first change":  {&stopper{left: 1, changes: true, after: true}, []*http.Request{read, write, write}, "+>-"},
		"never reached":           {&stopper{left: 3}, []*http.Request{read, read}, "++"},
	}
	for name, test := range tests {
		got, s := "", test.stopper
		stopped := false
		s.stop = func() { stopped = true }
		for _, r := range test.requests {
			one := *r // each request is one of its own
			stopped = false
			goesOn := s.Before(&one)
			before := stopped
			if goesOn {
				s.After(&one)
			}
			switch {
			case before:
				got += "<"
			case stopped:
				got += ">"
			case goesOn:
				got += "+"
			default:
				got += "-"
			}
		}
		if got != test.want {
			t.Errorf("%s: got %s, want %s", name, got, test.want)
		}
	}
}

// TestLeft sees rules go on where they were.
func TestLeft(t *testing.T) {
	rule := func(nth, count int) faults.Rule {
		return faults.Rule{Kind: faults.Drop, Count: count, Match: faults.Match{Nth: nth}}
	}
	tests := map[string]struct {
		rule  faults.Rule
		tally faults.Tally
		want  []faults.Rule
	}{
		"for ever":              {rule(0, 0), faults.Tally{Seen: 5, Struck: 5}, []faults.Rule{rule(0, 0)}},
		"one of two":            {rule(0, 2), faults.Tally{Seen: 1, Struck: 1}, []faults.Rule{rule(0, 1)}},
		"all":                   {rule(0, 1), faults.Tally{Seen: 3, Struck: 1}, nil},
		"the third, after one":  {rule(3, 0), faults.Tally{Seen: 1}, []faults.Rule{rule(2, 0)}},
		"the third, after that": {rule(3, 0), faults.Tally{Seen: 3, Struck: 1}, nil},
		"two from the third on": {rule(3, 2), faults.Tally{Seen: 3, Struck: 1}, []faults.Rule{rule(0, 1)}},
	}
	for name, test := range tests {
		if diff := cmp.Diff(test.want, left([]faults.Rule{test.rule}, []faults.Tally{test.tally})); diff != "" {
			t.Errorf("%s: mismatch (-want +got):\n%s", name, diff)
		}
	}
}

func TestParsePace(t *testing.T) {
	for text, want := range map[string]cloud.Progression{
		"immediate": {Pace: cloud.Immediate},
		"usual":     {Pace: cloud.Usual},
		"3polls":    {Pace: cloud.AfterPolls, Polls: 3},
		"2m+30s":    {Pace: cloud.AfterTime, After: faults.Duration(2 * time.Minute), Jitter: faults.Duration(30 * time.Second)},
	} {
		got, err := parsePace(text)
		if err == nil {
			err = got.Check()
		}
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v, mismatch (-want +got):\n%s", text, err, diff)
		}
	}
}
