package process_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/deployer/approval"
	"github.com/vipswap/vipswap/deployer/probe"
	"github.com/vipswap/vipswap/deployer/process"
	"github.com/vipswap/vipswap/deployer/variables"
)

// A world is everything outside a runner, in memory.
type world struct {
	now     time.Time
	log     []string
	ran     []string // scripts
	exits   []int    // of the scripts, in order; 0 when there are no more
	output  []string // lines of every script
	answers []answer // of the web, in order; the last one stays
	asked   []string // requests
	approve approval.Answer
	noted   map[string]process.Outputs
	forgot  error // what the journal says of a step that ended
}

type answer struct {
	status int
	body   string
	took   time.Duration
	err    error
}

func (w *world) Now() time.Time { return w.now }

func (w *world) Sleep(ctx context.Context, d time.Duration) error {
	w.now = w.now.Add(d)
	return ctx.Err()
}

func (w *world) say(format string, args ...any) { w.log = append(w.log, fmt.Sprintf(format, args...)) }

func (w *world) StepSkipped(s process.Step, why string) { w.say("skip %s: %s", s.Name, why) }
func (w *world) StepStarted(s process.Step)             { w.say("start %s", s.Name) }
func (w *world) StepLine(line string)                   { w.say("  %s", line) }
func (w *world) StepEnded(s process.Step, _ time.Duration, err error) {
	if err != nil {
		w.say("failed %s: %v", s.Name, err)
	}
}

func (w *world) Run(ctx context.Context, run process.ScriptRun, line func(string)) error {
	w.ran = append(w.ran, run.Shell+" "+run.Body+run.File)
	for _, text := range w.output {
		line(text)
	}
	code := 0
	if len(w.exits) > 0 {
		code, w.exits = w.exits[0], w.exits[1:]
	}
	if code < 0 {
		<-ctx.Done()
		return ctx.Err()
	}
	if code != 0 {
		return &process.ExitError{Code: code}
	}
	return nil
}

func (w *world) Do(r *http.Request) (*http.Response, error) {
	body, _ := io.ReadAll(r.Body)
	w.asked = append(w.asked, strings.TrimSpace(fmt.Sprintf("%s %s %s %s", r.Method, r.URL, r.Header.Get("X-Key"), body)))
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

func (w *world) Approve(_ context.Context, title, text, phase string, position int) (approval.Answer, error) {
	w.say("ask %s: %s (%s %d)", title, text, phase, position)
	return w.approve, nil
}

func (w *world) Ended(key string) (process.Outputs, bool, error) {
	outputs, ended := w.noted[key]
	return outputs, ended, w.forgot
}
func (w *world) Begin(string) error { return nil }
func (w *world) End(key string, outputs process.Outputs) error {
	w.noted[key] = outputs
	return nil
}

// runner runs in the world.
func (w *world) runner() *process.Runner {
	w.now, w.noted = time.Date(2015, 7, 2, 2, 0, 0, 0, time.UTC), map[string]process.Outputs{}
	vars := []variables.Variable{
		{Name: "Host", Value: "shop.example"}, {Name: "Secret", Value: "hunter22", Sensitive: true}, {Name: "Yes", Value: "True"},
	}
	return &process.Runner{
		Scripts: w, HTTP: w, Approver: w, Clock: w, Reporter: w, Journal: w, Dir: "/project",
		Dictionary: func(step string, outputs []variables.Variable) (*variables.Dictionary, error) {
			return variables.NewDictionary(append(append(vars, variables.Variable{Name: "Octopus.Step.Name", Value: step}), outputs...)...), nil
		},
	}
}

func script(name, body string) process.Step {
	return process.Step{Name: name, Script: &process.Script{Body: body}}
}

// setA is the message that sets A to #{x} and B, a secret, to topsecret.
var setA = []string{"##octopus[setVariable name='QQ==' value='I3t4fQ==']", `##octopus[setVariable name="Qg==" value="dG9wc2VjcmV0" sensitive="VHJ1ZQ=="]`}

func with(s process.Step, change func(*process.Step)) process.Step {
	change(&s)
	return s
}

func TestRun(t *testing.T) {
	http200 := process.Step{Name: "H", HTTP: &probe.Check{URL: "http://#{Host}/", InARow: 2}}
	tests := []struct {
		name  string
		world world
		steps []process.Step
		fails string // part of the error; "" is success
		ran   []string
		log   []string
	}{
		{"in order", world{}, []process.Step{script("A", "echo #{Host}"), script("B", "echo #{Octopus.Step.Name}")}, "",
			[]string{"sh echo shop.example", "sh echo B"}, []string{"start A", "start B"}},
		{"after a failure", world{exits: []int{3}}, []process.Step{script("A", "a"), script("B", "b"),
			with(script("C", "c"), func(s *process.Step) { s.When = process.WhenFailure }),
			with(script("D", "d"), func(s *process.Step) { s.When = process.WhenAlways }),
			with(script("E", "e"), func(s *process.Step) {
				s.When, s.Expression = process.WhenVariable, "#{unless Octopus.Deployment.Error}True#{/unless}"
			})}, "step A: the script ended with exit code 3",
			[]string{"sh a", "sh c", "sh d"}, []string{"start A", "failed A: the script ended with exit code 3", "skip B: a step before it failed", "start C", "start D", "skip E: its condition is not true"}},
		{"conditions without failure", world{}, []process.Step{
			with(script("A", "a"), func(s *process.Step) { s.When = process.WhenFailure }),
			with(script("B", "b"), func(s *process.Step) { s.When, s.Expression = process.WhenVariable, "#{Yes}" }),
			with(script("C", "c"), func(s *process.Step) { s.When, s.Expression = process.WhenVariable, "#{Missing}" })}, "",
			[]string{"sh b"}, []string{"skip A: no step before it failed", "start B", "skip C: its condition is not true"}},
		{"scopes", world{}, []process.Step{
			with(script("A", "a"), func(s *process.Step) { s.Environments = []string{"Production"} }),
			with(script("B", "b"), func(s *process.Step) { s.Environments = []string{"STAGING"} }),
			with(script("C", "c"), func(s *process.Step) { s.Excluded = []string{"staging"} }),
			with(script("D", "d"), func(s *process.Step) { s.Disabled = true })}, "",
			[]string{"sh b"}, []string{"skip A: it is for Production", "start B", "skip C: it is not for Staging", "skip D: it is disabled"}},
		{"retries", world{exits: []int{1, 2}}, []process.Step{with(script("A", "a"), func(s *process.Step) { s.Retries = 2 })}, "",
			[]string{"sh a", "sh a", "sh a"}, []string{"start A", "  failed: the script ended with exit code 1", "  it is tried again (1 of 2)", "  failed: the script ended with exit code 2", "  it is tried again (2 of 2)"}},
		{"retries in vain", world{exits: []int{1, 2}}, []process.Step{with(script("A", "a"), func(s *process.Step) { s.Retries = 1 })}, "exit code 2",
			[]string{"sh a", "sh a"}, []string{"start A", "  failed: the script ended with exit code 1", "  it is tried again (1 of 1)", "failed A: the script ended with exit code 2"}},
		{"timeout", world{exits: []int{-1}}, []process.Step{with(script("A", "a"), func(s *process.Step) { s.Timeout = time.Millisecond })}, "it did not end within 1ms",
			[]string{"sh a"}, []string{"start A", "failed A: it did not end within 1ms"}},
		{"outputs, with secrets hidden", world{output: append(setA, "B is topsecret, Secret is hunter22")}, []process.Step{
			script("A", "a"), script("B", "#{Octopus.Action[A].Output.A} #{Octopus.Step[A].Status.Code}")}, "",
			[]string{"sh a", "sh #{x} Succeeded"}, []string{"start A", "  B is ********, Secret is ********", "start B", "  B is ********, Secret is ********"}},
		{"message that makes no sense", world{output: []string{"##octopus[setVariable name='!' value='']"}}, []process.Step{script("A", "a")}, "not the base64 of a text",
			[]string{"sh a"}, []string{"start A", "failed A: the service message setVariable has an attribute name that is not the base64 of a text"}},
		{"message without value", world{output: []string{"##octopus[setVariable name='QQ==']", "##octopus[progress percentage='MTA=']"}}, []process.Step{script("A", "a")}, "needs a name and a value",
			[]string{"sh a"}, []string{"start A", "failed A: the service message setVariable needs a name and a value"}},
		{"file", world{}, []process.Step{{Name: "A", Script: &process.Script{File: "x.ps1"}}}, "", []string{"pwsh /project/x.ps1"}, []string{"start A"}},
		{"http gets well", world{answers: []answer{{status: 503}, {status: 503}, {status: 200}, {status: 500}, {status: 200}, {status: 200}}}, []process.Step{http200}, "", nil,
			[]string{"start H", "  http://shop.example/: the status is 503, not 200", "  http://shop.example/: as it should be (1 of 2)", "  http://shop.example/: the status is 500, not 200", "  http://shop.example/: as it should be (1 of 2)", "  http://shop.example/: as it should be (2 of 2)"}},
		{"http stays ill", world{answers: []answer{{err: errors.New("connection refused")}}}, []process.Step{http200}, "http://shop.example/ did not answer as it should within 1m0s: connection refused", nil, nil},
		{"http body", world{answers: []answer{{status: 200, body: "version 1.0"}}}, []process.Step{{Name: "H", HTTP: &probe.Check{URL: "http://a/", Contains: "version 2"}}}, `does not contain "version 2"`, nil, nil},
		{"http pattern", world{answers: []answer{{status: 204, body: "version 1.0"}}}, []process.Step{{Name: "H", HTTP: &probe.Check{URL: "http://a/", Status: []int{200, 204}, Matches: `^v.*2`}}}, "the body does not match ^v.*2", nil, nil},
		{"http pattern with values", world{answers: []answer{{status: 200, body: "at shop.example"}}}, []process.Step{{Name: "H", HTTP: &probe.Check{URL: "http://a/", Matches: `^at #{Host}$`}}}, "", nil,
			[]string{"start H", "  http://a/: as it should be (1 of 1)"}},
		{"http pattern matches values alone", world{answers: []answer{{status: 200, body: "at shop-example"}}}, []process.Step{{Name: "H", HTTP: &probe.Check{URL: "http://a/", Matches: `^at #{Host}$`}}}, `the body does not match ^at shop\.example$`, nil, nil},
		{"http pattern with a secret", world{answers: []answer{{status: 200}}}, []process.Step{{Name: "H", HTTP: &probe.Check{URL: "http://a/", Matches: `^#{Secret | ToUpper}$`}}}, `the body does not match ^********$`, nil, nil},
		{"http pattern broken", world{}, []process.Step{{Name: "H", HTTP: &probe.Check{URL: "http://a/", Matches: `(#{Host}`}}}, `matches is no regular expression once it is evaluated: missing closing ): (shop\.example`, nil, nil},
		{"http pattern unresolved", world{}, []process.Step{{Name: "H", HTTP: &probe.Check{URL: "http://a/", Matches: `#{Nobody}`}}}, "#{Nobody} cannot be resolved", nil, nil},
		{"http slow", world{answers: []answer{{status: 200, took: 3 * time.Second}}}, []process.Step{{Name: "H", HTTP: &probe.Check{URL: "http://a/", Latency: time.Second}}}, "it took 3s, more than 1s", nil, nil},
		{"http address", world{}, []process.Step{{Name: "H", HTTP: &probe.Check{URL: "#{Host}"}}}, "no http or https address", nil, nil},
		{"http unresolved", world{}, []process.Step{{Name: "H", HTTP: &probe.Check{URL: "http://#{Nobody}"}}}, "#{Nobody} cannot be resolved", nil, nil},
		{"approved", world{approve: approval.Answer{Approved: true, By: "ops", Notes: "fine"}}, []process.Step{{Name: "M", Manual: &process.Manual{Instructions: "look at #{Host}, not at #{Secret}"}}, script("A", "#{Octopus.Action[M].Output.Manual.Notes}")}, "",
			[]string{"sh fine"}, []string{"start M", "ask M: look at shop.example, not at ******** (before 0)", "  approved by ops: fine", "start A"}},
		{"rejected", world{approve: approval.Answer{By: "ops", Notes: "too late"}}, []process.Step{{Name: "M", Manual: &process.Manual{}}, script("A", "a")}, "step M: it was rejected by ops: too late", nil, nil},
		{"webhook", world{answers: []answer{{status: 204}}}, []process.Step{{Name: "W", Webhook: &process.Webhook{URL: "https://#{Host}/hook", Body: `{"step":"#{Octopus.Step.Name}"}`, Headers: []probe.Header{{Name: "X-Key", Value: "#{Secret}"}}}}}, "", nil,
			[]string{"start W", "  https://shop.example/hook answered with status 204"}},
		{"webhook refused", world{answers: []answer{{status: 401}}}, []process.Step{{Name: "W", Webhook: &process.Webhook{URL: "https://a/?key=#{Secret}"}}}, "https://a/?key=******** answered with status 401", nil, nil},
		{"webhook not reached", world{answers: []answer{{err: errors.New("no such host")}}}, []process.Step{{Name: "W", Webhook: &process.Webhook{URL: "https://a/"}}}, "https://a/: no such host", nil, nil},
		{"webhook with unknown header", world{}, []process.Step{{Name: "W", Webhook: &process.Webhook{URL: "https://a/", Headers: []probe.Header{{Name: "X", Value: "#{Nobody}"}}}}}, "header X: #{Nobody} cannot be resolved", nil, nil},
		{"broken condition", world{}, []process.Step{with(script("A", "a"), func(s *process.Step) { s.When, s.Expression = process.WhenVariable, "#{if" })}, "its condition", nil, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := &test.world
			st := process.State{Environment: "Staging"}
			if err := w.runner().Run(t.Context(), "before", test.steps, &st); err != nil {
				t.Fatal(err)
			}
			if (st.Err == nil) != (test.fails == "") || st.Err != nil && !strings.Contains(st.Err.Error(), test.fails) {
				t.Errorf("got the error %v, want %q", st.Err, test.fails)
			}
			if diff := cmp.Diff(test.ran, w.ran); diff != "" && test.ran != nil {
				t.Errorf("scripts: mismatch (-want +got)\n%s", diff)
			}
			if diff := cmp.Diff(test.log, w.log); diff != "" && test.log != nil {
				t.Errorf("log: mismatch (-want +got)\n%s", diff)
			}
			if all := strings.Join(w.log, "\n"); strings.Contains(all, "hunter22") || strings.Contains(all, "topsecret") {
				t.Errorf("a secret is in the log: %s", all)
			}
		})
	}
}

func TestWebhookRequest(t *testing.T) {
	w := &world{answers: []answer{{status: 200}}}
	st := process.State{}
	step := process.Step{Name: "W", Webhook: &process.Webhook{URL: "https://a/hook", Method: "PUT", Body: "x=#{Host}", Headers: []probe.Header{{Name: "X-Key", Value: "#{Secret}"}}}}
	if err := w.runner().Run(t.Context(), "after", []process.Step{step}, &st); err != nil || st.Err != nil {
		t.Fatal(err, st.Err)
	}
	if diff := cmp.Diff([]string{"PUT https://a/hook hunter22 x=shop.example"}, w.asked); diff != "" {
		t.Errorf("mismatch (-want +got)\n%s", diff)
	}
}

// TestResume runs the steps again after an interruption: those that ended are not
// repeated, and their outputs are known.
func TestResume(t *testing.T) {
	w := &world{output: setA}
	r := w.runner()
	steps := []process.Step{script("A", "a"), script("B", "#{Octopus.Action[A].Output.A}")}
	ctx, cancel := context.WithCancel(t.Context())
	st := process.State{}
	if err := r.Run(ctx, "after", steps[:1], &st); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := r.Run(ctx, "after", steps, &process.State{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want that the run was interrupted", err)
	}
	w.log, w.ran = nil, nil
	if err := r.Run(t.Context(), "after", steps, &process.State{}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"skip A: it was done before the interruption", "start B"}, w.log); diff != "" {
		t.Errorf("log: mismatch (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff([]string{"sh #{x}"}, w.ran); diff != "" {
		t.Errorf("scripts: mismatch (-want +got)\n%s", diff)
	}
	want := process.Outputs{Plain: map[string]string{"A": "#{x}"}, Secret: map[string]string{"B": "topsecret"}}
	for key, outputs := range w.noted {
		if diff := cmp.Diff(want, outputs); diff != "" {
			t.Errorf("%s: outputs mismatch (-want +got)\n%s", key, diff)
		}
	}
}

// TestRecall gives the steps after an interruption what those before it have set,
// secrets too, or does not run them.
func TestRecall(t *testing.T) {
	w := &world{output: setA}
	r := w.runner()
	steps := []process.Step{script("A", "make"), script("B", "use #{Octopus.Action[A].Output.B}")}
	if err := r.Run(t.Context(), "before", steps[:1], &process.State{}); err != nil {
		t.Fatal(err)
	}
	w.ran, w.output = nil, []string{"it is topsecret"}
	if err := r.Run(t.Context(), "before", steps, &process.State{}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"sh use topsecret"}, w.ran); diff != "" {
		t.Errorf("scripts: mismatch (-want +got)\n%s", diff)
	}
	if log := strings.Join(w.log, "\n"); strings.Contains(log, "topsecret") || !strings.Contains(log, "it is ****") {
		t.Errorf("the secret is not masked:\n%s", log)
	}
	var known process.State
	w.ran, w.log = nil, nil
	if err := r.Recall("before", steps, &known); err != nil || w.ran != nil || w.log != nil {
		t.Errorf("to recall what was set gives %v, runs %q and says %q", err, w.ran, w.log)
	}
	if got := known.Outputs[0]; got.Name != "Octopus.Action[A].Output.A" {
		t.Errorf("%s is recalled", got.Name)
	}
	w.ran, w.forgot = nil, errors.New("the key is missing")
	st := process.State{}
	var lost *process.RecallError
	if err := r.Recall("before", steps, &st); !errors.As(err, &lost) || lost.Step != "A" {
		t.Errorf("to recall what is lost gives %v", err)
	}
	if err := r.Run(t.Context(), "before", steps, &st); !errors.As(err, &lost) || lost.Step != "A" || st.Err != nil || w.ran != nil {
		t.Errorf("got %v and %v, ran %v; want that the run ends at step A", err, st.Err, w.ran)
	}
}

func TestExcuse(t *testing.T) {
	tests := []struct {
		step process.Step
		want string
	}{
		{process.Step{}, ""},
		{process.Step{When: process.WhenFailure}, ""},
		{process.Step{Disabled: true}, "it is disabled"},
		{process.Step{Environments: []string{"Staging"}}, ""},
		{process.Step{Environments: []string{"Production", "Test"}}, "it is for Production, Test"},
		{process.Step{Excluded: []string{"staging"}}, "it is not for Staging"},
		{process.Step{Excluded: []string{"Production"}}, ""},
	}
	for _, test := range tests {
		if got := test.step.Excuse("Staging"); got != test.want {
			t.Errorf("%+v: got %q, want %q", test.step, got, test.want)
		}
	}
}

// TestOutputsWithSecretsAreSecret has a step set what has a secret in it, before the
// secret itself is set: neither is kept for all to read.
func TestOutputsWithSecretsAreSecret(t *testing.T) {
	set := func(name, value string, sensitive bool) string {
		e := base64.StdEncoding.EncodeToString
		line := fmt.Sprintf("##octopus[setVariable name='%s' value='%s'", e([]byte(name)), e([]byte(value)))
		if sensitive {
			line += fmt.Sprintf(" sensitive='%s'", e([]byte("True")))
		}
		return line + "]"
	}
	w := &world{output: []string{set("Url", "sql://sa:topsecret@db", false), set("Password", "topsecret", true), set("Db", "db", false)}}
	if err := w.runner().Run(t.Context(), "before", []process.Step{script("A", "make")}, &process.State{}); err != nil {
		t.Fatal(err)
	}
	want := map[string]process.Outputs{"before/0/A": {
		Plain:  map[string]string{"Db": "db"},
		Secret: map[string]string{"Password": "topsecret", "Url": "sql://sa:topsecret@db"},
	}}
	if diff := cmp.Diff(want, w.noted); diff != "" {
		t.Errorf("mismatch (-want +got)\n%s", diff)
	}
}

// TestMayRun asks before each step; what is done, or is about a failure, needs no leave.
func TestMayRun(t *testing.T) {
	done := process.Step{Name: "Done", Script: &process.Script{Body: "0"}}
	one, two := process.Step{Name: "One", Script: &process.Script{Body: "1"}}, process.Step{Name: "Two", Script: &process.Script{Body: "2"}}
	alarm := process.Step{Name: "Alarm", When: process.WhenFailure, Script: &process.Script{Body: "!"}}
	for _, test := range []struct {
		name string
		from int // the question that is answered with no; 0 never
		ran  []string
		err  bool
	}{
		{name: "always", ran: []string{"sh 1", "sh 2"}},
		{name: "lost before the first", from: 1, ran: []string{"sh !"}, err: true},
		{name: "lost before the second", from: 2, ran: []string{"sh 1", "sh !"}, err: true},
		{name: "lost after the last", from: 3, ran: []string{"sh 1", "sh 2"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var w world
			r, asked, lost := w.runner(), 0, errors.New("the lock was lost")
			w.noted[process.Key("before", 0, done)] = process.Outputs{}
			r.MayRun = func(context.Context) error {
				if asked++; asked == test.from {
					return lost
				}
				return nil
			}
			var st process.State
			if err := r.Run(t.Context(), "before", []process.Step{done, one, two, alarm}, &st); err != nil {
				t.Fatal(err)
			}
			if errors.Is(st.Err, lost) != test.err {
				t.Errorf("it ended with %v", st.Err)
			}
			if diff := cmp.Diff(test.ran, w.ran); diff != "" {
				t.Errorf("scripts mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

// TestStatusOfSteps looks at what later steps can know of earlier ones, as in the
// template of Octopus' page on e-mail.
func TestStatusOfSteps(t *testing.T) {
	const summary = `#{each step in Octopus.Step}#{step}=#{step.Status.Code},#{Octopus.Action[#{step}].IsSkipped}#{if step.Status.Error},#{step.Status.Error}#{/if};#{/each}`
	tell := with(script("Tell", summary), func(s *process.Step) { s.When = process.WhenAlways })
	off := with(script("Off", "off"), func(s *process.Step) { s.Disabled = true })
	tests := []struct {
		name  string
		world world
		steps []process.Step
		want  string // the last script
	}{
		{"all is well", world{}, []process.Step{script("A", "a"), off, tell}, "A=Succeeded,False;Off=Skipped,True;"},
		{"one fails", world{exits: []int{3}}, []process.Step{script("A", "a"), script("B", "b"), tell}, "A=Failed,False,the script ended with exit code 3;B=Skipped,True;"},
		{"one fails with a secret", world{output: []string{setA[1]}}, []process.Step{
			{Name: "M", Manual: &process.Manual{Instructions: "#{Nobody} #{Secret}"}}, tell}, "M=Failed,False,#{Nobody} cannot be resolved;"},
		{"a condition fails", world{}, []process.Step{with(script("A", "a"), func(s *process.Step) { s.When, s.Expression = process.WhenVariable, "#{if" }), tell},
			"A=Failed,False,its condition: line 1, column 5: } is expected;"},
		{"a retry helps", world{exits: []int{1}}, []process.Step{with(script("A", "a"), func(s *process.Step) { s.Retries = 1 }), tell}, "A=Succeeded,False;"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			state := process.State{Environment: "Staging"}
			if err := test.world.runner().Run(t.Context(), "before", test.steps, &state); err != nil {
				t.Fatal(err)
			}
			got := test.world.ran[len(test.world.ran)-1]
			if diff := cmp.Diff("sh "+test.want, got); diff != "" {
				t.Errorf("mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

// TestStatusAfterAnInterruption recalls steps that ran before.
func TestStatusAfterAnInterruption(t *testing.T) {
	w := &world{}
	r := w.runner()
	steps := []process.Step{script("A", "a"), script("B", "#{Octopus.Step[A].Status.Code} #{Octopus.Action[A].IsSkipped}")}
	w.noted[process.Key("before", 0, steps[0])] = process.Outputs{}
	var recalled process.State
	if err := r.Recall("before", steps, &recalled); err != nil {
		t.Fatal(err)
	}
	state := process.State{}
	if err := r.Run(t.Context(), "before", steps, &state); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"sh Succeeded False"}, w.ran); diff != "" {
		t.Errorf("ran: mismatch (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(recalled.Outputs, state.Outputs[:len(recalled.Outputs)]); diff != "" || len(recalled.Outputs) == 0 {
		t.Errorf("recalled: mismatch (-want +got):\n%s", diff)
	}
}
