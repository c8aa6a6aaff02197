package deployer_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/management"
)

// configured returns a configuration of roles, each NAME=COUNT and then settings as
// NAME=VALUE.
func configured(roles ...string) []byte {
	var b strings.Builder
	b.WriteString(`<ServiceConfiguration serviceName="Shop" osFamily="4" xmlns="http://schemas.microsoft.com/ServiceHosting/2008/10/ServiceConfiguration">`)
	for _, role := range roles {
		words := strings.Fields(role)
		name, count, _ := strings.Cut(words[0], "=")
		fmt.Fprintf(&b, `<Role name="%s"><Instances count="%s"/><ConfigurationSettings>`, name, count)
		for _, setting := range words[1:] {
			key, value, _ := strings.Cut(setting, "=")
			fmt.Fprintf(&b, `<Setting name="%s" value="%s"/>`, key, value)
		}
		b.WriteString(`</ConfigurationSettings></Role>`)
	}
	b.WriteString(`</ServiceConfiguration>`)
	return []byte(b.String())
}

// TestWhatASwapBrings compares what is staged with what production has and would get.
func TestWhatASwapBrings(t *testing.T) {
	const fewer, settings = "fewer-instances: ", "settings-differ: "
	one, six := configured("Web=1 Password=staging-db"), configured("Web=6 Password=PRODUCTION-db")
	many := make([]string, 12)
	for i := range many {
		many[i] = fmt.Sprintf("S%d=x", i)
	}
	for _, test := range []struct {
		name                  string
		production, staged    []byte // nil for an empty slot, or a configuration that is not known
		wanted                []byte
		release, swap, goBack []string
	}{
		{"the same", one, one, one, nil, nil, nil},
		{"fewer, and other settings", six, one, six,
			[]string{
				fewer + "role Web has 1 instance in staging, which the swap does not change: production has 6 now, and deployed to production it would get 6",
				settings + "1 setting of staging is not what production would get, and the swap does not change that: Web/Password",
			},
			[]string{fewer + "role Web has 1 instance in staging, which the swap does not change: production has 6 now"},
			[]string{fewer + "role Web has 1 instance in staging, which the swap does not change: production has 6 now"}},
		{"more than production has", one, six, one, []string{settings + "1 setting of staging is not what production would get, and the swap does not change that: Web/Password"}, nil, nil},
		{"fewer than it would get", configured("Web=1"), configured("Web=1"), configured("Web=3"),
			[]string{fewer + "role Web has 1 instance in staging, which the swap does not change: deployed to production it would get 3"}, nil, nil},
		{"a role that production lacks", configured("Web=2"), configured("Web=2", "Orders=1"), configured("Web=2", "Orders=1"), nil, nil, nil},
		{"a setting that staging lacks", nil, configured("Web=1 a=1"), configured("web=1 A=1 B=2"),
			[]string{settings + "1 setting of staging is not what production would get, and the swap does not change that: web/B"}, nil, nil},
		{"many settings", nil, configured("Web=1"), configured("Web=1 " + strings.Join(many, " ")),
			[]string{settings + "12 settings of staging are not what production would get, and the swap does not change that: Web/S0, Web/S1, Web/S2, Web/S3, Web/S4, Web/S5, Web/S6, Web/S7, Web/S8, Web/S9, and 2 more"}, nil, nil},
		{"not known", six, []byte("<"), six, nil, nil, nil},
		{"not known what it would get", six, one, nil,
			[]string{fewer + "role Web has 1 instance in staging, which the swap does not change: production has 6 now"},
			[]string{fewer + "role Web has 1 instance in staging, which the swap does not change: production has 6 now"},
			[]string{fewer + "role Web has 1 instance in staging, which the swap does not change: production has 6 now"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(up("p1", "live"), up("s1", "next"))
			w.slots[production].Configuration, w.slots[staging].Configuration = test.production, test.staged
			wish := w.deploy(production, "next")
			wish.Configuration = test.wanted
			desires := []deployer.Desired{wish, deployer.Swap{Service: "shop"}, deployer.Rollback{Service: "shop"}}
			for i, want := range [][]string{test.release, test.swap, test.goBack} {
				plan := w.plan(t, desires[i])
				if diff := cmp.Diff(want, brought(plan)); diff != "" {
					t.Errorf("%s: mismatch (-want +got):\n%s", plan.Action, diff)
				}
				if careful := plan.Refusing(deployer.Careful()...); careful.Refused() != (len(want) > 0) {
					t.Errorf("%s: careful people are refused: %v", plan.Action, careful.Refusals)
				}
			}
		})
	}
}

// brought lists the warnings about what a swap brings into production.
func brought(plan deployer.Plan) []string {
	var all []string
	for _, d := range plan.Decisions {
		if d.Warning && (d.Code == deployer.FewerInstances || d.Code == deployer.SettingsDiffer) {
			all = append(all, string(d.Code)+": "+d.Text)
		}
	}
	return all
}

// TestIntoEmptyProduction warns of what production would get, although it has nothing.
func TestIntoEmptyProduction(t *testing.T) {
	w := newWorld(nil, up("s1", "1.1"))
	w.slots[staging].Configuration = configured("Web=1")
	wish := w.deploy(production, "1.1")
	wish.Configuration, wish.Options.SwapIntoEmptyProduction = configured("Web=3"), true
	want := []string{"fewer-instances: role Web has 1 instance in staging, which the swap does not change: deployed to production it would get 3"}
	if diff := cmp.Diff(want, brought(w.plan(t, wish))); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
	if got := brought(w.plan(t, deployer.SetStatus{Service: "shop", Slot: staging, Status: management.StatusSuspended})); got != nil {
		t.Errorf("nothing is swapped, and there is a warning: %v", got)
	}
}
