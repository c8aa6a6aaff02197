package cloud_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/faults"
)

// createAccount begins an operation that usually takes ten seconds.
func (w *world) createAccount(name string) (id string) {
	id = w.next()
	w.must(func(st *cloud.State) *cloud.Error {
		return st.CreateAccount(id, cloud.AccountSpec{Name: name, Label: name, Location: "West US"})
	})
	return id
}

// poll asks how an operation stands, as a client does.
func (w *world) poll(id string) (s cloud.OperationStatus) {
	w.must(func(st *cloud.State) *cloud.Error {
		op, err := st.Operation(id)
		if err == nil {
			st.Polled(op)
			s = op.Status
		}
		return err
	})
	return s
}

func TestProgressions(t *testing.T) {
	tests := map[string]struct {
		by   map[cloud.Kind]cloud.Progression
		want []cloud.OperationStatus // of polls, 5 seconds apart
	}{
		"usual":        {nil, []cloud.OperationStatus{cloud.InProgress, cloud.InProgress, cloud.Succeeded}},
		"immediate":    {map[cloud.Kind]cloud.Progression{cloud.CreateStorageAccount: {Pace: cloud.Immediate}}, []cloud.OperationStatus{cloud.Succeeded}},
		"another":      {map[cloud.Kind]cloud.Progression{cloud.SwapDeployment: {Pace: cloud.Immediate}}, []cloud.OperationStatus{cloud.InProgress, cloud.InProgress, cloud.Succeeded}},
		"every kind":   {map[cloud.Kind]cloud.Progression{cloud.EveryKind: {Pace: cloud.Immediate}}, []cloud.OperationStatus{cloud.Succeeded}},
		"its own":      {map[cloud.Kind]cloud.Progression{cloud.EveryKind: {Pace: cloud.Immediate}, cloud.CreateStorageAccount: {Pace: cloud.Usual}}, []cloud.OperationStatus{cloud.InProgress, cloud.InProgress, cloud.Succeeded}},
		"after a time": {map[cloud.Kind]cloud.Progression{cloud.EveryKind: {Pace: cloud.AfterTime, After: faults.Duration(15 * time.Second)}}, []cloud.OperationStatus{cloud.InProgress, cloud.InProgress, cloud.InProgress, cloud.Succeeded}},
		"after polls":  {map[cloud.Kind]cloud.Progression{cloud.EveryKind: {Pace: cloud.AfterPolls, Polls: 4}}, []cloud.OperationStatus{cloud.InProgress, cloud.InProgress, cloud.InProgress, cloud.Succeeded, cloud.Succeeded}},
		"first poll":   {map[cloud.Kind]cloud.Progression{cloud.EveryKind: {Pace: cloud.AfterPolls, Polls: 1}}, []cloud.OperationStatus{cloud.Succeeded}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			if err := w.SetProgressions(test.by); err != nil {
				t.Fatal(err)
			}
			id := w.createAccount("files")
			var got []cloud.OperationStatus
			for range test.want {
				got = append(got, w.poll(id))
				w.advance(5 * time.Second)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

// Without polls, an operation that waits for them never ends.
func TestPollsAreNotTime(t *testing.T) {
	w := newWorld(t)
	if err := w.SetProgressions(map[cloud.Kind]cloud.Progression{cloud.EveryKind: {Pace: cloud.AfterPolls, Polls: 1}}); err != nil {
		t.Fatal(err)
	}
	id := w.createAccount("files")
	w.advance(240 * time.Hour)
	if s, _ := w.status(id); s != cloud.InProgress {
		t.Errorf("it is %s", s)
	}
}

func TestJitter(t *testing.T) {
	run := func() (took []time.Duration) {
		w := newWorld(t)
		if err := w.SetProgressions(map[cloud.Kind]cloud.Progression{cloud.EveryKind: {Pace: cloud.AfterTime, After: faults.Duration(time.Minute), Jitter: faults.Duration(time.Minute)}}); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"aaa", "bbb", "ccc", "ddd", "eee"} {
			id := w.createAccount(name)
			w.advance(time.Hour)
			w.View(func(st *cloud.State) *cloud.Error {
				op, err := st.Operation(id)
				took = append(took, op.Completed.Sub(op.Started))
				return err
			})
		}
		return took
	}
	first := run()
	if diff := cmp.Diff(first, run()); diff != "" {
		t.Errorf("the same seed gives other times (-first +again):\n%s", diff)
	}
	different := map[time.Duration]bool{}
	for _, d := range first {
		different[d] = true
		if d < time.Minute || d > 2*time.Minute {
			t.Errorf("it took %s", d)
		}
	}
	if len(different) != len(first) {
		t.Errorf("it took %v", first)
	}
}

func TestProgressionRefusals(t *testing.T) {
	tests := map[string]struct {
		kind cloud.Kind
		p    cloud.Progression
		want string
	}{
		"an unknown kind":    {"Swap Deployments", cloud.Progression{Pace: cloud.Immediate}, "did you mean Swap Deployment?"},
		"no kind at all":     {"Xyz", cloud.Progression{Pace: cloud.Immediate}, "no operation that takes time is called that"},
		"no pace":            {cloud.SwapDeployment, cloud.Progression{}, `"" is no pace`},
		"negative":           {cloud.SwapDeployment, cloud.Progression{Pace: cloud.AfterTime, After: -1}, "negative"},
		"a time for nothing": {cloud.SwapDeployment, cloud.Progression{Pace: cloud.Immediate, After: 1}, "after goes with"},
		"idle jitter":        {cloud.SwapDeployment, cloud.Progression{Pace: cloud.Immediate, Jitter: 1}, "jitter goes with"},
		"idle polls":         {cloud.SwapDeployment, cloud.Progression{Pace: cloud.Usual, Polls: 1}, "polls goes with"},
		"no polls":           {cloud.SwapDeployment, cloud.Progression{Pace: cloud.AfterPolls}, "at least one poll"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			err := w.SetProgressions(map[cloud.Kind]cloud.Progression{test.kind: test.p})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q in it", err, test.want)
			}
			if got := w.Progressions(); len(got) != 0 {
				t.Errorf("now there is %v", got)
			}
		})
	}
}
