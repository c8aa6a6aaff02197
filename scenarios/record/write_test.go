package record

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/journal"
	"github.com/vipswap/vipswap/emulator/universe"
	"github.com/vipswap/vipswap/scenarios/stage"
)

// asked is a request of the management API for the shop.
func asked(method, operation string, status int, id string) journal.Entry {
	return journal.Entry{Endpoint: journal.Management, Method: method, Operation: operation, Service: "shop", Status: status, RequestID: id}
}

// TestScript writes requests that repeat once, checks the changes that were accepted,
// and quotes what has to be.
func TestScript(t *testing.T) {
	refused := asked(http.MethodPost, "Swap Deployment", 409, "r1")
	refused.Code = "ConflictError"
	r := Recording{
		Command: []string{"./deploy.sh", "it's", "1.0"}, Dir: "/src/tools", Empty: true, ExitCode: 3, Took: 90*time.Second + 400*time.Millisecond,
		Requests: []journal.Entry{
			asked(http.MethodPost, "Create Deployment", 202, "o1"), asked(http.MethodGet, "Get Operation Status", 200, "g1"),
			asked(http.MethodGet, "Get Operation Status", 200, "g2"), refused, {Endpoint: journal.Management, Method: "PATCH", Status: 404},
			asked(http.MethodPost, "Create Deployment", 202, "o2"), {Endpoint: journal.Blob, Method: http.MethodPut, Operation: "Put Blob", Status: 201},
		},
		Ended: universe.State{
			Services: []universe.Service{{Name: "shop", Production: universe.Slot{Deployment: &universe.Deployment{Label: "it is 1.0", Status: cloud.Running}}}},
			Operations: []universe.Operation{
				{ID: "begun before", Kind: cloud.CreateStorageAccount, Status: cloud.Succeeded},
				{ID: "o1", Kind: cloud.CreateDeployment, Status: cloud.Failed, Code: "ConflictError"}, {ID: "o2", Kind: cloud.CreateDeployment, Status: cloud.Succeeded},
			},
		},
	}
	const want = `# recorded: ./deploy.sh it's 1.0
emulator empty
cd $SCRIPT_DIR/../tools
exits 3 ./deploy.sh 'it''s' 1.0

# what it asked, in 1m30s of the cloud's time
  # Create Deployment shop: 202
  # Get Operation Status shop: 200 (2 times)
  # Swap Deployment shop: 409 ConflictError
  # PATCH request that is none: 404
  # Create Deployment shop: 202
  # Put Blob: 201
journal operation='Create Deployment' status=2?? count=2

# what it came to
eventually slots service=shop 'production=it is 1.0' staging=-
eventually operations 'Create Deployment=Succeeded'
`
	got, err := r.Script("/src/scenarios")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
}

// TestScriptElsewhere is refused when no way leads from one folder to the other.
func TestScriptElsewhere(t *testing.T) {
	r := Recording{Command: []string{"true"}, Dir: "relative"}
	if _, err := r.Script("/absolute"); err == nil || !strings.Contains(err.Error(), "cannot name relative from /absolute") {
		t.Errorf("error %v", err)
	}
}

// TestRunRefuses what cannot be run, or not be written down.
func TestRunRefuses(t *testing.T) {
	st, err := stage.Open(stage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	for name, test := range map[string]struct {
		command []string
		want    string
	}{
		"nothing":      {nil, "no command to record"},
		"a line break": {[]string{"sh", "-c", "a\nb"}, "put the command into a file"},
		"no program":   {[]string{"./there-is-none"}, "there-is-none"},
	} {
		_, err := Run(t.Context(), st, Session{Command: test.command, Dir: t.TempDir()})
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want %q", name, err, test.want)
		}
	}
	// What was begun is gone: the same name is free.
	u, err := st.Enter(t.Context(), "recording", stage.Beginning{})
	if err != nil {
		t.Fatal(err)
	}
	if err := u.Leave(); err != nil {
		t.Error(err)
	}
}
