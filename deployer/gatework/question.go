package gatework

import (
	"context"
	"errors"
	"time"

	"github.com/vipswap/vipswap/deployer/approval"
	"github.com/vipswap/vipswap/deployer/variables"
	"github.com/vipswap/vipswap/deployer/wait"
)

// A Question is put on the desk, where other processes answer it, and to whoever sits at
// the terminal. It is a deployer.Approver for one question, and not safe for use by
// several goroutines.
type Question struct {
	Desk  approval.Desk
	ID    string
	Words *variables.Dictionary // for its text; nil has none
	Now   func() time.Time

	// Prompt tells somebody of the question, once it is asked, and returns where that
	// one's answer comes, without By and At; nil when nobody can answer there. By names
	// whose answer that is. Prompt may be nil.
	Prompt func(id, text string) <-chan approval.Answer
	By     func() string

	typed <-chan approval.Answer // nil until it is asked, and without a terminal
	asked bool
}

// Ask puts the question. Expressions in text that cannot be resolved stay as they are.
// Errors are those of the language and of the desk.
func (q *Question) Ask(_ context.Context, title, text string) error {
	if q.Words != nil {
		result, err := q.Words.EvaluateLenient(text)
		if err != nil {
			return err
		}
		text = q.Words.Mask(result.Shown())
	}
	if err := q.Desk.Ask(approval.Request{ID: q.ID, Title: title, Text: text, Asked: q.Now().UTC()}); err != nil {
		return err
	}
	q.asked = true
	if q.Prompt != nil {
		q.typed = q.Prompt(q.ID, text)
	}
	return nil
}

// Answer returns the first answer from either side, if there is one. It does not wait.
func (q *Question) Answer(context.Context) (approval.Answer, bool, error) {
	select {
	case answer := <-q.typed:
		answer.By, answer.At = q.By(), q.Now().UTC()
		return answer, true, nil
	default:
	}
	return q.Desk.Answered(q.ID)
}

// Forget takes the question off the desk, once nobody waits for the answer. One that was
// never asked is no error.
func (q *Question) Forget() error {
	if !q.asked {
		return nil
	}
	return q.Desk.Remove(q.ID)
}

// Wait asks, looks every so often for the answer, and forgets the question when it has
// one. When ctx ends first, the error is ctx's, and the question stays on the desk for
// whoever goes on.
func (q *Question) Wait(ctx context.Context, title, text string, every time.Duration) (approval.Answer, error) {
	if err := q.Ask(ctx, title, text); err != nil {
		return approval.Answer{}, err
	}
	for {
		answer, answered, err := q.Answer(ctx)
		if answered || err != nil {
			return answer, errors.Join(err, q.Forget())
		}
		if err := wait.System.Sleep(ctx, every); err != nil {
			return approval.Answer{}, err
		}
	}
}
