package ratio

import (
	"fmt"
	"testing"
)

// An Aim is what a measured number is hoped to be. Make one with [AtLeast] or
// [AtMost].
type Aim struct {
	unit  string
	limit float64
}

// Units of the metrics that tell the aim, and that of ratios. The command that
// prints the report knows them by these names.
const (
	ratioUnit = "ratio"
	baseUnit  = "base-ns/op"
	leastUnit = "aim-at-least"
	mostUnit  = "aim-at-most"
)

// AtLeast aims at a number not below limit.
func AtLeast(limit float64) Aim { return Aim{leastUnit, limit} }

// AtMost aims at a number not above limit.
func AtMost(limit float64) Aim { return Aim{mostUnit, limit} }

func (a Aim) report(b *testing.B) { b.ReportMetric(a.limit, a.unit) }

// String returns the aim in words.
func (a Aim) String() string {
	return fmt.Sprintf("%s %v", aimWords[a.unit], a.limit)
}

var aimWords = map[string]string{leastUnit: "at least", mostUnit: "at most"}

// met reports whether value is what was aimed at.
func (a Aim) met(value float64) bool {
	if a.unit == leastUnit {
		return value >= a.limit
	}
	return value <= a.limit
}
