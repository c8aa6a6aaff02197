package cloud_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/emulator/cloud"
)

// Cores are counted as deployments come, change and go, in either slot.
func TestCoresAreCounted(t *testing.T) {
	v1, v2 := cloud.Selector{Name: "v1"}, cloud.Selector{Name: "v2"}
	web := func(instances int) *cloud.Model { return model(role("Web", instances, "http")) }
	staged := func(instances int, failure *cloud.Error) func(*cloud.State, string) *cloud.Error {
		return func(st *cloud.State, id string) *cloud.Error {
			spec := cloud.DeploymentSpec{Name: "v2", Label: "v2", Start: true, Model: web(instances), Err: failure}
			return st.CreateDeployment(id, "shop", cloud.Staging, spec)
		}
	}
	tests := map[string]struct {
		change         func(*cloud.State, string) *cloud.Error
		then           func(*cloud.State, string) *cloud.Error // an hour later; nil for nothing
		accepted, done int                                     // cores right after change, and an hour after all
	}{
		"nothing":            {func(*cloud.State, string) *cloud.Error { return nil }, nil, 3, 3},
		"a second":           {staged(2, nil), nil, 5, 5},
		"a second that ails": {staged(2, cloud.NewError(cloud.BadRequest)), nil, 3, 3},
		"a second that is one too many": {func(st *cloud.State, id string) *cloud.Error {
			st.Quotas.Cores = 4
			return staged(2, nil)(st, id)
		}, nil, 3, 3},
		"deleted":                  {func(st *cloud.State, id string) *cloud.Error { return st.DeleteDeployment(id, "shop", v1) }, nil, 3, 0},
		"deleted with its service": {func(st *cloud.State, id string) *cloud.Error { return st.DeleteServiceMedia(id, "shop") }, nil, 3, 0},
		"scaled": {func(st *cloud.State, id string) *cloud.Error {
			return st.ChangeConfiguration(id, "shop", v1, cloud.Update{Mode: cloud.Auto, Model: web(7)})
		}, nil, 3, 7},
		"upgraded": {func(st *cloud.State, id string) *cloud.Error {
			return st.Upgrade(id, "shop", v1, cloud.Update{Label: "v3", Mode: cloud.Auto, Model: web(1)})
		}, nil, 3, 1},
		"an instance less": {func(st *cloud.State, id string) *cloud.Error {
			return st.DeleteInstances(id, "shop", v1, []string{"Web_IN_1"}, web(2), nil)
		}, nil, 3, 2},
		"suspended": {func(st *cloud.State, id string) *cloud.Error { return st.UpdateStatus(id, "shop", v1, cloud.Suspended) }, nil, 3, 3},
		"deleted out of staging": {staged(2, nil), func(st *cloud.State, id string) *cloud.Error {
			return st.DeleteDeployment(id, "shop", v2)
		}, 5, 3},
		"swapped": {staged(2, nil), func(st *cloud.State, id string) *cloud.Error { return st.Swap(id, "shop", "v1", "v2") }, 5, 5},
		"migrated away": {func(st *cloud.State, id string) *cloud.Error {
			return st.MigrateDeployment(id, "shop", "v1", cloud.PrepareMigration, intoNew)
		}, func(st *cloud.State, id string) *cloud.Error {
			return st.MigrateDeployment(id, "shop", "v1", cloud.CommitMigration, cloud.Destination{})
		}, 3, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.deploy(cloud.Production, "v1", web(3))
			w.must(func(st *cloud.State) *cloud.Error { return test.change(st, w.next()) })
			got := []int{w.cores()}
			w.advance(time.Hour)
			if test.then != nil {
				w.must(func(st *cloud.State) *cloud.Error { return test.then(st, w.next()) })
				w.advance(time.Hour)
			}
			if diff := cmp.Diff([]int{test.accepted, test.done}, append(got, w.cores())); diff != "" {
				t.Errorf("mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

// cores returns how many cores are counted, which are those that are there.
func (w *world) cores() (n int) {
	w.Helper()
	w.View(func(st *cloud.State) *cloud.Error { n = st.Usage().Cores; return nil })
	if findings := w.Check(); len(findings) > 0 {
		w.Errorf("it does not fit together: %q", findings)
	}
	return n
}
