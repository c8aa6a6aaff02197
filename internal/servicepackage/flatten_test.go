package servicepackage

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFlattenModules(t *testing.T) {
	const p = pluginPrefix
	tests := []struct {
		module, schemaVersion string
		want                  Role
	}{
		{"RemoteAccess", "", Role{
			Settings:          []string{p + "RemoteAccess.AccountEncryptedPassword", p + "RemoteAccess.AccountExpiration", p + "RemoteAccess.AccountUsername", p + "RemoteAccess.Enabled"},
			InternalEndpoints: []InternalEndpoint{{Name: p + "RemoteAccess.Rdp", Protocol: "tcp", Ports: []PortRange{{3389, 3389}}}},
			Certificates:      []Certificate{{p + "RemoteAccess.PasswordEncryption", "LocalMachine", "My", "limitedOrElevated"}},
		}},
		{"RemoteForwarder", "", Role{
			Settings:       []string{p + "RemoteForwarder.Enabled"},
			InputEndpoints: []InputEndpoint{{Name: p + "RemoteForwarder.RdpInput", Protocol: "tcp", Port: 3389, IgnoreRoleInstanceStatus: true}},
		}},
		{"Diagnostics", "", Role{Settings: []string{p + "Diagnostics.ConnectionString"}}},
		{"Caching", "2012-10.1.8", Role{
			Settings:          []string{p + "Caching.CacheSizePercentage", p + "Caching.ConfigStoreConnectionString", p + "Caching.DiagnosticLevel", p + "Caching.NamedCaches"},
			InternalEndpoints: cachingPorts(),
		}},
		{"Caching", "2012-05.1.7", Role{
			Settings:          []string{p + "Caching.CacheSizePercentage", p + "Caching.ConfigStoreConnectionString", p + "Caching.Loglevel", p + "Caching.NamedCaches"},
			InternalEndpoints: cachingPorts(),
		}},
		{"WebDeploy", "", Role{InputEndpoints: []InputEndpoint{{Name: p + "WebDeploy.InputEndpoint", Protocol: "tcp", Port: 8172, LocalPort: 8172}}}},
		{"Connect", "", Role{Imports: []string{"Connect"}}},
	}
	for _, tt := range tests {
		d := &Definition{SchemaVersion: tt.schemaVersion, Roles: []Role{{Name: "R", Kind: WorkerRole, VMSize: "Small", Imports: []string{tt.module, tt.module}}}}
		want := tt.want
		want.Name, want.Kind, want.VMSize, want.ExecutionContext = "R", WorkerRole, "Small", "limited"
		want.LocalStorage = []LocalStorage{{"DiagnosticStore", 4096, false}}
		if diff := cmp.Diff(want, d.Flatten().Roles[0]); diff != "" {
			t.Errorf("%s of %q mismatch (-want +got):\n%s", tt.module, tt.schemaVersion, diff)
		}
	}
}

func cachingPorts() []InternalEndpoint {
	var list []InternalEndpoint
	for _, name := range []string{"cacheArbitrationPort", "cacheClusterPort", "cacheReplicationPort", "cacheServicePortInternal", "cacheSocketPort"} {
		list = append(list, InternalEndpoint{Name: pluginPrefix + "Caching." + name, Protocol: "tcp"})
	}
	return list
}

func TestFlattenKeepsWhatTheAuthorDeclared(t *testing.T) {
	d := mustDefinition(t, def(`<WorkerRole name="R">
		<Imports><Import moduleName="Diagnostics"/></Imports>
		<ConfigurationSettings><Setting name="`+pluginPrefix+`Diagnostics.ConnectionString"/></ConfigurationSettings>
		<LocalResources><LocalStorage name="DiagnosticStore" sizeInMB="20000"/></LocalResources>
	</WorkerRole>`))
	flat := d.Flatten().Roles[0]
	if diff := cmp.Diff([]string{pluginPrefix + "Diagnostics.ConnectionString"}, flat.Settings); diff != "" {
		t.Errorf("settings mismatch (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]LocalStorage{{"DiagnosticStore", 20000, true}}, flat.LocalStorage); diff != "" {
		t.Errorf("local storage mismatch (-want +got):\n%s", diff)
	}
}

func TestFlattenIsACopyAndIdempotent(t *testing.T) {
	text := string(testdata(t, "shop.csdef"))
	d := mustDefinition(t, text)
	once := d.Flatten()
	if diff := cmp.Diff(mustDefinition(t, text), d); diff != "" {
		t.Errorf("Flatten changed its receiver (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(once, once.Flatten()); diff != "" {
		t.Errorf("flattened twice mismatch (-want +got):\n%s", diff)
	}
	read := mustDefinition(t, string(d.Marshal()))
	if diff := cmp.Diff(once, read); diff != "" {
		t.Errorf("written and read mismatch (-want +got):\n%s", diff)
	}
	if got := d.PublicEndpoints(); got != 4 {
		t.Errorf("PublicEndpoints = %d, want 4: two input, one of RemoteForwarder, one instance input", got)
	}
}

func TestMarshal(t *testing.T) {
	golden(t, "shop.flat.csdef", mustDefinition(t, string(testdata(t, "shop.csdef"))).Marshal())
}

func TestMarshalEscapes(t *testing.T) {
	name := "a<b>&\"c'\té\n"
	d := &Definition{Name: name, UpgradeDomainCount: 5, TopologyChangeDiscovery: "UpgradeDomainWalk"}
	if got := mustDefinition(t, string(d.Marshal())).Name; got != name {
		t.Errorf("name = %q, want %q", got, name)
	}
}

func TestPublicPort(t *testing.T) {
	e := InstanceInputEndpoint{PublicPorts: PortRange{8081, 8089}}
	if got := e.PublicPort(2); got != 8083 {
		t.Errorf("PublicPort(2) = %d, want 8083", got)
	}
}
