package deployer_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/management"
)

// kinds lists what a plan does, in short.
func kinds(p deployer.Plan) string {
	var all []string
	for _, s := range p.Steps {
		all = append(all, string(s.Kind))
	}
	return strings.Join(all, " ")
}

func codes(p deployer.Plan) string {
	var all []string
	for _, d := range p.Decisions {
		word := string(d.Code)
		if d.Warning {
			word = "!" + word
		}
		all = append(all, word)
	}
	return strings.Join(all, " ")
}

func refusals(p deployer.Plan) string {
	var all []string
	for _, r := range p.Refusals {
		all = append(all, string(r.Code))
	}
	return strings.Join(all, " ")
}

// seen makes an observation of ready deployments from their labels; "" is empty.
func seen(staging, production string) deployer.Observed {
	o := deployer.Observed{Service: "shop"}
	if staging != "" {
		o.Staging = up("s-"+staging, staging)
		o.Staging.Slot = management.Staging
	}
	if production != "" {
		o.Production = up("p-"+production, production)
		o.Production.Slot = management.Production
	}
	return o
}

func wish(slot management.Slot, label string, change func(*deployer.Options)) deployer.Deploy {
	d := deployer.Deploy{Service: "shop", Slot: slot, Label: label, Name: "fresh", Package: pkg(label), Configuration: []byte(configuration), Options: deployer.DefaultOptions()}
	if change != nil {
		change(&d.Options)
	}
	return d
}

const (
	production = management.Production
	staging    = management.Staging
)

// TestTrace walks the worked example of the two generations of the guide's step:
// G1 is the guide, G2 what the step did from the end of 2015 on.
func TestTrace(t *testing.T) {
	const (
		create  = "upload create ready"
		upgrade = "upload upgrade ready"
		swap    = "swap"
	)
	tests := []struct {
		name                string
		staging, production string
		slot                management.Slot
		label               string
		guide, later        string
	}{
		{"R1 to Staging", "", "", staging, "R1", create, create},
		{"R1 to Production, the first time", "R1", "", production, "R1", create, swap},
		{"R2 to Staging, by the guide over R1", "R1", "R1", staging, "R2", upgrade, upgrade},
		{"R2 to Staging, later into the empty slot", "", "R1", staging, "R2", create, create},
		{"R2 to Production", "R2", "R1", production, "R2", swap, swap},
		{"R2 to Production again", "R1", "R2", production, "R2", upgrade, upgrade},
		{"R1 to Production, a rollback", "R1", "R2", production, "R1", swap, swap},
		{"R3 to Staging over the old version", "R1", "R2", staging, "R3", upgrade, upgrade},
		{"staging deleted, R1 to Production", "", "R2", production, "R1", upgrade, upgrade},
		{"R1 again after the guide's first pair", "R1", "R1", production, "R1", swap, swap},
		{"R1 again after the later first move", "", "R1", production, "R1", upgrade, upgrade},
		{"another release staged, production empty", "R1", "", production, "R2", create, create},
		{"nothing anywhere, to Production", "", "", production, "R1", create, create},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for _, g := range []struct {
				name  string
				later bool
				want  string
			}{{"guide", false, test.guide}, {"later", true, test.later}} {
				d := wish(test.slot, test.label, func(o *deployer.Options) { o.SwapIntoEmptyProduction = g.later })
				p, err := deployer.MakePlan(d, seen(test.staging, test.production))
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(g.want, kinds(p)); diff != "" || p.Refused() {
					t.Errorf("%s: mismatch (-want +got)\n%srefusals: %v", g.name, diff, p.Refusals)
				}
			}
		})
	}
}

func TestDeployPlans(t *testing.T) {
	tests := []struct {
		name    string
		seen    deployer.Observed
		wish    deployer.Deploy
		codes   string
		kinds   string
		refused string
	}{
		{
			"first deployment", seen("", ""), wish(staging, "R1", nil),
			"slot-empty", "upload create ready", "",
		}, {
			"no waiting for instances", seen("", ""), wish(staging, "R1", func(o *deployer.Options) { o.Waits.NoReady = true }),
			"slot-empty", "upload create", "",
		}, {
			"guide's first production deployment", seen("R1", ""), wish(production, "R1", nil),
			"production-empty slot-empty", "upload create ready", "",
		}, {
			"later behaviour", seen("R1", ""), wish(production, "R1", func(o *deployer.Options) { o.SwapIntoEmptyProduction = true }),
			"promote-into-empty", "swap", "",
		}, {
			"swap", seen("R2", "R1"), wish(production, "R2", nil),
			"staged-label-matches", "swap", "",
		}, {
			"swap not wanted", seen("R2", "R1"), wish(production, "R2", func(o *deployer.Options) { o.SwapIfPossible = false }),
			"slot-occupied !live-slot-upgrade", "upload upgrade ready", "",
		}, {
			"label mismatch", seen("R1", "R2"), wish(production, "R3", nil),
			"staged-label-differs slot-occupied !live-slot-upgrade", "upload upgrade ready", "",
		}, {
			"label mismatch refused", seen("R1", "R2"), wish(production, "R3", func(o *deployer.Options) { o.OnLabelMismatch = deployer.MismatchFail }),
			"slot-occupied !live-slot-upgrade", "", "staged-label-differs",
		}, {
			"nothing staged refused", seen("", "R2"), wish(production, "R3", func(o *deployer.Options) { o.OnLabelMismatch = deployer.MismatchFail }),
			"slot-occupied !live-slot-upgrade", "", "nothing-staged",
		}, {
			"mismatch policy does not matter in an empty production slot", seen("R1", ""), wish(production, "R3", func(o *deployer.Options) { o.OnLabelMismatch = deployer.MismatchFail }),
			"production-empty slot-empty", "upload create ready", "",
		}, {
			"case differs", seen("r2", "R1"), wish(production, "R2", nil),
			"staged-label-differs slot-occupied !live-slot-upgrade", "upload upgrade ready", "",
		}, {
			"case ignored", seen("r2", "R1"), wish(production, "R2", func(o *deployer.Options) { o.IgnoreLabelCase = true }),
			"staged-label-matches", "swap", "",
		}, {
			"same label skipped", seen("R1", "R2"), wish(production, "R2", func(o *deployer.Options) { o.SkipSameLabel = true }),
			"already-there", "", "",
		}, {
			"same label in staging redeployed", seen("R2", "R1"), wish(staging, "R2", nil),
			"slot-occupied", "upload upgrade ready", "",
		}, {
			"rollback copy lost", seen("R1", "R2"), wish(staging, "R3", nil),
			"slot-occupied !rollback-copy-replaced", "upload upgrade ready", "",
		}, {
			"same label in both slots", seen("R1", "R1"), wish(production, "R1", nil),
			"staged-label-matches !same-label-swap", "swap", "",
		}, {
			"manual upgrade", seen("R1", ""), wish(staging, "R2", func(o *deployer.Options) { o.UpgradeMode = deployer.ModeManual }),
			"slot-occupied !manual-upgrade", "upload upgrade", "",
		}, {
			"empty label", seen("", ""), wish(staging, "", nil),
			"slot-empty", "", "bad-label",
		}, {
			"longest label", seen("", ""), wish(staging, strings.Repeat("ö", 100), nil),
			"slot-empty", "upload create ready", "",
		}, {
			"label too long", seen("", ""), wish(staging, strings.Repeat("ö", 101), nil),
			"slot-empty", "", "bad-label",
		}, {
			"bad name", seen("", ""), func() deployer.Deploy { d := wish(staging, "R1", nil); d.Name = "instance_B"; return d }(),
			"slot-empty", "", "bad-name",
		}, {
			"no name", seen("", ""), func() deployer.Deploy { d := wish(staging, "R1", nil); d.Name = ""; return d }(),
			"slot-empty", "", "bad-name",
		}, {
			"name taken", seen("", "R0"), func() deployer.Deploy { d := wish(staging, "R1", nil); d.Name = "P-r0"; return d }(),
			"slot-empty", "", "bad-name",
		}, {
			"package that the service would refuse", seen("", ""), func() deployer.Deploy {
				d := wish(staging, "R1", nil)
				d.Problems = []deployer.Refusal{{Code: deployer.BadConfiguration, Text: "a setting is missing"}}
				return d
			}(),
			"slot-empty", "", "bad-configuration",
		}, {
			"package that a swap does not need", seen("R2", "R1"), func() deployer.Deploy {
				d := wish(production, "R2", nil)
				d.Problems = []deployer.Refusal{{Code: deployer.BadConfiguration, Text: "a setting is missing"}}
				return d
			}(),
			"staged-label-matches", "swap", "",
		}, {
			"package that production cannot be swapped with", seen("", "R0"), func() deployer.Deploy {
				d := wish(staging, "R1", nil)
				d.Endpoints = deployer.Endpoints{"http": 1, "https": 1}
				return d
			}(),
			"slot-empty !later-swap-impeded", "upload create ready", "",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p, err := deployer.MakePlan(test.wish, test.seen)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{test.codes, test.kinds, test.refused}, []string{codes(p), kinds(p), refusals(p)}); diff != "" {
				t.Errorf("mismatch (-want +got)\n%s", diff)
			}
		})
	}
}

// changed returns an observation after a change of its deployments.
func changed(o deployer.Observed, change func(staging, production *management.Deployment)) deployer.Observed {
	change(o.Staging, o.Production)
	return o
}

func setStatus(d *management.Deployment, s management.DeploymentStatus, instances management.InstanceStatus) {
	d.Status = s
	for i := range d.Instances {
		d.Instances[i].Status = instances
	}
}

// reserved gives the deployments in some slots a reserved address.
func reserved(slots ...management.Slot) func(staging, production *management.Deployment) {
	return func(s, p *management.Deployment) {
		for _, d := range []*management.Deployment{s, p} {
			if d != nil && slices.Contains(slots, d.Slot) {
				d.ReservedIPName = "front-" + string(d.Slot)
			}
		}
	}
}

func TestSlotPlans(t *testing.T) {
	noWait := deployer.Waits{NoReady: true}
	starting := func(s, _ *management.Deployment) { setStatus(s, management.StatusRunning, "StartingRole") }
	allSuspended := func(s, p *management.Deployment) {
		s.Status, p.Status = management.StatusSuspended, management.StatusSuspended
	}
	suspended := func(s, _ *management.Deployment) {
		setStatus(s, management.StatusSuspended, management.InstanceStopped)
	}
	remoteDesktop := func(s, _ *management.Deployment) {
		s.Roles[0].InputEndpoints = append(s.Roles[0].InputEndpoints, management.InputEndpoint{Port: 3389, Protocol: "tcp"})
	}
	otherType := func(_, p *management.Deployment) { p.Roles[0].InputEndpoints[0].Protocol = "https" }
	otherPort := func(_, p *management.Deployment) {
		p.Roles[0].InputEndpoints[0].Port, p.Roles[0].Name = 8080, "Site"
	}
	locked := func(s, _ *management.Deployment) { s.Locked = true }
	tests := []struct {
		name    string
		seen    deployer.Observed
		desired deployer.Desired
		codes   string
		kinds   string
		refused string
	}{
		{"swap", seen("R2", "R1"), deployer.Swap{Service: "shop"}, "swap-asked", "swap", ""},
		{"swap nothing", seen("", "R1"), deployer.Swap{Service: "shop"}, "", "", "nothing-staged"},
		{"swap into empty", seen("R1", ""), deployer.Swap{Service: "shop"}, "!promote-into-empty", "swap", ""},
		{"swap the expected", seen("R2", "R1"), deployer.Swap{Service: "shop", ExpectStaged: "R2"}, "swap-asked", "swap", ""},
		{"swap something else", seen("R2", "R1"), deployer.Swap{Service: "shop", ExpectStaged: "R3"}, "", "", "unexpected-deployment"},
		{"swap, more endpoints staged", changed(seen("R2", "R1"), remoteDesktop), deployer.Swap{Service: "shop"}, "swap-asked", "", "endpoints-differ"},
		{"swap, other type of endpoint", changed(seen("R2", "R1"), otherType), deployer.Swap{Service: "shop"}, "swap-asked", "", "endpoints-differ"},
		{"swap, other port and role", changed(seen("R2", "R1"), otherPort), deployer.Swap{Service: "shop"}, "swap-asked", "swap", ""},
		{"swap, reserved address in production only", changed(seen("R2", "R1"), reserved(production)), deployer.Swap{Service: "shop"}, "swap-asked", "", "addresses-differ"},
		{"swap, reserved address in staging only", changed(seen("R2", "R1"), reserved(staging)), deployer.Swap{Service: "shop"}, "swap-asked", "", "addresses-differ"},
		{"swap, reserved addresses in both", changed(seen("R2", "R1"), reserved(production, staging)), deployer.Swap{Service: "shop"}, "swap-asked", "swap", ""},
		{"swap, reserved address into empty", changed(seen("R1", ""), reserved(staging)), deployer.Swap{Service: "shop"}, "!promote-into-empty", "swap", ""},
		{"deploy by swap, other endpoints", changed(seen("R2", "R1"), remoteDesktop), wish(production, "R2", nil), "staged-label-matches", "", "endpoints-differ"},
		{"swap what starts", changed(seen("R2", "R1"), starting), deployer.Swap{Service: "shop"}, "swap-asked !staged-not-ready", "ready swap", ""},
		{"swap what starts without waiting", changed(seen("R2", "R1"), starting), deployer.Swap{Service: "shop", Waits: noWait}, "swap-asked !staged-not-ready", "swap", ""},
		{"swap what is suspended", changed(seen("R2", "R1"), suspended), deployer.Swap{Service: "shop"}, "swap-asked", "", "staged-suspended"},
		{"swap what is suspended without waiting", changed(seen("R2", "R1"), suspended), deployer.Swap{Service: "shop", Waits: noWait}, "swap-asked !staged-suspended", "swap", ""},
		{"swap what is suspended into empty", changed(seen("R1", ""), suspended), deployer.Swap{Service: "shop"}, "!promote-into-empty !staged-suspended", "swap", ""},
		{"swap what is suspended with the like", changed(seen("R2", "R1"), allSuspended), deployer.Swap{Service: "shop"}, "swap-asked !staged-suspended", "swap", ""},
		{"deploy by swap what is suspended", changed(seen("R2", "R1"), suspended), wish(production, "R2", nil), "staged-label-matches", "", "staged-suspended"},
		{"swap during an operation", changed(seen("R2", "R1"), locked), deployer.Swap{Service: "shop"}, "swap-asked !operation-running", "swap", ""},
		{"rollback", seen("R1", "R2"), deployer.Rollback{Service: "shop", ExpectLabel: "R1", Previous: &deployer.SlotState{Name: "S-R1", Label: "R1"}}, "swap-back", "swap", ""},
		{"rollback to what is suspended", changed(seen("R1", "R2"), suspended), deployer.Rollback{Service: "shop"}, "swap-back", "", "staged-suspended"},
		{"rollback to what is suspended without waiting", changed(seen("R1", "R2"), suspended), deployer.Rollback{Service: "shop", Waits: noWait}, "swap-back !staged-suspended", "swap", ""},
		{"rollback to nothing", seen("", "R2"), deployer.Rollback{Service: "shop"}, "", "", "nothing-staged"},
		{"rollback of nothing", seen("R1", ""), deployer.Rollback{Service: "shop"}, "", "", "production-empty"},
		{"rollback to another label", seen("R3", "R2"), deployer.Rollback{Service: "shop", ExpectLabel: "R1"}, "", "", "unexpected-deployment"},
		{"rollback to what was upgraded", seen("R1", "R2"), deployer.Rollback{Service: "shop", Previous: &deployer.SlotState{Name: "s-R1", Label: "R0"}}, "", "", "unexpected-deployment"},
		{"rollback to what has other contents", seen("R1", "R2"), deployer.Rollback{Service: "shop", Previous: &deployer.SlotState{Name: "s-R1", Label: "R1", Content: "other"}}, "", "", "content-changed"},
		{"rollback to another deployment", seen("R1", "R2"), deployer.Rollback{Service: "shop", Previous: &deployer.SlotState{Name: "s-R0", Label: "R0"}}, "", "", "unexpected-deployment"},
		{"delete staging", seen("R1", "R2"), deployer.Delete{Service: "shop", Slot: staging}, "slot-deleted", "delete", ""},
		{"delete nothing", seen("", "R2"), deployer.Delete{Service: "shop", Slot: staging}, "already-there", "", ""},
		{"delete production", seen("", "R2"), deployer.Delete{Service: "shop", Slot: production}, "", "", "not-confirmed"},
		{"delete production confirmed", seen("", "R2"), deployer.Delete{Service: "shop", Slot: production, Confirmed: true}, "slot-deleted", "delete", ""},
		{"delete another", seen("R1", "R2"), deployer.Delete{Service: "shop", Slot: staging, ExpectName: "s-R0"}, "", "", "unexpected-deployment"},
		{"suspend", seen("R1", ""), deployer.SetStatus{Service: "shop", Slot: staging, Status: management.StatusSuspended}, "status-changed", "status", ""},
		{"start", changed(seen("R1", ""), suspended), deployer.SetStatus{Service: "shop", Slot: staging, Status: management.StatusRunning}, "status-changed", "status ready", ""},
		{"suspend production", seen("R1", "R0"), deployer.SetStatus{Service: "shop", Slot: production, Status: management.StatusSuspended}, "", "", "not-confirmed"},
		{"suspend production, confirmed", seen("R1", "R0"), deployer.SetStatus{Service: "shop", Slot: production, Status: management.StatusSuspended, Confirmed: true}, "status-changed", "status", ""},
		{"start what runs", seen("R1", ""), deployer.SetStatus{Service: "shop", Slot: staging, Status: management.StatusRunning}, "already-there", "", ""},
		{"start nothing", seen("", ""), deployer.SetStatus{Service: "shop", Slot: staging, Status: management.StatusRunning}, "", "", "slot-is-empty"},
		{"upgrade what is suspended", changed(seen("R1", ""), suspended), wish(staging, "R2", nil), "slot-occupied !stays-suspended", "upload upgrade ready", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p, err := deployer.MakePlan(test.desired, test.seen)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{test.codes, test.kinds, test.refused}, []string{codes(p), kinds(p), refusals(p)}); diff != "" {
				t.Errorf("mismatch (-want +got)\n%s", diff)
			}
		})
	}
}

func TestMakePlanErrors(t *testing.T) {
	tests := []struct {
		name    string
		desired deployer.Desired
		want    string
	}{
		{"no service", deployer.Swap{}, "no cloud service is named"},
		{"other service", deployer.Swap{Service: "mall"}, "a plan for mall cannot be made from what was seen of shop"},
		{"slot", deployer.Delete{Service: "shop", Slot: "production"}, `unknown slot "production": use Staging or Production`},
		{"status", deployer.SetStatus{Service: "shop", Slot: staging, Status: "Deleting"}, `a deployment cannot be set to "Deleting": use Running or Suspended`},
		{"mismatch", wish(staging, "R1", func(o *deployer.Options) { o.OnLabelMismatch = "ask" }), `unknown choice "ask" for a label mismatch: use deploy or fail`},
		{"mode", wish(staging, "R1", func(o *deployer.Options) { o.UpgradeMode = "auto" }), `unknown upgrade mode "auto": use Auto, Manual or Simultaneous`},
		{"time", deployer.Swap{Service: "shop", Waits: deployer.Waits{Timeout: -1}}, "negative time limit -1ns"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := deployer.MakePlan(test.desired, seen("R1", "R2"))
			if err == nil {
				t.Fatal("no error")
			}
			if diff := cmp.Diff(test.want, err.Error()); diff != "" {
				t.Errorf("mismatch (-want +got)\n%s", diff)
			}
		})
	}
}

func TestEndpointRefusalCountsBoth(t *testing.T) {
	o := seen("R2", "R1")
	o.Staging.Roles[0].InputEndpoints = append(o.Staging.Roles[0].InputEndpoints, management.InputEndpoint{Port: 3389, Protocol: "TCP"})
	p, err := deployer.MakePlan(deployer.Swap{Service: "shop"}, o)
	if err != nil {
		t.Fatal(err)
	}
	want := "staging has 2 endpoints (1 http, 1 tcp) and production has 1 endpoint (1 http): the service swaps only deployments with the same number and types of endpoints"
	if diff := cmp.Diff(want, p.Refusals[0].Text); diff != "" {
		t.Errorf("mismatch (-want +got)\n%s", diff)
	}
}

func TestNames(t *testing.T) {
	name, err := deployer.NewName(strings.NewReader("0123456789abcdef"))
	if diff := cmp.Diff("30313233343536373839616263646566", name); diff != "" || err != nil {
		t.Errorf("mismatch (-want +got)\n%s%v", diff, err)
	}
	if _, err := deployer.NewName(strings.NewReader("short")); err == nil {
		t.Error("a source that ends too early gives no error")
	}
	if diff := cmp.Diff("Deploy shop v1.1.0", deployer.DefaultLabel("Deploy shop", "1.1.0")); diff != "" {
		t.Errorf("mismatch (-want +got)\n%s", diff)
	}
}
