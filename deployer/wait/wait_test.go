package wait_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/deployer/wait"
)

type look struct {
	verdict wait.Verdict
	why     string
	err     error
}

var errLook = errors.New("the look failed")

func TestFor(t *testing.T) {
	ms := func(n ...int) []time.Duration {
		var ds []time.Duration
		for _, n := range n {
			ds = append(ds, time.Duration(n)*time.Millisecond)
		}
		return ds
	}
	tests := map[string]struct {
		looks  []look
		pauses []time.Duration
		err    string
	}{
		"met at once":   {looks: []look{{verdict: wait.Met}}},
		"never at once": {looks: []look{{wait.Never, "it is gone", nil}}, err: "it is gone"},
		"error":         {looks: []look{{err: errLook}}, err: "the look failed"},
		"grows while nothing moves": {
			looks:  []look{{why: "a"}, {why: "a"}, {why: "a"}, {why: "a"}, {why: "a"}, {verdict: wait.Met}},
			pauses: ms(100, 160, 256, 300, 300),
		},
		"falls back on progress": {
			looks:  []look{{why: "a"}, {why: "a"}, {why: "b"}, {why: "b"}, {verdict: wait.Met}},
			pauses: ms(100, 160, 100, 160),
		},
		"never after a while": {
			looks:  []look{{why: "a"}, {wait.Never, "failed", nil}},
			pauses: ms(100), err: "failed",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var pauses []time.Duration
			p := wait.Poll{Min: 100 * time.Millisecond, Max: 300 * time.Millisecond,
				Sleep: func(_ context.Context, d time.Duration) error { pauses = append(pauses, d); return nil }}
			n := 0
			err := wait.For(t.Context(), p, func(context.Context) (wait.Verdict, string, error) {
				l := tt.looks[n]
				n++
				return l.verdict, l.why, l.err
			})
			got := ""
			if err != nil {
				got = err.Error()
			}
			if got != tt.err {
				t.Errorf("error is %q, want %q", got, tt.err)
			}
			if diff := cmp.Diff(tt.pauses, pauses); diff != "" {
				t.Errorf("pauses mismatch (-want +got):\n%s", diff)
			}
			if n != len(tt.looks) {
				t.Errorf("looked %d times, want %d", n, len(tt.looks))
			}
		})
	}
}

func TestForInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var seen []string
	p := wait.Poll{Each: func(why string) { seen = append(seen, why); cancel() }}
	err := wait.For(ctx, p, func(context.Context) (wait.Verdict, string, error) {
		return wait.NotYet, "1 of 2 instances is ready", nil
	})
	var interrupted *wait.InterruptedError
	if !errors.As(err, &interrupted) || !errors.Is(err, context.Canceled) {
		t.Fatalf("error is %v, want an InterruptedError of the context's end", err)
	}
	want := "stopped waiting: context canceled (last seen: 1 of 2 instances is ready)"
	if err.Error() != want {
		t.Errorf("error is %q, want %q", err, want)
	}
	if diff := cmp.Diff([]string{"1 of 2 instances is ready"}, seen); diff != "" {
		t.Errorf("reports mismatch (-want +got):\n%s", diff)
	}
}

func TestPauseDefaultsAndLimits(t *testing.T) {
	tests := map[string]struct {
		poll wait.Poll
		n    int
		want time.Duration
	}{
		"first default": {n: 0, want: wait.DefaultMin},
		"last default":  {n: 1000, want: wait.DefaultMax},
		"max below min": {wait.Poll{Min: time.Second, Max: time.Millisecond}, 3, time.Second},
		"tiny grows":    {wait.Poll{Min: 1, Max: 10}, 2, 3},
		"negative is default": {
			wait.Poll{Min: -1, Max: -1}, 0, wait.DefaultMin,
		},
	}
	for name, tt := range tests {
		if got := tt.poll.Pause(tt.n); got != tt.want {
			t.Errorf("%s: Pause(%d) is %v, want %v", name, tt.n, got, tt.want)
		}
	}
}

func TestSystemClockSleep(t *testing.T) {
	if err := wait.System.Sleep(t.Context(), time.Nanosecond); err != nil {
		t.Errorf("Sleep returned %v, want nil", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	go cancel()
	if err := wait.System.Sleep(ctx, time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("Sleep returned %v, want the context's error", err)
	}
	if err := wait.System.Sleep(ctx, 0); !errors.Is(err, context.Canceled) {
		t.Errorf("Sleep with an ended context returned %v, want its error", err)
	}
	if wait.System.Now().IsZero() {
		t.Error("Now is zero")
	}
}

func TestVerdictString(t *testing.T) {
	got := []string{wait.NotYet.String(), wait.Met.String(), wait.Never.String(), wait.Verdict(7).String()}
	if diff := cmp.Diff([]string{"not yet", "met", "never", "verdict 7"}, got); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
}
