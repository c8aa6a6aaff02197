package control_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/vipswap/vipswap/emulator/control"
)

// fuzzed are the addresses that take a body or a query.
func fuzzed() []control.Route {
	var some []control.Route
	for _, r := range control.Routes() {
		if r.Method != "GET" || strings.HasSuffix(r.Path, "/journal") || strings.HasSuffix(r.Path, "/diff") {
			some = append(some, r)
		}
	}
	return some
}

// FuzzControl sends any query and body to any address: the answer is a success or
// says in JSON what is wrong with the request, and the emulator itself never fails.
func FuzzControl(f *testing.F) {
	bodies := []string{
		``, `{`, `null`, `[]`, `{"id":"x"}`, `{"seed":7,"clock":"auto"}`, `{"clock":"real","speed":-1}`, `{"mode":"manual"}`, `{"mode":"real","speed":1e300}`,
		`{"by":"10m"}`, `{"by":"-10m"}`, `{"to":"next"}`, `{"to":"2015-07-01T12:00:00Z"}`, `{"by":"100000000h"}`, `{"to":"9999-12-31T00:00:00Z"}`,
		`{"rules":[{"kind":"drop","count":1}]}`, `{"rules":[{"kind":"refuse","code":"ConflictError","probability":2}]}`, "rules:\n- kind: drop\n",
		`{"*":{"pace":"immediate"}}`, `{"Swap Deployment":{"pace":"polls","polls":3}}`, `{"quotas":{"cores":-1}}`,
	}
	rows := fuzzed()
	for i := range rows {
		for j, body := range bodies {
			f.Add(uint8(i), []string{"", "preset=flaky", "format=har&reproducible", "from=a&to=b", "operation=*&after=1"}[j%5], body)
		}
	}
	f.Fuzz(func(t *testing.T, row uint8, query, body string) {
		values, err := url.ParseQuery(query)
		if err != nil {
			t.Skip("skipped, because it is no query")
		}
		w := newWorld(t, control.Config{})
		r := rows[int(row)%len(rows)]
		path := strings.NewReplacer("{id}", w.Subscription(), "{name}", "saved").Replace(r.Path)
		u := url.URL{Path: path, RawQuery: values.Encode()}
		status, answer := w.ask(r.Method, u.String(), body)
		if refused := refusal(status, answer); status >= 500 || strings.HasPrefix(refused, "no JSON") {
			t.Errorf("%s %s with %q: %d %s", r.Method, &u, body, status, answer)
		}
	})
}
