package stage_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/journal"
	"github.com/vipswap/vipswap/scenarios/stage"
)

func open(t *testing.T, o stage.Options) *stage.Stage {
	t.Helper()
	st, err := stage.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	return st
}

func enter(t *testing.T, st *stage.Stage, name string, b stage.Beginning) *stage.Universe {
	t.Helper()
	u, err := st.Enter(t.Context(), name, b)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// get asks for the shop in a universe. No answer is "".
func get(ctx context.Context, st *stage.Stage, u *stage.Universe) string {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, st.Emulator().ManagementURL()+"/"+u.ID()+"/services/hostedservices/shop", nil)
	if err != nil {
		return err.Error()
	}
	req.Header.Set("x-ms-version", "2014-10-01")
	resp, err := st.HTTP().Do(req)
	if err != nil {
		return ""
	}
	defer resp.Body.Close()
	io.Copy(io.Discard, resp.Body)
	return resp.Status
}

// TestIDsFollowFromNameAndSeed, so that runs can be compared and scripts never meet.
func TestIDsFollowFromNameAndSeed(t *testing.T) {
	one, same, other := open(t, stage.Options{Seed: 1}), open(t, stage.Options{Seed: 1}), open(t, stage.Options{Seed: 2})
	id := enter(t, one, "a/b", stage.Beginning{}).ID()
	if got := enter(t, same, "a/b", stage.Beginning{}).ID(); got != id {
		t.Errorf("the second run has %s, the first %s", got, id)
	}
	for what, got := range map[string]string{
		"another name": enter(t, one, "a/c", stage.Beginning{}).ID(), "another seed": enter(t, other, "a/b", stage.Beginning{}).ID(),
	} {
		if got == id {
			t.Errorf("%s has the same id", what)
		}
	}
	if _, err := one.Enter(t.Context(), "a/b", stage.Beginning{}); err == nil || !strings.Contains(err.Error(), "make a universe for a/b") {
		t.Errorf("a second universe of one name: %v", err)
	}
}

// TestUniverse enters universes of one stage.
func TestUniverse(t *testing.T) {
	st := open(t, stage.Options{Seed: 7})
	for name, test := range map[string]func(*testing.T, *stage.Stage){
		"begin anew": testBeginAnew, "watch": testWatch, "environment": testEnvironment,
	} {
		t.Run(name, func(t *testing.T) { test(t, st) })
	}
}

// testBeginAnew forgets what was, and takes the clock that is asked for.
func testBeginAnew(t *testing.T, st *stage.Stage) {
	u := enter(t, st, "anew", stage.Beginning{})
	if got := get(t.Context(), st, u); got != "200 OK" {
		t.Fatal(got)
	}
	if err := u.Begin(t.Context(), stage.Beginning{Empty: true, Clock: cloud.ManualTime}); err != nil {
		t.Fatal(err)
	}
	state, err := u.State()
	if err != nil {
		t.Fatal(err)
	}
	j, err := u.Journal()
	if err != nil {
		t.Fatal(err)
	}
	c, err := st.Emulator().Clock(u.ID())
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprint(len(state.Services), len(state.StorageAccounts), len(j.Entries(journal.Filter{})), c.Mode, u.Passed())
	if want := fmt.Sprint(0, 0, 0, cloud.ManualTime, time.Duration(0)); got != want {
		t.Errorf("services, accounts, requests, clock, passed: %s, want %s", got, want)
	}
	if err := u.Leave(); err != nil {
		t.Fatal(err)
	}
	if _, err := u.State(); err == nil {
		t.Error("the universe that was left is still there")
	}
}

// A watcher notes what it is told.
type watcher struct {
	refuses bool
	told    []string
}

func (w *watcher) Before(*http.Request) bool {
	w.told = append(w.told, "before")
	return !w.refuses
}

func (w *watcher) After(*http.Request) { w.told = append(w.told, "after") }

// testWatch is told of a universe's own requests until it stops, and can cut them off
// before they are carried out.
func testWatch(t *testing.T, st *stage.Stage) {
	mine, others := enter(t, st, "mine", stage.Beginning{}), enter(t, st, "others", stage.Beginning{})
	w := &watcher{}
	stop := mine.Watch(w)
	for _, u := range []*stage.Universe{mine, others} {
		if got := get(t.Context(), st, u); got != "200 OK" {
			t.Error(got)
		}
	}
	w.refuses = true
	if got := get(t.Context(), st, mine); got != "" {
		t.Errorf("a request that was cut off is answered with %s", got)
	}
	stop()
	if got := get(t.Context(), st, mine); got != "200 OK" {
		t.Error(got)
	}
	if diff := cmp.Diff([]string{"before", "after", "before"}, w.told); diff != "" {
		t.Errorf("told mismatch (-want +got):\n%s", diff)
	}
}

// testEnvironment leads to files that are there, until the universe is left.
func testEnvironment(t *testing.T, st *stage.Stage) {
	u := enter(t, st, "environment", stage.Beginning{})
	variables, err := u.Environment()
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]string{}
	for _, v := range variables {
		values[v.Name] = v.Value
	}
	for _, name := range []string{"VIPSWAP_CERT", "VIPSWAP_KEY", "VIPSWAP_CA", "VIPSWAP_PUBLISH_SETTINGS", "CONFIG", "DEFINITION", "FILES", "V1", "V2", "ADMIN"} {
		if _, err := os.Stat(values[name]); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if values["VIPSWAP_SEED"] != "7" || values["VIPSWAP_WHO"] != "environment" || values["VIPSWAP_SUBSCRIPTION_ID"] != u.ID() {
		t.Errorf("the variables are %v", values)
	}
	for _, mask := range u.Masks() {
		if mask.Value == "" || strings.Contains(mask.Value, "//") {
			t.Errorf("%s would mask %q", mask.Name, mask.Value)
		}
	}
	if err := u.Leave(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(values["VIPSWAP_PUBLISH_SETTINGS"]); !os.IsNotExist(err) {
		t.Errorf("the publish settings stay: %v", err)
	}
}
