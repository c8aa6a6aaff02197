//go:build unix

package process_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/vipswap/vipswap/deployer/process"
)

// The environment of the process that is killed.
const (
	tiedFolder = "PROCESS_TEST_FOLDER"
	tiedBody   = "PROCESS_TEST_BODY"
)

// waiting has a pipe open for as long as it lives, and waits for ever.
const waiting = "exec 3> alive\necho begun >&3\nread line < never\ntouch late\n"

// TestScriptDiesWithItsProcess kills a process that runs a script: neither the script
// nor what it has started goes on.
func TestScriptDiesWithItsProcess(t *testing.T) {
	m := machine(t)
	if dir := os.Getenv(tiedFolder); dir != "" {
		t.Fatal(m.Run(t.Context(), process.ScriptRun{Shell: "sh", Dir: dir, Body: os.Getenv(tiedBody)}, func(string) {}))
	}
	for name, body := range map[string]string{
		"the script":             waiting,
		"a program of it":        "(" + waiting + "); touch late",
		"one in the background":  "(" + waiting + ") & read line < never",
		"one that spares itself": "trap '' HUP INT TERM; (" + waiting + "); touch late",
		"what outlives it":       "(" + waiting + ") & exit 0",
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			alive, cmd := begunIn(t, dir, body)
			cmd.Process.Kill()
			cmd.Wait()
			untilEnd(t, alive)
			if _, err := os.Stat(filepath.Join(dir, "late")); err == nil {
				t.Error("something went on")
			}
		})
	}
}

// begunIn has a process run a script, and returns what the script says once it has
// begun.
func begunIn(t *testing.T, dir, body string) (*bufio.Reader, *exec.Cmd) {
	t.Helper()
	pipes(t, dir)
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe, "-test.run=^TestScriptDiesWithItsProcess$")
	cmd.Env = append(os.Environ(), tiedFolder+"="+dir, tiedBody+"="+body)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return hearBegun(t, dir), cmd
}

// pipes makes those that the scripts have.
func pipes(t *testing.T, dir string) {
	t.Helper()
	for _, name := range []string{"alive", "never"} {
		if err := syscall.Mkfifo(filepath.Join(dir, name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// hearBegun waits for a script.
func hearBegun(t *testing.T, dir string) *bufio.Reader {
	t.Helper()
	alive, err := os.Open(filepath.Join(dir, "alive")) // waits for the script
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { alive.Close() })
	lines := bufio.NewReader(alive)
	if line, err := lines.ReadString('\n'); line != "begun\n" {
		t.Fatalf("the script says %q, %v", line, err)
	}
	return lines
}

// untilEnd waits until nobody has the pipe open.
func untilEnd(t *testing.T, alive io.Reader) {
	t.Helper()
	ended := make(chan error, 1)
	go func() {
		_, err := io.Copy(io.Discard, alive)
		ended <- err
	}()
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(20 * time.Second):
		t.Error("the script goes on")
	}
}

// TestWatchdogSparesTheBackground: what a script leaves behind in order lives on, and
// nobody is left who would kill it.
func TestWatchdogSparesTheBackground(t *testing.T) {
	m, dir := machine(t), t.TempDir()
	pipes(t, dir)
	body := "(" + waiting + "echo late >&3) > out 2>&1 &"
	if err := m.Run(t.Context(), process.ScriptRun{Shell: "sh", Dir: dir, Body: body}, func(string) {}); err != nil {
		t.Fatal(err)
	}
	if pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil); err != syscall.ECHILD {
		t.Errorf("there is a child left: %d, %v", pid, err)
	}
	alive := hearBegun(t, dir)
	if err := os.WriteFile(filepath.Join(dir, "never"), []byte("go on\n"), 0); err != nil {
		t.Fatal(err)
	}
	if line, err := alive.ReadString('\n'); line != "late\n" {
		t.Errorf("it says %q, %v", line, err)
	}
}

// TestScriptEndsWhole: a script that is given up ends with what it has started.
func TestScriptEndsWhole(t *testing.T) {
	m, dir := machine(t), t.TempDir()
	pipes(t, dir)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- m.Run(ctx, process.ScriptRun{Shell: "sh", Dir: dir, Body: "(" + waiting + "); touch late"}, func(string) {})
	}()
	alive := hearBegun(t, dir)
	cancel()
	untilEnd(t, alive)
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// TestScriptHasNoTerminal: a script that asks there fails, and does not wait, since its
// session is its own.
func TestScriptHasNoTerminal(t *testing.T) {
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skip("skipped, because there is no /proc to see sessions in")
	}
	var said []string
	body := "cut -d ' ' -f 6 /proc/$$/stat\necho $$\nread line < /dev/tty || echo nobody answers"
	err := machine(t).Run(t.Context(), process.ScriptRun{Shell: "sh", Dir: t.TempDir(), Body: body}, func(line string) { said = append(said, line) })
	if err != nil || len(said) < 3 || said[0] != said[1] || said[len(said)-1] != "nobody answers" {
		t.Errorf("it says %q, %v", said, err)
	}
}
