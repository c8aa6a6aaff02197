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
)

// change is a change of the state as an operation, whose id it is given.
type change = func(*cloud.State, string) *cloud.Error

// refusal is a change and the code that it is refused with.
type refusal struct {
	name string
	do   change
	want cloud.Code
}

func (w *world) checkRefusals(t *testing.T, tests []refusal) {
	t.Helper()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if code := w.code(test.do); code != test.want {
				t.Errorf("refused with %q, want %s", code, test.want)
			}
		})
	}
}

func createGroup(name, location string) change {
	return func(st *cloud.State, id string) *cloud.Error {
		return st.CreateGroup(id, cloud.GroupSpec{Name: name, Label: name, Location: location})
	}
}

func createIn(service, group string) change {
	return func(st *cloud.State, id string) *cloud.Error {
		return st.CreateService(id, cloud.ServiceSpec{Name: service, Label: service, AffinityGroup: group})
	}
}

func createAccount(spec cloud.AccountSpec) change {
	spec.Label = "Account"
	return func(st *cloud.State, id string) *cloud.Error { return st.CreateAccount(id, spec) }
}

func TestAffinityGroups(t *testing.T) {
	w := newWorld(t)
	for _, do := range []change{
		createGroup("home", "west us"), createIn("first", "HOME"), createAccount(cloud.AccountSpec{Name: "files", AffinityGroup: "home"}),
		func(st *cloud.State, id string) *cloud.Error { return st.UpdateGroup(id, "Home", "New", nil) },
	} {
		w.begin(do)
	}
	w.must(func(st *cloud.State) *cloud.Error {
		g, err := st.Group("HOME")
		if err != nil {
			return err
		}
		services, accounts := st.InGroup(g)
		if len(services) != 1 || len(accounts) != 1 || g.Label != "New" {
			t.Errorf("%d services and %d accounts are in %+v", len(services), len(accounts), g)
		}
		if got := st.Region(services[0]) + ", " + st.AccountRegion(accounts[0]); got != "West US, West US" {
			t.Errorf("they are in %s", got)
		}
		return nil
	})
	long := strings.Repeat("x", 1025)
	remove := func(name string) change {
		return func(st *cloud.State, id string) *cloud.Error { return st.DeleteGroup(id, name) }
	}
	w.checkRefusals(t, []refusal{
		{"create twice", createGroup("Home", "West US"), cloud.ConflictError},
		{"create with a bad name", createGroup("a_b", "West US"), cloud.BadRequest},
		{"create nowhere", createGroup("a", "Atlantis"), cloud.BadRequest},
		{"create without a label", func(st *cloud.State, id string) *cloud.Error {
			return st.CreateGroup(id, cloud.GroupSpec{Name: "a", Location: "West US"})
		}, cloud.BadRequest},
		{"update unknown", func(st *cloud.State, id string) *cloud.Error { return st.UpdateGroup(id, "a", "A", nil) }, cloud.ResourceNotFound},
		{"update without a label", func(st *cloud.State, id string) *cloud.Error { return st.UpdateGroup(id, "home", "", nil) }, cloud.BadRequest},
		{"update with a long description", func(st *cloud.State, id string) *cloud.Error { return st.UpdateGroup(id, "home", "A", &long) }, cloud.BadRequest},
		{"delete unknown", remove("a"), cloud.ResourceNotFound},
		{"delete malformed", remove("a_b"), cloud.BadRequest},
		{"delete used", remove("home"), cloud.ConflictError},
		{"service in no group", createIn("second", "away"), cloud.BadRequest},
		{"account in no group", createAccount(cloud.AccountSpec{Name: "more", AffinityGroup: "away"}), cloud.BadRequest},
	})
	w.begin(func(st *cloud.State, id string) *cloud.Error { return st.DeleteService(id, "first") })
	w.begin(func(st *cloud.State, id string) *cloud.Error { return st.DeleteAccount(id, "files") })
	w.begin(remove("home"))
}

// net is a network configuration with these sites, each with a subnet "front".
func net(names ...string) cloud.Network {
	n := cloud.Network{Document: []byte("<NetworkConfiguration/>")}
	for _, name := range names {
		n.Sites = append(n.Sites, cloud.VirtualNetworkSite{
			Name: name, Location: "West US", Prefixes: []string{"10.0.0.0/8"}, Subnets: []cloud.Subnet{{Name: "front", Prefix: "10.0.0.0/16"}},
		})
	}
	return n
}

func put(n cloud.Network) change {
	return func(st *cloud.State, id string) *cloud.Error { return st.PutNetwork(id, n) }
}

// networked is a model in a virtual network.
func networked(site string, subnets ...string) *cloud.Model {
	r := role("Web", 1, "http")
	r.Subnets = subnets
	m := model(r)
	m.VirtualNetwork = site
	return m
}

func TestDeploymentsInVirtualNetworks(t *testing.T) {
	tests := []struct {
		name   string
		sites  []string
		strict bool
		model  *cloud.Model
		fails  bool
	}{
		{"no network configuration", nil, false, networked("office", "front"), false},
		{"no network configuration, strict", nil, true, networked("office", "front"), true},
		{"known", []string{"office"}, false, networked("OFFICE", "Front"), false},
		{"unknown site", []string{"home"}, false, networked("office"), true},
		{"unknown subnet", []string{"office"}, false, networked("office", "back"), true},
		{"none named", []string{"home"}, true, model(role("Web", 1)), false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			if test.sites != nil {
				w.begin(put(net(test.sites...)))
			}
			w.must(func(st *cloud.State) *cloud.Error { st.Strict = test.strict; return nil })
			failure := w.begin(func(st *cloud.State, id string) *cloud.Error {
				return st.CreateDeployment(id, "shop", cloud.Staging, cloud.DeploymentSpec{Name: "v1", Label: "v1", Model: test.model})
			})
			if (failure != nil) != test.fails || failure != nil && failure.Code != cloud.BadRequest {
				t.Errorf("the create ends with %v", failure)
			}
		})
	}
}

func TestNetworkIsReplaced(t *testing.T) {
	w := newWorld(t)
	w.checkRefusals(t, []refusal{{"none yet", func(st *cloud.State, _ string) *cloud.Error { _, err := st.Network(); return err }, cloud.ResourceNotFound}})
	w.must(func(st *cloud.State) *cloud.Error { return st.PutNetwork(w.next(), net("office", "home")) })
	if err := w.Update(func(st *cloud.State) *cloud.Error { return st.PutNetwork(w.next(), net("home")) }); !cloud.Busy(err) {
		t.Errorf("a second put meanwhile: %v, want a busy conflict", err)
	}
	w.checkRefusals(t, []refusal{{"not yet", func(st *cloud.State, _ string) *cloud.Error { _, err := st.Network(); return err }, cloud.ResourceNotFound}})
	w.advance(time.Hour)
	w.deploy(cloud.Production, "v1", networked("office", "front"))
	elsewhere, grouped := net("office"), net("office", "annex")
	elsewhere.Sites[0].Location = "Atlantis"
	grouped.Sites[1].Location, grouped.Sites[1].AffinityGroup = "", "home"
	w.checkRefusals(t, []refusal{
		{"used site removed", put(net("home")), cloud.BadRequest},
		{"no such place", put(elsewhere), cloud.BadRequest},
		{"no such group", put(grouped), cloud.BadRequest},
	})
	w.begin(createGroup("home", "West US"))
	w.begin(put(grouped))
	w.checkRefusals(t, []refusal{{"group of a site", func(st *cloud.State, id string) *cloud.Error { return st.DeleteGroup(id, "home") }, cloud.ConflictError}})
	var names []string
	w.must(func(st *cloud.State) *cloud.Error {
		used := st.SitesInUse()
		for _, site := range st.Sites() {
			names = append(names, fmt.Sprintf("%s %v %d", site.Name, used[cloud.SiteKey(site.Name)], len(site.ID)))
		}
		return nil
	})
	if diff := cmp.Diff([]string{"office true 32", "annex false 32"}, names); diff != "" {
		t.Errorf("sites mismatch (-want +got):\n%s", diff)
	}
}

func TestStorageAccountChanges(t *testing.T) {
	w := newWorld(t)
	w.begin(createAccount(cloud.AccountSpec{Name: "files", Location: "West US"}))
	w.begin(createAccount(cloud.AccountSpec{Name: "zones", Location: "West US", Type: "standard_zrs"}))
	update := func(name string, c cloud.AccountChange) change {
		return func(st *cloud.State, id string) *cloud.Error { return st.UpdateAccount(id, name, c) }
	}
	renew := func(name, which string) change {
		return func(st *cloud.State, id string) *cloud.Error { return st.RegenerateKey(id, name, which) }
	}
	keys := func() (keys [2]string) {
		w.must(func(st *cloud.State) *cloud.Error {
			a, err := st.Account("files")
			keys = a.Keys
			return err
		})
		return keys
	}
	before := keys()
	w.begin(renew("files", "secondary"))
	if after := keys(); after[0] != before[0] || after[1] == before[1] || len(after[1]) != 88 {
		t.Errorf("keys %v became %v", before, after)
	}
	label, description, empty, value := "New", "What is new", "", "v"
	w.begin(update("files", cloud.AccountChange{Label: &label, Description: &description, Type: "standard_ragrs", Properties: []cloud.Property{{Name: "a", Value: &value}}}))
	w.must(func(st *cloud.State) *cloud.Error {
		a, err := st.Account("FILES")
		if err != nil {
			return err
		}
		kept, readable := a.Replicated()
		got := fmt.Sprint(a.Label, *a.Description, a.Type, len(a.Properties), kept, readable)
		if want := fmt.Sprint(label, description, "Standard_RAGRS", 1, true, true); got != want {
			t.Errorf("account is %s, want %s", got, want)
		}
		return nil
	})
	w.must(func(st *cloud.State) *cloud.Error {
		return createAccount(cloud.AccountSpec{Name: "young", Location: "West US"})(st, w.next())
	})
	w.checkRefusals(t, []refusal{
		{"update nothing", update("files", cloud.AccountChange{}), cloud.BadRequest},
		{"update unknown", update("none", cloud.AccountChange{Label: &label}), cloud.ResourceNotFound},
		{"update to no label", update("files", cloud.AccountChange{Label: &empty}), cloud.BadRequest},
		{"update to no type", update("files", cloud.AccountChange{Type: "Tape"}), cloud.BadRequest},
		{"update to a fixed type", update("files", cloud.AccountChange{Type: "Premium_LRS"}), cloud.BadRequest},
		{"update from a fixed type", update("zones", cloud.AccountChange{Type: "Standard_LRS"}), cloud.BadRequest},
		{"update too early", update("young", cloud.AccountChange{Label: &label}), cloud.ConflictError},
		{"renew too early", renew("young", "Primary"), cloud.ConflictError},
		{"renew no key", renew("files", "Third"), cloud.BadRequest},
		{"renew of unknown", renew("none", "Primary"), cloud.ResourceNotFound},
		{"delete too early", func(st *cloud.State, id string) *cloud.Error { return st.DeleteAccount(id, "young") }, cloud.ConflictError},
	})
}

func TestEveryRegionHasAPair(t *testing.T) {
	names := map[string]bool{}
	for _, l := range cloud.Locations() {
		names[l.Name] = true
	}
	for name := range names {
		if pair := cloud.SecondaryRegion(name); !names[pair] || pair == name {
			t.Errorf("%s is replicated to %q", name, pair)
		}
	}
}

func TestCatalogue(t *testing.T) {
	var sizes, machines []string
	for _, s := range cloud.RoleSizes() {
		machines = append(machines, s.Name)
		if !s.VirtualMachine {
			sizes = append(sizes, s.Name)
		}
		if !strings.HasPrefix(s.Label(), s.Name+" (") || s.Cores < 1 || s.MemoryMB < 1 || (s.RoleDiskMB == 0) != s.VirtualMachine {
			t.Errorf("%+v", s)
		}
	}
	sorted := func(names []string) []string { return slices.Sorted(slices.Values(names)) }
	if diff := cmp.Diff(sorted(cloud.WebWorkerSizes), sizes); diff != "" {
		t.Errorf("sizes of cloud services, mismatch (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(sorted(cloud.VirtualMachineSizes), machines); diff != "" {
		t.Errorf("sizes of machines, mismatch (-want +got):\n%s", diff)
	}
	for _, f := range cloud.OSFamilies() {
		m := cloud.Model{OSFamily: f.Name, OSVersion: "*"}
		var defaults []string
		for _, r := range f.Releases {
			if r.Default && r.Active {
				defaults = append(defaults, r.Version)
			}
		}
		if diff := cmp.Diff([]string{m.OSRelease()}, defaults); diff != "" || len(f.Releases) < 2 {
			t.Errorf("family %s has %d releases; default mismatch (-want +got):\n%s", f.Name, len(f.Releases), diff)
		}
	}
}

func TestListOperations(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"a", "b", "c"} {
		w.must(func(st *cloud.State) *cloud.Error {
			by := &cloud.Request{Object: "/sub/affinitygroups/" + name}
			return st.Asked(by, func(st *cloud.State) *cloud.Error { return createGroup(name, "West US")(st, w.next()) })
		})
		w.advance(time.Hour)
	}
	list := func(q cloud.OperationQuery) (names []string, more bool) {
		w.must(func(st *cloud.State) *cloud.Error {
			if q.To.IsZero() {
				q.From, q.To = cloud.Epoch, st.Now
			}
			if q.Most == 0 {
				q.Most = 10
			}
			found, some, err := st.ListOperations(q)
			for _, op := range found {
				names = append(names, op.Service)
			}
			more = some
			return err
		})
		return names, more
	}
	hour := cloud.Epoch.Add(time.Hour)
	tests := []struct {
		name string
		q    cloud.OperationQuery
		want []string
		more bool
	}{
		{"all", cloud.OperationQuery{}, []string{"shop", "a", "b", "c"}, false},
		{"page", cloud.OperationQuery{Most: 2}, []string{"shop", "a"}, true},
		{"exactly a page", cloud.OperationQuery{Most: 4}, []string{"shop", "a", "b", "c"}, false},
		{"period", cloud.OperationQuery{From: hour, To: hour}, []string{"b"}, false},
		{"object", cloud.OperationQuery{Object: "/SUB/affinitygroups/B"}, []string{"b"}, false},
		{"below an object", cloud.OperationQuery{Object: "/sub/affinitygroups"}, []string{"a", "b", "c"}, false},
		{"no object", cloud.OperationQuery{Object: "/sub/affinity"}, nil, false},
		{"result", cloud.OperationQuery{Result: cloud.Failed}, nil, false},
	}
	for _, test := range tests {
		got, more := list(test.q)
		if diff := cmp.Diff(test.want, got); diff != "" || more != test.more {
			t.Errorf("%s: more %v, mismatch (-want +got):\n%s", test.name, more, diff)
		}
	}
	day := 24 * time.Hour
	query := func(from, to time.Time) change {
		return func(st *cloud.State, _ string) *cloud.Error {
			_, _, err := st.ListOperations(cloud.OperationQuery{From: from, To: to, Most: 1})
			return err
		}
	}
	w.checkRefusals(t, []refusal{
		{"backwards", query(hour, cloud.Epoch), cloud.BadRequest},
		{"too long ago", query(cloud.Epoch.Add(-91*day), hour), cloud.BadRequest},
	})
}

// saved keeps what a universe hands over, as JSON.
type saved struct{ cloud.Saved }

func (s *saved) Save(c cloud.Changes) error {
	s.Universe = c.Universe
	for _, r := range c.Records {
		data, err := json.Marshal(r.Value)
		if err != nil {
			return err
		}
		if s.Records[r.Kind] == nil {
			s.Records[r.Kind] = map[string]json.RawMessage{}
		}
		s.Records[r.Kind][r.Key] = data
		if r.Value == nil {
			delete(s.Records[r.Kind], r.Key)
		}
	}
	return nil
}

// TestNeighboursSurviveARestart restores a universe in the middle of operations
// and lets them end there.
func TestNeighboursSurviveARestart(t *testing.T) {
	w := newWorld(t)
	kept := &saved{cloud.Saved{Records: map[string]map[string]json.RawMessage{}}}
	if err := w.SaveTo(kept); err != nil {
		t.Fatal(err)
	}
	w.reserve("front", "gone")
	w.begin(createGroup("home", "West US"))
	w.begin(func(st *cloud.State, id string) *cloud.Error {
		return st.CreateProfile(id, "web", "web.trafficmanager.net")
	})
	w.deploy(cloud.Production, "v1", reserving(""))
	for _, do := range []change{
		put(net("office")),
		func(st *cloud.State, id string) *cloud.Error {
			return st.AssociateReservedIP(id, "front", "shop", "v1", "")
		},
		func(st *cloud.State, id string) *cloud.Error { return st.DeleteReservedIP(id, "gone") },
	} {
		w.must(func(st *cloud.State) *cloud.Error { return do(st, w.next()) })
	}
	clock := cloud.NewClock(cloud.ManualTime, 1, w.Now(), time.Now)
	restored, err := cloud.Restore(kept.Saved, clock)
	if err != nil {
		t.Fatal(err)
	}
	w.Universe = restored
	w.advance(time.Hour)
	w.must(func(st *cloud.State) *cloud.Error {
		_, use, err := st.ReservedIP("front")
		if err != nil || use == nil || use.Deployment != "v1" {
			t.Errorf("front is used by %+v, %v", use, err)
		}
		if _, _, err := st.ReservedIP("gone"); err == nil {
			t.Error("the deleted address is there")
		}
		if len(st.Sites()) != 1 {
			t.Errorf("%d sites", len(st.Sites()))
		}
		_, noGroup := st.Group("home")
		_, noProfile := st.Profile("web")
		if noGroup != nil || noProfile != nil {
			t.Error(noGroup, noProfile)
		}
		return nil
	})
}
