package release

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/probe"
)

const gatedProject = `
project: Shop
service: shop
environments: [Staging, Production]
step:
  name: Shop
  gates:
`

func TestGates(t *testing.T) {
	up := "up"
	health := probe.Check{
		Name: "health", URL: "/health", Status: []int{200, 204}, JSONPath: "$.state", Equals: &up, Latency: 500 * time.Millisecond,
		InARow: 3, Every: time.Second, Within: time.Minute, Timeout: 5 * time.Second, Method: "head",
		Headers: []probe.Header{{Name: "X-Key", Value: "#{Key}"}}, Resolve: []string{"www.shop.example:443:#{Slot.Vip}"},
	}
	front := probe.Check{URL: "#{Slot.Url}", Contains: "Welcome", Matches: "^<html"}
	tests := map[string]struct {
		file string
		want deployer.Gates
	}{
		"nothing but ready":     {"    ready: true\n", deployer.Gates{Ready: true}},
		"without instances":     {"    ready: false\n    pause: before-swap\n", deployer.Gates{Pause: true}},
		"a question is a pause": {"    question: Is it well?\n", deployer.Gates{Ready: true, Pause: true, Question: "Is it well?"}},
		"checks": {`
    checks:
      - name: health
        url: /health
        method: head
        headers: [{name: X-Key, value: "#{Key}"}]
        status: [200, 204]
        jsonPath: $.state
        equals: up
        latency: 500ms
        inARow: 3
        every: 1s
        within: 1m
        timeout: 5s
        resolve: ["www.shop.example:443:#{Slot.Vip}"]
`, deployer.Gates{Ready: true, Checks: []probe.Check{health}}},
		"bake has the checks": {`
    checks: [{url: "#{Slot.Url}", contains: Welcome, matches: ^<html}]
    bake: {for: 10m, every: 5s, budget: 2, inARow: 3}
`, deployer.Gates{Ready: true, Checks: []probe.Check{front}, Bake: &deployer.Bake{For: 10 * time.Minute, Every: 5 * time.Second, Budget: 2, InARow: 3, Checks: []probe.Check{front}}}},
		"bake has its own": {`
    checks: [{url: "#{Slot.Url}", contains: Welcome, matches: ^<html}]
    bake: {for: 10m, checks: []}
`, deployer.Gates{Ready: true, Checks: []probe.Check{front}, Bake: &deployer.Bake{For: 10 * time.Minute}}},
		"hooks": {`
    hooks:
      before-swap: {run: ./warm.sh, timeout: 1m, onFailure: Continue}
      after-swap-back: {file: page.py}
`, deployer.Gates{Ready: true, Hooks: []deployer.Hook{
			{At: "after-swap-back", File: "page.py"},
			{At: "before-swap", Run: "./warm.sh", Timeout: time.Minute, OnFailure: "continue"},
		}}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := mustProject(t, gatedProject+tt.file).Step.Gates
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

func TestBadGates(t *testing.T) {
	tests := map[string]struct{ file, want string }{
		"unknown hook":      {"    hooks:\n      before-swop: {run: x}\n", `9:7: there is no hook "before-swop"`},
		"no command":        {"    hooks:\n      before-swap: {timeout: 1m}\n", "9:7: a hook needs exactly one of run and file"},
		"two commands":      {"    hooks:\n      before-swap: {run: x, file: y.sh}\n", "9:7: a hook needs exactly one of run and file"},
		"unknown shell":     {"    hooks:\n      before-swap: {run: x, shell: perl}\n", `there is no shell "perl"`},
		"unknown extension": {"    hooks:\n      before-swap: {file: x.rb}\n", "it is not known how to run x.rb"},
		"on failure":        {"    hooks:\n      before-swap: {run: x, onFailure: shout}\n", `"shout" is not possible here`},
		"unknown key":       {"    hooks:\n      before-swap: {runs: x}\n", `unknown key "runs"`},
		"hooks as a list":   {"    hooks: [x]\n", "8:12: expected names with values here, not a list"},
		"bake without time": {"    bake: {every: 5s}\n", "8:12: for is missing: for how long production is watched"},
		"bake backwards":    {"    bake: {for: -5s}\n", `"-5s" is not a time span`},
		"negative budget":   {"    bake: {for: 5s, budget: -1}\n", "budget is a number of looks that may fail"},
		"never passes":      {"    checks:\n      - url: /\n        inARow: 3\n        every: 10s\n        within: 1s\n", "12:17: 3 right answers, 10s between two, do not come within 1s: it could never pass"},
		"negative row":      {"    bake: {for: 5s, inARow: -1}\n", "inARow is a number of looks"},
		"pause elsewhere":   {"    pause: after-swap\n", `8:12: "after-swap" is not possible here`},
		"check without url": {"    checks:\n      - name: x\n", "9:9: url is missing: the address to ask, or a path such as /health"},
		"check of bake":     {"    bake:\n      for: 5s\n      checks:\n        - url: /\n          status: [20]\n", "12:20: 20 is no status of HTTP"},
		"unknown slot word": {"    checks:\n      - url: \"#{Slot.Colour}\"\n", "9:14: there is no #{Slot.Colour}"},
		"bad question":      {"    question: \"#{if x}y\"\n", "8:15: the expression makes no sense"},
		"bad expression":    {"    checks:\n      - url: \"#{if x}y\"\n", "the expression makes no sense"},
		"equals alone":      {"    checks:\n      - url: /\n        equals: up\n", "10:17: equals needs a jsonPath"},
		"pattern":           {"    checks:\n      - url: /\n        matches: (\n", "10:18: this is no regular expression"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := ParseProject("vipswap.yaml", []byte(gatedProject+tt.file))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}
