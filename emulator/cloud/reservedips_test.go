package cloud_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/emulator/cloud"
)

// reserve makes a reserved address in West US, where shop is, and waits for it.
func (w *world) reserve(names ...string) {
	w.Helper()
	for _, name := range names {
		w.begin(func(st *cloud.State, id string) *cloud.Error {
			return st.CreateReservedIP(id, cloud.ReservedSpec{Name: name, Location: "West US"})
		})
	}
}

// begin makes a change that has to be accepted, waits until it is done, and
// returns how the operation ended.
func (w *world) begin(f func(*cloud.State, string) *cloud.Error) *cloud.Error {
	w.Helper()
	id := w.next()
	w.must(func(st *cloud.State) *cloud.Error { return f(st, id) })
	w.advance(time.Hour)
	status, failure := w.status(id)
	if status == cloud.InProgress {
		w.Fatalf("operation %s does not end", id)
	}
	return failure
}

// code is the code that a change is refused with, "" for none.
func (w *world) code(f func(*cloud.State, string) *cloud.Error) cloud.Code {
	w.Helper()
	var code cloud.Code
	err := w.Update(func(st *cloud.State) *cloud.Error { return f(st, w.next()) })
	if refusal, ok := err.(*cloud.Error); ok {
		code = refusal.Code
	}
	return code
}

// reserving is a model of a web role whose configuration names a reserved IP.
func reserving(name string) *cloud.Model {
	m := model(role("Web", 1, "http"))
	m.ReservedIP = name
	return m
}

// use tells a reserved address and who uses it.
func (w *world) use(name string) (address string, use cloud.ReservedUse) {
	w.Helper()
	w.must(func(st *cloud.State) *cloud.Error {
		ip, by, err := st.ReservedIP(name)
		if err != nil {
			return err
		}
		if address = ip.Address; by != nil {
			use = *by
		}
		return nil
	})
	return address, use
}

func TestReservedIPThroughConfiguration(t *testing.T) {
	w := newWorld(t)
	w.reserve("front")
	w.deploy(cloud.Production, "v1", reserving("FRONT"))
	address, use := w.use("front")
	if diff := cmp.Diff(cloud.ReservedUse{Service: "shop", Deployment: "v1"}, use); diff != "" {
		t.Errorf("use mismatch (-want +got):\n%s", diff)
	}
	if got := w.slot(cloud.Production).VIP; got != address {
		t.Errorf("the slot is at %s, want the reserved %s", got, address)
	}
	by := cloud.Selector{Slot: cloud.Production}
	if failure := w.begin(func(st *cloud.State, id string) *cloud.Error { return st.DeleteDeployment(id, "shop", by) }); failure != nil {
		t.Fatal(failure)
	}
	if again, use := w.use("front"); again != address || use != (cloud.ReservedUse{}) {
		t.Errorf("after the delete %s is used by %+v, want %s free", again, use, address)
	}
}

func TestReservedIPRefusesDeployment(t *testing.T) {
	for _, named := range []string{"used", "unknown", "far", "young"} {
		t.Run(named, func(t *testing.T) {
			w := newWorld(t)
			w.reserve("used")
			w.begin(func(st *cloud.State, id string) *cloud.Error {
				return st.CreateReservedIP(id, cloud.ReservedSpec{Name: "far", Location: "East US"})
			})
			w.deploy(cloud.Production, "v1", reserving("used"))
			w.must(func(st *cloud.State) *cloud.Error {
				return st.CreateReservedIP(w.next(), cloud.ReservedSpec{Name: "young", Location: "West US"})
			})
			failure := w.begin(func(st *cloud.State, id string) *cloud.Error {
				return st.CreateDeployment(id, "shop", cloud.Staging, cloud.DeploymentSpec{Name: "v2", Label: "v2", Model: reserving(named)})
			})
			if failure == nil || failure.Code != cloud.BadRequest {
				t.Errorf("the create ends with %v, want BadRequest", failure)
			}
			if v := w.slot(cloud.Staging); v.Name != "" {
				t.Errorf("%+v is there after the failure", v)
			}
		})
	}
}

// TestReservedIPStaysWithSlot swaps two deployments with addresses of their own,
// then lets a configuration change not disturb that.
func TestReservedIPStaysWithSlot(t *testing.T) {
	w := newWorld(t)
	w.reserve("live", "next")
	w.deploy(cloud.Production, "v1", reserving("live"))
	w.deploy(cloud.Staging, "v2", reserving("next"))
	before := w.slot(cloud.Production).VIP
	w.begin(func(st *cloud.State, id string) *cloud.Error { return st.Swap(id, "shop", "v1", "v2") })
	failure := w.begin(func(st *cloud.State, id string) *cloud.Error {
		return st.ChangeConfiguration(id, "shop", cloud.Selector{Slot: cloud.Production}, cloud.Update{Model: reserving("next")})
	})
	if failure != nil {
		t.Fatal(failure)
	}
	_, use := w.use("live")
	if diff := cmp.Diff(cloud.ReservedUse{Service: "shop", Deployment: "v2"}, use); diff != "" {
		t.Errorf("use after the swap, mismatch (-want +got):\n%s", diff)
	}
	if got := w.slot(cloud.Production).VIP; got != before {
		t.Errorf("production has moved from %s to %s", before, got)
	}
}

func TestSwapWantsReservedOnBothSidesOrNone(t *testing.T) {
	w := newWorld(t)
	w.reserve("live")
	w.deploy(cloud.Production, "v1", reserving("live"))
	w.deploy(cloud.Staging, "v2", reserving(""))
	swap := func(st *cloud.State, id string) *cloud.Error { return st.Swap(id, "shop", "v1", "v2") }
	if code := w.code(swap); code != cloud.BadRequest {
		t.Errorf("refused with %q, want BadRequest", code)
	}
	w.begin(func(st *cloud.State, id string) *cloud.Error {
		return st.DisassociateReservedIP(id, "live", "shop", "v1", "")
	})
	if code := w.code(swap); code != "" {
		t.Errorf("without a reserved address refused with %s", code)
	}
}

func TestPromoteBringsReservedAddress(t *testing.T) {
	w := newWorld(t)
	w.reserve("next")
	w.deploy(cloud.Staging, "v1", reserving("next"))
	w.begin(func(st *cloud.State, id string) *cloud.Error { return st.Swap(id, "shop", "", "v1") })
	address, use := w.use("next")
	if got := w.slot(cloud.Production).VIP; got != address || use.Deployment != "v1" {
		t.Errorf("production is at %s, want %s; used by %+v", got, address, use)
	}
}

func TestConfigurationChangesReservedAddress(t *testing.T) {
	w := newWorld(t)
	w.reserve("one", "two")
	w.deploy(cloud.Production, "v1", reserving("one"))
	configure := func(name string) *cloud.Error {
		return w.begin(func(st *cloud.State, id string) *cloud.Error {
			return st.ChangeConfiguration(id, "shop", cloud.Selector{Slot: cloud.Production}, cloud.Update{Model: reserving(name)})
		})
	}
	for _, name := range []string{"two", "", "one"} {
		if failure := configure(name); failure != nil {
			t.Fatalf("%q: %v", name, failure)
		}
		for _, reserved := range []string{"one", "two"} {
			address, use := w.use(reserved)
			inUse := reserved == name
			if (use.Deployment == "v1") != inUse || (w.slot(cloud.Production).VIP == address) != inUse {
				t.Errorf("configured %q: %s at %s is used by %+v, production is at %s", name, reserved, address, use, w.slot(cloud.Production).VIP)
			}
		}
	}
	if failure := configure("three"); failure == nil || failure.Code != cloud.BadRequest {
		t.Errorf("an unknown address ends with %v, want BadRequest", failure)
	}
}

func TestReserveInPlaceAndAssociate(t *testing.T) {
	w := newWorld(t)
	w.deploy(cloud.Production, "v1", reserving(""))
	vip := w.slot(cloud.Production).VIP
	w.begin(func(st *cloud.State, id string) *cloud.Error {
		return st.CreateReservedIP(id, cloud.ReservedSpec{Name: "kept", Service: "shop", Deployment: "v1"})
	})
	if address, use := w.use("kept"); address != vip || use.Deployment != "v1" {
		t.Errorf("reserved in place: %s used by %+v, want %s", address, use, vip)
	}
	w.begin(func(st *cloud.State, id string) *cloud.Error {
		return st.DisassociateReservedIP(id, "kept", "shop", "v1", "")
	})
	if now := w.slot(cloud.Production).VIP; now == vip || now == "" {
		t.Errorf("after disassociating, production is at %q; it was at %s", now, vip)
	}
	w.begin(func(st *cloud.State, id string) *cloud.Error {
		return st.AssociateReservedIP(id, "kept", "SHOP", "V1", "SampleContractContract")
	})
	if now := w.slot(cloud.Production).VIP; now != vip {
		t.Errorf("after associating, production is at %q, want %s", now, vip)
	}
}

func TestVirtualIPs(t *testing.T) {
	w := newWorld(t)
	w.reserve("extra")
	w.deploy(cloud.Production, "v1", reserving(""))
	w.begin(func(st *cloud.State, id string) *cloud.Error { return st.AddVirtualIP(id, "shop", "v1", "second") })
	w.begin(func(st *cloud.State, id string) *cloud.Error {
		return st.AssociateReservedIP(id, "extra", "shop", "v1", "Second")
	})
	address, use := w.use("extra")
	if use.VirtualIP != "second" {
		t.Errorf("used by %+v, want the second virtual IP", use)
	}
	w.must(func(st *cloud.State) *cloud.Error {
		s, err := st.Service("shop")
		if err == nil {
			if diff := cmp.Diff([]cloud.VirtualIP{{Name: "second", Address: address, ReservedIP: "extra"}}, s.Slots[cloud.Production].VirtualIPs); diff != "" {
				t.Errorf("mismatch (-want +got):\n%s", diff)
			}
		}
		return err
	})
	w.begin(func(st *cloud.State, id string) *cloud.Error { return st.DeleteVirtualIP(id, "shop", "v1", "second") })
	if _, use := w.use("extra"); use != (cloud.ReservedUse{}) {
		t.Errorf("still used by %+v", use)
	}
}

func TestAddressRefusals(t *testing.T) {
	w := newWorld(t)
	w.reserve("front", "used")
	w.begin(func(st *cloud.State, id string) *cloud.Error {
		return st.CreateReservedIP(id, cloud.ReservedSpec{Name: "far", Location: "East US"})
	})
	w.deploy(cloud.Production, "v1", reserving("used"))
	w.deploy(cloud.Staging, "v2", reserving(""))
	w.begin(func(st *cloud.State, id string) *cloud.Error { return st.AddVirtualIP(id, "shop", "v2", "second") })
	create := func(spec cloud.ReservedSpec) func(*cloud.State, string) *cloud.Error {
		return func(st *cloud.State, id string) *cloud.Error { return st.CreateReservedIP(id, spec) }
	}
	associate := func(name, service, deployment, vip string) func(*cloud.State, string) *cloud.Error {
		return func(st *cloud.State, id string) *cloud.Error {
			return st.AssociateReservedIP(id, name, service, deployment, vip)
		}
	}
	disassociate := func(name, deployment string) func(*cloud.State, string) *cloud.Error {
		return func(st *cloud.State, id string) *cloud.Error {
			return st.DisassociateReservedIP(id, name, "shop", deployment, "")
		}
	}
	tests := []struct {
		name string
		do   func(*cloud.State, string) *cloud.Error
		want cloud.Code
	}{
		{"create twice", create(cloud.ReservedSpec{Name: "Front", Location: "West US"}), cloud.ConflictError},
		{"create without a name", create(cloud.ReservedSpec{Location: "West US"}), cloud.BadRequest},
		{"create with a slash", create(cloud.ReservedSpec{Name: "a/b", Location: "West US"}), cloud.BadRequest},
		{"create nowhere", create(cloud.ReservedSpec{Name: "a"}), cloud.BadRequest},
		{"create in place elsewhere", create(cloud.ReservedSpec{Name: "a", Location: "East US", Service: "shop", Deployment: "v2"}), cloud.BadRequest},
		{"create in place of a reserved one", create(cloud.ReservedSpec{Name: "a", Service: "shop", Deployment: "v1"}), cloud.ConflictError},
		{"create in place of nothing", create(cloud.ReservedSpec{Name: "a", Service: "shop", Deployment: "v3"}), cloud.ResourceNotFound},
		{"create in place without an address", create(cloud.ReservedSpec{Name: "a", Service: "shop", Deployment: "v2", VirtualIP: "second"}), cloud.BadRequest},
		{"delete unknown", func(st *cloud.State, id string) *cloud.Error { return st.DeleteReservedIP(id, "a") }, cloud.ResourceNotFound},
		{"delete used", func(st *cloud.State, id string) *cloud.Error { return st.DeleteReservedIP(id, "used") }, cloud.BadRequest},
		{"associate unknown", associate("a", "shop", "v2", ""), cloud.ResourceNotFound},
		{"associate to no deployment", associate("front", "shop", "v3", ""), cloud.ResourceNotFound},
		{"associate to no virtual IP", associate("front", "shop", "v2", "third"), cloud.ResourceNotFound},
		{"associate used", associate("used", "shop", "v2", ""), cloud.ConflictError},
		{"associate a second", associate("front", "shop", "v1", ""), cloud.ConflictError},
		{"associate elsewhere", associate("far", "shop", "v2", ""), cloud.BadRequest},
		{"disassociate another", disassociate("used", "v2"), cloud.BadRequest},
		{"disassociate unused", disassociate("front", "v2"), cloud.BadRequest},
		{"add virtual IP twice", func(st *cloud.State, id string) *cloud.Error { return st.AddVirtualIP(id, "shop", "v2", "SECOND") }, cloud.ConflictError},
		{"add the default virtual IP", func(st *cloud.State, id string) *cloud.Error {
			return st.AddVirtualIP(id, "shop", "v2", "SampleContractContract")
		}, cloud.ConflictError},
		{"add to no deployment", func(st *cloud.State, id string) *cloud.Error { return st.AddVirtualIP(id, "shop", "v3", "x") }, cloud.ResourceNotFound},
		{"delete the default virtual IP", func(st *cloud.State, id string) *cloud.Error {
			return st.DeleteVirtualIP(id, "shop", "v2", "SampleContractContract")
		}, cloud.BadRequest},
		{"delete no virtual IP", func(st *cloud.State, id string) *cloud.Error { return st.DeleteVirtualIP(id, "shop", "v2", "x") }, cloud.ResourceNotFound},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if code := w.code(test.do); code != test.want {
				t.Errorf("refused with %q, want %s", code, test.want)
			}
		})
	}
}

// TestAddressOperationsExclude has an address and its deployment refuse others
// while an operation changes them.
func TestAddressOperationsExclude(t *testing.T) {
	w := newWorld(t)
	w.reserve("front")
	w.deploy(cloud.Production, "v1", reserving(""))
	w.must(func(st *cloud.State) *cloud.Error {
		return st.AssociateReservedIP(w.next(), "front", "shop", "v1", "")
	})
	for name, do := range map[string]func(*cloud.State, string) *cloud.Error{
		"delete":     func(st *cloud.State, id string) *cloud.Error { return st.DeleteReservedIP(id, "front") },
		"deployment": func(st *cloud.State, id string) *cloud.Error { return st.AddVirtualIP(id, "shop", "v1", "x") },
	} {
		err := w.Update(func(st *cloud.State) *cloud.Error { return do(st, w.next()) })
		if !cloud.Busy(err) {
			t.Errorf("%s: %v, want a busy conflict", name, err)
		}
	}
	w.advance(time.Hour)
	if _, use := w.use("front"); use.Deployment != "v1" {
		t.Errorf("used by %+v", use)
	}
}

func TestDNSServers(t *testing.T) {
	w := newWorld(t)
	m := model(role("Web", 1, "http"))
	m.DNSServers = []cloud.DNSServer{{Name: "own", Address: "10.0.0.4"}}
	w.deploy(cloud.Production, "v1", m)
	add := func(name, address string) func(*cloud.State, string) *cloud.Error {
		return func(st *cloud.State, id string) *cloud.Error {
			return st.AddDNSServer(id, "shop", "v1", cloud.DNSServer{Name: name, Address: address})
		}
	}
	change := func(name, to, address string) func(*cloud.State, string) *cloud.Error {
		return func(st *cloud.State, id string) *cloud.Error {
			return st.UpdateDNSServer(id, "shop", "v1", name, cloud.DNSServer{Name: to, Address: address})
		}
	}
	remove := func(name string) func(*cloud.State, string) *cloud.Error {
		return func(st *cloud.State, id string) *cloud.Error { return st.DeleteDNSServer(id, "shop", "v1", name) }
	}
	w.begin(add("a", "10.0.0.5"))
	w.begin(add("b", "10.0.0.6"))
	w.begin(change("A", "", "10.0.0.7"))
	w.begin(remove("b"))
	var got []cloud.DNSServer
	w.must(func(st *cloud.State) *cloud.Error {
		_, _, d, err := st.Deployment("shop", cloud.Selector{Name: "v1"})
		if err == nil {
			got = d.DNS()
		}
		return err
	})
	if diff := cmp.Diff([]cloud.DNSServer{{Name: "own", Address: "10.0.0.4"}, {Name: "a", Address: "10.0.0.7"}}, got); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
	for _, test := range []struct {
		name string
		do   func(*cloud.State, string) *cloud.Error
		want cloud.Code
	}{
		{"add twice", add("A", "10.0.0.8"), cloud.ConflictError},
		{"add the configuration's", add("own", "10.0.0.8"), cloud.ConflictError},
		{"add without a name", add("", "10.0.0.8"), cloud.BadRequest},
		{"add at no address", add("c", "example.org"), cloud.BadRequest},
		{"update the configuration's", change("own", "own", "10.0.0.8"), cloud.BadRequest},
		{"update to another name", change("a", "c", "10.0.0.8"), cloud.BadRequest},
		{"update to no address", change("a", "a", ""), cloud.BadRequest},
		{"update unknown", change("c", "c", "10.0.0.8"), cloud.ResourceNotFound},
		{"delete unknown", remove("b"), cloud.ResourceNotFound},
		{"delete the configuration's", remove("own"), cloud.BadRequest},
	} {
		if code := w.code(test.do); code != test.want {
			t.Errorf("%s: refused with %q, want %s", test.name, code, test.want)
		}
	}
}
