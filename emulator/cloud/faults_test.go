package cloud_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/faults"
)

// befall sets rules for everything to come.
func (w *world) befall(rules ...faults.Rule) {
	w.Helper()
	if err := w.SetFaults(faults.Plan{Rules: rules}); err != nil {
		w.Fatal(err)
	}
}

// fullHouse is a world with one of everything that operations change.
func fullHouse(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.addCertificate(certificateA)
	w.addExtension("Rdp-0")
	w.reserve("front", "spare")
	for _, name := range []string{"v1", "v2"} {
		slot := map[string]cloud.Slot{"v1": cloud.Production, "v2": cloud.Staging}[name]
		w.deploy(slot, name, model(role("Web", 3, "http")))
	}
	for _, f := range []func(*cloud.State) *cloud.Error{
		func(st *cloud.State) *cloud.Error {
			return st.CreateService(w.next(), cloud.ServiceSpec{Name: "empty", Label: "Empty", Location: "West US"})
		},
		func(st *cloud.State) *cloud.Error { return st.AddVirtualIP(w.next(), "shop", "v1", "second") },
		func(st *cloud.State) *cloud.Error {
			return st.AddDNSServer(w.next(), "shop", "v2", cloud.DNSServer{Name: "dns", Address: "10.0.0.4"})
		},
	} {
		w.must(f)
		w.advance(time.Hour)
	}
	return w
}

var v1, v2 = cloud.Selector{Name: "v1"}, cloud.Selector{Name: "v2"}

// everyOperation begins an operation of each kind that takes time in a full
// house.
func everyOperation(w *world) map[cloud.Kind]func(*cloud.State, string) *cloud.Error {
	act := func(a cloud.InstanceAction) func(*cloud.State, string) *cloud.Error {
		return func(st *cloud.State, id string) *cloud.Error { return st.Act(id, "shop", v1, "Web_IN_0", a) }
	}
	return map[cloud.Kind]func(*cloud.State, string) *cloud.Error{
		cloud.CreateDeployment: func(st *cloud.State, id string) *cloud.Error {
			return st.CreateDeployment(id, "empty", cloud.Staging, cloud.DeploymentSpec{Name: "new", Label: "new", Start: true, Model: model(role("Web", 1, "http"))})
		},
		cloud.DeleteDeployment: func(st *cloud.State, id string) *cloud.Error { return st.DeleteDeployment(id, "shop", v2) },
		cloud.SwapDeployment:   func(st *cloud.State, id string) *cloud.Error { return st.Swap(id, "shop", "v1", "v2") },
		cloud.ChangeConfiguration: func(st *cloud.State, id string) *cloud.Error {
			return st.ChangeConfiguration(id, "shop", v1, cloud.Update{Mode: cloud.Auto, Model: model(role("Web", 5, "http"))})
		},
		cloud.UpdateDeploymentStatus: func(st *cloud.State, id string) *cloud.Error {
			return st.UpdateStatus(id, "shop", v1, cloud.Suspended)
		},
		cloud.UpgradeDeployment: func(st *cloud.State, id string) *cloud.Error {
			return st.Upgrade(id, "shop", v1, cloud.Update{Label: "v3", Mode: cloud.Auto, Model: model(role("Web", 3, "http"))})
		},
		cloud.RebootRoleInstance:  act(cloud.Reboot),
		cloud.ReimageRoleInstance: act(cloud.Reimage),
		cloud.RebuildRoleInstance: act(cloud.Rebuild),
		cloud.DeleteRoleInstances: func(st *cloud.State, id string) *cloud.Error {
			return st.DeleteInstances(id, "shop", v1, []string{"Web_IN_1"}, model(role("Web", 2, "http")), nil)
		},
		cloud.GetPackage: func(st *cloud.State, id string) *cloud.Error { return st.GetPackage(id, "shop", v1, nil) },
		cloud.CreateReservedIP: func(st *cloud.State, id string) *cloud.Error {
			return st.CreateReservedIP(id, cloud.ReservedSpec{Name: "third", Location: "West US"})
		},
		cloud.DeleteReservedIP: func(st *cloud.State, id string) *cloud.Error { return st.DeleteReservedIP(id, "spare") },
		cloud.AssociateReservedIP: func(st *cloud.State, id string) *cloud.Error {
			return st.AssociateReservedIP(id, "front", "shop", "v1", "")
		},
		cloud.AddVirtualIP:    func(st *cloud.State, id string) *cloud.Error { return st.AddVirtualIP(id, "shop", "v1", "third") },
		cloud.DeleteVirtualIP: func(st *cloud.State, id string) *cloud.Error { return st.DeleteVirtualIP(id, "shop", "v1", "second") },
		cloud.AddDNSServer: func(st *cloud.State, id string) *cloud.Error {
			return st.AddDNSServer(id, "shop", "v1", cloud.DNSServer{Name: "more", Address: "10.0.0.5"})
		},
		cloud.UpdateDNSServer: func(st *cloud.State, id string) *cloud.Error {
			return st.UpdateDNSServer(id, "shop", "v2", "dns", cloud.DNSServer{Name: "dns", Address: "10.0.0.6"})
		},
		cloud.DeleteDNSServer: func(st *cloud.State, id string) *cloud.Error { return st.DeleteDNSServer(id, "shop", "v2", "dns") },
		cloud.SetNetwork: func(st *cloud.State, id string) *cloud.Error {
			return st.PutNetwork(id, cloud.Network{Document: []byte("<n/>"), Sites: []cloud.VirtualNetworkSite{{Name: "net", Location: "West US"}}})
		},
		cloud.CreateStorageAccount: func(st *cloud.State, id string) *cloud.Error {
			return st.CreateAccount(id, cloud.AccountSpec{Name: "files", Label: "f", Location: "West US"})
		},
		cloud.DeleteHostedService: func(st *cloud.State, id string) *cloud.Error { return st.DeleteServiceMedia(id, "shop") },
		cloud.AddServiceCertificate: func(st *cloud.State, id string) *cloud.Error {
			return st.AddServiceCertificate(id, "shop", certificateB, []byte("b"))
		},
		cloud.DeleteServiceCertificate: func(st *cloud.State, id string) *cloud.Error {
			return st.DeleteServiceCertificate(id, "shop", certificateA)
		},
		cloud.AddExtension: func(st *cloud.State, id string) *cloud.Error {
			return st.AddExtension(id, "shop", remoteDesktop("Rdp-1"))
		},
		cloud.DeleteExtension: func(st *cloud.State, id string) *cloud.Error { return st.DeleteExtension(id, "shop", "Rdp-0") },
	}
}

// records returns what is kept of a world, without operations and pending work.
func (w *world) records() map[string]map[string]string {
	w.Helper()
	kept := &keep{cloud.Saved{Records: map[string]map[string]json.RawMessage{}}}
	if err := w.SaveTo(kept); err != nil {
		w.Fatal(err)
	}
	all := map[string]map[string]string{}
	for kind, records := range kept.Records {
		if kind == "operations" || kind == "pending" {
			continue
		}
		all[kind] = map[string]string{}
		for key, data := range records {
			all[kind][key] = string(data)
		}
	}
	return all
}

// An operation that fails is in progress as long as ever, ends with the error,
// and leaves everything as it was; then it can be asked for again.
func TestFailedOperationsLeaveNothing(t *testing.T) {
	for kind := range everyOperation(nil) {
		t.Run(string(kind), func(t *testing.T) {
			w := fullHouse(t)
			before := w.records()
			w.befall(faults.Rule{Kind: faults.FailOperation, Match: faults.Match{Operation: string(kind), Nth: 1}, Code: "OperationTimedOut", Message: "Too late."})
			ask := everyOperation(w)[kind]
			id := w.next()
			w.must(func(st *cloud.State) *cloud.Error { return ask(st, id) })
			if s, _ := w.status(id); s != cloud.InProgress {
				t.Errorf("at first it is %s", s)
			}
			w.advance(time.Hour)
			s, failure := w.status(id)
			if want := (&cloud.Error{Code: cloud.OperationTimedOut, Message: "Too late."}); s != cloud.Failed || failure == nil || failure.Error() != want.Error() {
				t.Errorf("it ended %s with %v", s, failure)
			}
			if diff := cmp.Diff(before, w.records()); diff != "" {
				t.Errorf("what it left (-before +after):\n%s", diff)
			}
			again := w.next()
			w.must(func(st *cloud.State) *cloud.Error { return ask(st, again) })
			w.advance(time.Hour)
			if s, failure := w.status(again); s != cloud.Succeeded {
				t.Errorf("asked for again, it ended %s with %v", s, failure)
			}
		})
	}
}

// Operations on what is not in a full house fail, too.
func TestOtherFailedOperations(t *testing.T) {
	fail := faults.Rule{Kind: faults.FailOperation, Match: faults.Match{Nth: 1}}
	tests := map[string]func(*testing.T) (*world, func(*cloud.State, string) *cloud.Error){
		"start": func(t *testing.T) (*world, func(*cloud.State, string) *cloud.Error) {
			w := fullHouse(t)
			w.must(func(st *cloud.State) *cloud.Error { return st.UpdateStatus(w.next(), "shop", v1, cloud.Suspended) })
			w.advance(time.Hour)
			return w, func(st *cloud.State, id string) *cloud.Error {
				return st.UpdateStatus(id, "shop", v1, cloud.Running)
			}
		},
		"delete a suspended deployment": func(t *testing.T) (*world, func(*cloud.State, string) *cloud.Error) {
			w := fullHouse(t)
			w.must(func(st *cloud.State) *cloud.Error { return st.UpdateStatus(w.next(), "shop", v2, cloud.Suspended) })
			w.advance(time.Hour)
			return w, func(st *cloud.State, id string) *cloud.Error { return st.DeleteDeployment(id, "shop", v2) }
		},
		"take a reserved address back": func(t *testing.T) (*world, func(*cloud.State, string) *cloud.Error) {
			w := fullHouse(t)
			w.must(func(st *cloud.State) *cloud.Error {
				return st.AssociateReservedIP(w.next(), "front", "shop", "v1", "")
			})
			w.advance(time.Hour)
			return w, func(st *cloud.State, id string) *cloud.Error {
				return st.DisassociateReservedIP(id, "front", "shop", "v1", "")
			}
		},
		"walk": func(t *testing.T) (*world, func(*cloud.State, string) *cloud.Error) {
			return upgrading(t, cloud.Manual), func(st *cloud.State, id string) *cloud.Error {
				return st.WalkDomain(id, "shop", v1, 0)
			}
		},
		"roll back": func(t *testing.T) (*world, func(*cloud.State, string) *cloud.Error) {
			return upgrading(t, cloud.Manual), func(st *cloud.State, id string) *cloud.Error {
				return st.Rollback(id, "shop", v1, cloud.Manual, false)
			}
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w, ask := test(t)
			w.advance(time.Hour)
			before := w.records()
			w.befall(fail)
			id := w.next()
			w.must(func(st *cloud.State) *cloud.Error { return ask(st, id) })
			w.advance(time.Hour)
			if s, failure := w.status(id); s != cloud.Failed || failure.Code != cloud.InternalError {
				t.Errorf("it ended %s with %v", s, failure)
			}
			if diff := cmp.Diff(before, w.records()); diff != "" {
				t.Errorf("what it left (-before +after):\n%s", diff)
			}
		})
	}
}

// The tests above and below leave out no kind of operation.
func TestEveryKindCanFail(t *testing.T) {
	elsewhere := []cloud.Kind{
		cloud.WalkUpgradeDomain, cloud.RollbackUpdate, cloud.DisassociateReservedIP, cloud.PrepareDeploymentMigration, cloud.CommitDeploymentMigration,
		cloud.AbortDeploymentMigration, cloud.PrepareResourceMigration, cloud.CommitResourceMigration, cloud.AbortResourceMigration,
	}
	for _, kind := range cloud.Kinds() {
		if everyOperation(nil)[kind] == nil && !slices.Contains(elsewhere, kind) {
			t.Errorf("%s is not tested", kind)
		}
	}
}

// Steps of a migration that fail are states of their own.
func TestFailedMigration(t *testing.T) {
	w := newWorld(t)
	w.deploy(cloud.Production, "v1", model(role("Web", 1, "http")))
	w.befall(faults.Rule{Kind: faults.FailOperation, Match: faults.Match{Operation: "Prepare*", Nth: 1}}, faults.Rule{Kind: faults.FailOperation, Match: faults.Match{Operation: "Commit*", Nth: 1}})
	for _, step := range []struct {
		cloud.MigrationStep
		want cloud.MigrationState
	}{{cloud.PrepareMigration, cloud.PrepareFailed}, {cloud.PrepareMigration, cloud.Prepared}, {cloud.CommitMigration, cloud.CommitFailed}} {
		w.migrate(step.MigrationStep, intoNew)
		w.advance(time.Hour)
		if got := w.migration(); got != step.want {
			t.Errorf("after %s it is %s, want %s", step.MigrationStep, got, step.want)
		}
	}
}

// So are those of the migration of anything else.
func TestFailedResourceMigration(t *testing.T) {
	w := newWorld(t)
	w.createAccount("files")
	w.advance(time.Hour)
	w.befall(faults.Rule{Kind: faults.FailOperation, Match: faults.Match{Operation: "Prepare*", Nth: 1}}, faults.Rule{Kind: faults.FailOperation, Match: faults.Match{Operation: "Abort*", Nth: 1}})
	for _, step := range []struct {
		cloud.MigrationStep
		want cloud.MigrationState
	}{{cloud.PrepareMigration, cloud.PrepareFailed}, {cloud.PrepareMigration, cloud.Prepared}, {cloud.AbortMigration, cloud.AbortFailed}, {cloud.AbortMigration, cloud.NotMigrating}} {
		w.resource(cloud.MigratableStorage, "files", step.MigrationStep)
		w.advance(time.Hour)
		if got := w.resourceState(cloud.MigratableStorage, "files"); got != step.want {
			t.Errorf("after %s it is %s, want %s", step.MigrationStep, got, step.want)
		}
	}
}

func TestStuckOperations(t *testing.T) {
	w := fullHouse(t)
	w.befall(
		faults.Rule{Kind: faults.StuckOperation, Match: faults.Match{Operation: "Swap Deployment", Nth: 1}, Delay: faults.Duration(40 * time.Minute)},
		faults.Rule{Kind: faults.StuckOperation, Match: faults.Match{Operation: "Delete Deployment", Slot: "staging"}},
	)
	swap, gone := w.next(), w.next()
	w.must(func(st *cloud.State) *cloud.Error { return st.Swap(swap, "shop", "v1", "v2") })
	w.advance(39 * time.Minute)
	if s, _ := w.status(swap); s != cloud.InProgress {
		t.Errorf("after 39 minutes the swap is %s", s)
	}
	w.advance(time.Minute)
	if s, _ := w.status(swap); s != cloud.Succeeded || w.slot(cloud.Production).Name != "v2" {
		t.Errorf("after 40 minutes the swap is %s", s)
	}
	w.must(func(st *cloud.State) *cloud.Error { return st.DeleteDeployment(gone, "shop", v1) })
	w.advance(48 * time.Hour)
	if s, _ := w.status(gone); s != cloud.InProgress || !w.slot(cloud.Staging).Locked {
		t.Errorf("after two days the deletion is %s", s)
	}
	w.refused(cloud.ConflictError, "Windows Azure is currently performing an operation with x-ms-requestid "+gone+" on this deployment that requires exclusive access.",
		func(st *cloud.State) *cloud.Error { return st.DeleteDeployment(w.next(), "shop", v1) })
}

// With an auto clock, whoever looks at what never ends sees time pass.
func TestAutoTimePassesWhileStuck(t *testing.T) {
	clock := cloud.NewClock(cloud.AutoTime, 1, cloud.Epoch, func() time.Time { return cloud.Epoch })
	w := &world{TB: t, Universe: cloud.NewUniverse("00000000-0000-0000-0000-000000000001", 7, clock)}
	w.befall(faults.Rule{Kind: faults.StuckOperation})
	w.must(func(st *cloud.State) *cloud.Error {
		return st.CreateAccount(w.next(), cloud.AccountSpec{Name: "files", Label: "f", Location: "West US"})
	})
	before := w.Now()
	for range 3 {
		if moved, err := w.Step(); !moved || err != nil {
			t.Fatalf("moved %v, %v", moved, err)
		}
	}
	if passed := w.Now().Sub(before); passed < 10*time.Minute {
		t.Errorf("three looks took %s", passed)
	}
}

// A swap during which the system is updated fails, and the instances of both
// deployments walk.
func TestGuestOSUpdate(t *testing.T) {
	w := fullHouse(t)
	w.befall(faults.Rule{Kind: faults.GuestOSUpdate, Match: faults.Match{Nth: 1}})
	id := w.next()
	w.must(func(st *cloud.State) *cloud.Error { return st.Swap(id, "shop", "v1", "v2") })
	seen := map[string]bool{}
	for range 60 {
		w.advance(10 * time.Second)
		for _, slot := range cloud.Slots {
			v := w.slot(slot)
			seen[v.Name+" "+v.Status] = true
			for _, i := range v.Instances {
				seen[v.Name+" "+i] = true
			}
		}
	}
	if s, failure := w.status(id); s != cloud.Failed || failure.Code != cloud.InternalError {
		t.Errorf("the swap ended %s with %v", s, failure)
	}
	for _, want := range []string{"v1 RunningTransitioning", "v2 RunningTransitioning", "v1 Web_IN_0 StartingVM", "v1 Web_IN_2 StoppingRole", "v2 Web_IN_1 BusyRole"} {
		if !seen[want] {
			t.Errorf("never seen: %s", want)
		}
	}
	w.advance(time.Hour)
	if v := w.slot(cloud.Production); v.Name != "v1" || v.Status != "Running" || v.Locked || v.Upgrade != "" {
		t.Errorf("in the end production is %+v", v)
	}
	w.must(func(st *cloud.State) *cloud.Error { return st.Swap(w.next(), "shop", "v1", "v2") })
	w.advance(time.Hour)
	if v := w.slot(cloud.Production); v.Name != "v2" {
		t.Errorf("swapped again, production is %+v", v)
	}
}

// statuses follows an instance and returns the states that it is seen in, each
// once in a row.
func (w *world) statuses(instance string, during time.Duration) (seen []string) {
	for range int(during / (10 * time.Second)) {
		for _, i := range w.slot(cloud.Staging).Instances {
			if s, ok := strings.CutPrefix(i, instance+" "); ok && (len(seen) == 0 || seen[len(seen)-1] != s) {
				seen = append(seen, s)
			}
		}
		w.advance(10 * time.Second)
	}
	return seen
}

func TestAilingInstances(t *testing.T) {
	boot := []string{"RoleStateUnknown", "CreatingVM", "StartingVM", "CreatingRole", "StartingRole"}
	ready := append(slices.Clone(boot), "BusyRole", "ReadyRole")
	tests := map[string]struct {
		rule faults.Rule
		want []string
	}{
		"in good health": {faults.Rule{Kind: faults.InstanceCycling, Match: faults.Match{Role: "Other"}}, ready},
		"never ready":    {faults.Rule{Kind: faults.InstanceNeverReady}, boot},
		"cycling":        {faults.Rule{Kind: faults.InstanceCycling}, append(slices.Clone(boot), "CyclingRole", "StartingRole", "CyclingRole")},
		"unresponsive":   {faults.Rule{Kind: faults.InstanceUnresponsive, Delay: faults.Duration(2 * time.Minute)}, append(slices.Clone(ready), "UnresponsiveRole")},
		"failing later":  {faults.Rule{Kind: faults.InstanceFailsLater}, append(slices.Clone(ready), "StartingRole", "CyclingRole", "StartingRole", "CyclingRole")},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			test.rule.Count = 1
			w.befall(test.rule)
			w.must(func(st *cloud.State) *cloud.Error {
				return st.CreateDeployment(w.next(), "shop", cloud.Staging, cloud.DeploymentSpec{Name: "v1", Label: "v1", Start: true, Model: model(role("Web", 2, "http"))})
			})
			got := w.statuses("Web_IN_0", 16*time.Minute)
			if len(got) < len(test.want) || len(got) > len(test.want)+10 {
				t.Fatalf("went through %v, want %v", got, test.want)
			}
			if diff := cmp.Diff(test.want, got[:len(test.want)]); diff != "" {
				t.Errorf("mismatch (-want +got):\n%s", diff)
			}
			if v := w.slot(cloud.Staging); v.Instances[1] != "Web_IN_1 ReadyRole" {
				t.Errorf("the other one is %s", v.Instances[1])
			}
			w.must(func(st *cloud.State) *cloud.Error {
				return st.Act(w.next(), "shop", v1, "Web_IN_0", cloud.Reboot)
			})
			w.advance(time.Hour)
			if diff := cmp.Diff([]string{"Web_IN_0 ReadyRole", "Web_IN_1 ReadyRole"}, w.slot(cloud.Staging).Instances); diff != "" {
				t.Errorf("rebooted (-want +got):\n%s", diff)
			}
		})
	}
}

// An instance can be struck each time that its role starts.
func TestEveryStartCanBeStruck(t *testing.T) {
	act := func(a cloud.InstanceAction) func(*world) {
		return func(w *world) {
			w.must(func(st *cloud.State) *cloud.Error { return st.Act(w.next(), "shop", v1, "Web_IN_0", a) })
		}
	}
	tests := map[string]func(*world){
		"reboot": act(cloud.Reboot), "reimage": act(cloud.Reimage), "rebuild": act(cloud.Rebuild),
		"start": func(w *world) {
			for _, to := range []cloud.DeploymentStatus{cloud.Suspended, cloud.Running} {
				w.must(func(st *cloud.State) *cloud.Error { return st.UpdateStatus(w.next(), "shop", v1, to) })
				w.advance(time.Minute)
			}
		},
		"scale": func(w *world) {
			w.must(func(st *cloud.State) *cloud.Error {
				return st.ChangeConfiguration(w.next(), "shop", v1, cloud.Update{Mode: cloud.Auto, Model: model(role("Web", 2, "http"))})
			})
		},
	}
	for name, begin := range tests {
		for kind, want := range map[faults.Kind]string{
			faults.InstanceNeverReady: "StartingRole", faults.InstanceCycling: "CyclingRole", faults.InstanceUnresponsive: "UnresponsiveRole", faults.InstanceFailsLater: "CyclingRole",
		} {
			t.Run(name+" "+string(kind), func(t *testing.T) {
				w := newWorld(t)
				w.deploy(cloud.Staging, "v1", model(role("Web", 1, "http")))
				w.befall(faults.Rule{Kind: kind})
				begin(w)
				w.advance(20 * time.Minute)
				seen := map[string]bool{}
				for range 120 {
					w.advance(10 * time.Second)
					v := w.slot(cloud.Staging)
					_, status, _ := strings.Cut(v.Instances[len(v.Instances)-1], " ")
					seen[status] = true
				}
				if !seen[want] || seen["ReadyRole"] {
					t.Errorf("seen %v, want %s", seen, want)
				}
			})
		}
	}
}

// A roll-out goes on without an instance that never gets ready, and the next one
// heals it.
func TestUpgradeWithAilingInstance(t *testing.T) {
	w := newWorld(t)
	w.deploy(cloud.Staging, "v1", model(role("Web", 3, "http")))
	w.befall(faults.Rule{Kind: faults.InstanceNeverReady, Match: faults.Match{Instance: "Web_IN_1", Nth: 1}})
	upgrade := func(label string) {
		w.must(func(st *cloud.State) *cloud.Error {
			return st.Upgrade(w.next(), "shop", v1, cloud.Update{Label: label, Mode: cloud.Auto, Model: model(role("Web", 3, "http"))})
		})
		w.advance(3 * time.Hour)
	}
	upgrade("b")
	want := view{Name: "v1", Status: "RunningTransitioning", Instances: []string{"Web_IN_0 ReadyRole", "Web_IN_1 StartingRole", "Web_IN_2 ReadyRole"}}
	got := w.slot(cloud.Staging)
	got.VIP, got.Host = "", ""
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("after the upgrade (-want +got):\n%s", diff)
	}
	upgrade("c")
	if v := w.slot(cloud.Staging); v.Status != "Running" || v.Instances[1] != "Web_IN_1 ReadyRole" {
		t.Errorf("after the next %+v", v)
	}
}

// Deployments of ailing instances can be suspended, shrunk and deleted.
func TestAilingInstancesCanGo(t *testing.T) {
	for _, kind := range []faults.Kind{faults.InstanceCycling, faults.InstanceFailsLater, faults.InstanceNeverReady, faults.InstanceUnresponsive} {
		t.Run(string(kind), func(t *testing.T) {
			w := newWorld(t)
			w.befall(faults.Rule{Kind: kind})
			w.deploy(cloud.Staging, "v1", model(role("Web", 3, "http")))
			w.must(func(st *cloud.State) *cloud.Error {
				return st.DeleteInstances(w.next(), "shop", v1, []string{"Web_IN_1"}, model(role("Web", 2, "http")), nil)
			})
			w.advance(time.Hour)
			w.must(func(st *cloud.State) *cloud.Error { return st.UpdateStatus(w.next(), "shop", v1, cloud.Suspended) })
			w.advance(time.Hour)
			v := w.slot(cloud.Staging)
			if diff := cmp.Diff([]string{"Web_IN_0 StoppedVM", "Web_IN_2 StoppedVM"}, v.Instances); diff != "" || v.Status != "Suspended" {
				t.Errorf("suspended, %s (-want +got):\n%s", v.Status, diff)
			}
			w.View(func(st *cloud.State) *cloud.Error {
				if _, _, d, _ := st.Deployment("shop", v1); d.Unfinished() {
					t.Errorf("the suspended deployment is unfinished: %d move, %d ail", d.Moving, d.Ailing)
				}
				if at, pending := st.NextDue(); pending {
					t.Errorf("something is pending at %s", at)
				}
				return nil
			})
			w.must(func(st *cloud.State) *cloud.Error { return st.DeleteDeployment(w.next(), "shop", v1) })
			w.advance(time.Hour)
			if v := w.slot(cloud.Staging); v.Name != "" {
				t.Errorf("deleted, it is %+v", v)
			}
		})
	}
}

func TestPhantom(t *testing.T) {
	w := newWorld(t)
	w.befall(faults.Rule{Kind: faults.Conflict, Delay: faults.Duration(time.Minute), Count: 1})
	call := faults.Call{Point: faults.AtRequest, Operation: "Swap Deployment", Service: "shop"}
	s, err := w.Strike(call, "")
	if s == nil || err != nil {
		t.Fatal(s, err)
	}
	refusal := w.Phantom(s, "shop")
	id := strings.Fields(refusal.Error())[10]
	if !cloud.Busy(refusal) || len(id) != 32 {
		t.Errorf("refused with %v", refusal)
	}
	for _, want := range []cloud.OperationStatus{cloud.InProgress, cloud.Succeeded} {
		if got, _ := w.status(id); got != want {
			t.Errorf("the operation is %s, want %s", got, want)
		}
		w.advance(time.Minute)
	}
}

// A call that names a deployment is about the slot that it is in.
func TestStrikesBySlot(t *testing.T) {
	w := newWorld(t)
	w.deploy(cloud.Staging, "v1", model(role("Web", 1, "http")))
	w.befall(faults.Rule{Kind: faults.Drop, Match: faults.Match{Slot: "staging"}})
	for deployment, want := range map[string]bool{"": false, "v1": true, "V1": true, "v2": false} {
		s, err := w.Strike(faults.Call{Point: faults.AtRequest, Operation: "Get Deployment", Service: "SHOP"}, deployment)
		if err != nil || (s != nil) != want {
			t.Errorf("%q: %v, %v", deployment, s, err)
		}
	}
}

func TestSetFaultsRefusesProblems(t *testing.T) {
	w := newWorld(t)
	w.befall(faults.Rule{Kind: faults.Drop})
	err := w.SetFaults(faults.Plan{Rules: []faults.Rule{{Kind: "no"}, {Kind: faults.Refuse}}})
	if err == nil || !strings.Contains(err.Error(), "rules[0].kind") || !strings.Contains(err.Error(), "rules[1]: refuse needs code") {
		t.Errorf("error %v", err)
	}
	if e := w.Faults(); e == nil || e.Plan.Rules[0].Kind != faults.Drop {
		t.Errorf("now there is %+v", e)
	}
	if err := w.SetFaults(faults.Plan{}); err != nil || w.Faults() != nil {
		t.Errorf("taken away: %v, %+v", err, w.Faults())
	}
}

func TestLinger(t *testing.T) {
	wall := cloud.Epoch
	for mode, want := range map[cloud.ClockMode]struct{ wait, passed time.Duration }{
		cloud.AutoTime: {0, time.Minute}, cloud.ManualTime: {time.Minute, 0}, cloud.RealTime: {time.Second, 0},
	} {
		u := cloud.NewUniverse("00000000-0000-0000-0000-000000000001", 7, cloud.NewClock(mode, 60, cloud.Epoch, func() time.Time { return wall }))
		wait, err := u.Linger(time.Minute)
		if passed := u.Now().Sub(cloud.Epoch); wait != want.wait || passed != want.passed || err != nil {
			t.Errorf("%s: wait %s, passed %s, %v", mode, wait, passed, err)
		}
	}
}

// A universe with faults that was saved in the middle goes on as the one that
// was not.
func TestFaultsAreKept(t *testing.T) {
	w, kept := newWorld(t), &keep{cloud.Saved{Records: map[string]map[string]json.RawMessage{}}}
	if err := w.SaveTo(kept); err != nil {
		t.Fatal(err)
	}
	w.befall(
		faults.Rule{Kind: faults.InstanceFailsLater, Probability: 0.5}, faults.Rule{Kind: faults.InstanceCycling, Match: faults.Match{Instance: "Web_IN_2"}},
		faults.Rule{Kind: faults.FailOperation, Match: faults.Match{Operation: "Swap*"}}, faults.Rule{Kind: faults.StuckOperation, Match: faults.Match{Operation: "Delete*"}},
	)
	if err := w.SetProgressions(map[cloud.Kind]cloud.Progression{cloud.CreateDeployment: {Pace: cloud.Usual, Jitter: faults.Duration(time.Minute)}, cloud.EveryKind: {Pace: cloud.AfterPolls, Polls: 2}}); err != nil {
		t.Fatal(err)
	}
	begin := func(w *world, slot cloud.Slot, name string, m *cloud.Model) {
		w.must(func(st *cloud.State) *cloud.Error {
			return st.CreateDeployment(w.next(), "shop", slot, cloud.DeploymentSpec{Name: name, Label: name, Start: true, Model: m})
		})
	}
	m := model(role("Web", 6, "http"))
	begin(w, cloud.Production, "v1", m)
	w.advance(4 * time.Minute)
	data, err := json.Marshal(kept.Universe) // as a store would
	if err != nil {
		t.Fatal(err)
	}
	saved := cloud.Saved{Records: kept.Records}
	if err := json.Unmarshal(data, &saved.Universe); err != nil {
		t.Fatal(err)
	}
	restored, err := cloud.Restore(saved, cloud.NewClock(cloud.ManualTime, 1, w.Now(), func() time.Time { return cloud.Epoch }))
	if err != nil {
		t.Fatal(err)
	}
	again := &world{TB: t, Universe: restored, requests: w.requests}
	var records []map[string]map[string]string
	for _, world := range []*world{w, again} {
		begin(world, cloud.Staging, "v2", m)
		world.advance(time.Hour)
		swap := world.next()
		world.must(func(st *cloud.State) *cloud.Error { return st.Swap(swap, "shop", "v1", "v2") })
		world.poll(swap)
		world.poll(swap)
		if s, failure := world.status(swap); s != cloud.Failed {
			t.Errorf("the swap is %s %v", s, failure)
		}
		world.must(func(st *cloud.State) *cloud.Error { return st.DeleteDeployment(world.next(), "shop", v2) })
		world.advance(time.Hour)
		records = append(records, world.records())
	}
	if diff := cmp.Diff(records[0], records[1]); diff != "" {
		t.Errorf("restored mismatch (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(w.Faults(), again.Faults()); diff != "" {
		t.Errorf("engine mismatch (-want +got):\n%s", diff)
	}
	if n := w.Faults().Strikes; n < 5 {
		t.Errorf("there were only %d strikes", n)
	}
}

// Every code that a plan may use by itself is the platform's, and every other
// way about.
func TestCodesOfPlans(t *testing.T) {
	var ours []string
	for _, code := range cloud.Codes() {
		ours = append(ours, string(code))
	}
	slices.Sort(ours)
	if diff := cmp.Diff(ours, faults.Codes()); diff != "" {
		t.Errorf("mismatch (-cloud +faults):\n%s", diff)
	}
}

func ExampleUniverse_SetFaults() {
	u := cloud.NewUniverse("00000000-0000-0000-0000-000000000001", 7, cloud.NewClock(cloud.ManualTime, 1, cloud.Epoch, time.Now))
	err := u.SetFaults(faults.Plan{Rules: []faults.Rule{{Kind: faults.FailOperation, Match: faults.Match{Operation: "Create Storage Account"}}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	u.Update(func(st *cloud.State) *cloud.Error {
		return st.CreateAccount("1", cloud.AccountSpec{Name: "files", Label: "Files", Location: "West US"})
	})
	u.Advance(time.Minute)
	u.View(func(st *cloud.State) *cloud.Error {
		op, _ := st.Operation("1")
		fmt.Println(op.Status, op.Err.Code)
		return nil
	})
	// Output: Failed InternalError
}
