package cloud_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/emulator/cloud"
)

// A universe in the middle of everything fits together; one whose records were
// tampered with is told what does not.
func TestCheck(t *testing.T) {
	tests := []struct {
		name   string
		damage func(cloud.Saved)
		want   []string // beginnings
	}{
		{"whole", func(cloud.Saved) {}, nil},
		{"an operation is missing", func(s cloud.Saved) { delete(s.Records["operations"], swapID) }, []string{
			"Production slot of shop is held by operation " + swapID, "Staging slot of shop is held by operation " + swapID, "pending work ",
		}},
		{"another name", func(s cloud.Saved) { rename(s.Records["services"], "shop", "store") }, []string{`hosted service "shop" is kept under another name`}},
		{"another id", func(s cloud.Saved) { rename(s.Records["operations"], swapID, "x") }, []string{
			"Production slot of shop", "Staging slot of shop", "operation " + swapID + " is kept as x", "pending work ",
		}},
		{"no order", func(s cloud.Saved) { edit(s, "operations", swapID, `"Order":{`, `"Ordre":{`) }, []string{"operation " + swapID + " (Swap Deployment) cannot go on"}},
		{"no such sequence", func(s cloud.Saved) { edit(s, "services", "shop", `"boot"`, `"boat"`) }, []string{
			"Staging slot of shop: instance Web_IN_0 goes through an unknown", "Staging slot of shop: instance Web_IN_1 goes through an unknown",
		}},
		{"a wrong count", func(s cloud.Saved) { edit(s, "services", "shop", `"Moving":2`, `"Moving":3`) }, []string{"Staging slot of shop: 2 instances are moving, 3"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w, k := newWorld(t), &keep{cloud.Saved{Records: map[string]map[string]json.RawMessage{}}}
			if err := w.SaveTo(k); err != nil {
				t.Fatal(err)
			}
			w.swapping()
			test.damage(k.Saved)
			u, err := cloud.Restore(k.Saved, cloud.NewClock(cloud.ManualTime, 1, k.Universe.Now, func() time.Time { return cloud.Epoch }))
			if err != nil {
				t.Fatal(err)
			}
			got := u.Check()
			for i := range min(len(got), len(test.want)) {
				if strings.HasPrefix(got[i], test.want[i]) {
					got[i] = test.want[i]
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

const swapID = "5a9000000000000000000000000000aa"

// swapping brings shop into the middle of a swap, with a staged deployment whose
// instances still start.
func (w *world) swapping() {
	w.Helper()
	w.deploy(cloud.Production, "v1", model(role("Web", 2, "tcp")))
	w.must(func(st *cloud.State) *cloud.Error {
		return st.CreateDeployment(w.next(), "shop", cloud.Staging, cloud.DeploymentSpec{Name: "v2", Label: "v2", Start: true, Model: model(role("Web", 2, "tcp"))})
	})
	w.advance(time.Minute)
	w.must(func(st *cloud.State) *cloud.Error { return st.Swap(swapID, "shop", "v1", "v2") })
}

func rename(records map[string]json.RawMessage, from, to string) {
	records[to] = records[from]
	delete(records, from)
}

func edit(s cloud.Saved, kind, key, from, to string) {
	s.Records[kind][key] = json.RawMessage(strings.ReplaceAll(string(s.Records[kind][key]), from, to))
}
