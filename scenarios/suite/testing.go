package suite

import (
	"testing"

	"github.com/vipswap/vipswap/scenarios/stage"
)

// Test makes a parallel subtest of each script.
func Test(t *testing.T, st *stage.Stage, scripts []Script, how Performance) {
	t.Helper()
	how.Verbose = testing.Verbose()
	for _, s := range scripts {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			r := Play(t.Context(), st, s, how)
			switch r.Outcome {
			case Skipped:
				t.Skip(r.Reason)
			case Failed:
				t.Fatal(r.Text())
			}
			if how.Verbose {
				t.Log(r.Log)
			}
		})
	}
}
