// Package pause lets a request wait by the wall clock, for faults that take time
// where a universe's clock cannot step instead. Servers take a [Func] as an
// option, so that no test waits.
package pause

import (
	"context"
	"time"
)

// A Func waits for d, or until ctx is done, whose error it then returns.
type Func func(ctx context.Context, d time.Duration) error

// For waits by the wall clock.
func For(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
