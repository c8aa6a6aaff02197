package control_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/emulator/control"
	"github.com/vipswap/vipswap/emulator/snapshot"
	"github.com/vipswap/vipswap/emulator/universe"
)

func TestSnapshots(t *testing.T) {
	w := newWorld(t, control.Config{})
	own := "/v1/universes/" + w.Subscription()
	var taken universe.Snapshot
	w.get("PUT", own+"/snapshots/before", "", &taken)
	provoke(t, w.Emulator, w.Subscription())
	var moved control.Moved
	w.get("POST", own+"/advance", `{"by":"1h"}`, &moved)
	var list control.Snapshots
	w.get("GET", own+"/snapshots", "", &list)
	if diff := cmp.Diff([]universe.Snapshot{taken}, list.Snapshots); diff != "" || taken.Name != "before" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
	var diff snapshot.Diff
	w.get("GET", own+"/diff?from=before", "", &diff)
	if diff.From != "before" || diff.Changes == nil {
		t.Errorf("the difference is %+v", diff)
	}
	var forked, now, back, imported universe.Info
	w.get("POST", own+"/snapshots/before/fork", "", &forked)
	w.get("POST", own+"/fork", `{"id":"4d8f8996-4ebe-4340-a097-d1b1f01e7933"}`, &now)
	w.get("POST", own+"/snapshots/before/restore", "", &back)
	if now.ID != "4d8f8996-4ebe-4340-a097-d1b1f01e7933" || !forked.Clock.Now.Equal(taken.Time) || !now.Clock.Now.Equal(moved.Now) || !back.Clock.Now.Equal(taken.Time) {
		t.Errorf("forked %+v\nnow %+v\nback %+v", forked, now, back)
	}
	status, file := w.ask("GET", own+"/snapshots/before/export", "")
	status2, same := w.ask("GET", "/v1/universes/"+w.Subscription()+"/export", "")
	if status != 200 || status2 != 200 || file == "" || same == "" {
		t.Fatalf("export: %d and %d", status, status2)
	}
	w.get("POST", "/v1/import", file, &imported)
	if !imported.Clock.Now.Equal(taken.Time) {
		t.Errorf("imported %+v", imported)
	}
	w.get("POST", "/v1/import?id="+imported.ID, same, &imported)
	if status, body := w.ask("DELETE", own+"/snapshots/before", ""); status != 204 {
		t.Errorf("delete: %d %s", status, body)
	}
	for _, test := range []struct{ method, path, body, want string }{
		{"PUT", own + "/snapshots/-", "", "400 Invalid"},
		{"PUT", "/v1/universes/none/snapshots/a", "", "404 NotFound"},
		{"GET", "/v1/universes/none/snapshots", "", "404 NotFound"},
		{"DELETE", own + "/snapshots/before", "", "404 NotFound"},
		{"POST", own + "/snapshots/before/restore", "", "404 NotFound"},
		{"POST", own + "/snapshots/before/fork", "", "404 NotFound"},
		{"POST", own + "/fork", `{"id":"shop"}`, "400 Invalid"},
		{"POST", own + "/fork", `{"id":"` + w.Subscription() + `"}`, "409 Exists"},
		{"GET", own + "/snapshots/before/export", "", "404 NotFound"},
		{"GET", own + "/diff?from=before", "", "404 NotFound"},
		{"POST", "/v1/import", "no archive", "400 Invalid"},
	} {
		if got := refusal(w.ask(test.method, test.path, test.body)); got != test.want {
			t.Errorf("%s %s: %q, want %q", test.method, test.path, got, test.want)
		}
	}
}
