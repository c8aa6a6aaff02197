package cloud_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/emulator/cloud"
)

// definition is a good one, to be changed by f.
func definition(f func(*cloud.TrafficDefinition)) cloud.TrafficDefinition {
	def := cloud.TrafficDefinition{
		TTL: 30, Method: "failover", Monitors: []cloud.TrafficMonitor{{Interval: 30, Timeout: 10, Tolerated: 3, Protocol: "http", Port: 80, Verb: "GET", Path: "/", ExpectedStatus: 200}},
		Endpoints: []cloud.TrafficEndpoint{{Domain: "shop.cloudapp.net", Enabled: true, Type: "cloudservice"}},
	}
	if f != nil {
		f(&def)
	}
	return def
}

func createProfile(name, domain string) change {
	return func(st *cloud.State, id string) *cloud.Error { return st.CreateProfile(id, name, domain) }
}

func define(name string, f func(*cloud.TrafficDefinition)) change {
	return func(st *cloud.State, id string) *cloud.Error { return st.Define(id, name, definition(f)) }
}

func enable(name string, enabled bool, version int) change {
	return func(st *cloud.State, id string) *cloud.Error { return st.EnableProfile(id, name, enabled, version) }
}

func TestTrafficProfiles(t *testing.T) {
	w := newWorld(t)
	w.begin(createProfile("web", "web.trafficmanager.net"))
	w.checkRefusals(t, []refusal{{"enabled too early", enable("web", true, 1), cloud.BadRequest}})
	w.begin(define("WEB", nil))
	w.begin(enable("web", true, 1))
	w.begin(define("web", func(d *cloud.TrafficDefinition) { d.TTL = 60 }))
	w.must(func(st *cloud.State) *cloud.Error {
		p, err := st.Definition("web", "1")
		if err != nil {
			return err
		}
		want := definition(func(d *cloud.TrafficDefinition) {
			d.TTL, d.Method, d.Monitors[0].Protocol, d.Endpoints[0].Type = 60, "Failover", "HTTP", "CloudService"
		})
		if diff := cmp.Diff(&want, p.Definition); diff != "" || !p.Enabled {
			t.Errorf("enabled %v, mismatch (-want +got):\n%s", p.Enabled, diff)
		}
		if st.TrafficDomainAvailable("WEB.trafficmanager.net") || !st.TrafficDomainAvailable("other.trafficmanager.net") || st.TrafficDomainAvailable("other.example.org") {
			t.Error("availability of names is wrong")
		}
		return nil
	})
	definitionOf := func(name, version string) change {
		return func(st *cloud.State, _ string) *cloud.Error { _, err := st.Definition(name, version); return err }
	}
	w.checkRefusals(t, []refusal{
		{"create twice", createProfile("Web", "other.trafficmanager.net"), cloud.ConflictError},
		{"domain twice", createProfile("other", "WEB.trafficmanager.net"), cloud.ConflictError},
		{"bad name", createProfile("a b", "other.trafficmanager.net"), cloud.BadRequest},
		{"bad domain", createProfile("other", ".trafficmanager.net"), cloud.BadRequest},
		{"foreign domain", createProfile("other", "other.example.org"), cloud.BadRequest},
		{"enable unknown", enable("other", true, 1), cloud.ResourceNotFound},
		{"enable another version", enable("web", true, 2), cloud.BadRequest},
		{"define unknown", define("other", nil), cloud.ResourceNotFound},
		{"short TTL", define("web", func(d *cloud.TrafficDefinition) { d.TTL = 29 }), cloud.BadRequest},
		{"no monitor", define("web", func(d *cloud.TrafficDefinition) { d.Monitors = nil }), cloud.BadRequest},
		{"protocol", define("web", func(d *cloud.TrafficDefinition) { d.Monitors[0].Protocol = "tcp" }), cloud.BadRequest},
		{"port", define("web", func(d *cloud.TrafficDefinition) { d.Monitors[0].Port = 0 }), cloud.BadRequest},
		{"path", define("web", func(d *cloud.TrafficDefinition) { d.Monitors[0].Path = "x" }), cloud.BadRequest},
		{"method", define("web", func(d *cloud.TrafficDefinition) { d.Method = "Weighted" }), cloud.BadRequest},
		{"type", define("web", func(d *cloud.TrafficDefinition) { d.Endpoints[0].Type = "Server" }), cloud.BadRequest},
		{"endpoint twice", define("web", func(d *cloud.TrafficDefinition) { d.Endpoints = append(d.Endpoints, d.Endpoints[0]) }), cloud.BadRequest},
		{"too many endpoints", define("web", func(d *cloud.TrafficDefinition) { d.Endpoints = make([]cloud.TrafficEndpoint, 201) }), cloud.BadRequest},
		{"definition of unknown", definitionOf("other", "1"), cloud.ResourceNotFound},
		{"another definition", definitionOf("web", "2"), cloud.ResourceNotFound},
		{"delete unknown", func(st *cloud.State, id string) *cloud.Error { return st.DeleteProfile(id, "other") }, cloud.ResourceNotFound},
	})
	w.begin(enable("web", false, 0))
	w.begin(func(st *cloud.State, id string) *cloud.Error { return st.DeleteProfile(id, "web") })
	w.checkRefusals(t, []refusal{{"gone", enable("web", true, 1), cloud.ResourceNotFound}})
}
