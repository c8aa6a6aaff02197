package management_test

import (
	"testing"
	"time"
)

// TestAhead compares dates of answers with the client's clock, which passes between
// them.
func TestAhead(t *testing.T) {
	type look struct {
		date string
		here time.Duration // that passes before it
	}
	const epoch = "Wed, 01 Jul 2015 00:00:00 GMT"
	tests := map[string]struct {
		looks []look
		want  time.Duration
	}{
		"one answer tells nothing":         {[]look{{epoch, 0}}, 0},
		"in step, years apart":             {[]look{{epoch, 0}, {"Wed, 01 Jul 2015 00:05:00 GMT", 5 * time.Minute}}, 0},
		"steps ahead":                      {[]look{{epoch, 0}, {"Wed, 01 Jul 2015 00:05:00 GMT", time.Second}}, 299 * time.Second},
		"what is rounded is no step":       {[]look{{epoch, 0}, {"Wed, 01 Jul 2015 00:00:02 GMT", 100 * time.Millisecond}}, 0},
		"falls behind":                     {[]look{{epoch, 0}, {epoch, time.Hour}}, 0},
		"never becomes less":               {[]look{{epoch, 0}, {"Wed, 01 Jul 2015 01:00:00 GMT", 0}, {epoch, 0}}, time.Hour},
		"one that is off counts once":      {[]look{{epoch, 0}, {"Wed, 01 Jul 2015 01:00:00 GMT", 0}, {epoch, 0}, {"Wed, 01 Jul 2015 01:00:00 GMT", 0}}, time.Hour},
		"no date, or none that is legible": {[]look{{epoch, 0}, {"later", 0}, {"Wed, 01 Jul 2015 00:10:00 GMT", 0}}, 10 * time.Minute},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var replies []reply
			for _, l := range test.looks {
				replies = append(replies, document(t, "deployment").with("Date", l.date))
			}
			c, clock := newStub(t, replies...).client()
			for _, l := range test.looks {
				if err := clock.Sleep(t.Context(), l.here); err != nil {
					t.Fatal(err)
				}
				if err := read(t.Context(), c); err != nil {
					t.Fatal(err)
				}
			}
			if got := c.Ahead(); got != test.want {
				t.Errorf("it is %s ahead, want %s", got, test.want)
			}
		})
	}
}
