package cloud_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/emulator/cloud"
)

var intoNew = cloud.Destination{Network: "New"}

func (w *world) migrate(step cloud.MigrationStep, to cloud.Destination) string {
	w.Helper()
	id := w.next()
	w.must(func(st *cloud.State) *cloud.Error { return st.MigrateDeployment(id, "shop", "v1", step, to) })
	return id
}

func (w *world) migration() (state cloud.MigrationState) {
	w.Helper()
	w.View(func(st *cloud.State) *cloud.Error {
		_, _, d, err := st.Deployment("shop", cloud.Selector{Name: "v1"})
		if err != nil {
			state = "gone"
			return err
		}
		state = d.Migration
		return nil
	})
	return state
}

// states checks the state of the migration now and after the step has ended.
func (w *world) states(during, after cloud.MigrationState) {
	w.Helper()
	if got := w.migration(); got != during {
		w.Errorf("during the step the state is %q, want %q", got, during)
	}
	w.advance(time.Hour)
	if got := w.migration(); got != after {
		w.Errorf("after the step the state is %q, want %q", got, after)
	}
}

func TestMigrationIsPreparedAbortedAndCommitted(t *testing.T) {
	w := newWorld(t)
	w.deploy(cloud.Production, "v1", model(role("Web", 1)))
	w.migrate(cloud.PrepareMigration, intoNew)
	w.states(cloud.Preparing, cloud.Prepared)
	w.migrate(cloud.PrepareMigration, intoNew)
	w.states(cloud.Prepared, cloud.Prepared)
	w.migrate(cloud.AbortMigration, cloud.Destination{})
	w.states(cloud.Aborting, cloud.NotMigrating)
	w.migrate(cloud.AbortMigration, cloud.Destination{})
	w.states(cloud.NotMigrating, cloud.NotMigrating)
	w.refused(cloud.ConflictError, "The migration cannot be committed because it has not been prepared.", func(st *cloud.State) *cloud.Error {
		return st.MigrateDeployment(w.next(), "shop", "v1", cloud.CommitMigration, cloud.Destination{})
	})
	w.migrate(cloud.PrepareMigration, cloud.Destination{Network: "existing", ResourceGroup: "g", VirtualNetwork: "n", Subnet: "s"})
	w.states(cloud.Preparing, cloud.Prepared)
	id := w.migrate(cloud.CommitMigration, cloud.Destination{})
	w.states(cloud.Committing, "gone")
	if s, err := w.status(id); s != cloud.Succeeded {
		t.Errorf("commit %s: %v", s, err)
	}
	if diff := cmp.Diff(view{}, w.slot(cloud.Production)); diff != "" {
		t.Errorf("slot is not empty (-want +got):\n%s", diff)
	}
	w.deploy(cloud.Production, "v2", model(role("Web", 1)))
}

func TestFailedPrepareLocksUntilAborted(t *testing.T) {
	w := newWorld(t)
	w.deploy(cloud.Production, "v1", model(role("Web", 1)))
	w.deploy(cloud.Staging, "v2", model(role("Web", 1)))
	id := w.migrate(cloud.PrepareMigration, intoNew)
	w.states(cloud.Preparing, cloud.PrepareFailed)
	if got, want := w.failed(id), "BadRequest: The hosted service shop has deployments in both slots. Delete one of them."; got != want {
		t.Errorf("prepare failed with %q, want %q", got, want)
	}
	w.migrate(cloud.PrepareMigration, intoNew)
	w.states(cloud.Preparing, cloud.PrepareFailed)
	w.refused(cloud.ConflictError, "The migration cannot be committed because it has not been prepared.", func(st *cloud.State) *cloud.Error {
		return st.MigrateDeployment(w.next(), "shop", "v1", cloud.CommitMigration, cloud.Destination{})
	})
	w.migrate(cloud.AbortMigration, cloud.Destination{})
	w.states(cloud.Aborting, cloud.NotMigrating)
	w.must(func(st *cloud.State) *cloud.Error { return st.Swap(w.next(), "shop", "v1", "v2") })
}

func TestMigrationLocks(t *testing.T) {
	w := newWorld(t)
	m := model(role("Web", 2))
	w.deploy(cloud.Production, "v1", m)
	id := w.migrate(cloud.PrepareMigration, intoNew)
	by := cloud.Selector{Slot: cloud.Production}
	err := w.Update(func(st *cloud.State) *cloud.Error { return st.DeleteDeployment(w.next(), "shop", by) })
	if err == nil || !cloud.Busy(err) || !strings.Contains(err.Error(), id) {
		t.Errorf("while the operation runs: %v", err)
	}
	w.advance(time.Hour)
	const locked = "Deployment v1 in HostedService shop is in the process of being migrated and hence cannot be changed."
	for name, change := range map[string]func(*cloud.State) *cloud.Error{
		"delete": func(st *cloud.State) *cloud.Error { return st.DeleteDeployment(w.next(), "shop", by) },
		"delete by name": func(st *cloud.State) *cloud.Error {
			return st.DeleteDeployment(w.next(), "shop", cloud.Selector{Name: "v1"})
		},
		"delete service": func(st *cloud.State) *cloud.Error { return st.DeleteServiceMedia(w.next(), "shop") },
		"status":         func(st *cloud.State) *cloud.Error { return st.UpdateStatus(w.next(), "shop", by, cloud.Suspended) },
		"swap":           func(st *cloud.State) *cloud.Error { return st.Swap(w.next(), "shop", "v1", "v2") },
		"config": func(st *cloud.State) *cloud.Error {
			return st.ChangeConfiguration(w.next(), "shop", by, cloud.Update{Model: m})
		},
		"upgrade": func(st *cloud.State) *cloud.Error {
			return st.Upgrade(w.next(), "shop", by, cloud.Update{Label: "l", Model: m})
		},
		"reboot": func(st *cloud.State) *cloud.Error { return st.Act(w.next(), "shop", by, "Web_IN_0", cloud.Reboot) },
		"certificate": func(st *cloud.State) *cloud.Error {
			return st.AddServiceCertificate(w.next(), "shop", certificateA, nil)
		},
		"extension": func(st *cloud.State) *cloud.Error { return st.AddExtension(w.next(), "shop", remoteDesktop("Rdp-0")) },
		"create": func(st *cloud.State) *cloud.Error {
			return st.CreateDeployment(w.next(), "shop", cloud.Staging, cloud.DeploymentSpec{Name: "v2", Label: "v2", Model: m})
		},
	} {
		if err := w.Update(change); err == nil || err.Error() != "ConflictError: "+locked || cloud.Busy(err) {
			t.Errorf("%s: %v, want %s", name, err, locked)
		}
	}
}

func TestMigrationRefusals(t *testing.T) {
	w := newWorld(t)
	w.deploy(cloud.Production, "v1", model(role("Web", 1)))
	for _, test := range []struct {
		to   cloud.Destination
		want string
	}{
		{cloud.Destination{Network: "Default"}, "The destination virtual network 'Default' is not implemented; use New or Existing."},
		{cloud.Destination{Network: "Moon"}, "The destination virtual network 'Moon' is invalid; it must be New or Existing."},
		{cloud.Destination{Network: "Existing", ResourceGroup: "g", VirtualNetwork: "n"}, "ResourceGroupName, VirtualNetworkName and SubNetName must be specified for an existing virtual network."},
	} {
		w.refused(cloud.BadRequest, test.want, func(st *cloud.State) *cloud.Error {
			return st.MigrateDeployment(w.next(), "shop", "v1", cloud.PrepareMigration, test.to)
		})
		w.refused(cloud.BadRequest, test.want, func(st *cloud.State) *cloud.Error {
			_, err := st.ValidateMigration(w.next(), "shop", "v1", test.to)
			return err
		})
	}
	for _, service := range []string{"shop", "none"} {
		for _, step := range []cloud.MigrationStep{cloud.PrepareMigration, cloud.CommitMigration, cloud.AbortMigration} {
			w.refused(cloud.ResourceNotFound, "The deployment name 'v9' does not exist.", func(st *cloud.State) *cloud.Error {
				return st.MigrateDeployment(w.next(), service, "v9", step, intoNew)
			})
		}
	}
}

func TestMigrationIsValidated(t *testing.T) {
	inOffice := func() *cloud.Model {
		m := model(role("Web", 2))
		m.VirtualNetwork = "office"
		return m
	}
	problem := func(name, text string) []cloud.ValidationMessage {
		return []cloud.ValidationMessage{{ResourceType: "Deployment", ResourceName: name, Category: "Error", Message: text}}
	}
	for _, test := range []struct {
		name       string
		prepare    func(*world)
		deployment string
		to         cloud.Destination
		want       []cloud.ValidationMessage
	}{
		{"nothing to say", func(*world) {}, "v1", intoNew, nil},
		{"missing", func(*world) {}, "v9", intoNew, problem("v9", "The deployment name 'v9' does not exist.")},
		{"no destination", func(*world) {}, "v1", cloud.Destination{}, problem("v1", "The deployment v1 is not in a virtual network. Specify a destination virtual network.")},
		{"two slots", func(w *world) { w.deploy(cloud.Staging, "v2", model(role("Web", 1))) }, "V1", intoNew,
			problem("v1", "The hosted service shop has deployments in both slots. Delete one of them.")},
		{"updating", func(w *world) {
			w.must(func(st *cloud.State) *cloud.Error {
				return st.Upgrade(w.next(), "shop", cloud.Selector{Name: "v1"}, cloud.Update{Label: "l", Model: model(role("Web", 2))})
			})
			w.advance(time.Minute)
		}, "v1", intoNew, problem("v1", "Role instances of the deployment v1 are being updated.")},
		{"in a network", func(w *world) {
			w.must(func(st *cloud.State) *cloud.Error {
				return st.DeleteDeployment(w.next(), "shop", cloud.Selector{Name: "v1"})
			})
			w.advance(time.Minute)
			w.deploy(cloud.Production, "v1", inOffice())
		}, "v1", intoNew, problem("v1", "The deployment v1 belongs to the virtual network office. Migrate the virtual network instead.")},
	} {
		w := newWorld(t)
		w.deploy(cloud.Production, "v1", model(role("Web", 2)))
		test.prepare(w)
		var got []cloud.ValidationMessage
		w.must(func(st *cloud.State) (err *cloud.Error) {
			got, err = st.ValidateMigration(w.next(), "shop", test.deployment, test.to)
			return err
		})
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s mismatch (-want +got):\n%s", test.name, diff)
		}
		if w.migration() != cloud.NotMigrating {
			t.Errorf("%s: the validation began a migration", test.name)
		}
	}
}

func (w *world) resource(kind cloud.Migratable, name string, step cloud.MigrationStep) {
	w.Helper()
	w.must(func(st *cloud.State) *cloud.Error { return st.MigrateResource(w.next(), kind, name, step) })
	w.advance(time.Hour)
}

func (w *world) resourceState(kind cloud.Migratable, name string) (state cloud.MigrationState) {
	w.View(func(st *cloud.State) *cloud.Error { state = st.MigrationOf(kind, name); return nil })
	return state
}

func TestStorageAccountsAreMigrated(t *testing.T) {
	w := newWorld(t)
	w.must(func(st *cloud.State) *cloud.Error {
		return st.CreateAccount(w.next(), cloud.AccountSpec{Name: "files", Label: "f", Location: "West US"})
	})
	w.advance(time.Hour)
	w.resource(cloud.MigratableStorage, "files", cloud.PrepareMigration)
	if got := w.resourceState(cloud.MigratableStorage, "FILES"); got != cloud.Prepared {
		t.Errorf("state %q, want Prepared", got)
	}
	remove := func(st *cloud.State) *cloud.Error { return st.DeleteAccount(w.next(), "files") }
	w.refused(cloud.ConflictError, "Storage files is in the process of being migrated and hence cannot be changed.", remove)
	w.resource(cloud.MigratableStorage, "files", cloud.AbortMigration)
	if got := w.resourceState(cloud.MigratableStorage, "files"); got != cloud.NotMigrating {
		t.Errorf("state %q, want none", got)
	}
	w.resource(cloud.MigratableStorage, "files", cloud.PrepareMigration)
	w.must(func(st *cloud.State) *cloud.Error {
		return st.MigrateResource(w.next(), cloud.MigratableStorage, "files", cloud.CommitMigration)
	})
	w.refused(cloud.ConflictError, "Another operation on this or dependent resource is in progress.", func(st *cloud.State) *cloud.Error {
		return st.MigrateResource(w.next(), cloud.MigratableStorage, "files", cloud.AbortMigration)
	})
	w.advance(time.Hour)
	w.refused(cloud.ResourceNotFound, "The storage account 'files' was not found.", remove)
	if got := w.resourceState(cloud.MigratableStorage, "files"); got != cloud.NotMigrating {
		t.Errorf("state %q after the commit", got)
	}
}

func TestVirtualNetworksAreMigratedWithTheirDeployments(t *testing.T) {
	w := newWorld(t)
	w.must(func(st *cloud.State) *cloud.Error {
		return st.PutNetwork(w.next(), cloud.Network{Sites: []cloud.VirtualNetworkSite{{Name: "office", Location: "West US", Prefixes: []string{"10.0.0.0/8"}, Subnets: []cloud.Subnet{{Name: "s", Prefix: "10.0.0.0/16"}}}}})
	})
	w.advance(time.Hour)
	m := model(role("Web", 1))
	m.VirtualNetwork = "office"
	w.deploy(cloud.Production, "v1", m)
	w.refused(cloud.BadRequest, "The deployment v1 belongs to the virtual network office. Migrate the virtual network instead.", func(st *cloud.State) *cloud.Error {
		return st.MigrateDeployment(w.next(), "shop", "v1", cloud.CommitMigration, cloud.Destination{})
	})
	w.must(func(st *cloud.State) *cloud.Error {
		return st.MigrateResource(w.next(), cloud.MigratableNetwork, "Office", cloud.PrepareMigration)
	})
	w.states(cloud.Preparing, cloud.Prepared)
	if got := w.resourceState(cloud.MigratableNetwork, "office"); got != cloud.Prepared {
		t.Errorf("state %q, want Prepared", got)
	}
	put := func(st *cloud.State) *cloud.Error {
		return st.PutNetwork(w.next(), cloud.Network{Sites: []cloud.VirtualNetworkSite{{Name: "office", Location: "West US"}, {Name: "home", Location: "West US"}}})
	}
	w.refused(cloud.ConflictError, "VirtualNetwork office is in the process of being migrated and hence cannot be changed.", put)
	w.resource(cloud.MigratableNetwork, "office", cloud.AbortMigration)
	w.must(put)
	w.refused(cloud.ConflictError, "Another operation on this or dependent resource is in progress.", func(st *cloud.State) *cloud.Error {
		return st.MigrateResource(w.next(), cloud.MigratableNetwork, "office", cloud.PrepareMigration)
	})
	w.advance(time.Hour)
	w.resource(cloud.MigratableNetwork, "office", cloud.PrepareMigration)
	w.resource(cloud.MigratableNetwork, "office", cloud.CommitMigration)
	if got := w.migration(); got != "gone" {
		t.Errorf("the deployment is %q, want gone", got)
	}
	w.refused(cloud.BadRequest, "The virtual network 'office' was not found.", func(st *cloud.State) *cloud.Error {
		return st.MigrateResource(w.next(), cloud.MigratableNetwork, "office", cloud.PrepareMigration)
	})
}

func TestBusyDeploymentsHoldTheirNetwork(t *testing.T) {
	w := newWorld(t)
	m := model(role("Web", 1))
	m.VirtualNetwork = "office"
	w.must(func(st *cloud.State) *cloud.Error {
		return st.PutNetwork(w.next(), cloud.Network{Sites: []cloud.VirtualNetworkSite{{Name: "office", Location: "West US"}}})
	})
	w.advance(time.Hour)
	w.deploy(cloud.Production, "v1", m)
	w.must(func(st *cloud.State) *cloud.Error {
		return st.UpdateStatus(w.next(), "shop", cloud.Selector{Name: "v1"}, cloud.Suspended)
	})
	prepare := func(st *cloud.State) *cloud.Error {
		return st.MigrateResource(w.next(), cloud.MigratableNetwork, "office", cloud.PrepareMigration)
	}
	if err := w.Update(prepare); err == nil || !cloud.Busy(err) {
		t.Errorf("prepared although a deployment is busy: %v", err)
	}
	w.advance(2 * time.Second)
	w.advance(time.Hour)
	w.must(prepare)
}

func TestResourcesThatAreNotThere(t *testing.T) {
	w := newWorld(t)
	for kind, want := range map[cloud.Migratable]struct {
		code cloud.Code
		text string
	}{
		cloud.MigratableStorage:        {cloud.ResourceNotFound, "The storage account 'x' was not found."},
		cloud.MigratableNetwork:        {cloud.BadRequest, "The virtual network 'x' was not found."},
		cloud.MigratableReservedIP:     {cloud.ResourceNotFound, "The reserved IP 'x' does not exist."},
		cloud.MigratableSecurityGroups: {cloud.ResourceNotFound, "The network security group 'x' does not exist."},
		cloud.MigratableRouteTable:     {cloud.ResourceNotFound, "The route table 'x' does not exist."},
	} {
		for _, step := range []cloud.MigrationStep{cloud.PrepareMigration, cloud.CommitMigration, cloud.AbortMigration} {
			w.refused(want.code, want.text, func(st *cloud.State) *cloud.Error { return st.MigrateResource(w.next(), kind, "x", step) })
		}
		var got []cloud.ValidationMessage
		w.must(func(st *cloud.State) *cloud.Error { got = st.ValidateResource(w.next(), kind, "x"); return nil })
		if diff := cmp.Diff([]cloud.ValidationMessage{{ResourceType: string(kind), ResourceName: "x", Category: "Error", Message: want.text}}, got); diff != "" {
			t.Errorf("%s mismatch (-want +got):\n%s", kind, diff)
		}
	}
}

func TestReservedAddressesInUseAreNotMigrated(t *testing.T) {
	w := newWorld(t)
	w.must(func(st *cloud.State) *cloud.Error {
		return st.CreateReservedIP(w.next(), cloud.ReservedSpec{Name: "front", Label: "l", Location: "West US"})
	})
	w.advance(time.Hour)
	m := model(role("Web", 1, "http"))
	m.ReservedIP = "front"
	w.deploy(cloud.Production, "v1", m)
	w.resource(cloud.MigratableReservedIP, "front", cloud.PrepareMigration)
	if got := w.resourceState(cloud.MigratableReservedIP, "front"); got != cloud.PrepareFailed {
		t.Errorf("state %q, want PrepareFailed", got)
	}
	w.resource(cloud.MigratableReservedIP, "front", cloud.AbortMigration)
	w.must(func(st *cloud.State) *cloud.Error {
		return st.DeleteDeployment(w.next(), "shop", cloud.Selector{Name: "v1"})
	})
	w.advance(time.Hour)
	w.resource(cloud.MigratableReservedIP, "front", cloud.PrepareMigration)
	w.refused(cloud.ConflictError, "ReservedIP front is in the process of being migrated and hence cannot be changed.", func(st *cloud.State) *cloud.Error {
		return st.DeleteReservedIP(w.next(), "front")
	})
	w.resource(cloud.MigratableReservedIP, "front", cloud.CommitMigration)
	w.refused(cloud.ResourceNotFound, "The reserved IP 'front' does not exist.", func(st *cloud.State) *cloud.Error {
		return st.DeleteReservedIP(w.next(), "front")
	})
}
