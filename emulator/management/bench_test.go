package management

import (
	"net/http/httptest"
	"testing"

	"github.com/gorilla/mux"

	"github.com/vipswap/vipswap/internal/benchratio/ratio"
)

// BenchmarkRouting is what it takes to find the operation that a request asks
// for, among those that clients poll.
func BenchmarkRouting(b *testing.B) {
	const service = "/00000000-0000-0000-0000-000000000001/services/hostedservices/shop"
	router := newRouter()
	for _, poll := range []struct{ name, path, want string }{
		{"operation", "/00000000-0000-0000-0000-000000000001/operations/0123456789abcdef0123456789abcdef", "Get Operation Status"},
		{"slot", service + "/deploymentslots/production", "Get Deployment"},
		{"name", service + "/deployments/first", "Get Deployment"},
		{"service", service, "Get Cloud Service Properties"},
	} {
		b.Run(poll.name, func(b *testing.B) {
			r := &request{http: httptest.NewRequest("GET", poll.path, nil)}
			vars := map[string]string{}
			for b.Loop() {
				canonicalPath(r.http.URL)
				match := &mux.RouteMatch{Vars: vars}
				if op := router.route(r, match); op.name != poll.want {
					b.Fatalf("%s leads to %s, want %s", poll.path, op.name, poll.want)
				}
			}
			ratio.Single(b, float64(b.Elapsed().Nanoseconds())/float64(b.N), "ns/route", ratio.AtMost(4000))
		})
	}
}
