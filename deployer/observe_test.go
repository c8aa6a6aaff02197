package deployer_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/management"
)

// restless swaps the slots after some of the readings.
type restless struct {
	*cloud
	swaps int // how often still
}

func (r *restless) Deployment(ctx context.Context, service string, slot management.Slot) (*management.Deployment, error) {
	d, err := r.cloud.Deployment(ctx, service, slot)
	if r.swaps > 0 {
		r.swaps--
		r.exchange()
	}
	return d, err
}

// TestObserveIsWhole reads the slots while they are being swapped.
func TestObserveIsWhole(t *testing.T) {
	tests := []struct {
		name                string
		production, staging *management.Deployment
		swaps               int
		want                string
	}{
		{"quiet", up("p1", "1.0"), up("s1", "1.1"), 0, "S=1.1 P=1.0"},
		{"one swap", up("p1", "1.0"), up("s1", "1.1"), 1, "S=1.0 P=1.1"},
		{"three swaps", up("p1", "1.0"), up("s1", "1.1"), 3, "S=1.0 P=1.1"},
		{"promoted in between", nil, up("s1", "1.1"), 1, "S=- P=1.1"},
		{"both empty", nil, nil, 0, "S=- P=-"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(test.production, test.staging)
			got, err := deployer.Observe(context.Background(), &restless{w.cloud, test.swaps}, "shop")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, labelsOf(got)); diff != "" {
				t.Errorf("mismatch (-want +got)\n%s", diff)
			}
		})
	}
}

func labelsOf(o deployer.Observed) string {
	words := func(d *management.Deployment) string {
		if d == nil {
			return "-"
		}
		return d.Label
	}
	return "S=" + words(o.Staging) + " P=" + words(o.Production)
}

func TestObserveGivesUp(t *testing.T) {
	w := newWorld(up("p1", "1.0"), up("s1", "1.1"))
	_, err := deployer.Observe(context.Background(), &restless{w.cloud, 1 << 20}, "shop")
	if err == nil || !strings.Contains(err.Error(), "swapped during each of 5 readings") {
		t.Errorf("got %v", err)
	}
}

// TestSlotsJSON fixes the shape that scripts read.
func TestSlotsJSON(t *testing.T) {
	d := up("p1", "1.0")
	d.URL, d.VirtualIPs = "http://shop.cloudapp.net/", []management.VirtualIP{{Address: "203.0.113.1"}}
	got, err := json.Marshal(deployer.Observed{Service: "shop", Production: d}.Slots())
	if err != nil {
		t.Fatal(err)
	}
	want := `{"service":"shop","production":{"name":"p1","label":"1.0","status":"Running","url":"http://shop.cloudapp.net/","vip":"203.0.113.1",` +
		`"instances":[{"name":"Web_IN_0","role":"Web","status":"ReadyRole"},{"name":"Web_IN_1","role":"Web","status":"ReadyRole"}],` +
		`"content":"ed1a4fb33aecd94772120727a322a48a8dada9e9b9070701a03eb5ce0f272e19"},"staging":null}`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("mismatch (-want +got)\n%s", diff)
	}
}

// TestPlanSurvivesStorage writes a plan and reads it back, as a journal does.
func TestPlanSurvivesStorage(t *testing.T) {
	w := newWorld(up("p1", "1.0"), up("s1", "1.1"))
	plan := w.plan(t, w.deploy(staging, "1.2"))
	data, err := json.Marshal(plan)
	if err != nil {
		t.Fatal(err)
	}
	var back deployer.Plan
	if err := json.Unmarshal(data, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(plan, back); diff != "" {
		t.Errorf("mismatch (-want +got)\n%s", diff)
	}
}
