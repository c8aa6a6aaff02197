package suite

import (
	"context"
	"runtime"
	"sync"
	"time"

	"github.com/vipswap/vipswap/scenarios/stage"
)

// Options are how a suite is played.
type Options struct {
	Performance
	// Parallel is how many scripts are played at once; 0 is as many as there are
	// processors.
	Parallel int
}

// A Listener is told how a suite goes; by several goroutines, but one at a time.
type Listener interface {
	Started(Script)
	Ended(Result)
}

// A Report is how a suite went.
type Report struct {
	Results []Result      `json:"results"` // in the order of scripts
	Took    time.Duration `json:"tookNs"`
}

// Count returns how many scripts had an outcome.
func (r *Report) Count(o Outcome) int {
	n := 0
	for _, one := range r.Results {
		if one.Outcome == o {
			n++
		}
	}
	return n
}

// Cloud returns how much time passed in all universes together.
func (r *Report) Cloud() time.Duration {
	var sum time.Duration
	for _, one := range r.Results {
		sum += one.Cloud
	}
	return sum
}

// Run plays scripts, and tells l, which may be nil. When ctx ends, scripts that were
// not begun are skipped.
func Run(ctx context.Context, st *stage.Stage, scripts []Script, o Options, l Listener) Report {
	began := time.Now()
	results := make([]Result, len(scripts))
	var told sync.Mutex // calls of l
	tell := func(f func(Listener)) {
		if l != nil {
			told.Lock()
			defer told.Unlock()
			f(l)
		}
	}
	Each(o.Parallel, len(scripts), func(i int) {
		if ctx.Err() != nil {
			results[i] = Result{Name: scripts[i].Name, File: scripts[i].File, Outcome: Skipped, Reason: "skipped, because the run was interrupted"}
			return
		}
		tell(func(l Listener) { l.Started(scripts[i]) })
		results[i] = Play(ctx, st, scripts[i], o.Performance)
		tell(func(l Listener) { l.Ended(results[i]) })
	})
	return Report{Results: results, Took: time.Since(began)}
}

// Each calls f with 0 to n-1, so many at once; 0 is as many as there are processors.
func Each(parallel, n int, f func(i int)) {
	if parallel <= 0 {
		parallel = runtime.GOMAXPROCS(0)
	}
	next := make(chan int)
	var busy sync.WaitGroup
	for range min(parallel, n) {
		busy.Go(func() {
			for i := range next {
				f(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	busy.Wait()
}
