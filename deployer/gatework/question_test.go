package gatework_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/deployer/approval"
	"github.com/vipswap/vipswap/deployer/gatework"
)

var now = time.Date(2015, 7, 2, 2, 0, 0, 0, time.UTC)

// asking returns a question without a terminal, and its desk.
func asking(t *testing.T) (*gatework.Question, approval.Desk) {
	t.Helper()
	desk := approval.Open(t.TempDir())
	return &gatework.Question{Desk: desk, ID: "shop-1", Now: now.Local, By: func() string { return "ada" }}, desk
}

func pending(t *testing.T, desk approval.Desk) []approval.Request {
	t.Helper()
	all, err := desk.Pending()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestQuestion is answered by another process.
func TestQuestion(t *testing.T) {
	q, desk := asking(t)
	q.Words = words()
	if err := q.Forget(); err != nil {
		t.Errorf("forgetting what was never asked: %v", err)
	}
	if err := q.Ask(t.Context(), "Swap", "Does #{Path} answer to hunter22, #{Key | ToBase64}, #{Nobody}?"); err != nil {
		t.Fatal(err)
	}
	want := []approval.Request{{ID: "shop-1", Title: "Swap", Text: "Does /health answer to ********, ********, #{Nobody}?", Asked: now}}
	if diff := cmp.Diff(want, pending(t, desk)); diff != "" {
		t.Errorf("questions mismatch (-want +got):\n%s", diff)
	}
	if _, answered, err := q.Answer(t.Context()); answered || err != nil {
		t.Errorf("it is answered: %v, %v", answered, err)
	}
	given := approval.Answer{Approved: true, Notes: "fine", By: "bob", At: now}
	if err := desk.Answer("shop-1", given); err != nil {
		t.Fatal(err)
	}
	got, answered, err := q.Answer(t.Context())
	if diff := cmp.Diff(given, got); diff != "" || !answered || err != nil {
		t.Errorf("answered: %v, %v; mismatch (-want +got):\n%s", answered, err, diff)
	}
	if err := q.Forget(); err != nil {
		t.Fatal(err)
	}
	if _, answered, err := desk.Answered("shop-1"); answered || err != nil {
		t.Errorf("the answer is still on the desk: %v", err)
	}
}

// TestQuestionAtTerminal is answered where it is asked.
func TestQuestionAtTerminal(t *testing.T) {
	q, _ := asking(t)
	typed := make(chan approval.Answer, 1)
	q.Prompt = func(id, text string) <-chan approval.Answer {
		if id != "shop-1" || text != "Go on?" {
			t.Errorf("it asks %s: %q", id, text)
		}
		return typed
	}
	if err := q.Ask(t.Context(), "Swap", "Go on?"); err != nil {
		t.Fatal(err)
	}
	if _, answered, err := q.Answer(t.Context()); answered || err != nil {
		t.Errorf("it is answered: %v, %v", answered, err)
	}
	typed <- approval.Answer{Notes: "not yet"}
	got, answered, err := q.Answer(t.Context())
	if diff := cmp.Diff(approval.Answer{Notes: "not yet", By: "ada", At: now}, got); diff != "" || !answered || err != nil {
		t.Errorf("answered: %v, %v; mismatch (-want +got):\n%s", answered, err, diff)
	}
}

// TestQuestionRefusals puts nothing on the desk that cannot be asked.
func TestQuestionRefusals(t *testing.T) {
	q, desk := asking(t)
	q.ID = "../shop"
	q.Prompt = func(string, string) <-chan approval.Answer {
		t.Error("somebody was asked")
		return nil
	}
	if _, err := q.Wait(t.Context(), "Swap", "Go on?", time.Second); err == nil {
		t.Error("a question was asked that nobody can answer")
	}
	if err := q.Forget(); err != nil {
		t.Errorf("forgetting it: %v", err)
	}
	if all := pending(t, desk); len(all) > 0 {
		t.Errorf("there is %+v on the desk", all)
	}
}

// TestQuestionWait waits for the answer, and leaves nothing behind.
func TestQuestionWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, desk := asking(t)
		begun := time.Now()
		time.AfterFunc(90*time.Second, func() {
			if err := desk.Answer("shop-1", approval.Answer{Approved: true, By: "bob", At: now}); err != nil {
				t.Error(err)
			}
		})
		got, err := q.Wait(t.Context(), "Swap", "Go on?", time.Minute)
		if err != nil || !got.Approved || time.Since(begun) != 2*time.Minute {
			t.Errorf("after %s it ended with %+v, %v", time.Since(begun), got, err)
		}
		if all := pending(t, desk); len(all) > 0 {
			t.Errorf("there is %+v on the desk", all)
		}
	})
}

// TestQuestionStays on the desk for whoever goes on with what was interrupted.
func TestQuestionStays(t *testing.T) {
	q, desk := asking(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := q.Wait(ctx, "Swap", "Go on?", time.Minute); !errors.Is(err, context.Canceled) {
		t.Errorf("it ended with %v", err)
	}
	if all := pending(t, desk); len(all) != 1 {
		t.Errorf("there is %+v on the desk", all)
	}
}
