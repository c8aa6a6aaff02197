package ratio_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/vipswap/vipswap/internal/benchratio/ratio"
)

// program builds the program once for a benchmark.
func program(b *testing.B) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "vipswap")
	build := exec.Command("go", "build", "-o", path, "github.com/vipswap/vipswap/cmd/vipswap")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("build: %v\n%s", err, out)
	}
	return path
}

// serve starts "vipswap serve" with the credentials of a folder and returns when
// it says that it is ready.
func serve(b *testing.B, path, credentials string) *exec.Cmd {
	b.Helper()
	c := exec.Command(path, "serve", "--credentials", credentials,
		"--management", "127.0.0.1:0", "--blob", "127.0.0.1:0", "--control", "127.0.0.1:0")
	var errs bytes.Buffer
	c.Stderr = &errs
	out, err := c.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := c.Start(); err != nil {
		b.Fatal(err)
	}
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		c.Wait()
		b.Fatalf("serve did not get ready: %v\n%s", err, &errs)
	}
	go io.Copy(io.Discard, out) // ends with the process
	return c
}

func stop(b *testing.B, c *exec.Cmd) {
	b.Helper()
	c.Process.Signal(os.Interrupt)
	c.Wait()
}

// BenchmarkStart is the time from running the program to its being ready, with
// credentials that an earlier start has made.
func BenchmarkStart(b *testing.B) {
	path, credentials := program(b), b.TempDir()
	stop(b, serve(b, path, credentials))
	var took []float64
	for b.Loop() {
		began := time.Now()
		c := serve(b, path, credentials)
		took = append(took, float64(time.Since(began))/float64(time.Millisecond))
		stop(b, c)
	}
	ratio.Single(b, ratio.Median(took), "ms", ratio.AtMost(30))
}

// BenchmarkIdleMemory is what the program takes when it is ready and nobody asks
// for anything: its resident set, which counts the pages of the program file too.
func BenchmarkIdleMemory(b *testing.B) {
	if _, err := os.Stat("/proc/self/status"); err != nil {
		b.Skip("skipped, because there is no /proc to read the memory of a process from")
	}
	path, credentials := program(b), b.TempDir()
	stop(b, serve(b, path, credentials))
	var taken []float64
	for b.Loop() {
		c := serve(b, path, credentials)
		taken = append(taken, residentMiB(b, c.Process.Pid))
		stop(b, c)
	}
	ratio.Single(b, ratio.Median(taken), "MiB", ratio.AtMost(20))
}

// residentMiB returns the resident set of a process.
func residentMiB(b *testing.B, pid int) float64 {
	b.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Fatal(err)
	}
	_, rest, _ := bytes.Cut(status, []byte("VmRSS:"))
	var kib float64
	if _, err := fmt.Sscan(string(rest), &kib); err != nil {
		b.Fatalf("read the resident set: %v", err)
	}
	return kib / 1024
}
