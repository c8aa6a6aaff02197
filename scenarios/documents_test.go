package scenarios

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/deployer/calls"
	"github.com/vipswap/vipswap/deployer/management"
	"github.com/vipswap/vipswap/emulator"
)

var update = flag.Bool("update", false, "rewrite the golden files under testdata")

// answersDir holds the answers that the emulator is tested to give.
const answersDir = "../emulator/management/testdata/documents"

// readings is how the deployer's client reads the answers of each operation.
var readings = map[string]func(context.Context, *management.Client) (any, error){
	"get-subscription":             func(ctx context.Context, c *management.Client) (any, error) { return c.Subscription(ctx) },
	"list-locations":               func(ctx context.Context, c *management.Client) (any, error) { return c.Locations(ctx) },
	"list-cloud-services":          func(ctx context.Context, c *management.Client) (any, error) { return c.Services(ctx) },
	"get-cloud-service-properties": func(ctx context.Context, c *management.Client) (any, error) { return c.ServiceDetail(ctx, "shop") },
	"get-deployment": func(ctx context.Context, c *management.Client) (any, error) {
		return c.DeploymentByName(ctx, "shop", "v1")
	},
	"get-operation-status": func(ctx context.Context, c *management.Client) (any, error) {
		return c.Operation(ctx, strings.Repeat("0", 32))
	},
	"list-storage-accounts":                   func(ctx context.Context, c *management.Client) (any, error) { return c.StorageAccounts(ctx) },
	"get-storage-account-properties":          func(ctx context.Context, c *management.Client) (any, error) { return c.StorageAccount(ctx, "files") },
	"get-storage-account-keys":                func(ctx context.Context, c *management.Client) (any, error) { return c.StorageKeys(ctx, "files") },
	"check-cloud-service-name-availability":   readService,
	"check-storage-account-name-availability": readAccount,
	"create-deployment": func(ctx context.Context, c *management.Client) (any, error) {
		return c.CreateDeployment(ctx, "shop", management.Staging, management.NewDeployment{Name: "v1", Label: "v1", PackageURL: "https://a.blob.core.windows.net/b/c", Configuration: []byte("<x/>")})
	},
	"swap-deployment": func(ctx context.Context, c *management.Client) (any, error) { return c.Swap(ctx, "shop", "v1", "v2") },
	"delete-cloud-service": func(ctx context.Context, c *management.Client) (any, error) {
		return c.DeleteService(ctx, "shop", false)
	},
}

func readService(ctx context.Context, c *management.Client) (any, error) {
	free, reason, err := c.ServiceNameAvailable(ctx, "shop")
	return []any{free, reason}, err
}

func readAccount(ctx context.Context, c *management.Client) (any, error) {
	free, reason, err := c.StorageNameAvailable(ctx, "files")
	return []any{free, reason}, err
}

// TestClientReadsDocuments gives the recorded answers of the emulator to the
// deployer's client, which has wire types of its own: what one misspells, the
// other does not find. Both have the same names for operations. What the client makes of them is a golden file.
func TestClientReadsDocuments(t *testing.T) {
	var answer []byte
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { replay(t, w, r, answer) }))
	defer server.Close()
	var last lastCall
	c := connectTo(t, server, &last)
	read := map[string]any{}
	for folder, call := range readings {
		files, err := filepath.Glob(filepath.Join(answersDir, folder, "*.response.txt"))
		if err != nil || len(files) == 0 {
			t.Fatalf("there are no answers of %s: %v", folder, err)
		}
		for _, file := range files {
			if answer, err = os.ReadFile(file); err != nil {
				t.Fatal(err)
			}
			got, err := call(t.Context(), c)
			if said := strings.ReplaceAll(strings.ToLower(last.Operation), " ", "-"); said != folder {
				t.Errorf("the client calls %s %q", folder, last.Operation)
			}
			name := folder + "/" + strings.TrimSuffix(filepath.Base(file), ".response.txt")
			if read[name] = got; err != nil {
				read[name] = "error: " + err.Error()
			}
		}
	}
	compareGolden(t, filepath.Join("testdata", "documents.json"), read)
}

// replay answers with a recorded answer.
func replay(t *testing.T, w http.ResponseWriter, r *http.Request, recorded []byte) {
	resp, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(recorded)), r)
	if err != nil {
		t.Error(err)
		return
	}
	defer resp.Body.Close()
	for name, values := range resp.Header {
		w.Header()[name] = values
	}
	w.Header().Del("Content-Length")
	w.WriteHeader(resp.StatusCode)
	if _, err := bufio.NewReader(resp.Body).WriteTo(w); err != nil {
		t.Error(err)
	}
}

// lastCall remembers the call that an observer heard of last.
type lastCall struct{ calls.Call }

// Called remembers the call.
func (l *lastCall) Called(c calls.Call) { l.Call = c }

func connectTo(t *testing.T, server *httptest.Server, observer calls.Observer) *management.Client {
	t.Helper()
	c, err := management.New(management.Config{
		URL: server.URL, SubscriptionID: emulator.DefaultSubscription, MaxAttempts: 1, Observer: observer,
		Certificate: server.TLS.Certificates[0], RootCAs: server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdleConnections)
	return c
}

func compareGolden(t *testing.T, file string, v any) {
	t.Helper()
	got, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(file, append(got, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), fmt.Sprintln(string(got))); diff != "" {
		t.Errorf("%s mismatch (-want +got):\n%s", file, diff)
	}
}
