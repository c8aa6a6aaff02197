package probe_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/deployer/probe"
)

func TestParseResolve(t *testing.T) {
	good := map[string]probe.Resolve{
		"Shop.Example:80:10.0.0.1":          {Host: "shop.example", Port: "80", Address: "10.0.0.1:80"},
		"*:443:10.0.0.1":                    {Host: "*", Port: "443", Address: "10.0.0.1:443"},
		"shop.example:80:127.0.0.1:8080":    {Host: "shop.example", Port: "80", Address: "127.0.0.1:8080"},
		"shop.example:80:[::1]":             {Host: "shop.example", Port: "80", Address: "[::1]:80"},
		"shop.example:80:[::1]:8080":        {Host: "shop.example", Port: "80", Address: "[::1]:8080"},
		"[2001:db8::1]:80:localhost":        {Host: "2001:db8::1", Port: "80", Address: "localhost:80"},
		" shop.example:80:other.example:1 ": {Host: "shop.example", Port: "80", Address: "other.example:1"},
	}
	for text, want := range good {
		got, err := probe.ParseResolve(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q: mismatch (-want +got):\n%s", text, diff)
		}
	}
	for _, text := range []string{"", "shop", "shop:80", "shop:80:", ":80:10.0.0.1", "shop:http:10.0.0.1", "shop:0:10.0.0.1", "shop:99999:1", "shop:80:10.0.0.1:x", "[::1:80:a", "shop:80:[::1]x", "shop:80:[a]", "a:80:b c", "*:3:]", "a b:80:c", "a/:80:c", "**:80:c", "a:80:*", "a:80:\x00"} {
		if got, err := probe.ParseResolve(text); err == nil {
			t.Errorf("%q: got %v, want an error", text, got)
		}
	}
}

// FuzzParseResolve finds panics and places that nobody could connect to.
func FuzzParseResolve(f *testing.F) {
	for _, seed := range []string{"shop:80:10.0.0.1", "*:443:[::1]:8443", "[::1]:80:a", "a:80:", "::", "[]:80:a", "*:3:]"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := probe.ParseResolve(text)
		if err != nil {
			return
		}
		host, port, err := net.SplitHostPort(r.Address)
		if err != nil || host == "" || port == "" || r.Host == "" || r.Port == "" {
			t.Errorf("%q is %+v: %v", text, r, err)
		}
	})
}

// TestClient asks a server for hosts that no DNS knows.
func TestClient(t *testing.T) {
	connections := map[string]bool{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		connections[r.RemoteAddr] = true
		if r.URL.Path == "/away" {
			http.Redirect(w, r, "/", http.StatusFound)
			return
		}
		fmt.Fprint(w, r.Host)
	}))
	defer server.Close()
	address := server.Listener.Addr().String()
	resolves := []string{"shop.invalid:80:" + address, "*:81:" + address}
	asker := probe.Asker{Client: probe.Client, Now: time.Now}
	for _, tt := range []struct {
		check probe.Check
		want  string
	}{
		{probe.Check{URL: "http://shop.invalid/", Contains: "shop.invalid", Resolve: resolves}, ""},
		{probe.Check{URL: "http://SHOP.invalid/", Matches: "(?i)shop.invalid", Resolve: resolves}, ""},
		{probe.Check{URL: "http://a.invalid:81/", Contains: "a.invalid:81", Resolve: resolves}, ""},
		{probe.Check{URL: "http://" + address, Contains: address}, ""},
		{probe.Check{URL: "http://shop.invalid/away", Status: []int{302}, Resolve: resolves}, ""},
	} {
		if diff := cmp.Diff(tt.want, asker.Ask(t.Context(), tt.check)); diff != "" {
			t.Errorf("%s: mismatch (-want +got):\n%s", tt.check, diff)
		}
	}
	if len(connections) != 5 {
		t.Errorf("there were %d connections, want one for each request", len(connections))
	}
}

// TestSilentServer meets a server that says nothing.
func TestSilentServer(t *testing.T) {
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		<-release
	}))
	defer server.Close()
	defer close(release)
	asker := probe.Asker{Client: probe.Client, Now: time.Now}
	got := asker.Ask(t.Context(), probe.Check{URL: server.URL, Timeout: time.Millisecond})
	if !strings.Contains(got, "there was no answer within 1ms") {
		t.Errorf("got %q", got)
	}
}
