package control_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/emulator"
	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/control"
	"github.com/vipswap/vipswap/emulator/universe"
	"github.com/vipswap/vipswap/internal/benchratio/ratio"
)

// world is an emulator with a manual clock, asked without a socket.
type world struct {
	*emulator.Emulator
	handler http.Handler
	t       testing.TB
}

func newWorld(t testing.TB, config control.Config, options ...emulator.Option) *world {
	t.Helper()
	e := emulator.Start(t, append([]emulator.Option{emulator.WithClock(cloud.ManualTime, 1)}, options...)...)
	return &world{e, control.New(e, config), t}
}

// ask sends a request and returns status and body.
func (w *world) ask(method, path, body string, header ...string) (int, string) {
	w.t.Helper()
	req := httptest.NewRequest(method, path, strings.NewReader(body))
	req.Host = "127.0.0.1:8444"
	for _, h := range header {
		name, value, _ := strings.Cut(h, ": ")
		if name == "Host" {
			req.Host = value
		}
		req.Header.Set(name, value)
	}
	answer := httptest.NewRecorder()
	w.handler.ServeHTTP(answer, req)
	return answer.Code, answer.Body.String()
}

// get reads an answer of 200 or 201 into v.
func (w *world) get(method, path, body string, v any) {
	w.t.Helper()
	status, answer := w.ask(method, path, body)
	if status/100 != 2 {
		w.t.Fatalf("%s %s: %d %s", method, path, status, answer)
	}
	if err := json.Unmarshal([]byte(answer), v); err != nil {
		w.t.Fatalf("%s %s: %v in %s", method, path, err, answer)
	}
}

// refusal is how a request was refused, "" when it was not.
func refusal(status int, answer string) string {
	var failed struct{ Error universe.Error }
	if status < 400 {
		return ""
	}
	if err := json.Unmarshal([]byte(answer), &failed); err != nil || failed.Error.Message == "" {
		return "no JSON error: " + answer
	}
	return fmt.Sprint(status, " ", failed.Error.Code)
}

func TestWhoMayAsk(t *testing.T) {
	open, closed := newWorld(t, control.Config{Hosts: []string{"emulator.test"}}), newWorld(t, control.Config{Token: "a token"})
	const foreign, unauthorized = "403 ForeignOrigin", "401 Unauthorized"
	tests := map[string]struct {
		world  *world
		path   string
		header []string
		want   string
	}{
		"loopback address":        {open, "/v1/universes", nil, ""},
		"other loopback address":  {open, "/v1/universes", []string{"Host: 127.9.9.9:1"}, ""},
		"IPv6":                    {open, "/v1/universes", []string{"Host: [::1]:8444"}, ""},
		"localhost":               {open, "/v1/universes", []string{"Host: localhost"}, ""},
		"name that is ours":       {open, "/v1/universes", []string{"Host: emulator.test:80"}, ""},
		"rebound name":            {open, "/v1/universes", []string{"Host: evil.example:8444"}, foreign},
		"rebound name, health":    {open, "/healthz", []string{"Host: evil.example:8444"}, foreign},
		"rebound name, nothing":   {open, "/nothing", []string{"Host: evil.example"}, foreign},
		"foreign address":         {open, "/v1/universes", []string{"Host: 10.1.2.3"}, foreign},
		"same origin":             {open, "/v1/universes", []string{"Origin: http://127.0.0.1:8444"}, ""},
		"other origin":            {open, "/v1/universes", []string{"Origin: https://evil.example"}, foreign},
		"other port":              {open, "/v1/universes", []string{"Origin: http://127.0.0.1:3000"}, foreign},
		"no origin to speak of":   {open, "/v1/universes", []string{"Origin: null"}, foreign},
		"image of another site":   {open, "/v1/universes", []string{"Sec-Fetch-Site: cross-site"}, foreign},
		"page of the same site":   {open, "/v1/universes", []string{"Sec-Fetch-Site: same-site"}, foreign},
		"typed in by the user":    {open, "/v1/universes", []string{"Sec-Fetch-Site: none"}, ""},
		"no token":                {closed, "/v1/universes", nil, unauthorized},
		"wrong token":             {closed, "/v1/universes", []string{"Authorization: Bearer a toke"}, unauthorized},
		"token, wrong scheme":     {closed, "/v1/universes", []string{"Authorization: Basic a token"}, unauthorized},
		"token":                   {closed, "/v1/universes", []string{"Authorization: bearer a token"}, ""},
		"token, any name":         {closed, "/v1/universes", []string{"Authorization: Bearer a token", "Host: build.example"}, ""},
		"token, other origin":     {closed, "/v1/universes", []string{"Authorization: Bearer a token", "Origin: http://evil.example"}, foreign},
		"health without a token":  {closed, "/healthz", nil, ""},
		"ready without a token":   {closed, "/readyz", nil, ""},
		"metrics without a token": {closed, "/metrics", nil, unauthorized},
		"nothing without a token": {closed, "/nothing", nil, unauthorized},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := refusal(test.world.ask("GET", test.path, "", test.header...)); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	w := newWorld(t, control.Config{})
	own := "/v1/universes/" + w.Subscription()
	tests := []struct{ method, path, body, want string }{
		{"GET", "/v1/nothing", "", "404 NotFound"},
		{"PATCH", "/v1/universes", "", "405 MethodNotAllowed"},
		{"DELETE", own + "/clock", "", "405 MethodNotAllowed"},
		{"GET", "/v1/universes/none", "", "404 NotFound"},
		{"GET", "/v1/universes/none/clock", "", "404 NotFound"},
		{"PUT", "/v1/universes/none/clock", `{}`, "404 NotFound"},
		{"POST", "/v1/universes/none/advance", `{"by":"1s"}`, "404 NotFound"},
		{"POST", "/v1/universes/none/reset", "", "404 NotFound"},
		{"GET", "/v1/universes/none/state", "", "404 NotFound"},
		{"GET", "/v1/universes/none/journal", "", "404 NotFound"},
		{"GET", "/v1/universes/none/journal/stream", "", "404 NotFound"},
		{"GET", "/v1/universes/none/credentials", "", "404 NotFound"},
		{"GET", "/v1/universes/none/publishsettings", "", "404 NotFound"},
		{"DELETE", "/v1/universes/none", "", "404 NotFound"},
		{"DELETE", own, "", "400 Invalid"},
		{"POST", "/v1/universes", `{"id":"shop"}`, "400 Invalid"},
		{"POST", "/v1/universes", `{"clock":"fast"}`, "400 Invalid"},
		{"POST", "/v1/universes", `{"clock":"real","speed":-1}`, "400 Invalid"},
		{"POST", "/v1/universes", `{"quotas":{"cores":-1}}`, "400 Invalid"},
		{"POST", "/v1/universes", `{"authentication":"password"}`, "400 Invalid"},
		{"POST", "/v1/universes", `{"authentication":"token"}`, "400 Invalid"},
		{"POST", "/v1/universes", `{"name":"` + strings.Repeat("a", 300) + `"}`, "400 Invalid"},
		{"POST", "/v1/universes", `{"id":"` + strings.ToUpper(w.Subscription()) + `"}`, "409 Exists"},
		{"POST", "/v1/universes", `{"clok":"auto"}`, "400 Invalid"},
		{"POST", "/v1/universes", `{"clock":1}`, "400 Invalid"},
		{"POST", "/v1/universes", `{} {}`, "400 Invalid"},
		{"POST", "/v1/universes", `{"name"`, "400 Invalid"},
		{"POST", "/v1/universes", `{"name":"` + strings.Repeat("a", 2<<20) + `"}`, "413 TooLarge"},
		{"PUT", own + "/clock", `{"mode":"slow"}`, "400 Invalid"},
		{"PUT", own + "/clock", `{"speed":1e9}`, "400 Invalid"},
		{"POST", own + "/advance", `{}`, "400 Invalid"},
		{"POST", own + "/advance", `{"by":"1s","to":"next"}`, "400 Invalid"},
		{"POST", own + "/advance", `{"by":"soon"}`, "400 Invalid"},
		{"POST", own + "/advance", `{"by":"-1s"}`, "400 Invalid"},
		{"POST", own + "/advance", `{"by":"2000000h"}`, "400 Invalid"},
		{"POST", own + "/advance", `{"to":"tomorrow"}`, "400 Invalid"},
		{"POST", own + "/advance", `{"to":"2015-06-30T00:00:00Z"}`, "400 Invalid"},
		{"GET", own + "/journal?format=xml", "", "400 Invalid"},
		{"GET", own + "/journal?refused=perhaps", "", "400 Invalid"},
		{"GET", own + "/journal?changes=perhaps", "", "400 Invalid"},
		{"GET", own + "/journal?reproducible=perhaps", "", "400 Invalid"},
		{"GET", own + "/journal?last=-1", "", "400 Invalid"},
		{"GET", own + "/journal/stream?after=x", "", "400 Invalid"},
	}
	for _, test := range tests {
		t.Run(test.method+test.path+test.body[:min(len(test.body), 30)], func(t *testing.T) {
			if got := refusal(w.ask(test.method, test.path, test.body)); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestUniverses(t *testing.T) {
	w := newWorld(t, control.Config{})
	var made, shown universe.Info
	w.get("POST", "/v1/universes", `{"name":"mine","seed":7,"clock":"auto","strict":true,"authentication":"none","quotas":{"services":1}}`, &made)
	path := "/v1/universes/" + made.ID
	w.get("GET", path, "", &shown)
	if diff := cmp.Diff(made, shown); diff != "" {
		t.Errorf("shown mismatch (-made +shown):\n%s", diff)
	}
	if made.Name != "mine" || made.Seed != 7 || made.Clock.Mode != cloud.AutoTime || !made.Strict || made.Authentication != cloud.OpenAccess {
		t.Errorf("made %+v", made)
	}
	var list control.Universes
	w.get("GET", "/v1/universes", "", &list)
	if len(list.Universes) != 2 {
		t.Errorf("listed %d universes, want 2", len(list.Universes))
	}
	if status, body := w.ask("DELETE", path, ""); status != 204 || body != "" {
		t.Errorf("delete: %d %s", status, body)
	}
	if got := refusal(w.ask("GET", path, "")); got != "404 NotFound" {
		t.Errorf("after delete: %s", got)
	}
}

func TestCredentials(t *testing.T) {
	w := newWorld(t, control.Config{})
	var made universe.Info
	var secret universe.Credentials
	w.get("POST", "/v1/universes", "", &made)
	path := "/v1/universes/" + made.ID
	w.get("GET", path+"/credentials", "", &secret)
	status, settings := w.ask("GET", path+"/publishsettings", "")
	if status != 200 || settings != secret.PublishSettings || !strings.Contains(settings, made.ID) || secret.Thumbprint == w.Management().Thumbprint() {
		t.Errorf("publish settings: %d %s", status, settings)
	}
}

func TestTime(t *testing.T) {
	w := newWorld(t, control.Config{})
	own := "/v1/universes/" + w.Subscription()
	var clock universe.Clock
	var moved control.Moved
	w.get("GET", own+"/clock", "", &clock)
	if !clock.Now.Equal(cloud.Epoch) || clock.Mode != cloud.ManualTime || clock.Next != nil {
		t.Errorf("the clock begins at %+v", clock)
	}
	w.get("POST", own+"/advance", `{"by":"1m30s"}`, &moved)
	if want := cloud.Epoch.Add(90 * time.Second); !moved.Now.Equal(want) || !moved.Moved {
		t.Errorf("advanced to %+v, want %v", moved, want)
	}
	w.get("POST", own+"/advance", `{"to":"2015-07-01T01:00:00Z"}`, &moved)
	if want := cloud.Epoch.Add(time.Hour); !moved.Now.Equal(want) || !moved.Moved {
		t.Errorf("advanced to %+v, want %v", moved, want)
	}
	w.get("POST", own+"/advance", `{"to":"next"}`, &moved)
	if moved.Moved {
		t.Error("moved to the next event, though nothing is pending")
	}
	w.get("PUT", own+"/clock", `{"mode":"auto"}`, &clock)
	if clock.Mode != cloud.AutoTime || !clock.Now.Equal(moved.Now) {
		t.Errorf("switched to %+v, want auto at %v", clock, moved.Now)
	}
}

func TestHealthVersionAndAddresses(t *testing.T) {
	w := newWorld(t, control.Config{}, emulator.WithVersion("v1.2.3"))
	var status control.Status
	w.get("GET", "/healthz", "", &status)
	w.get("GET", "/readyz", "", &status)
	var version control.Version
	w.get("GET", "/v1/version", "", &version)
	var addresses control.Addresses
	w.get("GET", "/v1", "", &addresses)
	if status.Status != "ready" || version.Version != "v1.2.3" || len(addresses.Addresses) != len(control.Routes()) {
		t.Errorf("got %v, %v and %d addresses", status, version, len(addresses.Addresses))
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if got := refusal(w.ask("GET", "/readyz", "")); got != "503 Unavailable" {
		t.Errorf("ready after the end: %s", got)
	}
}

// A stream has every entry from where it begins, and ends with its client, with
// the universe and with the emulator, leaving no goroutine behind.
func TestStream(t *testing.T) {
	e := emulator.Start(t)
	made, err := e.CreateUniverse(universe.Spec{})
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	before := runtime.NumGoroutine()
	ends := map[string]func(cancel context.CancelFunc){
		"client":   func(cancel context.CancelFunc) { cancel() },
		"universe": func(context.CancelFunc) { check(t, e.DeleteUniverse(made.ID)) },
	}
	for _, name := range []string{"client", "universe"} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			req, err := http.NewRequestWithContext(ctx, "GET", e.ControlURL()+"/v1/universes/"+made.ID+"/journal/stream?after=0", nil)
			check(t, err)
			resp, err := client.Do(req)
			check(t, err)
			defer resp.Body.Close()
			provoke(t, e, made.ID)
			lines := bufio.NewScanner(resp.Body)
			for lines.Scan() && !strings.HasPrefix(lines.Text(), "data: ") {
			}
			if !strings.Contains(lines.Text(), `"Create Cloud Service"`) {
				t.Errorf("the event is %s", lines.Text())
			}
			ends[name](cancel)
			io.Copy(io.Discard, resp.Body)
		})
	}
	deadline := time.Now().Add(5 * time.Second)
	for runtime.NumGoroutine() > before && time.Now().Before(deadline) {
		runtime.Gosched()
	}
	if now := runtime.NumGoroutine(); now > before {
		t.Errorf("%d goroutines were there before, %d are now", before, now)
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// provoke sends a request that is refused.
func provoke(t *testing.T, e *emulator.Emulator, id string) {
	t.Helper()
	client := managementClient(e)
	defer client.CloseIdleConnections()
	req, err := http.NewRequestWithContext(t.Context(), "POST", e.ManagementURL()+"/"+id+"/services/hostedservices", bytes.NewBufferString("<"))
	check(t, err)
	req.Header.Set("x-ms-version", "2014-10-01")
	resp, err := client.Do(req)
	check(t, err)
	resp.Body.Close()
}

// BenchmarkControlCall advances the time of a universe: by the handler alone, and
// over a connection as scripts do.
func BenchmarkControlCall(b *testing.B) {
	w := newWorld(b, control.Config{})
	path := "/v1/universes/" + w.Subscription() + "/advance"
	b.Run("handler", func(b *testing.B) {
		for b.Loop() {
			if status, body := w.ask("POST", path, `{"by":"1s"}`); status != 200 {
				b.Fatal(body)
			}
		}
		ratio.Single(b, float64(b.Elapsed().Microseconds())/float64(b.N), "µs", ratio.AtMost(200))
	})
	b.Run("loopback", func(b *testing.B) {
		for b.Loop() {
			answer, err := http.Post(w.ControlURL()+path, "application/json", strings.NewReader(`{"by":"1s"}`))
			if err != nil {
				b.Fatal(err)
			}
			io.Copy(io.Discard, answer.Body)
			answer.Body.Close()
			if answer.StatusCode != 200 {
				b.Fatal(answer.Status)
			}
		}
		ratio.Single(b, float64(b.Elapsed().Microseconds())/float64(b.N), "µs", ratio.AtMost(200))
	})
}
