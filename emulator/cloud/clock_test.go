package cloud

import (
	"math"
	"testing"
	"time"
)

// TestRealClock runs with the wall's, as fast as it is told, and never back.
func TestRealClock(t *testing.T) {
	const forever = 292 * 365 * 24 * time.Hour
	start := time.Date(2015, 7, 1, 0, 0, 0, 0, time.UTC)
	tests := map[string]struct {
		speed         float64
		wall          time.Duration
		least, utmost time.Duration
	}{
		"as the wall":     {1, time.Hour, time.Hour, time.Hour},
		"no speed":        {0, time.Hour, time.Hour, time.Hour},
		"a negative one":  {-2, time.Hour, time.Hour, time.Hour},
		"no number":       {math.NaN(), time.Hour, time.Hour, time.Hour},
		"infinity":        {math.Inf(1), time.Hour, time.Hour, time.Hour},
		"slower":          {0.5, time.Hour, 30 * time.Minute, 30 * time.Minute},
		"fast":            {100_000, time.Second, 100_000 * time.Second, 100_000 * time.Second},
		"beyond all ends": {1e300, time.Second, forever, math.MaxInt64},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			wall := start
			c := NewClock(RealTime, test.speed, start, func() time.Time { return wall })
			wall = wall.Add(test.wall)
			if got := c.Now().Sub(start); got < test.least || got > test.utmost {
				t.Errorf("%s have passed, want %s", got, test.least)
			}
		})
	}
}
