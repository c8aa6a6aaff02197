// Command fuzzall runs every fuzz test of some packages, by default of the whole
// module, each for the same time and several at once: go test takes only one. It
// builds the tests of a package once.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"
)

func main() {
	f := fuzzing{out: os.Stdout}
	flag.DurationVar(&f.each, "time", 30*time.Second, "how long to run each fuzz test")
	flag.IntVar(&f.atOnce, "p", 1, "how many to run at once; they share the processors")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	packages := flag.Args()
	if len(packages) == 0 {
		packages = []string{"./..."}
	}
	if err := f.all(ctx, packages); err != nil {
		fmt.Fprintln(os.Stderr, "fuzzall:", err)
		os.Exit(1)
	}
}

// A fuzzing is a run of fuzz tests.
type fuzzing struct {
	each   time.Duration
	atOnce int
	out    io.Writer
	dir    string // temporary, for built tests
	cache  string // of inputs that go test found before
}

// target is one fuzz test, and the program that it is in.
type target struct {
	source
	name    string
	program string
}

// all runs the fuzz tests of packages.
func (f *fuzzing) all(ctx context.Context, packages []string) (err error) {
	sources, err := list(ctx, packages)
	if err != nil {
		return err
	}
	cache, err := exec.CommandContext(ctx, "go", "env", "GOCACHE").Output()
	if err != nil {
		return fmt.Errorf("find the cache: %w", err)
	}
	f.cache = filepath.Join(strings.TrimSpace(string(cache)), "fuzz")
	if f.dir, err = os.MkdirTemp("", "fuzzall-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(f.dir)) }()
	n := 0
	for _, s := range sources {
		n += len(s.names)
	}
	if err := f.run(ctx, sources, n); err != nil {
		return err
	}
	fmt.Fprintf(f.out, "%d fuzz tests found nothing in %s each\n", n, f.each)
	return nil
}

// run builds the tests of one package after the other while those that are built
// are fuzzed. The first that finds something ends all.
func (f *fuzzing) run(ctx context.Context, sources []source, total int) error {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	ready := make(chan target)
	var (
		busy sync.WaitGroup
		told sync.Mutex // guards done and f.out
		done int
	)
	for range max(1, f.atOnce) {
		busy.Go(func() {
			for t := range ready {
				told.Lock()
				done++
				fmt.Fprintf(f.out, "%d/%d %s %s\n", done, total, t.path, t.name)
				told.Unlock()
				if err := f.fuzz(ctx, t); err != nil {
					fail(err)
				}
			}
		})
	}
	if err := f.build(ctx, sources, ready); err != nil {
		fail(err)
	}
	close(ready)
	busy.Wait()
	return context.Cause(ctx)
}

// build makes the program of each package's tests, with what fuzzing needs in it.
func (f *fuzzing) build(ctx context.Context, sources []source, ready chan<- target) error {
	for i, s := range sources {
		program := filepath.Join(f.dir, fmt.Sprintf("%d.test", i))
		out, err := exec.CommandContext(ctx, "go", "test", "-c", "-fuzz=.", "-o", program, s.path).CombinedOutput()
		if err != nil {
			return fmt.Errorf("build the tests of %s: %w\n%s", s.path, err, out)
		}
		for _, name := range s.names {
			select {
			case ready <- target{s, name, program}:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
	return nil
}

// fuzz runs one fuzz test.
func (f *fuzzing) fuzz(ctx context.Context, t target) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	workers := max(1, runtime.GOMAXPROCS(0)/max(1, f.atOnce))
	cmd := exec.CommandContext(ctx, t.program, "-test.run=^$", "-test.fuzz=^"+t.name+"$", "-test.fuzztime="+f.each.String(),
		"-test.fuzzminimizetime=20x", "-test.fuzzcachedir="+filepath.Join(f.cache, t.path), fmt.Sprintf("-test.parallel=%d", workers))
	cmd.Dir = t.dir
	out, err := cmd.CombinedOutput()
	if err != nil && !ranOut(out) {
		return fmt.Errorf("%s %s: %w\n%s", t.path, t.name, err, out)
	}
	return nil
}

// ranOut reports whether a run failed only because its time ended while an input
// was being tried: testing then says so instead of passing.
func ranOut(out []byte) bool {
	return bytes.Contains(out, []byte("context deadline exceeded")) && !bytes.Contains(out, []byte("Failing input written"))
}
