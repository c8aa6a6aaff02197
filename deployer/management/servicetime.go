package management

import (
	"net/http"
	"sync"
	"time"
)

// coarse is by how much two dates of answers may seem apart, and are not: they have
// whole seconds, and are written at one end of the line and read at the other.
const coarse = 2 * time.Second

// serviceTime compares how time passes for the service, by the dates of its answers,
// with how it passes here.
type serviceTime struct {
	mu    sync.Mutex // guards the rest
	dated time.Time  // date of the first answer that had one
	heard time.Time  // when that came
	ahead time.Duration
}

// hear takes down the date of an answer that came now. One without a date, or with
// one that cannot be read, tells nothing.
func (t *serviceTime) hear(date string, now time.Time) {
	dated, err := http.ParseTime(date)
	if err != nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.dated.IsZero() {
		t.dated, t.heard = dated, now
		return
	}
	if ahead := dated.Sub(t.dated) - now.Sub(t.heard); ahead > coarse {
		t.ahead = max(t.ahead, ahead)
	}
}

// Ahead returns how much more time has passed for the service than here since the
// client's first answer, by the Date headers of its answers (RFC 9110, 6.6.1). It
// never becomes less, and is 0 between machines whose clocks are in order: what
// they differ by does not matter. An emulator whose time steps ahead, or passes
// faster, has one.
func (c *Client) Ahead() time.Duration {
	c.time.mu.Lock()
	defer c.time.mu.Unlock()
	return c.time.ahead
}
