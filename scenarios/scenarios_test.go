package scenarios

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/vipswap/vipswap/cmd/vipswap/cli"
	"github.com/vipswap/vipswap/scenarios/script"
	"github.com/vipswap/vipswap/scenarios/stage"
	"github.com/vipswap/vipswap/scenarios/suite"
)

// clientsDir is where drivers of real, unmodified clients lie, when they do:
// beside the project, not in it.
const clientsDir = "../../shared/clients"

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"vipswap": func() { os.Exit(cli.Main()) }})
}

// TestScenarios plays all scripts as "vipswap test" does.
func TestScenarios(t *testing.T) {
	scripts, err := suite.Find(folders(), "")
	if err != nil {
		t.Fatal(err)
	}
	clients, err := script.NewClients(clientsDir, t.Logf)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { clients.Close() })
	suite.Test(t, newStage(t), scripts, suite.Performance{Clients: clients})
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
