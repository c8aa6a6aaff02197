package scenarios

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/management"
)

// A killer stands between the program and the Service Management API. It kills
// the program with SIGKILL at one of its requests: before the request arrives, or
// after it took effect and before the answer.
type killer struct {
	target string
	client *http.Client

	mu      sync.Mutex // guards what follows
	killAt  int        // number of the request, from 1; 0 never
	after   bool
	changes bool        // count only requests that change something
	process *os.Process // to kill
	seen    int         // requests since arm
	made    []string    // changes that the service accepted since arm
}

// arm says at which request to kill, and forgets what was seen.
func (k *killer) arm(at int, after bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.killAt, k.after, k.seen, k.made = at, after, 0, nil
}

func (k *killer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	k.mu.Lock()
	defer k.mu.Unlock()
	counts := !k.changes || r.Method != http.MethodGet
	if counts {
		k.seen++
	}
	dies := counts && k.seen == k.killAt
	if dies && !k.after {
		k.process.Kill()
		return
	}
	answer, body, err := k.forward(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	if answer.StatusCode == http.StatusAccepted {
		k.made = append(k.made, r.Method)
	}
	if dies {
		k.process.Kill()
		return
	}
	for name, values := range answer.Header {
		w.Header()[name] = values
	}
	w.WriteHeader(answer.StatusCode)
	w.Write(body)
}

func (k *killer) forward(r *http.Request) (*http.Response, []byte, error) {
	sent, err := io.ReadAll(io.LimitReader(r.Body, maxAnswer))
	if err != nil {
		return nil, nil, err
	}
	req, err := http.NewRequest(r.Method, k.target+r.URL.RequestURI(), bytes.NewReader(sent))
	if err != nil {
		return nil, nil, err
	}
	req.Header = r.Header.Clone()
	req.Header.Del("Accept-Encoding")
	answer, err := k.client.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	return answer, body, err
}

// A victim is a program that gets killed, in a folder and a subscription of its own.
type victim struct {
	runner *runner
	killer *killer
	dir    string
	env    []string
	client *management.Client
}

func newVictim(t *testing.T, r *runner) *victim {
	t.Helper()
	v := &victim{runner: r, dir: t.TempDir(), killer: &killer{target: r.emulator.ManagementURL(), client: r.http}}
	server := httptest.NewTLSServer(v.killer)
	t.Cleanup(server.Close)
	ca := filepath.Join(v.dir, "proxy.pem")
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(ca, certificate, 0o600); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(v.dir))
	id := fmt.Sprintf("%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
	if err := r.emulator.AddSubscription(id); err != nil {
		t.Fatal(err)
	}
	v.env = append(os.Environ(), "GORACE="+hastyRace)
	connection := r.connection(id)
	connection["VIPSWAP_MANAGEMENT_URL"], connection["VIPSWAP_CA"] = server.URL, ca
	for name, value := range connection {
		v.env = append(v.env, name+"="+value)
	}
	if err := r.furnish(id); err != nil {
		t.Fatal(err)
	}
	client, err := r.connect(id)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.CloseIdleConnections)
	v.client = client
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
	seen, err := deployer.Observe(context.Background(), v.client, serviceName)
	if err != nil {
		t.Fatal(err)
	}
	return holding(seen.Production) + " | " + holding(seen.Staging)
}

// An act is a command of the story of a release: what it changes at the service,
// and what the slots hold afterwards.
type act struct {
	args    []string
	changes []string // methods of the requests that the service accepts
	slots   string
}

// deploying is a deployment of a package into a slot.
func (r *runner) deploying(slot, label string, more ...string) []string {
	args := []string{"deploy", "--service", serviceName, "--slot", slot, "--package", r.packages[label], "--config", filepath.Join(r.files, "shop.cscfg"), "--label", label}
	return append(args, more...)
}

// rounds are stories that end as they begin, so that they can be told again with
// the next request as the one to be killed at.
func (r *runner) rounds() map[string]struct{ first, round []act } {
	swap := []string{"swap", "--service", serviceName}
	one := []string{http.MethodPost}
	return map[string]struct{ first, round []act }{
		"swap": {
			first: []act{{args: r.deploying("production", "V1")}, {args: r.deploying("staging", "V2")}},
			round: []act{{swap, one, "V2 | V1"}, {swap, one, "V1 | V2"}},
		},
		"create and delete": {
			first: []act{{args: r.deploying("production", "V1")}},
			round: []act{
				{r.deploying("staging", "V2"), one, "V1 | V2"},
				{[]string{"delete", "staging", "--service", serviceName}, []string{http.MethodDelete}, "V1 | -"},
			},
		},
		"upgrade": {
			first: []act{{args: r.deploying("staging", "V1")}},
			round: []act{{r.deploying("staging", "V2"), one, "- | V2"}, {r.deploying("staging", "V1"), one, "- | V1"}},
		},
	}
}

// TestKilled kills the program with SIGKILL before and after every request of each
// command of the story, and has another go on: each change is made once, no more,
// and the slots hold what they should.
func TestKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped, because it starts hundreds of processes")
	}
	r := newRunner(t)
	for name, story := range r.rounds() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := newVictim(t, r)
			for _, a := range story.first {
				v.run(t, a.args...)
			}
			at := 1
			for more := true; more; at++ {
				more = false
				for n, a := range story.round {
					more = v.survive(t, a, at, (at+n)%2 == 0) || more
				}
				for n, a := range story.round {
					v.survive(t, a, at, (at+n)%2 == 1)
				}
			}
			if at < 10 {
				t.Errorf("the program makes only %d requests", at)
			}
		})
	}
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
		v.run(t, "resume", "--service", serviceName)
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

// killed runs the program, and kills it before or after one of the requests by
// which it changes something.
func (r *runner) killed(ts *testscript.TestScript, args []string) {
	at, err := strconv.Atoi(args[1])
	ts.Check(err)
	if args[0] != "before" && args[0] != "after" || at < 1 {
		ts.Fatalf("killed: %q is not before or after a number", args[:2])
	}
	k := &killer{target: r.emulator.ManagementURL(), client: r.http, changes: true}
	k.arm(at, args[0] == "after")
	server := httptest.NewTLSServer(k)
	defer server.Close()
	ca := ts.MkAbs("killer.pem")
	ts.Check(os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600))
	cmd := exec.Command(args[2], args[3:]...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = ts.MkAbs("."), ts.Stdout(), ts.Stderr()
	cmd.Env = append(os.Environ(), "VIPSWAP_MANAGEMENT_URL="+server.URL, "VIPSWAP_CA="+ca)
	for _, name := range []string{"VIPSWAP_SUBSCRIPTION_ID", "VIPSWAP_CERT", "VIPSWAP_KEY", "VIPSWAP_POLL_INTERVAL", "HOME", "VIPSWAP_STATE"} {
		cmd.Env = append(cmd.Env, name+"="+ts.Getenv(name))
	}
	k.mu.Lock()
	err = cmd.Start()
	k.process = cmd.Process
	k.mu.Unlock()
	ts.Check(err)
	if err := cmd.Wait(); err == nil || cmd.ProcessState.ExitCode() != -1 {
		ts.Fatalf("killed: the program ended by itself: %v", err)
	}
}
