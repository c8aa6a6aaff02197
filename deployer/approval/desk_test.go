package approval_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/deployer/approval"
)

var epoch = time.Date(2015, 7, 2, 2, 0, 0, 0, time.UTC)

func ask(t *testing.T, d approval.Desk, ids ...string) {
	t.Helper()
	for i, id := range ids {
		if err := d.Ask(approval.Request{ID: id, Title: "Approve", Text: "Go live?", Asked: epoch.Add(time.Duration(-i) * time.Minute)}); err != nil {
			t.Fatal(err)
		}
	}
}

func pending(t *testing.T, d approval.Desk) []string {
	t.Helper()
	all, err := d.Pending()
	if err != nil {
		t.Fatal(err)
	}
	ids := []string{}
	for _, r := range all {
		ids = append(ids, r.ID)
	}
	return ids
}

func TestDesk(t *testing.T) {
	d := approval.Open(filepath.Join(t.TempDir(), "approvals"))
	if diff := cmp.Diff([]string{}, pending(t, d)); diff != "" {
		t.Errorf("pending before any: mismatch (-want +got)\n%s", diff)
	}
	ask(t, d, "Deployments-2-1", "Deployments-1-1")
	if diff := cmp.Diff([]string{"Deployments-1-1", "Deployments-2-1"}, pending(t, d)); diff != "" {
		t.Errorf("pending: mismatch (-want +got)\n%s", diff)
	}
	want := approval.Answer{Approved: true, Notes: "looks good", By: "ops", At: epoch}
	if err := d.Answer("Deployments-2-1", want); err != nil {
		t.Fatal(err)
	}
	got, answered, err := d.Answered("Deployments-2-1")
	if diff := cmp.Diff(want, got); diff != "" || !answered || err != nil {
		t.Errorf("answered %v, %v, mismatch (-want +got)\n%s", answered, err, diff)
	}
	ask(t, d, "Deployments-2-1") // after a restart
	if diff := cmp.Diff([]string{"Deployments-1-1"}, pending(t, d)); diff != "" {
		t.Errorf("pending after an answer: mismatch (-want +got)\n%s", diff)
	}
	if err := errors.Join(d.Remove("Deployments-2-1"), d.Remove("Deployments-2-1")); err != nil {
		t.Error(err)
	}
	if _, answered, _ := d.Answered("Deployments-2-1"); answered {
		t.Error("the answer is still there")
	}
}

func TestAnswerErrors(t *testing.T) {
	d := approval.Open(t.TempDir())
	ask(t, d, "a", "b")
	if err := d.Answer("a", approval.Answer{}); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		id, notes string
		want      approval.NotPendingError
	}{
		{"a", "", approval.NotPendingError{ID: "a", Answered: true, Pending: []string{"b"}}},
		{"c", "", approval.NotPendingError{ID: "c", Pending: []string{"b"}}},
		{"../b", "", approval.NotPendingError{ID: "../b", Pending: []string{"b"}}},
	}
	for _, test := range tests {
		var got *approval.NotPendingError
		if err := d.Answer(test.id, approval.Answer{Notes: test.notes}); !errors.As(err, &got) {
			t.Errorf("%s: got %v", test.id, err)
		} else if diff := cmp.Diff(test.want, *got); diff != "" {
			t.Errorf("%s: mismatch (-want +got)\n%s", test.id, diff)
		}
	}
	if err := d.Answer("b", approval.Answer{Notes: strings.Repeat("x", 4097)}); !errors.Is(err, approval.ErrNotes) {
		t.Errorf("long notes: got %v", err)
	}
	for _, id := range []string{"", "../x", "a b", ".x"} {
		if err := d.Ask(approval.Request{ID: id}); err == nil {
			t.Errorf("the id %q was taken", id)
		}
	}
}

// TestFirstAnswerHolds lets many answer at once.
func TestFirstAnswerHolds(t *testing.T) {
	d := approval.Open(t.TempDir())
	ask(t, d, "a")
	var wg sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		wg.Go(func() { errs[i] = d.Answer("a", approval.Answer{Approved: i%2 == 0, At: epoch}) })
	}
	wg.Wait()
	taken := 0
	for _, err := range errs {
		if err == nil {
			taken++
		}
	}
	if taken != 1 {
		t.Errorf("%d answers were taken, want 1", taken)
	}
}

func TestDamagedQuestion(t *testing.T) {
	dir := t.TempDir()
	d := approval.Open(dir)
	if err := os.WriteFile(filepath.Join(dir, "a.question.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Pending(); err == nil || !strings.Contains(err.Error(), "a.question.json") {
		t.Errorf("got %v, want the file's name", err)
	}
}

// TestRemoveOf takes away what one deployment asked, answered or not, and no more.
func TestRemoveOf(t *testing.T) {
	d := approval.Open(t.TempDir())
	ask(t, d, "Deployments-1-before-1", "Deployments-1-swap", "Deployments-11-swap")
	if err := d.Answer("Deployments-1-swap", approval.Answer{Approved: true}); err != nil {
		t.Fatal(err)
	}
	if err := d.RemoveOf("Deployments-1"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"Deployments-11-swap"}, pending(t, d)); diff != "" {
		t.Errorf("pending: mismatch (-want +got)\n%s", diff)
	}
	if _, answered, err := d.Answered("Deployments-1-swap"); answered || err != nil {
		t.Errorf("an answer is left: %v, %v", answered, err)
	}
	if err := d.RemoveOf("Deployments-1"); err != nil {
		t.Error(err)
	}
}
