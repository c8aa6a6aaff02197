package deployer_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/management"
)

var update = flag.Bool("update", false, "rewrite the files under testdata")

// The guide's story. What a chapter wants is made from the world as it is when
// its plan is made.
var story = []struct {
	name    string
	desired func(w *world) deployer.Desired
	label   string // of the artifacts
	want    string // the slots afterwards
	does    string // the changes that it takes
}{
	{"1.0 to Staging", func(w *world) deployer.Desired { return w.deploy(staging, "1.0") }, "1.0", "S=1.0 P=-", "create"},
	{"1.0 to Production", func(w *world) deployer.Desired { return w.deploy(production, "1.0") }, "1.0", "S=1.0 P=1.0", "create"},
	{"1.1 to Staging", func(w *world) deployer.Desired { return w.deploy(staging, "1.1") }, "1.1", "S=1.1 P=1.0", "upgrade"},
	{"1.1 to Production", func(w *world) deployer.Desired { return w.deploy(production, "1.1") }, "1.1", "S=1.0 P=1.1", "swap"},
	{"roll back", func(*world) deployer.Desired { return deployer.Rollback{Service: "shop"} }, "", "S=1.1 P=1.0", "swap"},
	{"roll forward", func(*world) deployer.Desired { return deployer.Swap{Service: "shop"} }, "", "S=1.0 P=1.1", "swap"},
	{"suspend staging", func(*world) deployer.Desired {
		return deployer.SetStatus{Service: "shop", Slot: staging, Status: management.StatusSuspended}
	}, "", "S=1.0 P=1.1", "status"},
	{"delete staging", func(*world) deployer.Desired { return deployer.Delete{Service: "shop", Slot: staging} }, "", "S=- P=1.1", "delete"},
}

// script records what a run reports.
type script struct {
	deployer.Silent
	lines []string
}

func (s *script) add(format string, args ...any) {
	s.lines = append(s.lines, fmt.Sprintf(format, args...))
}

func (s *script) Decision(d deployer.Decision) { s.add("  decision: %s", d.Text) }
func (s *script) StepStarted(step deployer.Step) {
	s.add("  step: %s\n    because %s", step, step.Reason)
}
func (s *script) Uploading(done, total int64) { s.add("    uploaded %d of %d bytes", done, total) }
func (s *script) Waiting(w deployer.Waiting)  { s.add("    waiting: %s", w.Why) }
func (s *script) Instances(p deployer.Progress) {
	s.add("    instances: %v of %s", p.Roles, p.Deployment)
}
func (s *script) StepEnded(r deployer.StepResult, err error) {
	s.add("    %s after %s (%v), so %s", r.Outcome, r.Took, err, r.Step.After)
}

func TestStory(t *testing.T) {
	w := newWorld(nil, nil)
	told := &script{}
	for _, c := range story {
		told.add("%s", c.name)
		ports := w.ports(c.label)
		ports.Reporter = told
		result, err := deployer.Run(context.Background(), ports, w.plan(t, c.desired(w)))
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if diff := cmp.Diff(c.want, w.labels()); diff != "" {
			t.Errorf("%s: mismatch (-want +got)\n%s", c.name, diff)
		}
		told.add("  result: swapped %v, deployment %s, private id %s, %s, %s", result.Swapped, result.Deployment, result.PrivateID, result.URL, result.Label)
	}
	golden(t, "story.txt", strings.Join(told.lines, "\n")+"\n")
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("mismatch (-want +got)\n%s", diff)
	}
}

// A stage is the guide's story played by processes that may be killed. A plan is
// kept, as the journal keeps it, and run again by the next process.
type stage struct {
	*world
	meanwhile func(*world) // what happens between two processes
	deaths    int
}

// play runs the whole story and returns the changes that were carried out.
func (s *stage) play(t *testing.T) {
	t.Helper()
	for _, c := range story {
		plan, err := s.planned(c.desired(s.world))
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		for {
			_, err := deployer.Run(context.Background(), s.ports(c.label), plan)
			if err == nil {
				break
			}
			if !s.died(err) {
				t.Fatalf("%s: %v", c.name, err)
			}
		}
		if diff := cmp.Diff(c.want, s.labels()); diff != "" {
			t.Fatalf("%s: mismatch (-want +got)\n%s", c.name, diff)
		}
	}
}

// died starts a new process if the old one was killed.
func (s *stage) died(err error) bool {
	if !errors.Is(err, errKilled) {
		return false
	}
	s.deaths++
	s.reboot()
	s.meanwhile(s.world)
	return true
}

func (s *stage) planned(desired deployer.Desired) (deployer.Plan, error) {
	for {
		seen, err := deployer.Observe(context.Background(), s.cloud, "shop")
		if err == nil {
			return deployer.MakePlan(desired, seen)
		}
		if !s.died(err) {
			return deployer.Plan{}, err
		}
	}
}

// storyChanges are the changes that the story takes, each once.
func storyChanges() []string {
	var all []string
	for _, c := range story {
		all = append(all, c.does)
	}
	return all
}

// TestKilledAnywhere kills the process at every call that it makes, before and
// after the call takes effect, and starts another at once or much later. The
// story must end as it does without: each change carried out once, no more.
func TestKilledAnywhere(t *testing.T) {
	plain := &stage{world: newWorld(nil, nil)}
	plain.play(t)
	total := plain.cloud.calls.made
	if total < 100 {
		t.Fatalf("the story makes only %d calls", total)
	}
	pauses := map[string]func(*world){
		"at once": func(*world) {},
		"later":   func(w *world) { w.settle() },
	}
	for words, pause := range pauses {
		for _, after := range []bool{false, true} {
			for at := 1; at <= total; at++ {
				t.Run(fmt.Sprintf("%s, effect %v, call %d", words, after, at), func(t *testing.T) {
					s := &stage{world: newWorld(nil, nil), meanwhile: pause}
					s.cloud.calls.killAt, s.cloud.calls.after = at, after
					s.play(t)
					if s.deaths != 1 {
						t.Fatalf("killed %d times, not once", s.deaths)
					}
					if diff := cmp.Diff(storyChanges(), s.made); diff != "" {
						t.Errorf("mismatch (-want +got)\n%s", diff)
					}
				})
			}
		}
	}
}

// TestKilledTwice kills a process and then its successor, at every pair of calls
// of the chapter that swaps.
func TestKilledTwice(t *testing.T) {
	swapping := func() (*world, deployer.Plan) {
		w := newWorld(up("p1", "1.0"), up("s1", "1.1"))
		plan := w.plan(t, w.deploy(production, "1.1"))
		w.reboot()
		return w, plan
	}
	w, plan := swapping()
	if _, err := deployer.Run(context.Background(), w.ports("1.1"), plan); err != nil {
		t.Fatal(err)
	}
	total := w.cloud.calls.made
	for first := 1; first <= total; first++ {
		for second := 1; second <= total; second++ {
			w, plan := swapping()
			var err error
			for _, at := range []int{first, second, 0} {
				*w.cloud.calls = calls{killAt: at, after: (first+second)%2 == 0}
				_, err = deployer.Run(context.Background(), w.ports("1.1"), plan)
			}
			if err != nil {
				t.Fatalf("killed at %d and %d: %v", first, second, err)
			}
			if diff := cmp.Diff([]string{"swap"}, w.made); diff != "" {
				t.Errorf("killed at %d and %d: mismatch (-want +got)\n%s", first, second, diff)
			}
		}
	}
}

// at makes an injection that strikes one chapter of the story: the call that
// makes its change, not the same call of an earlier chapter. When is "" for after
// the call's effect, or " cut before".
func at(chapter int, when string, strike func(method string) error) func(string) error {
	earlier := 0
	for _, c := range story[:chapter] {
		if c.does == story[chapter].does {
			earlier++
		}
	}
	return func(method string) error {
		if method != story[chapter].does+when {
			return nil
		}
		if earlier--; earlier != -1 {
			return nil
		}
		return strike(method)
	}
}

// TestLostAnswers loses the answer to every change, with and without its effect.
func TestLostAnswers(t *testing.T) {
	for _, when := range []string{"", " cut before"} {
		for n, c := range story {
			t.Run(c.name+when, func(t *testing.T) {
				s := &stage{world: newWorld(nil, nil)}
				struck := 0
				s.cloud.calls.onChange = at(n, when, func(method string) error {
					struck++
					return &management.UnknownOutcomeError{Action: method, Err: errors.New("connection reset")}
				})
				s.play(t)
				if diff := cmp.Diff(storyChanges(), s.made); diff != "" || struck != 1 {
					t.Errorf("struck %d times, mismatch (-want +got)\n%s", struck, diff)
				}
			})
		}
	}
}

// TestConflicts has somebody else's operation begin just before each change.
func TestConflicts(t *testing.T) {
	for _, noWords := range []bool{false, true} {
		for n, c := range story {
			t.Run(fmt.Sprintf("%s, named %v", c.name, !noWords), func(t *testing.T) {
				s := &stage{world: newWorld(nil, nil)}
				s.noWords = noWords
				s.cloud.calls.onChange = at(n, " cut before", func(string) error {
					s.begin("alien", nil, func() {})
					return nil
				})
				s.play(t)
				want := slices.Insert(storyChanges(), n, "alien")
				if diff := cmp.Diff(want, s.made); diff != "" {
					t.Errorf("mismatch (-want +got)\n%s", diff)
				}
			})
		}
	}
}

// TestAgain runs finished plans once more: nothing is done.
func TestAgain(t *testing.T) {
	w := newWorld(nil, nil)
	for _, c := range story {
		plan := w.plan(t, c.desired(w))
		if _, err := deployer.Run(context.Background(), w.ports(c.label), plan); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		operations := len(w.ops)
		result, err := deployer.Run(context.Background(), w.ports(c.label), plan)
		if err != nil || len(w.ops) != operations {
			t.Fatalf("%s, again: %v after %d operations", c.name, err, len(w.ops)-operations)
		}
		for _, s := range result.Steps {
			if s.Outcome != deployer.OutcomeAlready && s.Step.Kind != deployer.StepReady {
				t.Errorf("%s, again: %s is %s", c.name, s.Step, s.Outcome)
			}
		}
	}
}
