package deployer_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/management"
)

// scaled returns a deployment with so many instances of its roles Web and Orders.
func scaled(name string, web, orders int) *management.Deployment {
	d := up(name, "1.0")
	d.Configuration = fmt.Appendf(nil, `<ServiceConfiguration serviceName="Shop" xmlns="http://schemas.microsoft.com/ServiceHosting/2008/10/ServiceConfiguration">
  <Role name="Web"><Instances count="%d" /></Role>
  <Role name="Orders"><Instances count="%d" /></Role>
</ServiceConfiguration>`, web, orders)
	d.Instances = nil
	for role, n := range map[string]int{"Web": web, "Orders": orders} {
		for i := range n {
			d.Instances = append(d.Instances, management.Instance{Role: role, Name: fmt.Sprintf("%s_IN_%d", role, i), Status: management.InstanceReady})
		}
	}
	return d
}

// TestPlanScale plans fewer instances, never more, and nothing for who has few.
func TestPlanScale(t *testing.T) {
	broken := scaled("s1", 2, 1)
	broken.Configuration = []byte("<no")
	tests := map[string]struct {
		staging *management.Deployment
		scale   deployer.Scale
		want    []string // steps
		code    deployer.Code
	}{
		"to one":             {scaled("s1", 4, 2), deployer.Scale{Most: 1}, []string{"Orders=1,Web=1", ""}, deployer.CountsChanged},
		"some role has less": {scaled("s1", 4, 2), deployer.Scale{Most: 3}, []string{"Orders=2,Web=3", ""}, deployer.CountsChanged},
		"without waiting":    {scaled("s1", 4, 2), deployer.Scale{Most: 3, Waits: deployer.Waits{NoReady: true}}, []string{"Orders=2,Web=3"}, deployer.CountsChanged},
		"nobody has more":    {scaled("s1", 4, 2), deployer.Scale{Most: 4}, nil, deployer.AlreadyThere},
		"nothing there":      {nil, deployer.Scale{Most: 1}, nil, deployer.SlotIsEmpty},
		"another is there":   {scaled("s1", 4, 2), deployer.Scale{Most: 1, ExpectName: "s2"}, nil, deployer.UnexpectedDeployment},
		"no configuration":   {broken, deployer.Scale{Most: 1}, nil, deployer.BadConfiguration},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			tt.scale.Service, tt.scale.Slot = "shop", staging
			plan := newWorld(nil, tt.staging).plan(t, tt.scale)
			var got []string
			for _, s := range plan.Steps {
				got = append(got, s.Counts)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("counts mismatch (-want +got):\n%s", diff)
			}
			codes := fmt.Sprint(plan.Decisions, plan.Refusals)
			if !strings.Contains(codes, string(tt.code)) {
				t.Errorf("%s is not among %s", tt.code, codes)
			}
		})
	}
	if _, err := deployer.MakePlan(deployer.Scale{Service: "shop", Slot: staging}, deployer.Observed{Service: "shop"}); err == nil {
		t.Error("a role can have no instances")
	}
}

// TestScaleRuns carries a plan out with calls that are cut off before and after they
// take effect: the configuration is changed once, and undone once.
func TestScaleRuns(t *testing.T) {
	for at := 1; ; at++ {
		w := newWorld(up("p1", "1.1"), scaled("s1", 4, 2))
		plan := w.plan(t, deployer.Scale{Service: "shop", Slot: staging, Most: 1})
		w.calls.killAt, w.calls.made, w.calls.after = at, 0, at%2 == 0
		_, err := deployer.Run(context.Background(), w.ports(""), plan)
		killed := w.calls.dead
		if w.reboot(); killed {
			_, err = deployer.Run(context.Background(), w.ports(""), plan)
		}
		if err != nil {
			t.Fatalf("killed at %d: %v", at, err)
		}
		if diff := cmp.Diff([]string{"configure"}, w.made); diff != "" {
			t.Errorf("killed at %d: changes mismatch (-want +got):\n%s", at, diff)
		}
		if n := len(w.slots[staging].Instances); n != 2 {
			t.Errorf("killed at %d: there are %d instances, want 2", at, n)
		}
		undo := w.plan(t, deployer.Undo{Of: plan})
		if _, err := deployer.Run(context.Background(), w.ports(""), undo); err != nil {
			t.Fatal(err)
		}
		if n := len(w.slots[staging].Instances); n != 6 {
			t.Errorf("killed at %d: undone, there are %d instances, want 6", at, n)
		}
		if again := w.plan(t, deployer.Undo{Of: plan}); !again.Empty() {
			t.Errorf("killed at %d: undone a second time: %v", at, again.Steps)
		}
		if !killed {
			break
		}
	}
}

// TestScaleMoved does not touch a deployment that went to another slot or was
// replaced, nor obeys counts that cannot be.
func TestScaleMoved(t *testing.T) {
	w := newWorld(up("p1", "1.1"), scaled("s1", 4, 2))
	plan := w.plan(t, deployer.Scale{Service: "shop", Slot: staging, Most: 1})
	w.exchange()
	if _, err := deployer.Run(context.Background(), w.ports(""), plan); err == nil || len(w.made) > 0 {
		t.Errorf("what serves production was scaled: %v, %v", w.made, err)
	}
	w.exchange()
	for _, counts := range []string{"", "Web", "Web=0", "Web=x", "=1"} {
		plan.Steps[0].Counts = counts
		if _, err := deployer.Run(context.Background(), w.ports(""), plan); err == nil || len(w.made) > 0 {
			t.Errorf("counts %q: %v, %v", counts, w.made, err)
		}
	}
}
