package suite

import (
	"context"
	"errors"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/vipswap/vipswap/emulator/faults"
	"github.com/vipswap/vipswap/emulator/journal"
	"github.com/vipswap/vipswap/emulator/universe"
	"github.com/vipswap/vipswap/scenarios/invariants"
	"github.com/vipswap/vipswap/scenarios/script"
	"github.com/vipswap/vipswap/scenarios/stage"
)

// DefaultLimit is how long one script may take on the wall.
const DefaultLimit = 5 * time.Minute

// A Performance is how a script is to be played.
type Performance struct {
	Faults  faults.Plan     // befall the script beside those that it asks for
	Variant string          // tells universes of the same script apart; "" for one of its name
	Limit   time.Duration   // on the wall; 0 is DefaultLimit
	Clients *script.Clients // drivers of real clients; nil for none
	Watch   bool            // check the invariants although the script does not ask for it
	Update  bool            // rewrite the files that the script compares with
	Keep    bool            // leave universe and work folder of a failure
	Verbose bool            // log every phase, not only the one that failed
	Look    bool            // take requests and state along when the script passed, too
	Attend  bool            // somebody attends to the script, see script.Script.Attend
}

// An Outcome is how a script ended.
type Outcome string

// The outcomes.
const (
	Passed  Outcome = "passed"
	Failed  Outcome = "failed"
	Skipped Outcome = "skipped"
)

// A Result is how a script went.
type Result struct {
	Name    string        `json:"name"`
	File    string        `json:"file"`
	Outcome Outcome       `json:"outcome"`
	Took    time.Duration `json:"tookNs"`           // on the wall
	Cloud   time.Duration `json:"cloudTookNs"`      // in the universe
	Reason  string        `json:"reason,omitempty"` // why it was skipped, or what failed
	Phase   string        `json:"phase,omitempty"`  // in which it failed
	Log     string        `json:"log,omitempty"`

	// What was so when the script ended; only of failures, unless asked for.
	Slots   []Slot              `json:"slots,omitempty"`
	Journal []string            `json:"journal,omitempty"` // the last requests
	Broken  []invariants.Broken `json:"broken,omitempty"`

	// What was left, when that was asked for.
	WorkDir      string           `json:"workDir,omitempty"`
	Subscription string           `json:"subscription,omitempty"`
	Universe     string           `json:"universe,omitempty"` // file that "snapshot import" reads
	Environment  []stage.Variable `json:"-"`

	State    universe.State  `json:"-"`
	Requests []journal.Entry `json:"-"`
	Struck   *faults.Engine  `json:"-"` // the faults with what they did; nil for none
	TimedOut bool            `json:"timedOut,omitempty"`
	Steps    []script.Step   `json:"-"`                 // with Attend
	Returns  map[string]int  `json:"-"`                 // with Watch: how often production went back to what it held before
	Strayed  bool            `json:"strayed,omitempty"` // with Attend: a program was run again
}

// Play plays a script in a universe of its own, and tells how it went. What keeps it
// from being played makes it fail, too.
func Play(ctx context.Context, st *stage.Stage, s Script, how Performance) Result {
	began := time.Now()
	r := Result{Name: s.Name, File: s.File}
	if err := r.play(ctx, st, s, how); err != nil {
		r.fail(err.Error())
	}
	r.Took = time.Since(began)
	return r
}

// Reported returns the result without what was taken along to be looked at, so that
// thousands of them can be kept for a report.
func (r Result) Reported() Result {
	r.State, r.Requests, r.Struck, r.Steps, r.Returns = universe.State{}, nil, nil, nil, nil
	return r
}

// fail notes a failure that the script itself did not tell.
func (r *Result) fail(reason string) {
	if r.Outcome == Failed && r.Reason != "" {
		r.Reason += "; " + reason
		return
	}
	r.Outcome, r.Reason = Failed, reason
}

func (r *Result) play(ctx context.Context, st *stage.Stage, s Script, how Performance) (err error) {
	u, err := st.Enter(ctx, strings.TrimSuffix(s.Name+"@"+how.Variant, "@"), stage.Beginning{})
	if err != nil {
		return err
	}
	root, err := os.MkdirTemp("", "vipswap-test-")
	if err != nil {
		return errors.Join(err, u.Leave())
	}
	defer func() {
		if how.Keep && r.Outcome == Failed {
			r.Subscription = u.ID()
			var kept error
			if r.Environment, kept = u.Environment(); kept == nil {
				r.Universe, kept = export(u, root)
			}
			err = errors.Join(err, kept)
			return
		}
		r.WorkDir = ""
		err = errors.Join(err, u.Leave(), removeAll(root))
	}()
	played := script.New(ctx, s.File, u)
	played.Injected, played.Update, played.Clients = how.Faults, how.Update, how.Clients
	if how.Watch {
		played.Watch()
	}
	if how.Attend {
		if err := played.Attend(root); err != nil {
			return err
		}
	}
	limit := how.Limit
	if limit == 0 {
		limit = DefaultLimit
	}
	params := played.Params()
	params.WorkdirRoot, params.Deadline = root, time.Now().Add(limit)
	t := run(params, how.Verbose)
	r.Outcome, r.Log, r.Reason = t.outcome, strings.TrimSpace(t.log.String()), t.reason
	r.WorkDir, r.Steps, r.Strayed = workDir(root), played.Steps(), played.Strayed()
	if r.Outcome == Failed {
		r.TimedOut = timedOut.MatchString(r.Log)
		r.Log = withoutTraces(r.Log)
		r.Phase, r.Reason = explain(r.Log, r.Reason)
	}
	broken, asked, err := played.Finish()
	r.Broken, r.Returns = broken, played.Returns()
	for _, b := range asked {
		r.fail(b.String())
	}
	return errors.Join(err, r.look(u, how))
}

// run runs a script to its end, as go test would: what ends a test ends a goroutine.
func run(p testscript.Params, verbose bool) *reporter {
	t := &reporter{outcome: Passed, verbose: verbose}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			if p := recover(); p != nil {
				t.outcome, t.reason = Failed, trace(p)
			}
		}()
		testscript.RunT(t, p)
	}()
	<-done
	return t
}

// A reporter is what testscript tells how a script goes. It is used by one
// goroutine.
type reporter struct {
	outcome Outcome
	reason  string
	log     strings.Builder
	verbose bool
}

var _ testscript.T = (*reporter)(nil)

// Skip ends the script.
func (t *reporter) Skip(args ...any) {
	t.outcome, t.reason = Skipped, sprint(args)
	runtime.Goexit()
}

// Fatal ends the script.
func (t *reporter) Fatal(args ...any) {
	t.reason = sprint(args)
	t.FailNow()
}

// FailNow ends the script.
func (t *reporter) FailNow() {
	t.outcome = Failed
	runtime.Goexit()
}

// Parallel does nothing: who plays scripts decides how many there are at once.
func (t *reporter) Parallel() {}

// Log keeps the log.
func (t *reporter) Log(args ...any) { t.log.WriteString(sprint(args) + "\n") }

// Run runs the one script that there is.
func (t *reporter) Run(_ string, f func(testscript.T)) { f(t) }

// Verbose reports whether the log is to have everything.
func (t *reporter) Verbose() bool { return t.verbose }
