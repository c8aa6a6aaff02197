package process_test

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/vipswap/vipswap/deployer/process"
)

// tiedFolder, in the environment, makes the test below the process that is killed.
const tiedFolder = "PROCESS_TEST_FOLDER"

// TestScriptDiesWithItsProcess kills a process that runs a script: the script, which
// has a pipe open for as long as it lives, does not go on.
func TestScriptDiesWithItsProcess(t *testing.T) {
	m := machine(t)
	if dir := os.Getenv(tiedFolder); dir != "" {
		body := "exec 3> alive\necho begun >&3\nread line < never\ntouch late"
		t.Fatal(m.Run(t.Context(), process.ScriptRun{Shell: "sh", Dir: dir, Body: body}, func(string) {}))
	}
	dir := t.TempDir()
	for _, name := range []string{"alive", "never"} {
		if err := syscall.Mkfifo(filepath.Join(dir, name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe, "-test.run=^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), tiedFolder+"="+dir)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	alive, err := os.Open(filepath.Join(dir, "alive")) // waits for the script
	if err != nil {
		t.Fatal(err)
	}
	defer alive.Close()
	lines := bufio.NewReader(alive)
	if line, err := lines.ReadString('\n'); line != "begun\n" {
		t.Fatalf("the script says %q, %v", line, err)
	}
	cmd.Process.Kill()
	cmd.Wait()
	ended := make(chan error, 1)
	go func() {
		_, err := io.Copy(io.Discard, lines)
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
