package cloud_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/emulator/cloud"
)

func remoteDesktop(id string) cloud.Extension {
	return cloud.Extension{ProviderNamespace: "Microsoft.Windows.Azure.Extensions", Type: "RDP", ID: id, PublicConfiguration: []byte("<PublicConfig/>")}
}

func (w *world) addExtension(id string) {
	w.Helper()
	w.must(func(st *cloud.State) *cloud.Error { return st.AddExtension(w.next(), "shop", remoteDesktop(id)) })
	w.advance(time.Minute)
}

func (w *world) extensions() (ids []string) {
	w.View(func(st *cloud.State) *cloud.Error {
		s, err := st.Service("shop")
		if err != nil {
			return err
		}
		for e := range st.Extensions(s) {
			ids = append(ids, e.ID+" "+e.Version)
		}
		return nil
	})
	return ids
}

func TestExtensionsAreAddedAndDeleted(t *testing.T) {
	w := newWorld(t)
	w.addExtension("Default-RDP-Staging-Ext-1")
	w.addExtension("Default-RDP-Staging-Ext-0")
	if diff := cmp.Diff([]string{"Default-RDP-Staging-Ext-0 *", "Default-RDP-Staging-Ext-1 *"}, w.extensions()); diff != "" {
		t.Errorf("extensions mismatch (-want +got):\n%s", diff)
	}
	w.must(func(st *cloud.State) *cloud.Error {
		return st.DeleteExtension(w.next(), "SHOP", "default-rdp-staging-ext-0")
	})
	w.advance(time.Minute)
	if diff := cmp.Diff([]string{"Default-RDP-Staging-Ext-1 *"}, w.extensions()); diff != "" {
		t.Errorf("extensions mismatch (-want +got):\n%s", diff)
	}
	w.must(func(st *cloud.State) *cloud.Error { return st.DeleteService(w.next(), "shop") })
	w.must(func(st *cloud.State) *cloud.Error {
		return st.CreateService(w.next(), cloud.ServiceSpec{Name: "shop", Label: "l", Location: "West US"})
	})
	if got := w.extensions(); got != nil {
		t.Errorf("a new service has the extensions %v", got)
	}
}

func TestExtensionRefusals(t *testing.T) {
	w := newWorld(t)
	w.addExtension("Rdp-0")
	with := func(change func(*cloud.Extension)) func(*cloud.State) *cloud.Error {
		e := remoteDesktop("Rdp-1")
		change(&e)
		return func(st *cloud.State) *cloud.Error { return st.AddExtension(w.next(), "shop", e) }
	}
	for _, test := range []struct {
		code    cloud.Code
		message string
		change  func(*cloud.State) *cloud.Error
	}{
		{cloud.ConflictError, "An extension with the ID 'Rdp-0' already exists.", with(func(e *cloud.Extension) { e.ID = "rdp-0" })},
		{cloud.BadRequest, "ProviderNameSpace, Type and Id must be specified.", with(func(e *cloud.Extension) { e.Type = "" })},
		{cloud.BadRequest, "The extension ID 'a b' is invalid.", with(func(e *cloud.Extension) { e.ID = "a b" })},
		{cloud.BadRequest, "The thumbprint algorithm 'md5' is invalid; it must be sha1.", with(func(e *cloud.Extension) { e.ThumbprintAlgorithm = "md5" })},
		{cloud.BadRequest, "The certificate with thumbprint aa00000000000000000000000000000000000001 was not found.", with(func(e *cloud.Extension) { e.Thumbprint = certificateA })},
		{cloud.ResourceNotFound, "The hosted service does not exist.", func(st *cloud.State) *cloud.Error { return st.AddExtension(w.next(), "none", remoteDesktop("x")) }},
		{cloud.ResourceNotFound, "The extension with the ID 'x' does not exist.", func(st *cloud.State) *cloud.Error { return st.DeleteExtension(w.next(), "shop", "x") }},
	} {
		w.refused(test.code, test.message, test.change)
	}
	w.must(with(func(e *cloud.Extension) { e.Type = "Unheard" }))
	w.advance(time.Minute)
	w.must(func(st *cloud.State) *cloud.Error { st.Strict = true; return nil })
	w.refused(cloud.BadRequest, "The extension with namespace Microsoft.Windows.Azure.Extensions, type Unheard is not available.", with(func(e *cloud.Extension) { e.Type = "Unheard" }))
	w.must(with(func(e *cloud.Extension) { e.ID = "Rdp-2" }))
}

func TestOperationsOnExtensionsExcludeEachOther(t *testing.T) {
	w := newWorld(t)
	w.must(func(st *cloud.State) *cloud.Error { return st.AddExtension(w.next(), "shop", remoteDesktop("Rdp-0")) })
	const same = "Another operation on extension with namespace Microsoft.Windows.Azure.Extensions, type RDP is already in progress."
	const other = "Windows Azure is currently performing an operation on this hosted service that requires exclusive access."
	diagnostics := remoteDesktop("Diagnostics-0")
	diagnostics.Type = "PaaSDiagnostics"
	for _, test := range []struct {
		extension cloud.Extension
		want      string
	}{{remoteDesktop("Rdp-1"), same}, {diagnostics, other}} {
		err := w.Update(func(st *cloud.State) *cloud.Error { return st.AddExtension(w.next(), "shop", test.extension) })
		if err == nil || err.Error() != "ConflictError: "+test.want || !cloud.Busy(err) {
			t.Errorf("%s: %v, want %s", test.extension.Type, err, test.want)
		}
	}
}

// applied returns what a slot's deployment applies.
func (w *world) applied(slot cloud.Slot) (x *cloud.ExtensionSet) {
	w.View(func(st *cloud.State) *cloud.Error {
		_, _, d, err := st.Deployment("shop", cloud.Selector{Slot: slot})
		if err == nil {
			x = d.Extensions
		}
		return err
	})
	return x
}

func allRoles(state cloud.ExtensionState, ids ...string) *cloud.ExtensionSet {
	x := &cloud.ExtensionSet{}
	for _, id := range ids {
		x.All = append(x.All, cloud.ExtensionUse{ID: id, State: state})
	}
	return x
}

func TestExtensionSets(t *testing.T) {
	web := func(state cloud.ExtensionState, id string) cloud.RoleExtensions {
		return cloud.RoleExtensions{Role: "Web", Extensions: []cloud.ExtensionUse{{ID: id, State: state}}}
	}
	work := func(state cloud.ExtensionState, id string) cloud.RoleExtensions {
		return cloud.RoleExtensions{Role: "Work", Extensions: []cloud.ExtensionUse{{ID: id, State: state}}}
	}
	w := newWorld(t)
	w.addExtension("Rdp-0")
	w.addExtension("Rdp-1")
	m := model(role("Web", 2), role("Work", 1))
	w.must(func(st *cloud.State) *cloud.Error {
		return st.CreateDeployment(w.next(), "shop", cloud.Staging, cloud.DeploymentSpec{Name: "v1", Label: "v1", Start: true, Model: m, Extensions: allRoles("", "Rdp-0")})
	})
	w.advance(time.Hour)
	for _, test := range []struct {
		name       string
		send, want *cloud.ExtensionSet
	}{
		{"omitted keeps", nil, allRoles("", "Rdp-0")},
		{"sent replaces", &cloud.ExtensionSet{Roles: []cloud.RoleExtensions{web("Disable", "Rdp-1")}}, &cloud.ExtensionSet{Roles: []cloud.RoleExtensions{web("Disable", "Rdp-1")}}},
		{"names are the model's", &cloud.ExtensionSet{Roles: []cloud.RoleExtensions{{Role: "WORK", Extensions: []cloud.ExtensionUse{{ID: "Rdp-1"}}}}}, &cloud.ExtensionSet{Roles: []cloud.RoleExtensions{work("", "Rdp-1")}}},
		{"uninstalled under each role", allRoles(cloud.ExtensionUninstall, "Rdp-1"), &cloud.ExtensionSet{Roles: []cloud.RoleExtensions{web("Uninstall", "Rdp-1"), work("Uninstall", "Rdp-1")}}},
		{"empty takes all away", &cloud.ExtensionSet{}, nil},
	} {
		for _, kind := range []cloud.Kind{cloud.ChangeConfiguration, cloud.UpgradeDeployment} {
			w.must(func(st *cloud.State) *cloud.Error {
				u := cloud.Update{Label: "l", Model: m, Extensions: test.send}
				if kind == cloud.ChangeConfiguration {
					return st.ChangeConfiguration(w.next(), "shop", cloud.Selector{Name: "v1"}, u)
				}
				return st.Upgrade(w.next(), "shop", cloud.Selector{Name: "v1"}, u)
			})
			w.advance(time.Hour)
			if diff := cmp.Diff(test.want, w.applied(cloud.Staging)); diff != "" {
				t.Errorf("%s, %s mismatch (-want +got):\n%s", kind, test.name, diff)
			}
		}
	}
}

func TestExtensionSetsThatCannotBe(t *testing.T) {
	w := newWorld(t)
	w.addExtension("Rdp-0")
	create := func(x *cloud.ExtensionSet) func(*cloud.State) *cloud.Error {
		return func(st *cloud.State) *cloud.Error {
			return st.CreateDeployment(w.next(), "shop", cloud.Staging, cloud.DeploymentSpec{Name: "v1", Label: "v1", Model: model(role("Web", 1)), Extensions: x})
		}
	}
	w.refused(cloud.BadRequest, "The extension with the ID 'Rdp-9' in the extension configuration does not exist.", create(allRoles("", "Rdp-9")))
	w.refused(cloud.BadRequest, "The extension state 'Maybe' is invalid; it must be Enable, Disable or Uninstall.", create(allRoles("Maybe", "Rdp-0")))
	w.must(create(&cloud.ExtensionSet{Roles: []cloud.RoleExtensions{{Role: "Wep", Extensions: []cloud.ExtensionUse{{ID: "Rdp-0"}}}}}))
	id := w.last()
	w.advance(time.Hour)
	if got, want := w.failed(id), "ResourceNotFound: The role name Wep in the extension configuration is invalid."; got != want {
		t.Errorf("create failed with %q, want %q", got, want)
	}
}

// last returns the id of the last request.
func (w *world) last() (id string) {
	w.View(func(st *cloud.State) *cloud.Error {
		for op := range st.Operations {
			id = op.ID
		}
		return nil
	})
	return id
}

func TestExtensionsInUseAreKept(t *testing.T) {
	w := newWorld(t)
	w.addExtension("Default-RDP-Staging-Ext-0")
	w.must(func(st *cloud.State) *cloud.Error {
		return st.CreateDeployment(w.next(), "shop", cloud.Staging, cloud.DeploymentSpec{
			Name: "v1", Label: "v1", Start: true, Model: model(role("Web", 1)), Extensions: allRoles("", "Default-RDP-Staging-Ext-0"),
		})
	})
	remove := func(st *cloud.State) *cloud.Error {
		return st.DeleteExtension(w.next(), "shop", "Default-RDP-Staging-Ext-0")
	}
	const inUse = "The extension 'Default-RDP-Staging-Ext-0' is in use by a deployment and cannot be deleted."
	w.refused(cloud.BadRequest, inUse, remove)
	w.advance(time.Hour)
	w.must(func(st *cloud.State) *cloud.Error { return st.Swap(w.next(), "shop", "", "v1") })
	w.advance(time.Hour)
	if diff := cmp.Diff(allRoles("", "Default-RDP-Staging-Ext-0"), w.applied(cloud.Production)); diff != "" {
		t.Errorf("after the swap mismatch (-want +got):\n%s", diff)
	}
	w.refused(cloud.BadRequest, inUse, remove)
	w.must(func(st *cloud.State) *cloud.Error {
		u := cloud.Update{Model: model(role("Web", 1)), Extensions: allRoles(cloud.ExtensionUninstall, "Default-RDP-Staging-Ext-0")}
		return st.ChangeConfiguration(w.next(), "shop", cloud.Selector{Name: "v1"}, u)
	})
	w.advance(time.Hour)
	w.must(remove)
}

func TestAvailableExtensions(t *testing.T) {
	var got []string
	for _, e := range cloud.AvailableExtensions() {
		got = append(got, e.Type+" "+e.Version)
	}
	if diff := cmp.Diff([]string{"ADDomain 1.3", "PaaSDiagnostics 1.5", "RDP 1.2.1"}, got); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
	if n := len(cloud.ExtensionVersions("microsoft.windows.azure.extensions", "rdp")); n != 2 {
		t.Errorf("%d versions of RDP, want 2", n)
	}
	if n := len(cloud.ExtensionVersions("Microsoft.Windows.Azure.Extensions", "None")); n != 0 {
		t.Errorf("%d versions of what is not there", n)
	}
}
