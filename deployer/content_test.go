package deployer_test

import (
	"strings"
	"testing"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/management"
)

// TestContent changes a deployment in all ways, and asks whether the slot still holds
// what was seen in it.
func TestContent(t *testing.T) {
	const configuration = `<ServiceConfiguration serviceName="shop" xmlns="http://schemas.microsoft.com/ServiceHosting/2008/10/ServiceConfiguration">
  <Role name="Web"><Instances count="2" /><ConfigurationSettings><Setting name="Key" value="a" /></ConfigurationSettings></Role>
</ServiceConfiguration>`
	state := func(change func(d *management.Deployment)) *deployer.SlotState {
		d := up("p1", "1.0")
		d.Configuration = []byte(configuration)
		change(d)
		return deployer.Observed{Service: "shop", Production: d}.Slots().Production
	}
	before := state(func(*management.Deployment) {})
	for _, tt := range []struct {
		name   string
		change func(d *management.Deployment)
		want   bool
	}{
		{"nothing", func(*management.Deployment) {}, true},
		{"another case of its name", func(d *management.Deployment) { d.Name = "P1" }, true},
		{"suspended", func(d *management.Deployment) { d.Status, d.Instances = management.StatusSuspended, nil }, true},
		{"scaled", func(d *management.Deployment) { d.Configuration = replaced(configuration, `count="2"`, `count="1"`) }, true},
		{"in another slot, at another address", func(d *management.Deployment) { d.URL, d.VirtualIPs = "http://x/", nil }, true},
		{"another setting", func(d *management.Deployment) { d.Configuration = replaced(configuration, `value="a"`, `value="b"`) }, false},
		{"a configuration that is none", func(d *management.Deployment) { d.Configuration = []byte("<") }, false},
		{"another label", func(d *management.Deployment) { d.Label = "1.1" }, false},
		{"another name", func(d *management.Deployment) { d.Name = "p2" }, false},
		{"upgraded by a plan", func(d *management.Deployment) {
			d.Properties = []management.Property{{Name: deployer.MarkProperty, Value: "plan"}}
		}, false},
	} {
		if got := before.Holds(state(tt.change)); got != tt.want {
			t.Errorf("%s: it holds what was seen: %t, want %t", tt.name, got, tt.want)
		}
	}
	older := *before
	older.Content = ""
	if !older.Holds(state(func(d *management.Deployment) { d.Configuration = nil })) {
		t.Error("a record without a content does not hold what has its name and label")
	}
	if before.Holds(nil) || (*deployer.SlotState)(nil).Holds(before) || !(*deployer.SlotState)(nil).Holds(nil) {
		t.Error("an empty slot holds what it should not, or the other way round")
	}
}

func replaced(text, old, now string) []byte { return []byte(strings.ReplaceAll(text, old, now)) }
