package script

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/emulator/universe"
)

func TestParseAppRule(t *testing.T) {
	s := &Script{}
	good := map[string]appRule{
		"*=200":                 {"*", []appAnswer{{status: 200}}},
		"1.1.0=200x2,503":       {"1.1.0", []appAnswer{{status: 200}, {status: 200}, {status: 503}}},
		"staging=200~50ms,500":  {"staging", []appAnswer{{status: 200, delay: 50 * time.Millisecond}, {status: 500}}},
		"Shop v1.1.0=200~1msx2": {"Shop v1.1.0", []appAnswer{{status: 200, delay: time.Millisecond}, {status: 200, delay: time.Millisecond}}},
	}
	for text, want := range good {
		got, err := s.parseAppRule(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(appRule{}, appAnswer{})); diff != "" {
			t.Errorf("%s: mismatch (-want +got):\n%s", text, diff)
		}
	}
	for _, text := range []string{"", "staging", "=200", "a=", "a=ok", "a=99", "a=600", "a=200x", "a=200x0", "a=200x1001", "a=200~soon"} {
		if got, err := s.parseAppRule(text); !errors.Is(err, errUsage) {
			t.Errorf("%q: got %v, %v, want an error about how it is used", text, got, err)
		}
	}
}

// TestApplication asks an application by the names of both slots.
func TestApplication(t *testing.T) {
	shop := universe.Service{
		Production: universe.Slot{Host: "shop", Deployment: &universe.Deployment{Label: "1.0.0"}},
		Staging:    universe.Slot{Host: "0123abcd", Deployment: &universe.Deployment{Label: "1.1.0"}},
	}
	a := &application{shop: func() (universe.Service, error) { return shop, nil }}
	a.behave([]appRule{
		{"1.1.0", []appAnswer{{status: 200}, {status: 500, body: []byte("down")}}},
		{"/health", []appAnswer{{status: 204}}},
		{"production", []appAnswer{{status: 200}}},
	})
	var got []int
	ask := func(host, path string) {
		w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, path, nil)
		r.Host = host
		a.ServeHTTP(w, r)
		got = append(got, w.Code)
	}
	for _, host := range []string{"0123abcd.cloudapp.net", "0123ABCD.cloudapp.net:80", "0123abcd.cloudapp.net", "shop.cloudapp.net", "elsewhere.example"} {
		ask(host, "/")
	}
	ask("elsewhere.example", "/health")
	if diff := cmp.Diff([]int{200, 500, 500, 200, 404, 204}, got); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
	want := []string{
		"GET 0123abcd.cloudapp.net/ staging 200", "GET 0123ABCD.cloudapp.net:80/ staging 500", "GET 0123abcd.cloudapp.net/ staging 500",
		"GET shop.cloudapp.net/ production 200", "GET elsewhere.example/  404", "GET elsewhere.example/health  204",
	}
	if diff := cmp.Diff(want, a.requests()); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
}
