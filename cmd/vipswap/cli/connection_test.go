package cli

import (
	"testing"
	"time"
)

// TestHaste shrinks pauses as the one between looks is shorter than usual, and
// stretches none.
func TestHaste(t *testing.T) {
	for poll, want := range map[time.Duration]time.Duration{
		0: time.Second, time.Millisecond: 20 * time.Millisecond, 25 * time.Millisecond: 500 * time.Millisecond,
		usualPoll: time.Second, time.Minute: time.Second,
	} {
		c := &connection{poll: poll}
		if got := c.hurried(time.Second); got != want {
			t.Errorf("with looks every %s a second is %s, want %s", poll, got, want)
		}
	}
}
