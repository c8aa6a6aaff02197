package emulator_test

import (
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/vipswap/vipswap/emulator"
	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/management"
)

// token makes a JSON web token with these claims and no signature that anybody
// could verify.
func token(claims string) string {
	encode := base64.RawURLEncoding.EncodeToString
	return encode([]byte(`{"alg":"none"}`)) + "." + encode([]byte(claims)) + ".c2ln"
}

func TestAuthentication(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	fresh, stale := token(fmt.Sprintf(`{"exp":%d}`, now.Unix()+1)), token(fmt.Sprintf(`{"exp":%d}`, now.Unix()))
	open := management.Authentication{Now: func() time.Time { return now }}
	fixed := management.Authentication{Token: "only this"}
	tests := map[string]struct {
		authentication management.Authentication
		bearer         string
		want           int
	}{
		"nothing shown":             {open, "", 403},
		"a token that is none":      {open, "abc", 401},
		"a token of three scraps":   {open, "a.b.c", 401},
		"a well-formed token":       {open, fresh, 200},
		"a token without an expiry": {open, token(`{}`), 200},
		"an expired token":          {open, stale, 401},
		"the fixed token":           {fixed, "only this", 200},
		"another than the fixed":    {fixed, fresh, 401},
		"anyone":                    {management.Authentication{Anyone: true}, "", 200},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			e := emulator.Start(t, emulator.WithAuthentication(test.authentication))
			client := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: e.CertPool()}}}
			defer client.CloseIdleConnections()
			req, err := http.NewRequestWithContext(t.Context(), "GET", e.ManagementURL()+"/"+e.Subscription(), nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("x-ms-version", "2014-10-01")
			if test.bearer != "" {
				req.Header.Set("Authorization", "Bearer "+test.bearer)
			}
			resp, err := client.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if resp.StatusCode != test.want {
				t.Errorf("got %s, want %d", resp.Status, test.want)
			}
			if challenged := resp.Header.Get("WWW-Authenticate") != ""; challenged != (test.want == 401) {
				t.Errorf("WWW-Authenticate is %q", resp.Header.Get("WWW-Authenticate"))
			}
		})
	}
}

func TestThrottling(t *testing.T) {
	quotas := cloud.DefaultQuotas()
	quotas.Requests = 2
	e := emulator.Start(t, emulator.WithQuotas(quotas), emulator.WithClock(cloud.ManualTime, 1))
	var got []int
	ask := func() *http.Response {
		resp, _ := call(t, e, "GET", "", "")
		got = append(got, resp.StatusCode)
		return resp
	}
	ask()
	ask()
	if wait := ask().Header.Get("Retry-After"); wait != "300" {
		t.Errorf("Retry-After is %q, want 300", wait)
	}
	if err := e.Advance(e.Subscription(), 5*time.Minute); err != nil {
		t.Fatal(err)
	}
	ask()
	if want := "[200 200 429 200]"; fmt.Sprint(got) != want {
		t.Errorf("got %v, want %s", got, want)
	}
}
