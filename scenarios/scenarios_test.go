package scenarios

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/vipswap/vipswap/cmd/vipswap/cli"
	"github.com/vipswap/vipswap/scenarios/script"
	"github.com/vipswap/vipswap/scenarios/stage"
)

// clientsDir is where drivers of real, unmodified clients lie, when they do:
// beside the project, not in it.
const clientsDir = "../../shared/clients"

func TestMain(m *testing.M) {
	testscript.Main(withProgram{m}, map[string]func(){"vipswap": func() { os.Exit(cli.Main()) }, uploaderCommand: uploader})
}

// program is what scripts run as vipswap: "" is the test itself. With the race
// detector, which looks at the emulator and at all packages in their own tests, a
// process takes three times as long; so scripts have one without.
var program string

// withProgram builds the program before the tests run.
type withProgram struct{ m *testing.M }

// Run builds the program where it is needed, and runs the tests.
func (w withProgram) Run() int {
	if !raceDetector {
		return w.m.Run()
	}
	dir, err := os.MkdirTemp("", "vipswap-program-")
	if err == nil {
		defer os.RemoveAll(dir)
		program = filepath.Join(dir, "vipswap")
		build := exec.Command("go", "build", "-buildvcs=false", "-o", program, "../cmd/vipswap")
		build.Stderr = os.Stderr
		err = build.Run()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "build the program for scripts:", err)
		return 1
	}
	return w.m.Run()
}

// newClients returns the drivers of real clients, as far as they are there.
func newClients(t *testing.T) *script.Clients {
	t.Helper()
	clients, err := script.NewClients(clientsDir, t.Logf)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { clients.Close() })
	return clients
}

// newStage opens a stage for a test. Its scripts find the program on their PATH.
func newStage(t *testing.T) *stage.Stage {
	t.Helper()
	st, err := stage.Open(stage.Options{Program: program})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	return st
}
