package emulator_test

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/emulator"
	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/credentials"
	"github.com/vipswap/vipswap/emulator/journal"
	"github.com/vipswap/vipswap/emulator/universe"
	"github.com/vipswap/vipswap/internal/benchratio/ratio"
)

// A caller sends requests to one universe.
type caller struct {
	t      testing.TB
	e      *emulator.Emulator
	id     string
	client *http.Client
	bearer string
}

func callerOf(t testing.TB, e *emulator.Emulator, id string, certificates ...tls.Certificate) *caller {
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: e.CertPool(), Certificates: certificates}}}
	t.Cleanup(client.CloseIdleConnections)
	return &caller{t: t, e: e, id: id, client: client}
}

// createCaller makes a universe and a caller with the emulator's certificate.
func createCaller(t testing.TB, e *emulator.Emulator, spec universe.Spec) *caller {
	t.Helper()
	made, err := e.CreateUniverse(spec)
	if err != nil {
		t.Fatal(err)
	}
	return callerOf(t, e, made.ID, e.Management().Certificate)
}

func (c *caller) call(method, path, body string) (int, string) {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.e.ManagementURL()+"/"+c.id+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("x-ms-version", "2014-10-01")
	if c.bearer != "" {
		req.Header.Set("Authorization", "Bearer "+c.bearer)
	}
	resp, err := c.client.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return resp.StatusCode, string(answer)
}

// must calls and wants this status.
func (c *caller) must(status int, method, path, body string) string {
	c.t.Helper()
	got, answer := c.call(method, path, body)
	if got != status {
		c.t.Fatalf("%s %s: %d %s, want %d", method, path, got, answer, status)
	}
	return answer
}

const createFiles = `<CreateStorageServiceInput xmlns="http://schemas.microsoft.com/windowsazure"><ServiceName>files</ServiceName><Label>ZmlsZXM=</Label><Location>West US</Location></CreateStorageServiceInput>`

func TestUniverseAuthentication(t *testing.T) {
	e := emulator.Start(t, emulator.WithClock(cloud.ManualTime, 1))
	stranger, err := credentials.Ephemeral(credentials.WithSubscriptions("5ae1c0de-0b1e-4e9e-8a5e-000000000001"))
	if err != nil {
		t.Fatal(err)
	}
	other, err := stranger.Management("5ae1c0de-0b1e-4e9e-8a5e-000000000001")
	if err != nil {
		t.Fatal(err)
	}
	well := token(`{}`)
	tests := map[string]struct {
		spec   universe.Spec
		bearer string
		shown  []tls.Certificate
		want   int
	}{
		"stranger":                       {universe.Spec{}, "", []tls.Certificate{other.Certificate}, 403},
		"shared certificate":             {universe.Spec{}, "", []tls.Certificate{e.Management().Certificate}, 200},
		"well-formed token":              {universe.Spec{}, well, nil, 200},
		"open to everyone":               {universe.Spec{Authentication: cloud.OpenAccess}, "", nil, 200},
		"certificate alone":              {universe.Spec{Authentication: cloud.CertificateAccess}, well, nil, 403},
		"certificate alone, shown":       {universe.Spec{Authentication: cloud.CertificateAccess}, "", []tls.Certificate{e.Management().Certificate}, 200},
		"its token":                      {universe.Spec{Authentication: cloud.TokenAccess, BearerToken: "t"}, "t", nil, 200},
		"not its token":                  {universe.Spec{Authentication: cloud.TokenAccess, BearerToken: "t"}, "u", nil, 401},
		"its token, certificate instead": {universe.Spec{Authentication: cloud.TokenAccess, BearerToken: "t"}, "", []tls.Certificate{e.Management().Certificate}, 200},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			made, err := e.CreateUniverse(test.spec)
			if err != nil {
				t.Fatal(err)
			}
			c := callerOf(t, e, made.ID, test.shown...)
			c.bearer = test.bearer
			c.must(test.want, "GET", "", "")
		})
	}
}

func TestOwnCredentials(t *testing.T) {
	e := emulator.Start(t)
	one, other := createCaller(t, e, universe.Spec{}), createCaller(t, e, universe.Spec{})
	secret, err := e.Credentials(one.id)
	if err != nil {
		t.Fatal(err)
	}
	pair, err := tls.X509KeyPair([]byte(secret.CertPEM), []byte(secret.KeyPEM))
	if err != nil {
		t.Fatal(err)
	}
	callerOf(t, e, one.id, pair).must(200, "GET", "", "")
	callerOf(t, e, other.id, pair).must(403, "GET", "", "")
	if err := e.ResetUniverse(one.id); err != nil {
		t.Fatal(err)
	}
	callerOf(t, e, one.id, pair).must(200, "GET", "", "")
}

func TestResetBeginsAnew(t *testing.T) {
	for _, dir := range []string{"", t.TempDir()} {
		options := []emulator.Option{emulator.WithClock(cloud.ManualTime, 1)}
		if dir != "" {
			options = append(options, emulator.WithData(dir))
		}
		e, err := emulator.New(options...)
		if err != nil {
			t.Fatal(err)
		}
		c := createCaller(t, e, universe.Spec{Name: "mine", Quotas: &universe.Quotas{Services: new(int)}, ID: "5ae1c0de-0b1e-4e9e-8a5e-000000000002"})
		before, err := e.Universe(c.id)
		if err != nil {
			t.Fatal(err)
		}
		run := func() []journal.Entry {
			c.must(403, "POST", "/services/hostedservices", createShop)
			c.must(202, "POST", "/services/storageservices", createFiles)
			if err := e.Advance(c.id, time.Hour); err != nil {
				t.Fatal(err)
			}
			j, err := e.Journal(c.id)
			if err != nil {
				t.Fatal(err)
			}
			return journal.Reproducible(j.Entries(journal.Filter{}))
		}
		first := run()
		if err := e.ResetUniverse(c.id); err != nil {
			t.Fatal(err)
		}
		after, err := e.Universe(c.id)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(before, after); diff != "" {
			t.Errorf("reset mismatch (-new +reset):\n%s", diff)
		}
		if diff := cmp.Diff(first, run()); diff != "" {
			t.Errorf("the second run mismatch (-first +second):\n%s", diff)
		}
		if err := e.ResetUniverse(c.id); err != nil {
			t.Fatal(err)
		}
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
		if dir == "" {
			continue
		}
		e = emulator.Start(t, options...)
		state, err := e.State(c.id)
		if err != nil || len(state.StorageAccounts) != 0 || len(state.Operations) != 0 {
			t.Errorf("after a restart the reset universe holds %+v, %v", state, err)
		}
		if err := e.DeleteUniverse(c.id); err != nil {
			t.Fatal(err)
		}
	}
}

// What a universe was made with is there after a restart; what was deleted is not.
func TestUniversesSurviveARestart(t *testing.T) {
	dir := t.TempDir()
	options := []emulator.Option{emulator.WithData(dir), emulator.WithClock(cloud.RealTime, 1)}
	e, err := emulator.New(options...)
	if err != nil {
		t.Fatal(err)
	}
	kept := createCaller(t, e, universe.Spec{Name: "kept", Clock: cloud.ManualTime, Authentication: cloud.OpenAccess})
	gone := createCaller(t, e, universe.Spec{})
	if err := e.Advance(kept.id, time.Hour); err != nil {
		t.Fatal(err)
	}
	if err := e.DeleteUniverse(gone.id); err != nil {
		t.Fatal(err)
	}
	before, err := e.Universe(kept.id)
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	e = emulator.Start(t, options...)
	after, err := e.Universe(kept.id)
	if err != nil {
		t.Fatal(err)
	}
	after.ManagementURL, after.BlobURL = before.ManagementURL, before.BlobURL
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("mismatch (-before +after):\n%s", diff)
	}
	var refused *universe.Error
	if _, err := e.Universe(gone.id); !errors.As(err, &refused) || refused.Code != universe.NotFound {
		t.Errorf("the deleted universe: %v", err)
	}
}

func TestUniverseSeeds(t *testing.T) {
	e := emulator.Start(t, emulator.WithClock(cloud.ManualTime, 1))
	seed := uint64(7)
	ids := map[string]string{}
	for name, spec := range map[string]universe.Spec{
		"one of seed 7": {Seed: &seed}, "other of seed 7": {Seed: &seed}, "own seed": {}, "other own seed": {},
	} {
		c := createCaller(t, e, spec)
		c.must(202, "POST", "/services/storageservices", createFiles)
		state, err := e.State(c.id)
		if err != nil {
			t.Fatal(err)
		}
		ids[name] = state.Operations[0].ID
	}
	if ids["one of seed 7"] != ids["other of seed 7"] || ids["own seed"] == ids["other own seed"] || ids["own seed"] == ids["one of seed 7"] {
		t.Errorf("the operations are %v", ids)
	}
}

// Switching clocks never lets time jump.
func TestSetClock(t *testing.T) {
	e := emulator.Start(t)
	id := createCaller(t, e, universe.Spec{Clock: cloud.ManualTime}).id
	if err := e.Advance(id, time.Hour); err != nil {
		t.Fatal(err)
	}
	want := cloud.Epoch.Add(time.Hour)
	for _, mode := range []cloud.ClockMode{cloud.AutoTime, cloud.RealTime, cloud.ManualTime} {
		clock, err := e.SetClock(id, mode, 0)
		if err != nil {
			t.Fatal(err)
		}
		if ahead := clock.Now.Sub(want); clock.Mode != mode || ahead < 0 || ahead > time.Minute {
			t.Errorf("%s: it is %v, want %v or a moment later", mode, clock.Now, want)
		}
	}
	frozen, err := e.Freeze(id)
	if err != nil {
		t.Fatal(err)
	}
	if again := e.Now(id); !again.Equal(frozen.Now) || frozen.Mode != cloud.ManualTime {
		t.Errorf("frozen at %v, then it is %v", frozen, again)
	}
}

func TestAdvanceToNext(t *testing.T) {
	e := emulator.Start(t)
	c := createCaller(t, e, universe.Spec{Clock: cloud.ManualTime})
	c.must(202, "POST", "/services/storageservices", createFiles)
	clock, err := e.Clock(c.id)
	if err != nil || clock.Pending != 1 {
		t.Fatalf("pending: %+v, %v", clock, err)
	}
	if moved, err := e.AdvanceToNext(c.id); err != nil || !moved || !e.Now(c.id).Equal(*clock.Next) {
		t.Errorf("moved %v to %v, %v; want %v", moved, e.Now(c.id), err, clock.Next)
	}
	if moved, err := e.AdvanceToNext(c.id); err != nil || moved {
		t.Errorf("moved %v, %v with nothing pending", moved, err)
	}
	state, err := e.State(c.id)
	if err != nil || state.Operations[0].Status != cloud.Succeeded {
		t.Errorf("state %+v, %v", state, err)
	}
}

// A thousand universes on one server stay apart.
func TestThousandUniverses(t *testing.T) {
	const many = 1000
	e := emulator.Start(t, emulator.WithClock(cloud.AutoTime, 1))
	ids := make([]string, many)
	for i := range ids {
		made, err := e.CreateUniverse(universe.Spec{Name: fmt.Sprint(i)})
		if err != nil {
			t.Fatal(err)
		}
		ids[i] = made.ID
	}
	client := callerOf(t, e, "", e.Management().Certificate)
	client.client.Transport.(*http.Transport).MaxConnsPerHost = 8
	var busy sync.WaitGroup
	for worker := range 8 {
		busy.Go(func() {
			for i := worker; i < many; i += 8 {
				c := *client
				c.id = ids[i]
				body := fmt.Sprintf(`<CreateHostedService xmlns="http://schemas.microsoft.com/windowsazure"><ServiceName>shop%d</ServiceName><Label>c2hvcA==</Label><Location>West US</Location></CreateHostedService>`, i)
				if status, answer := c.call("POST", "/services/hostedservices", body); status != 201 {
					t.Errorf("universe %d: %d %s", i, status, answer)
				}
			}
		})
	}
	busy.Wait()
	for i, id := range ids {
		state, err := e.State(id)
		if err != nil || len(state.Services) != 1 || state.Services[0].Name != fmt.Sprint("shop", i) {
			t.Fatalf("universe %d holds %+v, %v", i, state, err)
		}
		if i%2 == 0 {
			if err := e.DeleteUniverse(id); err != nil {
				t.Fatal(err)
			}
		}
	}
	all, err := e.Universes()
	if err != nil || len(all) != many/2+1 {
		t.Errorf("%d universes are left, %v", len(all), err)
	}
}

// BenchmarkUniverse makes a universe and deletes it.
func BenchmarkUniverse(b *testing.B) {
	e := emulator.Start(b)
	for b.Loop() {
		made, err := e.CreateUniverse(universe.Spec{})
		if err != nil {
			b.Fatal(err)
		}
		if err := e.DeleteUniverse(made.ID); err != nil {
			b.Fatal(err)
		}
	}
	ratio.Single(b, perRun(b, time.Microsecond), "µs", ratio.AtMost(1000))
}

// perRun is how long one run of a benchmark took.
func perRun(b *testing.B, unit time.Duration) float64 {
	return float64(b.Elapsed()) / float64(b.N) / float64(unit)
}

// BenchmarkStartAndClose is an emulator for one test, in its process, with the
// certificates of an earlier one.
func BenchmarkStartAndClose(b *testing.B) {
	authority, err := credentials.Ephemeral(credentials.WithSubscriptions(emulator.DefaultSubscription))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		e, err := emulator.New(emulator.WithAuthority(authority))
		if err != nil {
			b.Fatal(err)
		}
		if err := e.Close(); err != nil {
			b.Fatal(err)
		}
	}
	ratio.Single(b, perRun(b, time.Millisecond), "ms", ratio.AtMost(2))
}

func TestJournalOfARefusedSwap(t *testing.T) {
	e := emulator.Start(t, emulator.WithClock(cloud.ManualTime, 1))
	c := createCaller(t, e, universe.Spec{})
	c.must(201, "POST", "/services/hostedservices", createShop)
	c.must(404, "GET", "/services/hostedservices/shopp", "")
	c.must(404, "GET", "/services/hostedservices/shop/deploymentslots/staging", "")
	c.must(400, "DELETE", "/services/hostedservices/shop/deploymentslots/test", "")
	c.must(400, "PUT", "/services/hostedservices/shop/deploymentslots/staging", "")
	c.must(404, "GET", "/services/hostedservice/shop", "")
	c.must(404, "GET", "/operations/00000000000000000000000000000000", "")
	c.must(404, "GET", "/services/storageservices/files", "")
	c.must(202, "POST", "/services/storageservices", createFiles)
	j, err := e.Journal(c.id)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	for _, entry := range j.Entries(journal.Filter{}) {
		fmt.Fprintf(&b, "%s: %d %s", entry.Operation, entry.Status, strings.Join(entry.NearMiss, "; "))
		if entry.Decision != "" {
			fmt.Fprintf(&b, " (%s)", entry.Decision)
		}
		b.WriteByte('\n')
	}
	operation := j.Entries(journal.Filter{})[0].RequestID
	want := `Create Cloud Service: 201  (done at once)
Get Cloud Service Properties: 404 there is no cloud service shopp; did you mean shop?
Get Deployment: 404 production is empty, staging is empty
Delete Deployment: 400 a slot is production or staging; production is empty, staging is empty (refused; nothing was changed)
: 400 here one can GET (Get Deployment), POST (Create Deployment), DELETE (Delete Deployment), DELETE ?comp=media (Delete Deployment and Media), POST ?comp=config (Change Deployment Configuration), POST ?comp=status (Update Deployment Status), POST ?comp=upgrade (Upgrade Deployment), POST ?comp=walkupgradedomain (Walk Upgrade Domain) and 1 more (refused; nothing was changed)
: 404 the nearest address is /{subscription}/services/hostedservices/{service}
Get Operation Status: 404 the newest operations are ` + operation + ` (Create Cloud Service)
Get Storage Account Properties: 404 the subscription has no storage account
Create Storage Account: 202  (began Create Storage Account, which ends at 2015-07-01 00:00:10)
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
}
