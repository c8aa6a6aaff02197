package cloud_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/emulator/cloud"
)

func TestCreateGoesThroughItsStates(t *testing.T) {
	w := newWorld(t)
	id := w.next()
	w.must(func(st *cloud.State) *cloud.Error {
		return st.CreateDeployment(id, "SHOP", cloud.Staging, cloud.DeploymentSpec{Name: "v1", Label: "v1", Start: true, Model: model(role("Web", 1, "http"))})
	})
	var got []string
	last := ""
	for elapsed := time.Duration(0); elapsed < 10*time.Minute; elapsed += time.Second {
		v := w.slot(cloud.Staging)
		if now := v.Status + ", " + v.Instances[0]; now != last {
			got, last = append(got, now), now
		}
		w.advance(time.Second)
	}
	want := []string{
		"Deploying, Web_IN_0 RoleStateUnknown",
		"Running, Web_IN_0 RoleStateUnknown",
		"Running, Web_IN_0 CreatingVM",
		"Running, Web_IN_0 StartingVM",
		"Running, Web_IN_0 CreatingRole",
		"Running, Web_IN_0 StartingRole",
		"Running, Web_IN_0 BusyRole",
		"Running, Web_IN_0 ReadyRole",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("states mismatch (-want +got):\n%s", diff)
	}
	if s, _ := w.status(id); s != cloud.Succeeded {
		t.Errorf("operation is %s, want Succeeded", s)
	}
}

func TestCreateNotStartedEndsSuspended(t *testing.T) {
	w := newWorld(t)
	w.must(func(st *cloud.State) *cloud.Error {
		return st.CreateDeployment(w.next(), "shop", cloud.Staging, cloud.DeploymentSpec{Name: "v1", Label: "v1", Model: model(role("Web", 1))})
	})
	if v := w.slot(cloud.Staging); v.Status != "Deploying" || v.Instances[0] != "Web_IN_0 CreatingVM" {
		t.Errorf("at first %+v", v)
	}
	w.advance(time.Minute)
	if v := w.slot(cloud.Staging); v.Status != "Suspended" || v.Instances[0] != "Web_IN_0 StoppedVM" {
		t.Errorf("in the end %+v", v)
	}
}

func TestFailedCreateLeavesNothing(t *testing.T) {
	w := newWorld(t)
	id := w.next()
	failure := cloud.Errorf(cloud.BadRequest, "no such package")
	w.must(func(st *cloud.State) *cloud.Error {
		return st.CreateDeployment(id, "shop", cloud.Staging, cloud.DeploymentSpec{Name: "v1", Label: "v1", Err: failure})
	})
	if v := w.slot(cloud.Staging); v.Status != "Deploying" {
		t.Errorf("while in progress the deployment is %q, want Deploying", v.Status)
	}
	w.advance(time.Hour)
	if s, err := w.status(id); s != cloud.Failed || err.Message != failure.Message {
		t.Errorf("operation is %s with %v, want Failed with %v", s, err, failure)
	}
	if diff := cmp.Diff(view{}, w.slot(cloud.Staging)); diff != "" {
		t.Errorf("slot is not empty (-want +got):\n%s", diff)
	}
}

func TestRefusals(t *testing.T) {
	spec := func(name string) cloud.DeploymentSpec {
		return cloud.DeploymentSpec{Name: name, Label: "l", Start: true, Model: model(role("Web", 1))}
	}
	staging, production := cloud.Selector{Slot: cloud.Staging}, cloud.Selector{Slot: cloud.Production}
	tests := map[string]struct {
		ask  func(*cloud.State, string) *cloud.Error
		want string
	}{
		"create in a missing service": {
			func(st *cloud.State, id string) *cloud.Error {
				return st.CreateDeployment(id, "none", cloud.Staging, spec("x"))
			},
			"ResourceNotFound: The hosted service does not exist.",
		},
		"create in an occupied slot": {
			func(st *cloud.State, id string) *cloud.Error {
				return st.CreateDeployment(id, "shop", cloud.Production, spec("x"))
			},
			"ConflictError: The specified deployment slot Production is occupied.",
		},
		"create with the other slot's name": {
			func(st *cloud.State, id string) *cloud.Error {
				return st.CreateDeployment(id, "shop", cloud.Staging, spec("LIVE"))
			},
			"ConflictError: A deployment with the name 'LIVE' already exists in this hosted service.",
		},
		"create with a bad name": {
			func(st *cloud.State, id string) *cloud.Error {
				return st.CreateDeployment(id, "shop", cloud.Staging, spec("instance_B"))
			},
			"BadRequest: The deployment name is invalid.",
		},
		"delete an empty slot": {
			func(st *cloud.State, id string) *cloud.Error { return st.DeleteDeployment(id, "shop", staging) },
			"ResourceNotFound: No deployments were found.",
		},
		"delete an absent name": {
			func(st *cloud.State, id string) *cloud.Error {
				return st.DeleteDeployment(id, "shop", cloud.Selector{Name: "none"})
			},
			"ResourceNotFound: No deployments were found.",
		},
		"suspend an absent name": {
			func(st *cloud.State, id string) *cloud.Error {
				return st.UpdateStatus(id, "shop", cloud.Selector{Name: "none"}, cloud.Suspended)
			},
			"ResourceNotFound: The deployment name 'none' does not exist.",
		},
		"set an impossible status": {
			func(st *cloud.State, id string) *cloud.Error {
				return st.UpdateStatus(id, "shop", production, cloud.Deleting)
			},
			"BadRequest: The deployment status must be Running or Suspended.",
		},
		"delete a service that is in use": {
			func(st *cloud.State, id string) *cloud.Error { return st.DeleteService(id, "shop") },
			"BadRequest: The hosted service shop has deployments and cannot be deleted. Delete all deployments first.",
		},
		"create a service of the same name": {
			func(st *cloud.State, id string) *cloud.Error {
				return st.CreateService(id, cloud.ServiceSpec{Name: "SHOP", Label: "l", Location: "West US"})
			},
			"ConflictError: The specified DNS name is already taken.",
		},
		"create a service without a place": {
			func(st *cloud.State, id string) *cloud.Error {
				return st.CreateService(id, cloud.ServiceSpec{Name: "new", Label: "l"})
			},
			"BadRequest: Exactly one of Location and AffinityGroup must be specified.",
		},
		"swap without a name": {
			func(st *cloud.State, id string) *cloud.Error { return st.Swap(id, "shop", "", "") },
			"BadRequest: A parameter was incorrect.",
		},
		"swap with nothing staged": {
			func(st *cloud.State, id string) *cloud.Error { return st.Swap(id, "shop", "live", "v2") },
			"ConflictError: The deployment 'v2' is not in the staging slot of this hosted service.",
		},
		"swap what is in production": {
			func(st *cloud.State, id string) *cloud.Error { return st.Swap(id, "shop", "", "live") },
			"ConflictError: The deployment 'live' is not in the staging slot of this hosted service.",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.deploy(cloud.Production, "live", model(role("Web", 1, "http")))
			err := w.Update(func(st *cloud.State) *cloud.Error { return test.ask(st, w.next()) })
			if err == nil || err.Error() != test.want {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}

func TestExclusiveAccess(t *testing.T) {
	w := newWorld(t)
	w.deploy(cloud.Production, "live", model(role("Web", 1, "http")))
	w.deploy(cloud.Staging, "next", model(role("Web", 1, "http")))
	running := w.next()
	w.must(func(st *cloud.State) *cloud.Error {
		return st.UpdateStatus(running, "shop", cloud.Selector{Name: "next"}, cloud.Suspended)
	})
	byID := "ConflictError: Windows Azure is currently performing an operation with x-ms-requestid " + running + " on this deployment that requires exclusive access."
	service := "ConflictError: Windows Azure is currently performing an operation on this hosted service that requires exclusive access."
	tests := []struct {
		name string
		ask  func(*cloud.State) *cloud.Error
		want string
	}{
		{"delete it", func(st *cloud.State) *cloud.Error {
			return st.DeleteDeployment(w.next(), "shop", cloud.Selector{Name: "next"})
		}, byID},
		{"swap", func(st *cloud.State) *cloud.Error { return st.Swap(w.next(), "shop", "live", "next") }, byID},
		{"delete with media", func(st *cloud.State) *cloud.Error { return st.DeleteServiceMedia(w.next(), "shop") }, service},
		{"the other one is free", func(st *cloud.State) *cloud.Error {
			return st.UpdateStatus(w.next(), "shop", cloud.Selector{Name: "live"}, cloud.Running)
		}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := w.Update(test.ask)
			if test.want == "" && err != nil || test.want != "" && (err == nil || err.Error() != test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
			if (test.want != "") != cloud.Busy(err) {
				t.Errorf("Busy(%v) is %v", err, cloud.Busy(err))
			}
		})
	}
}

func TestSuspendAndStart(t *testing.T) {
	w := newWorld(t)
	w.deploy(cloud.Staging, "v1", model(role("Web", 1)))
	set := func(to cloud.DeploymentStatus) {
		w.must(func(st *cloud.State) *cloud.Error {
			return st.UpdateStatus(w.next(), "shop", cloud.Selector{Slot: cloud.Staging}, to)
		})
	}
	statuses := func() []string { v := w.slot(cloud.Staging); return append([]string{v.Status}, v.Instances...) }
	var got [][]string
	set(cloud.Suspended)
	got = append(got, statuses())
	w.advance(time.Minute)
	got = append(got, statuses())
	set(cloud.Suspended)
	w.advance(time.Minute)
	got = append(got, statuses())
	set(cloud.Running)
	got = append(got, statuses())
	w.advance(15 * time.Second)
	got = append(got, statuses())
	w.advance(time.Hour)
	got = append(got, statuses())
	want := [][]string{
		{"Suspending", "Web_IN_0 BusyRole"},
		{"Suspended", "Web_IN_0 StoppedVM"},
		{"Suspended", "Web_IN_0 StoppedVM"},
		{"Starting", "Web_IN_0 StoppedVM"},
		{"Running", "Web_IN_0 StartingVM"},
		{"Running", "Web_IN_0 ReadyRole"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("states mismatch (-want +got):\n%s", diff)
	}
}

func TestDeleteGivesBackTheSlot(t *testing.T) {
	w := newWorld(t)
	w.deploy(cloud.Staging, "v1", model(role("Web", 2)))
	w.must(func(st *cloud.State) *cloud.Error {
		return st.DeleteDeployment(w.next(), "shop", cloud.Selector{Slot: cloud.Staging})
	})
	if v := w.slot(cloud.Staging); v.Status != "Deleting" || !v.Locked {
		t.Errorf("while it is deleted: %+v", v)
	}
	w.advance(30 * time.Second)
	if diff := cmp.Diff(view{}, w.slot(cloud.Staging)); diff != "" {
		t.Errorf("slot is not empty (-want +got):\n%s", diff)
	}
}

func TestQuotaFailsTheOperation(t *testing.T) {
	w := newWorld(t)
	w.must(func(st *cloud.State) *cloud.Error { st.Quotas.Cores = 3; return nil })
	w.deploy(cloud.Production, "live", model(role("Web", 2)))
	id := w.next()
	w.must(func(st *cloud.State) *cloud.Error {
		return st.CreateDeployment(id, "shop", cloud.Staging, cloud.DeploymentSpec{Name: "v2", Label: "v2", Model: model(role("Web", 2))})
	})
	w.advance(time.Hour)
	s, err := w.status(id)
	want := "ForbiddenError: The subscription policy limit for resource type 'cores count' was exceeded. The limit for resource type 'cores count' is 3 per subscription, the current count is 2, and the requested increment is 2."
	if s != cloud.Failed || err.Error() != want {
		t.Errorf("operation is %s with %v, want Failed with %s", s, err, want)
	}
}
