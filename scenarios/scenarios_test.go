package scenarios

import (
	"os"
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
	testscript.Main(m, map[string]func(){"vipswap": func() { os.Exit(cli.Main()) }, uploaderCommand: uploader})
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

// newStage opens a stage for a test. Its scripts find the program on their PATH,
// where TestMain has put it.
func newStage(t *testing.T) *stage.Stage {
	t.Helper()
	st, err := stage.Open(stage.Options{})
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
