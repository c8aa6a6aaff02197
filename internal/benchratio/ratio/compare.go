package ratio

import (
	"runtime"
	"slices"
	"testing"
	"time"
)

// A Side is one of two things that are compared.
type Side struct {
	// Run does the thing n times; n is at least 1.
	Run func(n int)
	// Items is what the time of one run is divided by, for things that grow with
	// their input; 0 means 1.
	Items int
}

// A Quotient says what a ratio is of.
type Quotient int

const (
	// Speed is how many times a second the measured thing runs, in parts of the
	// baseline's: 1 is as fast, more is faster.
	Speed Quotient = iota
	// Cost is the time that the measured thing takes, in parts of the
	// baseline's: 1 is as long, more is slower.
	Cost
)

// turn is how long each side runs before the other does. It is short, so that
// whatever else the machine does hits both sides alike.
const turn = 4 * time.Millisecond

// Compare runs base and measured in turns for as long as the benchmark wants to
// run, and reports these metrics, each the median over all turns: ns/op of what
// is measured, base-ns/op of the baseline, and ratio, which is of the kind given.
// The aim is reported beside them. With Items, a time is that of one item.
func Compare(b *testing.B, base, measured Side, of Quotient, aim Aim) {
	b.Helper()
	baseRuns, measuredRuns := runs(base, measured)
	runtime.GC()
	var bases, times, ratios []float64
	for b.Loop() {
		// Every other time the other side goes first, so that neither always
		// runs in the wake of the same neighbour.
		var t0, t1 float64
		if len(ratios)%2 == 0 {
			t0, t1 = base.time(baseRuns), measured.time(measuredRuns)
		} else {
			t1, t0 = measured.time(measuredRuns), base.time(baseRuns)
		}
		bases, times, ratios = append(bases, t0), append(times, t1), append(ratios, of.quotient(t0, t1))
	}
	b.ReportMetric(Median(times), "ns/op")
	b.ReportMetric(Median(bases), baseUnit)
	b.ReportMetric(Median(ratios), ratioUnit)
	aim.report(b)
}

// Single reports one number, in a unit such as MiB, and its aim.
func Single(b *testing.B, value float64, unit string, aim Aim) {
	b.Helper()
	b.ReportMetric(value, unit)
	aim.report(b)
}

// time returns how many nanoseconds one item of the side takes, over n runs.
func (s Side) time(n int) float64 {
	began := time.Now()
	s.Run(n)
	return float64(time.Since(began).Nanoseconds()) / float64(n*max(s.Items, 1))
}

// tries is how many turns calibrating a side takes, mostRuns how often a side runs
// in a turn at most, however little it does.
const (
	tries    = 20
	mostRuns = 1 << 20
)

// runs returns how often each side runs in its turns, at least once. Both take
// equally long, which is longer than a turn should be where one side cannot be
// shorter: then a disturbance still hits both alike.
func runs(base, measured Side) (int, int) {
	once := [...]float64{calibrate(base), calibrate(measured)}
	length := max(float64(turn), once[0], once[1])
	return int(min(length/once[0], mostRuns)), int(min(length/once[1], mostRuns))
}

// calibrate returns how many nanoseconds a side takes to run once. What it runs to
// find out warms the side up, too. It goes by the fastest of several turns: in a
// turn that something else disturbed, the side seems slower than it is.
func calibrate(s Side) float64 {
	s.Items = 0
	fastest := max(1, s.time(1))
	for range tries {
		if fastest >= float64(turn) {
			break
		}
		fastest = max(1, min(fastest, s.time(int(min(float64(turn)/fastest, mostRuns)))))
	}
	return fastest
}

func (q Quotient) quotient(base, measured float64) float64 {
	if q == Speed {
		return base / measured
	}
	return measured / base
}

// Median returns the middle one of the numbers that a benchmark has gathered, the
// mean of the two middle ones when their count is even, and 0 when there are none.
func Median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	switch {
	case len(sorted) == 0:
		return 0
	case len(sorted)%2 == 1:
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}
