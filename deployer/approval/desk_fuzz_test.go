package approval_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/vipswap/vipswap/deployer/approval"
)

// FuzzDesk has any bytes as files of a question and of its answer. What cannot be read
// is an error that names the file; a question with an answer does not wait; and nobody
// answers one that has been answered.
func FuzzDesk(f *testing.F) {
	const question, yes = `{"id":"shop-1","title":"swap","asked":"2026-03-05T14:07:09Z"}`, `{"approved":true,"by":"ann","at":"2026-03-05T14:07:09Z"}`
	for _, pair := range [][2]string{
		{question, ""}, {question, yes}, {question, "{"}, {question, "null"}, {"", yes}, {"{", ""}, {`{"id":"../x"}`, ""}, {`{"id":"shop-2"}`, ""},
		{`{"asked":7}`, `{"approved":"yes"}`}, {`[]`, `[]`}, {"\x00", "\xff"},
	} {
		f.Add([]byte(pair[0]), []byte(pair[1]))
	}
	f.Fuzz(func(t *testing.T, question, answer []byte) {
		dir := t.TempDir()
		place(t, dir, "shop-1.question.json", question)
		place(t, dir, "shop-1.answer.json", answer)
		desk := approval.Open(dir)
		said, answered, err := desk.Answered("shop-1")
		if answered && err != nil || answered && said.String() == "" || len(answer) == 0 && (answered || err != nil) {
			t.Errorf("answered: %v, %v, %v", said, answered, err)
		}
		pending, pendingErr := desk.Pending()
		if len(pending) > 1 || answered && len(pending) > 0 {
			t.Errorf("%d questions wait, and it is answered: %v", len(pending), answered)
		}
		var not *approval.NotPendingError
		err = desk.Answer("shop-1", approval.Answer{Approved: true})
		if answered && (err == nil || pendingErr == nil && !errors.As(err, &not)) {
			t.Errorf("it is answered again: %v", err)
		}
		if err := desk.Remove("shop-1"); err != nil {
			t.Errorf("the desk cannot be cleared: %v", err)
		}
	})
}

// place writes a file unless it would be empty.
func place(t *testing.T, dir, name string, data []byte) {
	t.Helper()
	if len(data) == 0 {
		return
	}
	if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
		t.Fatal(err)
	}
}
