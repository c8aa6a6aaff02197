package runlog

import (
	"encoding/binary"
	"strings"
	"testing"
	"time"

	"github.com/vipswap/vipswap/deployer"
)

func keyOf(id uint64) []byte { return binary.BigEndian.AppendUint64(nil, id) }

func TestDecodeRefuses(t *testing.T) {
	tests := []struct {
		name  string
		key   []byte
		value string
		want  string
	}{
		{"half a run", keyOf(3), `{"id":3,"plan":{"ste`, "entry 0000000000000003: unexpected end"},
		{"no JSON", keyOf(3), "\x00\x01", "entry 0000000000000003: invalid character"},
		{"another type", keyOf(3), `{"id":"three"}`, "cannot unmarshal string"},
		{"another run", keyOf(3), `{"id":4}`, "entry 0000000000000003 says that it is run 4"},
		{"a short key", []byte("x"), `{"id":120}`, "entry 78 says that it is run 120"},
		{"no key", nil, `null`, "says that it is run 0"},
		{"a step behind the plan", keyOf(3), `{"id":3,"plan":{"steps":[{"kind":"swap"}]},"entries":[{"step":1}]}`, "run 3 tells of step 2, and its plan has 1"},
		{"a step before it", keyOf(3), `{"id":3,"entries":[{"step":-1}]}`, "run 3 tells of step 0, and its plan has 0"},
	}
	for _, test := range tests {
		if _, err := decode(test.key, []byte(test.value)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want %q", test.name, err, test.want)
		}
	}
}

// FuzzRun reads runs as the log keeps them, and asks those that are accepted all that
// a later command asks.
func FuzzRun(f *testing.F) {
	for _, text := range []string{
		`null`, `{}`, `{"id":1,"state":"running"}`, `{"id":1,"plan":{"steps":[{"kind":"swap","deployment":"b","partner":"a"}]},"entries":[{"step":0,"done":true}]}`,
		`{"id":1,"plan":{"steps":[{"kind":"upload"},{"kind":"bake"}],"back":[{"kind":"swap","back":true}]},"entries":[{"step":1,"done":true,"outcome":"failed","note":"500"},{"step":2}]}`,
		`{"id":1,"swap":{"production":{"name":"b"},"previous":null,"then":"delete"}}`, `{"id":1,"swap":{"previous":{"name":"a"},"then":"scale=1","due":"2026-03-05T14:07:09Z"}}`,
		`{"id":1,"entries":[{"step":7}]}`, `{"id":1,"configuration":"%%"}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, value []byte) {
		r, err := decode(keyOf(1), value)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "read the log of runs: ") {
				t.Errorf("the error does not say what was read: %v", err)
			}
			return
		}
		if r.Reached() == "" || (&UnfinishedError{Run: r}).Error() == "" {
			t.Error("nothing is said of the run")
		}
		if left := r.Remaining(); len(left.Steps) > len(r.Plan.All()) {
			t.Errorf("%d steps are left of %d", len(left.Steps), len(r.Plan.All()))
		}
		for _, s := range r.Plan.All() {
			r.index(s)
		}
		if r.Swap != nil && r.Swap.leaves() && r.Swap.Previous == nil {
			t.Error("it leaves nothing behind that is to be dealt with")
		}
		r.changed()
		r.end(Ending{State: Succeeded, Result: &deployer.Result{Swapped: true, After: &deployer.Slots{Production: &deployer.SlotState{}}}}, time.Unix(0, 0))
	})
}
