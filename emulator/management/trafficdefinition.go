package management

import (
	"cmp"

	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/management/wire"
)

// definitionDocument is Get Definition.
type definitionDocument struct {
	_ wire.Root `wire:"Definition"`
	definitionElements
}

// definitionsDocument is List Definitions.
type definitionsDocument struct {
	_          wire.Root            `wire:"Definitions"`
	Definition []definitionElements `wire:"Definition,flat"`
}

// definitionElements are a definition as it is sent, and what reads add to it:
// status, version and how the endpoints are.
type definitionElements struct {
	DNSOptions dnsOptionsElements `wire:"DnsOptions"`
	Status     string             `wire:"Status,omitempty"`
	Version    int                `wire:"Version,omitempty"`
	Monitors   []monitorElements  `wire:"Monitors>Monitor"`
	Policy     policyElements     `wire:"Policy"`
}

type dnsOptionsElements struct {
	TimeToLiveInSeconds int `wire:"TimeToLiveInSeconds"`
}

type monitorElements struct {
	IntervalInSeconds         int                 `wire:"IntervalInSeconds"`
	TimeoutInSeconds          int                 `wire:"TimeoutInSeconds"`
	ToleratedNumberOfFailures int                 `wire:"ToleratedNumberOfFailures"`
	Protocol                  string              `wire:"Protocol"`
	Port                      int                 `wire:"Port"`
	HTTPOptions               httpOptionsElements `wire:"HttpOptions"`
}

type httpOptionsElements struct {
	Verb               string `wire:"Verb"`
	RelativePath       string `wire:"RelativePath"`
	ExpectedStatusCode int    `wire:"ExpectedStatusCode"`
}

type policyElements struct {
	LoadBalancingMethod string                    `wire:"LoadBalancingMethod"`
	Endpoints           []trafficEndpointElements `wire:"Endpoints>Endpoint"`
	MonitorStatus       string                    `wire:"MonitorStatus,omitempty"`
}

type trafficEndpointElements struct {
	DomainName        string `wire:"DomainName"`
	Status            string `wire:"Status"`
	Type              string `wire:"Type"`
	Location          string `wire:"Location,omitempty"`
	Weight            int    `wire:"Weight,omitempty"`
	MinChildEndpoints int    `wire:"MinChildEndpoints,omitempty"`
	MonitorStatus     string `wire:"MonitorStatus,omitempty"`
}

// What a monitor is taken to be that leaves something out: the recorded one, and
// what the watching service asked for.
const (
	usualInterval  = 30
	usualTimeout   = 10
	usualTolerated = 3
	usualVerb      = "GET"
	usualStatus    = 200
)

// definition returns what a request asks for.
func (e definitionElements) definition() cloud.TrafficDefinition {
	def := cloud.TrafficDefinition{TTL: e.DNSOptions.TimeToLiveInSeconds, Method: e.Policy.LoadBalancingMethod}
	for _, m := range e.Monitors {
		def.Monitors = append(def.Monitors, cloud.TrafficMonitor{
			Interval: cmp.Or(m.IntervalInSeconds, usualInterval), Timeout: cmp.Or(m.TimeoutInSeconds, usualTimeout),
			Tolerated: cmp.Or(m.ToleratedNumberOfFailures, usualTolerated), Protocol: m.Protocol, Port: m.Port,
			Verb: cmp.Or(m.HTTPOptions.Verb, usualVerb), Path: m.HTTPOptions.RelativePath,
			ExpectedStatus: cmp.Or(m.HTTPOptions.ExpectedStatusCode, usualStatus),
		})
	}
	for _, p := range e.Policy.Endpoints {
		def.Endpoints = append(def.Endpoints, cloud.TrafficEndpoint{
			Domain: p.DomainName, Enabled: p.Status != disabledWord, Type: p.Type, Location: p.Location, Weight: p.Weight, MinChild: p.MinChildEndpoints,
		})
	}
	return def
}

// Words for how an endpoint is: nobody watches it, or the first look at it is
// still to come. Nothing here is ever looked at.
const (
	unwatched       = "Inactive"
	endpointWatched = "CheckingEndpoint"
	policyWatched   = "CheckingEndpoints"
)

// definitionOf describes the definition of a profile.
func definitionOf(p *cloud.TrafficProfile) definitionElements {
	def := p.Definition
	e := definitionElements{
		DNSOptions: dnsOptionsElements{def.TTL}, Status: enabled(p.Enabled), Version: 1,
		Policy: policyElements{LoadBalancingMethod: def.Method, MonitorStatus: unwatched},
	}
	if p.Enabled {
		e.Policy.MonitorStatus = policyWatched
	}
	for _, m := range def.Monitors {
		e.Monitors = append(e.Monitors, monitorElements{
			m.Interval, m.Timeout, m.Tolerated, m.Protocol, m.Port, httpOptionsElements{m.Verb, m.Path, m.ExpectedStatus},
		})
	}
	for _, p2 := range def.Endpoints {
		e.Policy.Endpoints = append(e.Policy.Endpoints, trafficEndpointOf(p2, p.Enabled))
	}
	return e
}

func trafficEndpointOf(p cloud.TrafficEndpoint, watched bool) trafficEndpointElements {
	e := trafficEndpointElements{
		DomainName: p.Domain, Status: enabled(p.Enabled), Type: p.Type, Location: p.Location,
		Weight: p.Weight, MinChildEndpoints: p.MinChild, MonitorStatus: unwatched,
	}
	switch {
	case !p.Enabled:
		e.MonitorStatus = disabledWord
	case watched:
		e.MonitorStatus = endpointWatched
	}
	return e
}
