package deployer_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/approval"
	"github.com/vipswap/vipswap/deployer/management"
	"github.com/vipswap/vipswap/deployer/probe"
)

// A site is what checks, hooks and people say in a world.
type site struct {
	*world
	deployer.Silent
	said   []string
	asked  []string          // URLs
	where  []string          // how the last check resolves names
	sick   map[string]string // what is wrong with a URL's answers
	ask    func(url string)  // before an answer; nil for nothing
	ran    []string          // hooks, with their result
	hooks  map[string]error  // what hooks come to
	slow   time.Duration     // how long hooks take
	vars   map[string]string // of the last hook
	answer *approval.Answer  // nil is none yet
}

func newSite(production, staging *management.Deployment) *site {
	return &site{world: newWorld(production, staging), sick: map[string]string{}, hooks: map[string]error{}}
}

func (s *site) Line(text string) { s.said = append(s.said, text) }

func (s *site) Decision(d deployer.Decision) {
	if d.Warning {
		s.said = append(s.said, d.Text)
	}
}

// Ask answers for the web.
func (s *site) askURL(c probe.Check) string {
	c.Name = ""
	s.asked, s.where = append(s.asked, c.String()), c.Resolve
	if s.ask != nil {
		s.ask(c.String())
	}
	return s.sick[c.String()]
}

type asks struct{ *site }

func (a asks) Ask(_ context.Context, c probe.Check) string { return a.askURL(c) }

type hookRuns struct{ *site }

func (h hookRuns) Run(_ context.Context, run deployer.HookRun, keep func() error) error {
	h.ran, h.vars = append(h.ran, strings.TrimSpace(run.Hook.At+" "+run.Variables["VIPSWAP_RESULT"])), run.Variables
	h.clock.now = h.clock.now.Add(h.slow)
	if err := keep(); err != nil {
		return err
	}
	return h.hooks[run.Hook.At]
}

type people struct{ *site }

func (p people) Ask(_ context.Context, title, text string) error {
	p.said = append(p.said, "asked: "+title)
	return nil
}

func (p people) Answer(context.Context) (approval.Answer, bool, error) {
	if p.answer == nil {
		return approval.Answer{}, false, nil
	}
	return *p.answer, true, nil
}

func (s *site) gatePorts() deployer.Ports {
	p := s.ports("1.1")
	p.Reporter, p.Checks, p.Hooks, p.Approver = s, asks{s}, hookRuns{s}, people{s}
	return p
}

// gated makes a plan that swaps within gates.
func (s *site) gated(t *testing.T, g deployer.Gates) deployer.Plan {
	t.Helper()
	seen, err := deployer.Observe(context.Background(), s.cloud, "shop")
	if err != nil {
		t.Fatal(err)
	}
	plan, err := deployer.MakePlan(deployer.Swap{Service: "shop"}, seen)
	if err != nil {
		t.Fatal(err)
	}
	if plan, err = plan.With(g, seen); err != nil {
		t.Fatal(err)
	}
	return plan
}

const (
	stagedURL = "http://staging.example/health"
	liveURL   = "http://production.example/health"
)

var health = probe.Check{Name: "health", URL: "/health", Every: time.Second, Within: 3 * time.Second}

func baked(budget int) *deployer.Bake {
	return &deployer.Bake{For: time.Minute, Every: 10 * time.Second, Budget: budget, Checks: []probe.Check{health}}
}

func names(steps []deployer.Step) string {
	var all []string
	for _, s := range steps {
		all = append(all, s.Name())
	}
	return strings.Join(all, " ")
}

func TestGatesInAPlan(t *testing.T) {
	hooks := []deployer.Hook{{At: "before-swap", Run: "./warm.sh"}, {At: "after-swap", File: "tell.py"}, {At: "before-swap-back", Run: "x"}, {At: "before-upload", Run: "y"}}
	tests := []struct {
		name  string
		site  *site
		gates deployer.Gates
		steps string
		back  string
		codes string
	}{
		{"none", newSite(up("p1", "1.0"), up("s1", "1.1")), deployer.Gates{}, "swap", "", "swap-asked"},
		{"ready", newSite(up("p1", "1.0"), up("s1", "1.1")), deployer.Gates{Ready: true}, "check swap", "", "swap-asked"},
		{"checks", newSite(up("p1", "1.0"), up("s1", "1.1")), deployer.Gates{Checks: []probe.Check{health}}, "check swap", "", "swap-asked"},
		{"pause", newSite(up("p1", "1.0"), up("s1", "1.1")), deployer.Gates{Pause: true}, "pause swap", "", "swap-asked"},
		{"pause between checks", newSite(up("p1", "1.0"), up("s1", "1.1")), deployer.Gates{Pause: true, Ready: true}, "check pause check swap", "", "swap-asked"},
		{"bake", newSite(up("p1", "1.0"), up("s1", "1.1")), deployer.Gates{Bake: baked(0)}, "swap bake", "swap-back check-back", "swap-asked"},
		{"no way back", newSite(nil, up("s1", "1.1")), deployer.Gates{Bake: baked(0)}, "swap bake", "", "promote-into-empty no-way-back"},
		{"hooks", newSite(up("p1", "1.0"), up("s1", "1.1")), deployer.Gates{Bake: baked(0), Hooks: hooks}, "before-swap swap after-swap bake", "before-swap-back swap-back check-back", "swap-asked"},
		{"ready and suspended", newSite(up("p1", "1.0"), deployment("s1", "1.1", management.StatusSuspended, management.InstanceStopped)),
			deployer.Gates{Ready: true, Bake: baked(0)}, "", "", "swap-asked staged-suspended"},
		{"ready and suspended, into empty", newSite(nil, deployment("s1", "1.1", management.StatusSuspended, management.InstanceStopped)),
			deployer.Gates{Ready: true, Bake: baked(0)}, "", "", "promote-into-empty staged-suspended staged-suspended"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := tt.site.gated(t, tt.gates)
			var codes []string
			for _, d := range p.Decisions {
				codes = append(codes, string(d.Code))
			}
			for _, r := range p.Refusals {
				codes = append(codes, string(r.Code))
			}
			got := []string{names(p.Steps), names(p.Back), strings.Join(codes, " ")}
			if diff := cmp.Diff([]string{tt.steps, tt.back, tt.codes}, got); diff != "" {
				t.Errorf("mismatch (-want +got):\n%s", diff)
			}
			for _, s := range p.All() {
				if s.Service != "shop" || s.Reason == "" || s.After == "" || s.Risk() == "" || strings.Contains(s.String(), "unknown") {
					t.Errorf("the step says too little: %+v", s)
				}
			}
		})
	}
}

func TestGatesOfADeployment(t *testing.T) {
	w := newWorld(up("p1", "1.0"), nil)
	seen, _ := deployer.Observe(t.Context(), w.cloud, "shop")
	p, err := deployer.MakePlan(w.deploy(staging, "1.1"), seen)
	if err != nil {
		t.Fatal(err)
	}
	p, err = p.With(deployer.Gates{Bake: baked(0), Hooks: []deployer.Hook{{At: "before-upload", Run: "a"}, {At: "after-ready", Run: "b"}}}, seen)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("before-upload upload create ready after-ready", names(p.Steps)); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
	if last := p.Decisions[len(p.Decisions)-1]; last.Code != deployer.GatesUnused {
		t.Errorf("the last decision is %s, want %s", last.Code, deployer.GatesUnused)
	}
}

func TestGatesThatCannotBe(t *testing.T) {
	tests := map[string]deployer.Gates{
		`there is no hook "before-lunch"`:              {Hooks: []deployer.Hook{{At: "before-lunch", Run: "x"}}},
		"hook before-swap needs a command":             {Hooks: []deployer.Hook{{At: "before-swap"}}},
		"there are two hooks before-swap":              {Hooks: []deployer.Hook{{At: "before-swap", Run: "x"}, {At: "before-swap", Run: "y"}}},
		"hook before-swap has the negative":            {Hooks: []deployer.Hook{{At: "before-swap", Run: "x", Timeout: -1}}},
		`"shout" is neither stop nor continue`:         {Hooks: []deployer.Hook{{At: "before-swap", Run: "x", OnFailure: "shout"}}},
		"a bake of 0s":                                 {Bake: &deployer.Bake{}},
		"budget of -1":                                 {Bake: &deployer.Bake{For: 1, Budget: -1}},
		"a check needs an address":                     {Checks: []probe.Check{{Name: "x"}}},
		"20 is no status of HTTP":                      {Checks: []probe.Check{{URL: "/", Status: []int{20}}}},
		"a request may take 45s at most":               {Checks: []probe.Check{{URL: "/", Timeout: time.Minute}}},
		"there is no #{Slot.Colour}":                   {Bake: &deployer.Bake{For: 1, Checks: []probe.Check{{URL: "#{Slot.Colour}"}}}},
		`resolve[0]: "a" does not say where a host is`: {Checks: []probe.Check{{URL: "/", Resolve: []string{"a"}}}},
	}
	for want, g := range tests {
		if _, err := (deployer.Plan{}).With(g, deployer.Observed{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func TestGatedRuns(t *testing.T) {
	swap := []string{"swap"}
	yes, no := &approval.Answer{Approved: true, By: "ada"}, &approval.Answer{By: "ada", Notes: "not today"}
	tests := []struct {
		name    string
		gates   deployer.Gates
		prepare func(s *site)
		err     string // part of it
		slots   string
		made    []string
		said    []string
	}{
		{"check passes", deployer.Gates{Checks: []probe.Check{health}}, func(*site) {}, "", "S=1.0 P=1.1", swap, []string{"health: as it should be (1 of 1)"}},
		{"check fails", deployer.Gates{Checks: []probe.Check{health}}, func(s *site) { s.sick[stagedURL] = "the status is 500, not 200" },
			"it does not pass: health did not answer as it should within 3s: the status is 500, not 200", "S=1.1 P=1.0", nil, []string{"health: the status is 500, not 200"}},
		{"instances break before the gate", deployer.Gates{Ready: true}, func(s *site) { s.slots[staging].Instances[0].Status = management.InstanceFailedStarting },
			"instance Web_IN_0 is FailedStartingRole", "S=1.1 P=1.0", nil, nil},
		{"approved", deployer.Gates{Pause: true}, func(s *site) { s.answer = yes }, "", "S=1.0 P=1.1", swap, []string{"asked: 1.1 into production of shop", "approved by ada"}},
		{"rejected", deployer.Gates{Pause: true}, func(s *site) { s.answer = no }, "rejected by ada: not today", "S=1.1 P=1.0", nil, []string{"asked: 1.1 into production of shop"}},
		{"bake passes", deployer.Gates{Ready: true, Bake: baked(0)}, func(*site) {}, "", "S=1.0 P=1.1", swap, nil},
		{"bake within budget", deployer.Gates{Bake: baked(2)}, func(s *site) { s.flaps(2) }, "", "S=1.0 P=1.1", swap,
			[]string{"look 1 failed (1 of 2 that may): health: flaps", "look 3 failed (2 of 2 that may): health: flaps"}},
		{"bake over budget", deployer.Gates{Bake: baked(1)}, func(s *site) { s.flaps(2) },
			"\"1.1\" did not prove itself: 2 of 3 looks failed, and 1 may: health: flaps\nswapped back: production holds \"1.0\" again (deployment p1)", "S=1.1 P=1.0", []string{"swap", "swap"}, nil},
		{"fails in a row", deployer.Gates{Bake: &deployer.Bake{For: time.Minute, Budget: 9, InARow: 3, Checks: []probe.Check{health}}}, func(s *site) { s.sick[liveURL] = "down" },
			"3 looks in a row failed: health: down", "S=1.1 P=1.0", []string{"swap", "swap"}, nil},
		{"instance dies", deployer.Gates{Ready: true, Bake: baked(0)}, func(s *site) {
			s.ask = func(url string) {
				if url == liveURL && s.slots[production].Name == "s1" {
					s.slots[production].Instances[0].Status = management.InstanceCycling
				}
			}
		}, "1 of 2 instances ready, 1 CyclingRole", "S=1.1 P=1.0", []string{"swap", "swap"}, nil},
		{"previous is sick, too", deployer.Gates{Bake: baked(0)}, func(s *site) { s.sick[liveURL] = "down" },
			"swapped back: production holds \"1.0\" again (deployment p1)\nproduction holds \"1.0\" again, but: health did not answer as it should within 3s: down", "S=1.1 P=1.0", []string{"swap", "swap"}, nil},
		{"a hook fails before", deployer.Gates{Hooks: []deployer.Hook{{At: "before-swap", Run: "x"}}}, func(s *site) { s.hooks["before-swap"] = errors.New("exit code 3") },
			"run hook before-swap: x: exit code 3", "S=1.1 P=1.0", nil, nil},
		{"a hook may fail before", deployer.Gates{Hooks: []deployer.Hook{{At: "before-swap", Run: "x", OnFailure: "continue"}}}, func(s *site) { s.hooks["before-swap"] = errors.New("exit code 3") },
			"", "S=1.0 P=1.1", swap, []string{"hook before-swap failed: exit code 3"}},
		{"a hook fails after", deployer.Gates{Hooks: []deployer.Hook{{At: "after-swap", Run: "x"}}}, func(s *site) { s.hooks["after-swap"] = errors.New("exit code 3") },
			"", "S=1.0 P=1.1", swap, []string{"hook after-swap failed: exit code 3"}},
		{"a hook stops after", deployer.Gates{Hooks: []deployer.Hook{{At: "after-swap", Run: "x", OnFailure: "stop"}}}, func(s *site) { s.hooks["after-swap"] = errors.New("exit code 3") },
			"exit code 3", "S=1.0 P=1.1", swap, nil},
		{"a hook takes too long", deployer.Gates{Hooks: []deployer.Hook{{At: "before-swap", Run: "x"}}}, func(s *site) { s.slow = 10 * time.Minute },
			"it did not end within 10m0s", "S=1.1 P=1.0", nil, nil},
		{"no hook holds up the way back", deployer.Gates{Bake: baked(0), Hooks: []deployer.Hook{{At: "before-swap-back", Run: "x", OnFailure: "stop"}}},
			func(s *site) { s.flaps(1); s.hooks["before-swap-back"] = errors.New("exit code 3") }, "swapped back", "S=1.1 P=1.0", []string{"swap", "swap"}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newSite(up("p1", "1.0"), up("s1", "1.1"))
			plan := s.gated(t, tt.gates)
			tt.prepare(s)
			result, err := deployer.Run(t.Context(), s.gatePorts(), plan)
			if (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
				t.Errorf("got error %v, want %q", err, tt.err)
			}
			if diff := cmp.Diff(tt.slots, s.labels()); diff != "" {
				t.Errorf("slots: mismatch (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.made, s.made); diff != "" {
				t.Errorf("changes: mismatch (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.said, s.said); diff != "" && tt.said != nil {
				t.Errorf("said: mismatch (-want +got):\n%s", diff)
			}
			if result.Swapped != (len(tt.made) == 1) || result.Back != (len(tt.made) == 2) {
				t.Errorf("swapped %v, back %v after %v", result.Swapped, result.Back, tt.made)
			}
		})
	}
}

// TestCheckOfASlot looks at how a check is addressed: names that begin with Slot., a
// path, and where the slot's public name is.
func TestCheckOfASlot(t *testing.T) {
	own := []string{"staging.example:80:203.0.113.7", "staging.example:443:203.0.113.7"}
	tests := []struct {
		check probe.Check
		url   string
		where []string
	}{
		{probe.Check{URL: "/health"}, "http://staging.example/health", own},
		{probe.Check{URL: "#{Slot.Url}a/#{Slot.Name}/#{Slot.Label}/#{Slot.Deployment}"}, "http://staging.example/a/Staging/1.1/s1", own},
		{probe.Check{URL: "https://#{Slot.Host}:8443/"}, "https://staging.example:8443/", append(slices.Clip(own), "staging.example:8443:203.0.113.7")},
		{probe.Check{URL: "/", Resolve: []string{"*:80:127.0.0.1:8080"}}, "http://staging.example/", append([]string{"*:80:127.0.0.1:8080"}, own...)},
		{probe.Check{URL: "https://www.example/", Resolve: []string{"www.example:443:#{Slot.Vip}"}}, "https://www.example/", append([]string{"www.example:443:203.0.113.7"}, own...)},
		{probe.Check{URL: "https://www.example/"}, "https://www.example/", own},
	}
	for _, tt := range tests {
		staged := up("s1", "1.1")
		staged.VirtualIPs = []management.VirtualIP{{Address: "203.0.113.7"}}
		s := newSite(up("p1", "1.0"), staged)
		if _, err := deployer.Run(t.Context(), s.gatePorts(), s.gated(t, deployer.Gates{Checks: []probe.Check{tt.check}})); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]any{[]string{tt.url}, tt.where}, []any{s.asked, s.where}); diff != "" {
			t.Errorf("%s: mismatch (-want +got):\n%s", tt.check.URL, diff)
		}
	}
}

// flaps makes every other look at production fail, n times, as long as it holds the
// new release.
func (s *site) flaps(n int) {
	looks := 0
	s.ask = func(url string) {
		s.sick[liveURL] = ""
		if url == liveURL && s.slots[production].Name == "s1" {
			if looks++; looks%2 == 1 && looks < 2*n {
				s.sick[liveURL] = "flaps"
			}
		}
	}
}

// TestBakeTakesItsTime looks at how often production is asked, and that neither this
// time nor that of hooks is the run's.
func TestBakeTakesItsTime(t *testing.T) {
	s := newSite(up("p1", "1.0"), up("s1", "1.1"))
	plan := s.gated(t, deployer.Gates{Bake: &deployer.Bake{For: 2 * time.Hour, Every: 30 * time.Minute, Checks: []probe.Check{health}}, Hooks: []deployer.Hook{{At: "after-bake", Run: "x", Timeout: 5 * time.Hour}}})
	plan.Waits.Timeout = time.Hour
	s.slow = 3 * time.Hour
	result, err := deployer.Run(t.Context(), s.gatePorts(), plan)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.asked) != 5 || result.Took < 5*time.Hour {
		t.Errorf("asked %d times in %s", len(s.asked), result.Took)
	}
}

// TestBakeWithoutTheService goes on when the service does not answer, but does not
// end so.
func TestBakeWithoutTheService(t *testing.T) {
	s := newSite(up("p1", "1.0"), up("s1", "1.1"))
	plan := s.gated(t, deployer.Gates{Ready: true, Bake: baked(0)})
	silent := &silentCloud{cloud: s.cloud, from: epoch.Add(40 * time.Second), until: epoch.Add(4 * time.Minute)}
	ports := s.gatePorts()
	ports.Cloud = silent
	if _, err := deployer.Run(t.Context(), ports, plan); err != nil {
		t.Fatal(err)
	}
	if silent.failed < 10 || s.clock.now.Before(silent.until) {
		t.Errorf("%d looks failed until %s", silent.failed, s.clock.now)
	}
	s = newSite(up("p1", "1.0"), up("s1", "1.1"))
	ports = s.gatePorts()
	ports.Cloud = &silentCloud{cloud: s.cloud, from: epoch.Add(40 * time.Second), until: epoch.Add(time.Hour)}
	if _, err := deployer.Run(t.Context(), ports, plan); err == nil || !strings.Contains(err.Error(), "the service has not answered for long") {
		t.Errorf("got %v", err)
	}
}

type silentCloud struct {
	*cloud
	from, until time.Time
	failed      int
}

func (c *silentCloud) DeploymentByName(ctx context.Context, service, name string) (*management.Deployment, error) {
	if now := c.clock.now; now.After(c.from) && now.Before(c.until) {
		c.failed++
		return nil, &management.Error{HTTPStatus: 503, Code: "ServerBusy", Message: "busy"}
	}
	return c.cloud.DeploymentByName(ctx, service, name)
}

// TestNoWayBack says what state things are in.
func TestNoWayBack(t *testing.T) {
	tests := []struct {
		name    string
		site    *site
		prepare func(s *site)
		want    []string
	}{
		{"production was empty", newSite(nil, up("s1", "1.1")), func(*site) {}, []string{"NOT SWAPPED BACK: production was empty before, so there is nothing to swap back to"}},
		{"the service fails it", newSite(up("p1", "1.0"), up("s1", "1.1")), func(s *site) {
			s.ask = func(string) {
				s.fail["swap"] = &management.Error{HTTPStatus: 500, Code: "InternalError", Message: "no"}
			}
		}, []string{"NOT SWAPPED BACK: swap the slots of shop back: operation", "InternalError: no", "production holds \"1.1\" (deployment s1)", "vipswap rollback"}},
		{"the way back is gone", newSite(up("p1", "1.0"), up("s1", "1.1")), func(s *site) { s.ask = func(string) { delete(s.slots, staging) } },
			[]string{"NOT SWAPPED BACK", "the slots have changed since the plan was made", "production holds \"1.1\""}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.prepare(tt.site)
			tt.site.sick[liveURL] = "down"
			result, err := deployer.Run(t.Context(), tt.site.gatePorts(), tt.site.gated(t, deployer.Gates{Bake: baked(0)}))
			if !errors.As(err, new(*deployer.StrandedError)) {
				t.Fatalf("got %v, want a StrandedError", err)
			}
			for _, words := range tt.want {
				if !strings.Contains(err.Error(), words) {
					t.Errorf("%q is not in the error:\n%v", words, err)
				}
			}
			if !result.Swapped || result.After == nil || result.After.Production.Label != "1.1" {
				t.Errorf("the result is %+v", result)
			}
		})
	}
}

// An ailing cloud has a deployment whose instances are what they are said to be.
type ailingCloud struct {
	*cloud
	ails func(d *management.Deployment, passed time.Duration)
}

func (c ailingCloud) DeploymentByName(ctx context.Context, service, name string) (*management.Deployment, error) {
	d, err := c.cloud.DeploymentByName(ctx, service, name)
	if d != nil && name == "p1" {
		c.ails(d, c.clock.now.Sub(epoch))
	}
	return d, err
}

// TestPreviousIsNotReady looks at a way back that serves in part, later, or not at all.
func TestPreviousIsNotReady(t *testing.T) {
	none := func(d *management.Deployment) {
		for i := range d.Instances {
			d.Instances[i].Status = management.InstanceUnresponsive
		}
	}
	tests := []struct {
		name  string
		ready bool // asked for
		ails  func(d *management.Deployment, passed time.Duration)
		took  time.Duration // at most, beyond the bake's first looks
		err   string
		slots string
	}{
		{"in part", true, func(d *management.Deployment, _ time.Duration) {
			d.Instances[0].Status = management.InstanceUnresponsive
		},
			2 * time.Minute, "swapped back: production holds \"1.0\" again (deployment p1)\nproduction holds \"1.0\" again, but: 1 of 2 instances ready, 1 Unresponsive", "S=1.1 P=1.0"},
		{"later", true, func(d *management.Deployment, passed time.Duration) {
			if passed < 5*time.Minute {
				none(d)
			}
		}, 7 * 2 * time.Minute, "swapped back: production holds \"1.0\" again (deployment p1)\nhint", "S=1.1 P=1.0"},
		{"never", true, func(d *management.Deployment, _ time.Duration) { none(d) }, deployer.DefaultCyclingGrace + 2*time.Minute,
			"NOT SWAPPED BACK: \"1.0\" serves nothing (0 of 2 instances ready, 2 UnresponsiveRole, deployment Running)\nproduction holds \"1.1\" (deployment s1)\nhint: when its instances are ready again, \"vipswap rollback\" tries again", "S=1.0 P=1.1"},
		{"suspended", true, func(d *management.Deployment, _ time.Duration) { d.Status = management.StatusSuspended }, time.Minute,
			"NOT SWAPPED BACK: \"1.0\" serves nothing (2 of 2 instances ready, deployment Suspended)", "S=1.0 P=1.1"},
		{"and nobody asks", false, func(d *management.Deployment, _ time.Duration) { none(d) }, 2 * time.Minute, "swapped back: production holds \"1.0\" again", "S=1.1 P=1.0"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newSite(up("p1", "1.0"), up("s1", "1.1"))
			s.sick[liveURL] = "down"
			s.ask = func(string) {
				if s.slots[production].Name == "p1" {
					s.sick[liveURL] = ""
				}
			}
			ports := s.gatePorts()
			ports.Cloud = ailingCloud{s.cloud, tt.ails}
			result, err := deployer.Run(t.Context(), ports, s.gated(t, deployer.Gates{Ready: tt.ready, Bake: baked(0)}))
			if err == nil || !strings.Contains(err.Error(), tt.err) {
				t.Errorf("got error %v, want %q", err, tt.err)
			}
			if diff := cmp.Diff(tt.slots, s.labels()); diff != "" {
				t.Errorf("slots: mismatch (-want +got):\n%s", diff)
			}
			if result.Took > tt.took {
				t.Errorf("it took %s, want at most %s", result.Took, tt.took)
			}
		})
	}
}

// TestSomebodyElseSwapsMeanwhile ends a bake whose release is no longer in production,
// and touches nothing.
func TestSomebodyElseSwapsMeanwhile(t *testing.T) {
	s := newSite(up("p1", "1.0"), up("s1", "1.1"))
	s.ask = func(string) {
		if s.slots[production].Name == "s1" {
			s.exchange()
		}
	}
	_, err := deployer.Run(t.Context(), s.gatePorts(), s.gated(t, deployer.Gates{Bake: baked(0)}))
	if !errors.As(err, new(*deployer.MovedError)) || !strings.Contains(err.Error(), "deployment s1 is in staging") {
		t.Errorf("got %v", err)
	}
	if diff := cmp.Diff([]string{"swap"}, s.made); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
}

// A lost lock is lost from a time on.
type lostLock struct {
	clock *clock
	from  time.Time
}

func (l lostLock) Check(ctx context.Context) error { return l.Keep(ctx) }

func (l lostLock) Keep(context.Context) error {
	if l.clock.now.After(l.from) {
		return errLost
	}
	return nil
}

// TestLockLostInABake ends the bake, and touches nothing any more: somebody else may
// be at work.
func TestLockLostInABake(t *testing.T) {
	s := newSite(up("p1", "1.0"), up("s1", "1.1"))
	ports := s.gatePorts()
	ports.Lock = lostLock{s.clock, epoch.Add(time.Minute)}
	s.ask = func(string) {
		if s.clock.now.After(epoch.Add(time.Minute)) {
			t.Error("production was asked without the lock")
		}
	}
	_, err := deployer.Run(t.Context(), ports, s.gated(t, deployer.Gates{Bake: baked(0)}))
	if !errors.Is(err, errLost) {
		t.Errorf("got %v, want the lock's error", err)
	}
	if diff := cmp.Diff([]string{"swap"}, s.made); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
}

func TestHookVariables(t *testing.T) {
	s := newSite(up("p1", "1.0"), up("s1", "1.1"))
	plan := s.gated(t, deployer.Gates{Hooks: []deployer.Hook{{At: "before-swap", Run: "x"}, {At: "after-swap", Run: "x"}}})
	if _, err := deployer.Run(t.Context(), s.gatePorts(), plan); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"before-swap", "after-swap done"}, s.ran); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
	want := map[string]string{
		"VIPSWAP_HOOK": "after-swap", "VIPSWAP_STEP": "swap the slots of shop", "VIPSWAP_ACTION": "swap", "VIPSWAP_SERVICE": "shop",
		"VIPSWAP_SLOT": "staging", "VIPSWAP_DEPLOYMENT": "s1", "VIPSWAP_LABEL": "1.1", "VIPSWAP_RESULT": "done",
		"VIPSWAP_PRODUCTION_NAME": "s1", "VIPSWAP_PRODUCTION_LABEL": "1.1", "VIPSWAP_PRODUCTION_URL": "http://production.example/", "VIPSWAP_PRODUCTION_VIP": "",
		"VIPSWAP_STAGING_NAME": "p1", "VIPSWAP_STAGING_LABEL": "1.0", "VIPSWAP_STAGING_URL": "http://staging.example/", "VIPSWAP_STAGING_VIP": "",
	}
	if diff := cmp.Diff(want, s.vars); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
}

// TestGatesNeedPorts refuses before anything is called.
func TestGatesNeedPorts(t *testing.T) {
	for want, g := range map[string]deployer.Gates{
		"something that asks web addresses is needed": {Checks: []probe.Check{health}},
		"somebody to ask is needed":                   {Pause: true},
		"something that runs commands is needed":      {Hooks: []deployer.Hook{{At: "before-swap", Run: "x"}}},
	} {
		s := newSite(up("p1", "1.0"), up("s1", "1.1"))
		plan := s.gated(t, g)
		before := s.calls.made
		if _, err := deployer.Run(t.Context(), s.ports(""), plan); err == nil || !strings.Contains(err.Error(), want) || s.calls.made != before {
			t.Errorf("got %v after %d calls, want %q", err, s.calls.made-before, want)
		}
	}
}

// A durable journal remembers which steps ended, as a log of runs does.
type durable struct {
	*calls
	plan  deployer.Plan
	ended []deployer.Ended
}

func (d *durable) Intent(deployer.Step) error { return d.call(func() error { return nil }) }

func (d *durable) Done(s deployer.Step, r deployer.StepResult) error {
	return d.call(func() error {
		i := d.plan.Next(func(p deployer.Step) bool { return p == s }, d.ended)
		d.ended = append(d.ended, deployer.Ended{Step: i, Outcome: r.Outcome, Note: r.Note})
		return nil
	})
}

// TestKilledAnywhereWithGates kills the process before and after each of its calls,
// lets another go on, and looks at the end: one swap when the release proves itself,
// exactly two when it does not.
func TestKilledAnywhereWithGates(t *testing.T) {
	for _, tt := range []struct {
		name  string
		sick  bool
		slots string
		made  []string
	}{
		{"good", false, "S=1.0 P=1.1", []string{"swap"}},
		{"bad", true, "S=1.1 P=1.0", []string{"swap", "swap"}},
	} {
		for _, after := range []bool{false, true} {
			deaths := 0
			for n := 1; ; n++ {
				s := newSite(up("p1", "1.0"), up("s1", "1.1"))
				plan := s.gated(t, deployer.Gates{Ready: true, Checks: []probe.Check{health}, Pause: true, Bake: baked(1), Hooks: []deployer.Hook{{At: "before-swap", Run: "x"}}})
				s.answer = &approval.Answer{Approved: true}
				if tt.sick {
					s.ask = func(string) {
						s.sick[liveURL] = ""
						if s.slots[production].Name == "s1" {
							s.sick[liveURL] = "down"
						}
					}
				}
				kept := &durable{calls: s.calls, plan: plan}
				*s.calls = calls{killAt: n, after: after}
				ports := s.gatePorts()
				ports.Journal = kept
				_, err := deployer.Run(t.Context(), ports, plan)
				died := s.calls.dead
				for s.calls.dead {
					deaths++
					s.reboot()
					_, err = deployer.Run(t.Context(), ports, plan.Left(kept.ended))
				}
				back := errors.As(err, new(*deployer.SwappedBackError))
				if err != nil && !back || back != tt.sick {
					t.Fatalf("%s, killed at call %d (after %v): %v", tt.name, n, after, err)
				}
				if diff := cmp.Diff([]any{tt.slots, tt.made}, []any{s.labels(), s.made}); diff != "" {
					t.Fatalf("%s, killed at call %d (after %v): mismatch (-want +got):\n%s", tt.name, n, after, diff)
				}
				if !died {
					break
				}
			}
			if deaths < 20 {
				t.Errorf("%s: only %d deaths", tt.name, deaths)
			}
		}
	}
}

func TestLeft(t *testing.T) {
	s := newSite(up("p1", "1.0"), up("s1", "1.1"))
	plan := s.gated(t, deployer.Gates{Ready: true, Pause: true, Bake: baked(0)}) // check pause check swap bake | swap-back check-back
	done := func(steps ...int) (all []deployer.Ended) {
		for _, i := range steps {
			all = append(all, deployer.Ended{Step: i, Outcome: deployer.OutcomeDone})
		}
		return all
	}
	failed := deployer.Ended{Step: 4, Outcome: deployer.OutcomeFailed, Note: "it was down"}
	for _, tt := range []struct {
		name  string
		ended []deployer.Ended
		want  string
	}{
		{"nothing", nil, "check pause check swap bake |swap-back check-back|"},
		{"first check", done(0), "pause check swap bake |swap-back check-back|"},
		{"a check before the swap is made again", done(0, 1, 2), "check swap bake |swap-back check-back|"},
		{"swapped", done(0, 1, 2, 3), "bake |swap-back check-back|"},
		{"baked", done(0, 1, 2, 3, 4), " |swap-back check-back|"},
		{"failed", append(done(0, 1, 2, 3), failed), "swap-back check-back ||it was down"},
		{"swapped back", append(done(0, 1, 2, 3, 5), failed), "check-back ||it was down"},
	} {
		left := plan.Left(tt.ended)
		if got := fmt.Sprintf("%s |%s|%s", names(left.Steps), names(left.Back), left.Turned); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}
