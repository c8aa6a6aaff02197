package client_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/emulator"
	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/control"
	"github.com/vipswap/vipswap/emulator/control/client"
	"github.com/vipswap/vipswap/emulator/faults"
	"github.com/vipswap/vipswap/emulator/journal"
	"github.com/vipswap/vipswap/emulator/universe"
)

func connect(t *testing.T, url, token string) *client.Client {
	t.Helper()
	c, err := client.New(client.Config{URL: url, Token: token})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// same fails the test unless what came over HTTP is what the emulator says itself.
func same[T any](t *testing.T, want T, err error, got T, err2 error) {
	t.Helper()
	if err := errors.Join(err, err2); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("mismatch (-emulator +client):\n%s", diff)
	}
}

// The client tells what the emulator does.
func TestClientMirrorsTheEmulator(t *testing.T) {
	e := emulator.Start(t, emulator.WithControlToken("a token"), emulator.WithVersion("v1"), emulator.WithClock(cloud.ManualTime, 1))
	c, ctx := connect(t, e.ControlURL()+"/", "a token"), t.Context()
	version, err := c.Version(ctx)
	same(t, "v1", nil, version, err)
	made, err := c.CreateUniverse(ctx, universe.Spec{Name: "mine", Clock: cloud.ManualTime})
	info, err2 := e.Universe(made.ID)
	same(t, info, err2, made, err)
	moved, err := c.Advance(ctx, made.ID, control.Move{By: "1h"})
	clock, err2 := e.Clock(made.ID)
	same(t, clock, err2, moved.Clock, err)
	got, err := c.SetClock(ctx, made.ID, control.ClockChange{Mode: cloud.AutoTime})
	clock, err2 = e.Clock(made.ID)
	same(t, clock, err2, got, err)
	got, err = c.Clock(ctx, made.ID)
	same(t, clock, err2, got, err)
	secret, err := c.Credentials(ctx, made.ID)
	want, err2 := e.Credentials(made.ID)
	same(t, want, err2, secret, err)
	state, err := c.State(ctx, made.ID)
	held, err2 := e.State(made.ID)
	same(t, held, err2, state, err)
	all, err := c.Universes(ctx)
	list, err2 := e.Universes()
	same(t, list, err2, all, err)
	shown, err := c.Universe(ctx, made.ID)
	info, err2 = e.Universe(made.ID)
	same(t, info, err2, shown, err)
	shown, err = c.ResetUniverse(ctx, made.ID)
	info, err2 = e.Universe(made.ID)
	same(t, info, err2, shown, err)
	if err := c.DeleteUniverse(ctx, made.ID); err != nil {
		t.Fatal(err)
	}
	var refused *universe.Error
	if _, err := c.Universe(ctx, made.ID); !errors.As(err, &refused) || refused.Code != universe.NotFound {
		t.Errorf("the deleted universe: %v", err)
	}
}

func TestFaults(t *testing.T) {
	e := emulator.Start(t)
	c, ctx, id := connect(t, e.ControlURL(), ""), t.Context(), e.Subscription()
	plan := faults.Plan{Rules: []faults.Rule{{Kind: faults.Drop, Count: 2}}}
	told, err := c.SetFaults(ctx, id, plan)
	same(t, plan, nil, told.Plan, err)
	told, err = c.Faults(ctx, id)
	same(t, plan, nil, told.Plan, err)
	told, err = c.SetFaultsFile(ctx, id, []byte("rules: [{kind: drop, count: 2}]"))
	same(t, plan, nil, told.Plan, err)
	presets, err := c.Presets(ctx)
	if err != nil {
		t.Fatal(err)
	}
	told, err = c.SetFaultsPreset(ctx, id, presets[1].Name)
	same(t, presets[1].Plan, nil, told.Plan, err)
	if err := c.ClearFaults(ctx, id); err != nil {
		t.Fatal(err)
	}
	if engine, err := e.Faults(id); engine != nil || err != nil {
		t.Errorf("after clearing %v, %v", engine, err)
	}
	problems, err := c.ValidateFaults(ctx, []byte("rules: [{kind: dorp}]"))
	if err != nil || len(problems) != 1 || problems[0].Line != 1 {
		t.Errorf("problems %v, %v", problems, err)
	}
	by := map[cloud.Kind]cloud.Progression{cloud.EveryKind: {Pace: cloud.Immediate}}
	if err := c.SetProgression(ctx, id, by); err != nil {
		t.Fatal(err)
	}
	got, err := c.Progression(ctx, id)
	same(t, by, nil, got, err)
}

func TestJournal(t *testing.T) {
	e := emulator.Start(t)
	c, ctx, id := connect(t, e.ControlURL(), ""), t.Context(), e.Subscription()
	j, err := e.Journal(id)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		j.Append(journal.Entry{Method: "POST", Operation: fmt.Sprint("operation ", i), Status: 200 + i*100})
	}
	filter := journal.Filter{Operation: "operation*", Method: "POST", Refused: true, Changes: true, After: 1, Last: 2}
	entries, err := c.Journal(ctx, id, filter)
	same(t, j.Entries(filter), nil, entries, err)
	var b, want bytes.Buffer
	if err := journal.WriteJSONLines(&want, journal.Reproducible(j.Entries(filter))); err != nil {
		t.Fatal(err)
	}
	err = c.ExportJournal(ctx, id, filter, "jsonl", true, &b)
	same(t, want.String(), nil, b.String(), err)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var seen []uint64
	for entry, err := range c.FollowJournal(ctx, id, journal.Filter{Last: 2}) {
		if err != nil {
			t.Fatal(err)
		}
		seen = append(seen, entry.Seq)
		switch entry.Seq {
		case 5:
			j.Append(journal.Entry{})
		case 6:
			cancel()
		}
	}
	if want := "[4 5 6]"; fmt.Sprint(seen) != want {
		t.Errorf("followed %v, want %s", seen, want)
	}
}

func TestWrongAddresses(t *testing.T) {
	for _, url := range []string{"", "here", "ftp://127.0.0.1", "127.0.0.1:8444", "http://"} {
		if _, err := client.New(client.Config{URL: url}); err == nil {
			t.Errorf("%q is taken for an address", url)
		}
	}
}

// A server that is no emulator is told apart from one that refuses.
func TestNoEmulator(t *testing.T) {
	answers := map[string]struct {
		handler http.HandlerFunc
		want    string
	}{
		"page":    {func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "<html>", http.StatusBadGateway) }, "502"},
		"no JSON": {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>") }, "cannot be read"},
	}
	for name, test := range answers {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(test.handler)
			defer server.Close()
			if _, err := connect(t, server.URL, "").Universes(t.Context()); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("the error is %v, want %s", err, test.want)
			}
		})
	}
}

func TestSnapshots(t *testing.T) {
	e := emulator.Start(t, emulator.WithClock(cloud.ManualTime, 1))
	c, ctx, id := connect(t, e.ControlURL(), ""), t.Context(), e.Subscription()
	taken, err := c.Snapshot(ctx, id, "two words")
	list, err2 := e.Snapshots(id)
	same(t, list, err2, []universe.Snapshot{taken}, err)
	got, err := c.Snapshots(ctx, id)
	same(t, list, err2, got, err)
	for _, name := range []string{"two words", ""} {
		var file bytes.Buffer
		if err := c.Export(ctx, id, name, &file); err != nil {
			t.Fatal(err)
		}
		imported, err := c.Import(ctx, &file, "")
		info, err2 := e.Universe(imported.ID)
		same(t, info, err2, imported, err)
		imported, err = c.Fork(ctx, id, name, "")
		info, err2 = e.Universe(imported.ID)
		same(t, info, err2, imported, err)
	}
	restored, err := c.Restore(ctx, id, "two words")
	info, err2 := e.Universe(id)
	same(t, info, err2, restored, err)
	diff, err := c.Diff(ctx, id, "two words", "")
	want, err2 := e.Diff(id, "two words", "")
	same(t, want, err2, diff, err)
	if err := c.DeleteSnapshot(ctx, id, "two words"); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Restore(ctx, id, "two words"); err == nil {
		t.Error("a deleted snapshot was restored")
	}
}
