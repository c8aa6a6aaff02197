package ratio

import (
	"bytes"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestParseLine(t *testing.T) {
	for _, test := range []struct {
		name, line string
		want       Result
		text       string // "" when the line is no result
	}{
		{
			name: "ratio",
			line: "BenchmarkGetDeployment/tls-2 \t 164\t 16576 ns/op\t 0.8000 aim-at-least\t 14987 base-ns/op\t 0.9028 ratio",
			want: Result{Name: "GetDeployment/tls", Value: 0.9028, Unit: "ratio", Aim: AtLeast(0.8), Base: 14987, Measured: 16576},
			text: "GetDeployment/tls                0.903          at least 0.8     met     (16.576µs beside 14.987µs)",
		},
		{
			name: "missed",
			line: "BenchmarkList/services=1000-16 1 7000 ns/op 1.1 aim-at-most 2000 base-ns/op 3.5 ratio 9 B/op 1 allocs/op",
			want: Result{Name: "List/services=1000", Value: 3.5, Unit: "ratio", Aim: AtMost(1.1), Base: 2 * time.Microsecond, Measured: 7 * time.Microsecond},
			text: "List/services=1000               3.5            at most 1.1      MISSED  (7µs beside 2µs)",
		},
		{
			name: "a number alone",
			line: "BenchmarkMemory-2 1 1234567 ns/op 48.00 aim-at-most 31.25 MiB",
			want: Result{Name: "Memory", Value: 31.25, Unit: "MiB", Aim: AtMost(48), Measured: 1234567},
			text: "Memory                           31.2 MiB       at most 48       met",
		},
		{name: "without an aim", line: "BenchmarkUpload-2 100 12345 ns/op 80.00 MB/s"},
		{name: "aim without a value", line: "BenchmarkUpload-2 100 12345 ns/op 1 aim-at-most"},
		{name: "not a number", line: "BenchmarkX-2 100 fast ns/op 1 aim-at-most"},
		{name: "name alone", line: "BenchmarkX"},
		{name: "another line", line: "ok  \tgithub.com/vipswap/vipswap/emulator\t5.055s"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, ok := ParseLine(test.line)
			if ok != (test.text != "") {
				t.Fatalf("ParseLine reports %v", ok)
			}
			if !ok {
				return
			}
			if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(Aim{})); diff != "" {
				t.Errorf("mismatch (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.text, got.String()); diff != "" {
				t.Errorf("text mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

func FuzzParseLine(f *testing.F) {
	f.Add("BenchmarkA-2 1 2 ns/op 1 aim-at-least 3 ratio")
	f.Add("BenchmarkMemory 1 NaN MiB 48 aim-at-most")
	f.Fuzz(func(t *testing.T, line string) {
		if r, ok := ParseLine(line); ok && (r.String() == "" || r.Unit == "") {
			t.Errorf("%q is read as %+v", line, r)
		}
	})
}

func TestMedian(t *testing.T) {
	for _, test := range []struct {
		values []float64
		want   float64
	}{
		{nil, 0},
		{[]float64{3}, 3},
		{[]float64{9, 1, 5}, 5},
		{[]float64{4, 1, 2, 9}, 3},
	} {
		if got := Median(test.values); got != test.want {
			t.Errorf("Median(%v) = %v, want %v", test.values, got, test.want)
		}
	}
}

func TestAimMet(t *testing.T) {
	for _, test := range []struct {
		aim   Aim
		value float64
		want  bool
	}{
		{AtLeast(0.8), 0.8, true},
		{AtLeast(0.8), 0.79, false},
		{AtMost(1.2), 1.2, true},
		{AtMost(1.2), 1.21, false},
	} {
		if got := test.aim.met(test.value); got != test.want {
			t.Errorf("%v met by %v: %v, want %v", test.aim, test.value, got, test.want)
		}
	}
}

// TestCompare looks at what is reported, not at how fast it was.
func TestCompare(t *testing.T) {
	once, twice := 0, 0
	result := testing.Benchmark(func(b *testing.B) {
		work := func(n int, runs *int) {
			for range n {
				*runs++
				bytes.Repeat([]byte{1}, 1000)
			}
		}
		Compare(b, Side{Run: func(n int) { work(n, &once) }}, Side{Run: func(n int) { work(2*n, &twice) }, Items: 2}, Speed, AtLeast(0.5))
	})
	if once == 0 || twice == 0 {
		t.Errorf("the sides ran %d and %d times", once, twice)
	}
	if got := result.Extra[leastUnit]; got != 0.5 {
		t.Errorf("the aim is reported as %v", got)
	}
	for _, unit := range []string{"ns/op", baseUnit, ratioUnit} {
		if result.Extra[unit] <= 0 {
			t.Errorf("%s is reported as %v", unit, result.Extra[unit])
		}
	}
}

func TestSide(t *testing.T) {
	ran := 0
	s := Side{Run: func(n int) { ran += n }, Items: 4}
	if s.time(3); ran != 3 {
		t.Errorf("a side timed for 3 runs ran %d times", ran)
	}
	for _, test := range []struct {
		of   Quotient
		want float64
	}{{Speed, 0.5}, {Cost, 2}} {
		if got := test.of.quotient(10, 20); got != test.want {
			t.Errorf("quotient %d of 10 and 20 is %v, want %v", test.of, got, test.want)
		}
	}
}
