package cloud

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Whatever goes in, and in whatever order, comes out in order of time and asking.
func TestQueue(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for size := range 200 {
		var q, unordered queue
		var want []uint64
		for seq := range size {
			d := Due{At: Epoch.Add(time.Duration(random.IntN(20)) * time.Second), Seq: uint64(seq)}
			q.push(d)
			unordered = append(unordered, d)
			if random.IntN(4) == 0 {
				q.push(q.pop())
			}
		}
		unordered.order()
		sorted := slices.Clone(q)
		slices.SortFunc(sorted, func(a, b Due) int { return dueOrder(&a, &b) })
		for _, d := range sorted {
			want = append(want, d.Seq)
		}
		for name, have := range map[string]*queue{"pushed": &q, "ordered": &unordered} {
			var got []uint64
			for len(*have) > 0 {
				got = append(got, have.pop().Seq)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("%s, %d things: mismatch (-want +got):\n%s", name, size, diff)
			}
		}
	}
}
