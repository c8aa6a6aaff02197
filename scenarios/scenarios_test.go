package scenarios

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/vipswap/vipswap/cmd/vipswap/cli"
	"github.com/vipswap/vipswap/deployer/management"
	"github.com/vipswap/vipswap/deployer/release"
	"github.com/vipswap/vipswap/emulator"
	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/credentials"
	"github.com/vipswap/vipswap/internal/servicepackage"
)

// What every script begins with.
const (
	serviceName = "shop"
	accountName = "packages"
	location    = "West Europe"
)

// suites are the folders of scripts.
var suites = []string{"bluegreen", "program", "clients", "lifecycle", "octopus", "safety"}

// pollInterval is how often the program looks in scripts: time is automatic, so
// pauses only cost.
const pollInterval = time.Millisecond

// hastyRace lets a process with the race detector end at once: it would sleep for a
// second, and scripts run many.
const hastyRace = "atexit_sleep_ms=0 "

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"vipswap": func() { os.Exit(cli.Main()) }})
}

func TestScenarios(t *testing.T) {
	r := newRunner(t)
	for _, suite := range suites {
		t.Run(suite, func(t *testing.T) {
			testscript.Run(t, testscript.Params{
				Dir: suite, Setup: r.setup, Cmds: r.commands(), Condition: r.drivers.condition,
				RequireExplicitExec: true, RequireUniqueNames: true,
			})
		})
	}
}

// A runner is what all scripts share: an emulator, its credentials on disk, and
// packages.
type runner struct {
	emulator  *emulator.Emulator
	authority *credentials.Authority
	http      *http.Client
	drivers   *drivers
	files     string            // folder of testdata/service
	packages  map[string]string // path by variable
}

func newRunner(t *testing.T) *runner {
	t.Helper()
	authority, err := credentials.Open(t.TempDir(), credentials.WithSubscriptions(emulator.DefaultSubscription))
	if err != nil {
		t.Fatal(err)
	}
	e := emulator.Start(t, emulator.WithAuthority(authority), emulator.WithClock(cloud.AutoTime, 1))
	files, err := filepath.Abs(filepath.Join("testdata", "service"))
	if err != nil {
		t.Fatal(err)
	}
	r := &runner{emulator: e, authority: authority, files: files, drivers: newDrivers(t)}
	r.http = &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{
		RootCAs: e.CertPool(), Certificates: []tls.Certificate{e.Management().Certificate},
	}}}
	t.Cleanup(r.http.CloseIdleConnections)
	r.packages = map[string]string{
		"V1":    r.pack(t, "shop-1.0.0.cspkg", "shop.csdef", "web-1.0.0"),
		"V2":    r.pack(t, "shop-1.1.0.cspkg", "shop.csdef", "web-1.1.0"),
		"ADMIN": r.pack(t, "shop-admin.cspkg", "shop-two-endpoints.csdef", "web-1.1.0"),
	}
	return r
}

// pack makes a package of the shop and returns its path.
func (r *runner) pack(t *testing.T, name, definition, web string) string {
	t.Helper()
	csdef, err := os.ReadFile(filepath.Join(r.files, definition))
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.Create(filepath.Join(t.TempDir(), name))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	err = servicepackage.Pack(file, servicepackage.PackOptions{Definition: csdef, Roles: map[string]fs.FS{
		"Web":    os.DirFS(filepath.Join(r.files, web)),
		"Orders": os.DirFS(filepath.Join(r.files, "orders")),
	}})
	if err != nil {
		t.Fatal(err)
	}
	return file.Name()
}

// setup gives a script its subscription and what it begins with.
func (r *runner) setup(env *testscript.Env) error {
	id := subscriptionOf(env.WorkDir)
	if err := r.emulator.AddSubscription(id); err != nil {
		return err
	}
	for name, value := range r.connection(id) {
		env.Setenv(name, value)
	}
	for name, value := range map[string]string{
		"HOME":       env.WorkDir,
		"CONFIG":     filepath.Join(r.files, "shop.cscfg"),
		"DEFINITION": filepath.Join(r.files, "shop.csdef"),
		"FILES":      r.files,
		"DRIVERS":    r.drivers.dir,
		"GORACE":     hastyRace + os.Getenv("GORACE"),
	} {
		env.Setenv(name, value)
	}
	for name, path := range r.packages {
		env.Setenv(name, path)
	}
	if err := r.copyProject(env.WorkDir); err != nil {
		return err
	}
	return r.furnish(id)
}

// subscriptionOf makes a subscription id of a script's folder, which is its own.
func subscriptionOf(workDir string) string {
	sum := sha256.Sum256([]byte(workDir))
	return fmt.Sprintf("%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}

// copyProject puts the project into the folder of a script that brings none.
func (r *runner) copyProject(dir string) error {
	path := filepath.Join(dir, release.FileName)
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	data, err := os.ReadFile(filepath.Join(r.files, release.FileName))
	if err != nil {
		return err
	}
	return os.WriteFile(path, data, 0o600)
}

// furnish makes the cloud service and the storage account.
func (r *runner) furnish(subscription string) error {
	ctx := context.Background()
	c, err := r.connect(subscription)
	if err != nil {
		return err
	}
	defer c.CloseIdleConnections()
	if err := c.CreateService(ctx, management.NewService{Name: serviceName, Location: location}); err != nil {
		return err
	}
	id, err := c.CreateStorageAccount(ctx, management.NewStorageAccount{Name: accountName, Label: accountName, Location: location})
	if err != nil {
		return err
	}
	return c.WaitOperation(ctx, id)
}

// connect returns a client of a subscription.
func (r *runner) connect(subscription string) (*management.Client, error) {
	return management.New(management.Config{
		URL: r.emulator.ManagementURL(), SubscriptionID: subscription,
		Certificate: r.emulator.Management().Certificate, RootCAs: r.emulator.CertPool(), PollMin: pollInterval,
	})
}

// client returns a client of the script's subscription.
func (r *runner) client(ts *testscript.TestScript) *management.Client {
	c, err := r.connect(ts.Getenv("VIPSWAP_SUBSCRIPTION_ID"))
	ts.Check(err)
	ts.Defer(c.CloseIdleConnections)
	return c
}
