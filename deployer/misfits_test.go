package deployer_test

import (
	"strings"
	"testing"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/management"
)

// bothSlots has a deployment in each slot.
func bothSlots() deployer.Observed {
	of := func(name, label string) *management.Deployment {
		return &management.Deployment{
			Name: name, Label: label, Status: management.StatusRunning,
			Instances: []management.Instance{{Name: "Web_IN_0", Role: "Web", Status: management.InstanceReady}},
		}
	}
	return deployer.Observed{Service: "shop", Staging: of("s", "1.1.0"), Production: of("p", "1.0.0")}
}

// TestMisfits plans for both slots, lets somebody else change them, and asks whether the
// next change still fits.
func TestMisfits(t *testing.T) {
	swap := deployer.Swap{Service: "shop"}
	remove := deployer.Delete{Service: "shop", Slot: management.Staging}
	suspend := deployer.SetStatus{Service: "shop", Slot: management.Staging, Status: management.StatusSuspended}
	upgraded := func(o *deployer.Observed) { o.Staging.Label = "6.6.6" }
	for _, tt := range []struct {
		name    string
		desired deployer.Desired
		meddle  func(o *deployer.Observed)
		want    string // "" fits
	}{
		{"nobody meddles with a swap", swap, func(*deployer.Observed) {}, ""},
		{"staging is upgraded before a swap", swap, upgraded, `staging holds deployment s ("6.6.6")`},
		{"staging is deployed anew under its label", swap, func(o *deployer.Observed) {
			o.Staging.Properties = []management.Property{{Name: deployer.MarkProperty, Value: "another"}}
		}, `staging holds deployment s ("1.1.0"), but it was deployed anew or configured otherwise`},
		{"staging is scaled and restarts", swap, func(o *deployer.Observed) { o.Staging.Instances = nil }, ""},
		{"production is upgraded before a swap", swap, func(o *deployer.Observed) { o.Production.Label = "1.0.1" }, `production holds deployment p ("1.0.1")`},
		{"production is deleted before a swap", swap, func(o *deployer.Observed) { o.Production = nil }, "production is empty"},
		{"the slots were swapped", swap, func(o *deployer.Observed) { o.Staging, o.Production = o.Production, o.Staging }, ""},
		{"and staging upgraded, which is no matter of the swap", swap, func(o *deployer.Observed) {
			o.Staging, o.Production = o.Production, o.Staging
			upgraded(o)
		}, ""},
		{"and production upgraded", swap, func(o *deployer.Observed) {
			o.Staging, o.Production = o.Production, o.Staging
			o.Production.Label = "6.6.6"
		}, `production holds deployment s ("6.6.6")`},
		{"staging is upgraded before its deletion", remove, upgraded, `staging holds deployment s ("6.6.6")`},
		{"staging is gone before its deletion", remove, func(o *deployer.Observed) { o.Staging = nil }, ""},
		{"staging is upgraded before it is suspended", suspend, upgraded, `staging holds deployment s ("6.6.6")`},
	} {
		seen := bothSlots()
		plan, err := deployer.MakePlan(tt.desired, seen)
		if err != nil || plan.Refused() {
			t.Fatalf("%s: no plan: %v %v", tt.name, err, plan.Refusals)
		}
		tt.meddle(&seen)
		got := ""
		for _, r := range plan.Misfits(seen) {
			got += r.Text
		}
		if (got == "") != (tt.want == "") || !strings.Contains(got, tt.want) {
			t.Errorf("%s: the plan misfits with %q, want %q", tt.name, got, tt.want)
		}
	}
}
