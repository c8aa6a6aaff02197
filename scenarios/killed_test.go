package scenarios

import (
	"bytes"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/scenarios/script"
	"github.com/vipswap/vipswap/scenarios/stage"
)

// A victim is a program that gets killed, in a folder and a subscription of its own.
type victim struct {
	universe *stage.Universe
	killer   *killer
	dir      string
	env      []string
}

func newVictim(t *testing.T, st *stage.Stage) *victim {
	t.Helper()
	v := &victim{dir: t.TempDir()}
	var server *httptest.Server
	v.killer, server = newKiller(t, st.HTTP(), st.Emulator().ManagementURL(), st.Emulator().BlobURL())
	ca := filepath.Join(v.dir, "proxy.pem")
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(ca, certificate, 0o600); err != nil {
		t.Fatal(err)
	}
	var err error
	if v.universe, err = st.Enter(t.Context(), t.Name(), stage.Beginning{}); err != nil {
		t.Fatal(err)
	}
	variables, err := v.universe.Environment()
	if err != nil {
		t.Fatal(err)
	}
	// The race detector would let each process sleep for a second at its end.
	v.env = append(os.Environ(), "GORACE=atexit_sleep_ms=0")
	for _, variable := range variables {
		v.env = append(v.env, variable.String())
	}
	v.env = append(v.env, "VIPSWAP_MANAGEMENT_URL="+server.URL, "VIPSWAP_CA="+ca)
	return v
}

// run runs the program until it ends or is killed, which it reports.
func (v *victim) run(t *testing.T, args ...string) (killed bool) {
	t.Helper()
	cmd := exec.Command("vipswap", args...)
	cmd.Dir, cmd.Env = v.dir, v.env
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	v.killer.mu.Lock()
	err := cmd.Start()
	v.killer.process = cmd.Process
	v.killer.mu.Unlock()
	if err != nil {
		t.Fatal(err)
	}
	err = cmd.Wait()
	if err != nil && cmd.ProcessState.ExitCode() != -1 {
		t.Fatalf("vipswap %s: %v\n%s", strings.Join(args, " "), err, out.String())
	}
	return err != nil
}

// slots describes the slots by their labels, production first.
func (v *victim) slots(t *testing.T) string {
	t.Helper()
	state, err := v.universe.State()
	if err != nil {
		t.Fatal(err)
	}
	shop := state.Service(stage.ServiceName)
	return script.Holding(shop.Production.Deployment) + " | " + script.Holding(shop.Staging.Deployment)
}

// An act is a command of the story of a release: what it changes at the service,
// and what the slots hold afterwards.
type act struct {
	args    []string
	changes []string // methods of the requests that the service accepts
	slots   string
}

// deploying is a deployment of a package into a slot.
func (v *victim) deploying(slot, label string, more ...string) []string {
	args := []string{"deploy", "--service", stage.ServiceName, "--slot", slot, "--package", v.variable(label), "--config", v.variable("CONFIG"), "--label", label}
	return append(args, more...)
}

// variable returns the value of an environment variable.
func (v *victim) variable(name string) string {
	for _, variable := range v.env {
		if value, ok := strings.CutPrefix(variable, name+"="); ok {
			return value
		}
	}
	return ""
}

// rounds are stories that end as they begin, so that they can be told again with
// the next request as the one to be killed at.
func (v *victim) rounds() map[string]struct{ first, round []act } {
	swap := []string{"swap", "--service", stage.ServiceName}
	one := []string{http.MethodPost}
	prune := []string{"packages", "prune", "--keep", "1"}
	return map[string]struct{ first, round []act }{
		"swap": {
			first: []act{{args: v.deploying("production", "V1")}, {args: v.deploying("staging", "V2")}},
			round: []act{{swap, one, "V2 | V1"}, {swap, one, "V1 | V2"}},
		},
		"create and delete": {
			first: []act{{args: v.deploying("production", "V1")}},
			round: []act{
				{v.deploying("staging", "V2"), one, "V1 | V2"},
				{[]string{"delete", "staging", "--service", stage.ServiceName}, []string{http.MethodDelete}, "V1 | -"},
			},
		},
		"upgrade": {
			first: []act{{args: v.deploying("staging", "V1")}},
			// Only the newest package is kept, so that each deployment uploads its own.
			round: []act{
				{v.deploying("staging", "V2"), one, "- | V2"}, {prune, nil, "- | V2"},
				{v.deploying("staging", "V1"), one, "- | V1"}, {prune, nil, "- | V1"},
			},
		},
	}
}

// TestKilled kills the program with SIGKILL before and after every request of each
// command of the story, to the API and to blob storage, and has another go on: each change is made once, no more,
// and the slots hold what they should.
func TestKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped, because it starts hundreds of processes")
	}
	st := newStage(t)
	for name := range (&victim{}).rounds() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := newVictim(t, st)
			story := v.rounds()[name]
			for _, a := range story.first {
				v.run(t, a.args...)
			}
			at := 1
			for more := true; more; at += everyKill() {
				more = false
				for n, a := range story.round {
					more = v.survive(t, a, at, (at+n)%2 == 0) || more
				}
				for n, a := range story.round {
					v.survive(t, a, at, (at+n)%2 == 1)
				}
			}
			if at < 10 || v.killer.blobs < 10 {
				t.Errorf("the program makes only %d requests at most, and %d in all to blob storage", at, v.killer.blobs)
			}
		})
	}
}

// everyKill is the distance between the requests at which the program is killed:
// some of them in an ordinary run of the tests, each one when VIPSWAP_KILLS is
// set, which takes minutes.
func everyKill() int {
	if os.Getenv("VIPSWAP_KILLS") != "" {
		return 1
	}
	return 7
}

// survive tells one act, killed at a request and resumed. It reports whether the
// act made that many requests.
func (v *victim) survive(t *testing.T, a act, at int, after bool) bool {
	t.Helper()
	v.killer.arm(at, after)
	killed := v.run(t, a.args...)
	v.killer.mu.Lock()
	v.killer.killAt = 0
	v.killer.mu.Unlock()
	if killed {
		v.run(t, "resume", "--service", stage.ServiceName)
		if len(v.killer.made) == 0 { // it was killed before there was a plan
			v.run(t, a.args...)
		}
	}
	if diff := cmp.Diff(a.changes, v.killer.made); diff != "" {
		t.Errorf("vipswap %s, killed at request %d (after its effect: %v): changes mismatch (-want +got):\n%s", a.args[0], at, after, diff)
	}
	if got := v.slots(t); got != a.slots {
		t.Errorf("vipswap %s, killed at request %d (after its effect: %v): the slots hold %s, want %s", a.args[0], at, after, got, a.slots)
	}
	return killed
}
