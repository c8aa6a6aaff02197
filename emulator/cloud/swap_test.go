package cloud_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/emulator/cloud"
)

func (w *world) swap(production, source string) string {
	w.Helper()
	id := w.next()
	w.must(func(st *cloud.State) *cloud.Error { return st.Swap(id, "shop", production, source) })
	return id
}

func TestSwapExchangesDeploymentsAndKeepsAddresses(t *testing.T) {
	w := newWorld(t)
	w.deploy(cloud.Production, "v1", model(role("Web", 1, "http")))
	w.deploy(cloud.Staging, "v2", model(role("Web", 2, "http"), role("Work", 1)))
	production, staging := w.slot(cloud.Production), w.slot(cloud.Staging)

	w.swap("v1", "v2")
	w.advance(9999 * time.Millisecond)
	if p, s := w.slot(cloud.Production), w.slot(cloud.Staging); p.Name != "v1" || s.Name != "v2" || !p.Locked || !s.Locked {
		t.Errorf("before its end the swap is visible: production %+v, staging %+v", p, s)
	}
	w.advance(time.Millisecond)

	wantProduction, wantStaging := staging, production
	wantProduction.VIP, wantProduction.Host = production.VIP, "shop"
	wantStaging.VIP, wantStaging.Host = staging.VIP, staging.Host
	if diff := cmp.Diff(wantProduction, w.slot(cloud.Production)); diff != "" {
		t.Errorf("production mismatch (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(wantStaging, w.slot(cloud.Staging)); diff != "" {
		t.Errorf("staging mismatch (-want +got):\n%s", diff)
	}

	w.swap("", "v1")
	w.advance(10 * time.Second)
	if diff := cmp.Diff([]view{production, staging}, []view{w.slot(cloud.Production), w.slot(cloud.Staging)}); diff != "" {
		t.Errorf("swapping back does not undo (-want +got):\n%s", diff)
	}
}

func TestSwapIntoEmptyProductionMoves(t *testing.T) {
	w := newWorld(t)
	w.deploy(cloud.Staging, "v1", model(role("Web", 1, "http")))
	before := w.slot(cloud.Staging)
	w.swap("", "v1")
	w.advance(10 * time.Second)
	want := before
	want.Host = "shop"
	if diff := cmp.Diff([]view{want, {}}, []view{w.slot(cloud.Production), w.slot(cloud.Staging)}); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
	w.deploy(cloud.Staging, "v2", model(role("Web", 1, "http")))
	if next := w.slot(cloud.Staging); next.VIP == before.VIP || next.Host == before.Host {
		t.Errorf("the next staging deployment has the old address: %+v", next)
	}
}

func TestSwapEndpoints(t *testing.T) {
	tests := map[string]struct {
		live, staged []cloud.Role
		want         string
	}{
		"same": {live: []cloud.Role{role("A", 1, "http")}, staged: []cloud.Role{role("B", 3, "http")}},
		"same over other roles": {
			live: []cloud.Role{role("A", 1, "http", "tcp")}, staged: []cloud.Role{role("A", 1, "tcp"), role("B", 1, "http")},
		},
		"one more in staging": {
			live: []cloud.Role{role("A", 1, "http")}, staged: []cloud.Role{role("A", 1, "http", "https")},
			want: "BadRequest: The staging deployment has 2 endpoints and the production deployment has 1. A swap requires the same number and type of endpoints.",
		},
		"other type": {
			live: []cloud.Role{role("A", 1, "http")}, staged: []cloud.Role{role("A", 1, "tcp")},
			want: "BadRequest: The staging deployment has endpoints of type tcp and the production deployment has http. A swap requires the same number and type of endpoints.",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.deploy(cloud.Production, "v1", model(test.live...))
			w.deploy(cloud.Staging, "v2", model(test.staged...))
			err := w.Update(func(st *cloud.State) *cloud.Error { return st.Swap(w.next(), "shop", "v1", "v2") })
			if test.want == "" && err != nil || test.want != "" && (err == nil || err.Error() != test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

func TestSwapAcceptsPrivateIDsAndSuspended(t *testing.T) {
	w := newWorld(t)
	for slot, name := range map[cloud.Slot]string{cloud.Production: "v1", cloud.Staging: "v2"} {
		w.must(func(st *cloud.State) *cloud.Error {
			return st.CreateDeployment(w.next(), "shop", slot, cloud.DeploymentSpec{Name: name, Label: name, Model: model(role("Web", 1))})
		})
		w.advance(time.Hour)
	}
	var id string
	w.View(func(st *cloud.State) *cloud.Error {
		_, _, d, err := st.Deployment("shop", cloud.Selector{Slot: cloud.Staging})
		id = d.PrivateID
		return err
	})
	w.swap("", id)
	w.advance(time.Minute)
	if p := w.slot(cloud.Production); p.Name != "v2" || p.Status != "Suspended" {
		t.Errorf("production is %+v, want v2 Suspended", p)
	}
}

func TestStrictSwap(t *testing.T) {
	w := newWorld(t)
	w.must(func(st *cloud.State) *cloud.Error { st.Strict = true; return nil })
	w.deploy(cloud.Production, "v1", model(role("Web", 1)))
	w.must(func(st *cloud.State) *cloud.Error {
		return st.CreateDeployment(w.next(), "shop", cloud.Staging, cloud.DeploymentSpec{Name: "v2", Label: "v2", Start: true, Model: model(role("Web", 1))})
	})
	w.advance(time.Minute)
	ask := func(st *cloud.State) *cloud.Error { return st.Swap(w.next(), "shop", "v1", "v2") }
	want := "ConflictError: The role instance Web_IN_0 of the deployment 'v2' is not running."
	if err := w.Update(ask); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	w.advance(time.Hour)
	if err := w.Update(ask); err != nil {
		t.Errorf("refused with all instances ready: %v", err)
	}
}
