package cli

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/vipswap/vipswap/deployer/management"
	"github.com/vipswap/vipswap/deployer/wait"
)

// TestSettled makes changes whose answers leave open what happened.
func TestSettled(t *testing.T) {
	lost, refusal := &management.UnknownOutcomeError{Err: errors.New("the connection broke")}, errors.New("it does not exist")
	for _, test := range []struct {
		name  string
		sent  []error        // what becomes of each try
		looks []wait.Verdict // what each look tells
		want  error
	}{
		{name: "made at once", sent: []error{nil}},
		{name: "refused", sent: []error{refusal}, want: refusal},
		{name: "the answer was lost, and it was made", sent: []error{lost}, looks: []wait.Verdict{wait.Met}},
		{name: "the request was lost", sent: []error{lost, nil}, looks: []wait.Verdict{wait.Never}},
		{name: "the request was lost, and it is refused", sent: []error{lost, refusal}, looks: []wait.Verdict{wait.Never, wait.Never}, want: refusal},
		{name: "it was made after the look, and cannot be made again", sent: []error{lost, refusal}, looks: []wait.Verdict{wait.Never, wait.Met}},
	} {
		t.Run(test.name, func(t *testing.T) {
			sent, looks := test.sent, test.looks
			err := (&connection{poll: time.Microsecond}).settled(t.Context(), change{
				send: func(context.Context) (string, error) {
					err := sent[0]
					sent = sent[1:]
					return "", err
				},
				made: func(context.Context) (wait.Verdict, string, error) {
					v := looks[0]
					looks = looks[1:]
					return v, "", nil
				},
			})
			if !errors.Is(err, test.want) || test.want == nil && err != nil || len(sent)+len(looks) > 0 {
				t.Errorf("it ended with %v, want %v; %d tries and %d looks are left", err, test.want, len(sent), len(looks))
			}
		})
	}
}
