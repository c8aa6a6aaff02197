// Command fuzzall runs every fuzz test of some packages, by default of the whole
// module, one after the other, each for the same time: go test takes only one at
// a time.
package main

import (
	"bufio"
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"time"
)

func main() {
	each := flag.Duration("time", 30*time.Second, "how long to run each fuzz test")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	packages := flag.Args()
	if len(packages) == 0 {
		packages = []string{"./..."}
	}
	if err := run(ctx, *each, packages); err != nil {
		fmt.Fprintln(os.Stderr, "fuzzall:", err)
		os.Exit(1)
	}
}

// target is one fuzz test.
type target struct{ pkg, name string }

func run(ctx context.Context, each time.Duration, packages []string) error {
	targets, err := list(ctx, packages)
	if err != nil {
		return err
	}
	for i, t := range targets {
		fmt.Printf("%d/%d %s %s\n", i+1, len(targets), t.pkg, t.name)
		cmd := exec.CommandContext(ctx, "go", "test", t.pkg, "-run=^$", "-fuzz=^"+t.name+"$", "-fuzztime="+each.String(), "-fuzzminimizetime=20x")
		out, err := cmd.CombinedOutput()
		if err != nil && !ranOut(out) {
			return fmt.Errorf("%s %s: %w\n%s", t.pkg, t.name, err, out)
		}
	}
	fmt.Printf("%d fuzz tests found nothing in %s each\n", len(targets), each)
	return nil
}

// ranOut reports whether a run failed only because its time ended while an input
// was being tried: go test then says so instead of passing.
func ranOut(out []byte) bool {
	return bytes.Contains(out, []byte("context deadline exceeded")) && !bytes.Contains(out, []byte("Failing input written"))
}

// list asks go test for the fuzz tests of packages.
func list(ctx context.Context, patterns []string) ([]target, error) {
	args := append([]string{"list", "-f", "{{if or .TestGoFiles .XTestGoFiles}}{{.ImportPath}}{{end}}"}, patterns...)
	packages, err := exec.CommandContext(ctx, "go", args...).Output()
	if err != nil {
		return nil, fmt.Errorf("list packages: %w", err)
	}
	var all []target
	for _, pkg := range strings.Fields(string(packages)) {
		out, err := exec.CommandContext(ctx, "go", "test", pkg, "-list=^Fuzz").Output()
		if err != nil {
			return nil, fmt.Errorf("list fuzz tests of %s: %w\n%s", pkg, err, out)
		}
		for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
			if strings.HasPrefix(lines.Text(), "Fuzz") {
				all = append(all, target{pkg, lines.Text()})
			}
		}
	}
	return all, nil
}
