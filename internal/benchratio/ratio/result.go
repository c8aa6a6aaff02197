package ratio

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// A Result is what one benchmark has measured, of those that have an aim.
type Result struct {
	Name  string  // as go test prints it, without "Benchmark" and the number of processors
	Value float64 // what the aim is about
	Unit  string  // of Value: "ratio", or that which [Single] was given
	Aim   Aim
	// Base and Measured are the times of one run, or of one item, of the two
	// sides of [Compare]; 0 where there are none.
	Base, Measured time.Duration
}

// ParseLine reads a line that go test prints. It reports false for lines that are
// no result of a benchmark with an aim.
func ParseLine(line string) (Result, bool) {
	fields := strings.Fields(line)
	if len(fields) < 4 || len(fields)%2 != 0 || !strings.HasPrefix(fields[0], "Benchmark") {
		return Result{}, false
	}
	r := Result{Name: processors.ReplaceAllString(strings.TrimPrefix(fields[0], "Benchmark"), "")}
	for i := 2; i < len(fields); i += 2 {
		value, err := strconv.ParseFloat(fields[i], 64)
		if err != nil {
			return Result{}, false
		}
		r.set(value, fields[i+1])
	}
	return r, r.Aim.unit != "" && r.Unit != ""
}

// processors is what go test appends to the name of a benchmark.
var processors = regexp.MustCompile(`-\d+$`)

// notAimedAt are metrics that go test reports of itself.
var notAimedAt = map[string]bool{"B/op": true, "allocs/op": true, "MB/s": true}

// set takes over one metric.
func (r *Result) set(value float64, unit string) {
	switch {
	case unit == leastUnit || unit == mostUnit:
		r.Aim = Aim{unit, value}
	case unit == "ns/op":
		r.Measured = time.Duration(value)
	case unit == baseUnit:
		r.Base = time.Duration(value)
	case !notAimedAt[unit]:
		r.Value, r.Unit = value, unit
	}
}

// Met reports whether the result is what was aimed at.
func (r Result) Met() bool { return r.Aim.met(r.Value) }

// String returns the result as a line of the report: name, value, aim, whether it
// was met, and the times that a ratio is of.
func (r Result) String() string {
	verdict := "met"
	if !r.Met() {
		verdict = "MISSED"
	}
	unit, times := " "+r.Unit, ""
	if r.Unit == ratioUnit {
		unit, times = "", fmt.Sprintf("  (%v beside %v)", r.Measured, r.Base)
	}
	line := fmt.Sprintf("%-32s %-14s %-16s %-6s%s", r.Name, strconv.FormatFloat(r.Value, 'g', 3, 64)+unit, r.Aim, verdict, times)
	return strings.TrimRight(line, " ")
}
