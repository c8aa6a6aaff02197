package servicepackage

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// def wraps what stands inside a definition named Shop.
func def(inside string) string {
	return `<ServiceDefinition name="Shop" xmlns="` + definitionSpace + `">` + inside + `</ServiceDefinition>`
}

// cfg wraps what stands inside a configuration of the service Shop.
func cfg(inside string) string {
	return `<ServiceConfiguration serviceName="Shop" xmlns="` + configurationSpace + `">` + inside + `</ServiceConfiguration>`
}

func mustDefinition(t testing.TB, text string) *Definition {
	t.Helper()
	d, err := ParseDefinition([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func mustConfiguration(t testing.TB, text string) *Configuration {
	t.Helper()
	c, err := ParseConfiguration([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestParseDefinition(t *testing.T) {
	got := mustDefinition(t, string(testdata(t, "shop.csdef")))
	want := &Definition{
		Name: "Shop", SchemaVersion: "2015-04.2.6", TopologyChangeDiscovery: "Blast", UpgradeDomainCount: 3,
		Probes: []Probe{
			{Name: "Alive", Protocol: "http", Path: "/alive", Port: 8081, IntervalSeconds: 10, TimeoutSeconds: 20},
			{Name: "Knock", Protocol: "tcp", IntervalSeconds: 15, TimeoutSeconds: 31},
		},
		Roles: []Role{
			{
				Name: "Shop.Web", Kind: WebRole, VMSize: "Standard_D2_v2",
				Settings:     []string{"Zebra", "Banner"},
				LocalStorage: []LocalStorage{{"Cache", 1000, true}, {"Uploads", 2048, false}},
				InputEndpoints: []InputEndpoint{
					{Name: "HttpsIn", Protocol: "https", Port: 443, LocalPort: 443, Certificate: "Ssl", LoadBalancerProbe: "Alive", IdleTimeoutInMinutes: 8},
					{Name: "HttpIn", Protocol: "http", Port: 80, LocalPort: 8080, IgnoreRoleInstanceStatus: true, LoadBalancerDistribution: "sourceIP"},
				},
				InternalEndpoints: []InternalEndpoint{
					{Name: "Gossip", Protocol: "udp", Ports: []PortRange{{7000, 7000}}},
					{Name: "Mesh", Protocol: "tcp", Ports: []PortRange{{7001, 7001}, {7100, 7199}}},
					{Name: "Free", Protocol: "any"},
				},
				InstanceInputEndpoints: []InstanceInputEndpoint{{Name: "Direct", Protocol: "tcp", LocalPort: 9000, PublicPorts: PortRange{10000, 10009}}},
				Certificates:           []Certificate{{"Ssl", "LocalMachine", "My", "elevated"}},
				Imports:                []string{"RemoteAccess", "RemoteForwarder"},
				Sites: []Site{{
					Name: "Web", PhysicalDirectory: `..\Web`,
					Bindings: []Binding{{"Http", "HttpIn", ""}, {"Https", "HttpsIn", "shop.example"}},
					Applications: []VirtualDirectory{{Name: "api", PhysicalDirectory: `..\Api`, Application: true,
						Children: []VirtualDirectory{{Name: "docs", PhysicalDirectory: `..\Docs`}}}},
				}},
				StartupPriority: -2,
				Startup: []Task{
					{"install.cmd > log", "elevated", "background", []Variable{
						{Name: "MODE", Value: "fast"}, {Name: "EMULATED", XPath: "/RoleEnvironment/Deployment/@emulated"}}},
					{"warm.cmd", "limited", "simple", nil},
				},
				ExecutionContext:   "elevated",
				RuntimeEnvironment: []Variable{{Name: "A", Value: "1"}},
				EntryPoint:         &EntryPoint{AssemblyName: "Shop.Web.dll", TargetFrameworkVersion: "v4.0"},
				Contents:           []Content{{`.\`, `..\bin`}},
			},
			{
				Name: "Shop.Worker", Kind: WorkerRole, VMSize: "Small", NativeCodeExecution: true, ExecutionContext: "limited",
				Imports:    []string{"Caching", "Connect"},
				EntryPoint: &EntryPoint{CommandLine: "run.cmd", ReadyOnProcessStart: true},
			},
		},
		TrafficRules: []TrafficRule{
			{Destinations: []RoleEndpoint{{"Shop.Web", "Gossip"}}, FromRoles: []string{"Shop.Worker"}},
			{Destinations: []RoleEndpoint{{"Shop.Web", "Mesh"}}, AllowAll: true},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("definition mismatch (-want +got):\n%s", diff)
	}
}

func TestParseDefinitionOldForms(t *testing.T) {
	got := mustDefinition(t, def(`
		<WebRole name="W" vmsize="small">
		  <InputEndpoints><InputEndpoint name="In" protocol="HTTP" port="80" localPort="*"/></InputEndpoints>
		  <InternalEndpoint name="Int" protocol="tcp"/>
		  <LocalStorage name="L"/>
		</WebRole>
		<VirtualMachineRole name="V" vmsize="Large"><Certificates><Certificate name="C" storeLocation="currentuser" storeName="Own"/></Certificates></VirtualMachineRole>`))
	want := []Role{
		{
			Name: "W", Kind: WebRole, VMSize: "small", NativeCodeExecution: true, ExecutionContext: "limited",
			InputEndpoints:    []InputEndpoint{{Name: "In", Protocol: "http", Port: 80}},
			InternalEndpoints: []InternalEndpoint{{Name: "Int", Protocol: "tcp"}},
			LocalStorage:      []LocalStorage{{"L", 1000, true}},
		},
		{
			Name: "V", Kind: VMRole, VMSize: "Large", NativeCodeExecution: true, ExecutionContext: "limited",
			Certificates: []Certificate{{"C", "CurrentUser", "Own", "limitedOrElevated"}},
		},
	}
	if diff := cmp.Diff(want, got.Roles); diff != "" {
		t.Errorf("roles mismatch (-want +got):\n%s", diff)
	}
}

func TestParseConfiguration(t *testing.T) {
	got := mustConfiguration(t, string(testdata(t, "shop.cscfg")))
	const thumbprint = "D2CA3A778E08936DD4C61E2734158B0044831010"
	remote := pluginPrefix + "RemoteAccess."
	caching := pluginPrefix + "Caching."
	want := &Configuration{
		ServiceName: "Shop", OSFamily: "4", OSVersion: "*", SchemaVersion: "2015-04.2.6",
		Roles: []RoleConfiguration{
			{
				Name: "Shop.Web", VMName: "web", Instances: 2,
				Settings: []SettingValue{
					{"Banner", "a < b & c"}, {"Zebra", ""},
					{remote + "Enabled", "true"}, {remote + "AccountUsername", "admin"}, {remote + "AccountEncryptedPassword", "x"},
					{remote + "AccountExpiration", "2030-01-01"}, {pluginPrefix + "RemoteForwarder.Enabled", "true"},
				},
				Certificates: []CertificateValue{{"Ssl", thumbprint, "sha1"}, {remote + "PasswordEncryption", thumbprint, "sha1"}},
			},
			{
				Name: "Shop.Worker", Instances: 1,
				Settings: []SettingValue{
					{caching + "NamedCaches", ""}, {caching + "DiagnosticLevel", "1"}, {caching + "CacheSizePercentage", "30"},
					{caching + "ConfigStoreConnectionString", "x"}, {pluginPrefix + "Connect.ActivationToken", "x"},
				},
			},
		},
		Network: &NetworkConfiguration{
			DNSServers:         []DNSServer{{"ns", "10.0.0.4"}},
			VirtualNetworkSite: "Group shop net",
			InstanceAddresses:  []InstanceAddress{{"Shop.Web", []string{"front"}, []PublicIP{{"pip", 5, "shop"}}}},
			ReservedIPs:        []string{"fixed"},
			AccessControls:     []AccessControl{{"office", []AccessRule{{100, "permit", "10.0.0.0/8", "us"}}}},
			EndpointACLs:       []EndpointACL{{"Shop.Web", "HttpIn", "office"}, {"Shop.Web", "HttpsIn", "office"}},
			LoadBalancers:      []LoadBalancer{{"inside", "private", "front", "10.0.0.9"}},
			SecurityGroups:     []SecurityGroupRef{{"Shop.Worker", "nsg"}},
		},
		GuestAgent: GuestAgentSettings{AllowRoleProcessLocalDumps: true},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("configuration mismatch (-want +got):\n%s", diff)
	}
	if problems := Check(mustDefinition(t, string(testdata(t, "shop.csdef"))), got); len(problems) > 0 {
		t.Errorf("the pair should fit, got %v", problems)
	}
}

func TestGuestOSFamily(t *testing.T) {
	for attrs, want := range map[string]string{
		``:              "1",
		`osVersion="*"`: "1",
		`osFamily="5"`:  "5",
		`osFamily="5" osVersion="WA-GUEST-OS-5.1_201601-01"`: "5",
		`osVersion="WA-GUEST-OS-4.75_202002-01"`:             "4",
	} {
		c := mustConfiguration(t, `<ServiceConfiguration serviceName="" `+attrs+` xmlns="`+configurationSpace+`"/>`)
		if got := c.GuestOSFamily(); got != want {
			t.Errorf("GuestOSFamily with %s = %q, want %q", attrs, got, want)
		}
	}
}

// What both readers refuse, with the place.
func TestParseRefuses(t *testing.T) {
	role := func(inside string) string { return def(`<WebRole name="W">` + inside + `</WebRole>`) }
	endpoints := func(inside string) string { return role(`<Endpoints>` + inside + `</Endpoints>`) }
	config := func(inside string) string { return cfg(`<Role name="W">` + inside + `</Role>`) }
	const secret = "hunter2"
	tests := []struct{ name, text, want string }{
		{"empty", "", ":1:1: the document is empty"},
		{"no root", "<?xml version='1.0'?>\n<!-- nothing -->", "the document is empty"},
		{"plain text", "hello", ":1:1: text outside the root element"},
		{"not closed", "<a>", "not well-formed XML: unexpected EOF"},
		{"second root", "<a/>\n<b/>", ":2:1: a second root element, <b>"},
		{"text after root", "<a/>\n  x", "text outside the root element"},
		{"document type", "<!DOCTYPE a [<!ENTITY e 'x'>]>\n<a/>", ":1:1: a document type"},
		{"document type inside", def("\n<!DOCTYPE a>"), ":2:1: a document type"},
		{"depth", strings.Repeat("<a>", 65) + strings.Repeat("</a>", 65), ":1:193: elements are nested more than 64 deep"},
		{"attributes", "<a" + manyAttributes(65) + "/>", "more than 64 attributes"},
		{"attribute twice", "<a b='1'\n b='2'/>", ":1:1: attribute b of <a> is given twice"},
		{"utf-16", "\xff\xfe<\x00a\x00", "stored as UTF-16"},
		{"not utf-8", "<a b='\xe9'/>", "not valid UTF-8"},
		{"other encoding", "<?xml version='1.0' encoding='shift_jis'?><a/>", `the encoding "shift_jis" is not supported; save the file as UTF-8`},
		{"size", strings.Repeat(" ", maxDocumentBytes+1), "larger than 4194304 bytes"},
		{"unescaped", config(`<ConfigurationSettings><Setting name="p" value="a&` + secret + `"/>`), "write &amp; for a plain &"},
		{"no quotes", config(`<Instances count=` + secret + `/>`), "an attribute without a quoted value"},

		{"root", "<ServiceDefinitions/>", "1:1: the root element is <ServiceDefinitions>"},
		{"namespace", `<ServiceDefinition name="a"/>`, `is in the namespace ""; expected "` + definitionSpace},
		{"configuration namespace", `<ServiceConfiguration serviceName="a" xmlns="http://schemas.microsoft.com/ServiceHosting/2009/10/ServiceConfiguration"/>`, "expected \"" + configurationSpace},
		{"no name", `<ServiceDefinition xmlns="` + definitionSpace + `"/>`, "<ServiceDefinition> needs the attribute name"},
		{"no service name", `<ServiceConfiguration xmlns="` + configurationSpace + `"/>`, "<ServiceConfiguration> needs the attribute serviceName"},
		{"role name", def("\n  <WorkerRole/>"), ":2:3: <WorkerRole> needs the attribute name"},
		{"role twice", def("<WorkerRole name='W'/>\n<WebRole name='W'/>"), `:2:1: <WebRole> "W" is there twice`},
		{"boolean", def("<WorkerRole name='W' enableNativeCodeExecution='yes'/>"), `must be true or false, not "yes"`},
		{"setting twice", role("<ConfigurationSettings><Setting name='S'/><Setting name='S'/></ConfigurationSettings>"), `<Setting> "S" is there twice`},
		{"group twice", role("<Imports/><Imports/>"), "<Imports> may stand only once in <WebRole>"},
		{"storage size", role("<LocalResources><LocalStorage name='L' sizeInMB='0'/></LocalResources>"), "sizeInMB of <LocalStorage> must be from 1"},
		{"storage twice", role("<LocalResources><LocalStorage name='L'/><LocalStorage name='L'/></LocalResources>"), `<LocalStorage> "L" is there twice`},
		{"port", endpoints("<InputEndpoint name='E' protocol='tcp' port='65536'/>"), "port of <InputEndpoint> must be from 1 to 65535, not 65536"},
		{"no port", endpoints("<InputEndpoint name='E' protocol='tcp'/>"), "<InputEndpoint> needs the attribute port"},
		{"port text", endpoints("<InputEndpoint name='E' protocol='tcp' port='http'/>"), `must be a whole number, not "http"`},
		{"protocol", endpoints("<InputEndpoint name='E' protocol='ftp' port='1'/>"), "protocol of <InputEndpoint> must be one of http, https, tcp, udp"},
		{"any is for internal endpoints", endpoints("<InputEndpoint name='E' protocol='any' port='1'/>"), "must be one of"},
		{"instance endpoint protocol", endpoints("<InstanceInputEndpoint name='E' protocol='http' localPort='1'/>"), "must be one of tcp, udp"},
		{"instance endpoint range", endpoints("<InstanceInputEndpoint name='E' protocol='tcp' localPort='1'/>"), "needs <AllocatePublicPortFrom>"},
		{"range reversed", endpoints("<InternalEndpoint name='E' protocol='tcp'><FixedPortRange min='2' max='1'/></InternalEndpoint>"), "min of <FixedPortRange> must not be greater than max"},
		{"endpoint twice, other kind", endpoints("<InputEndpoint name='E' protocol='tcp' port='1'/><InternalEndpoint name='E' protocol='tcp'/>"), `<InternalEndpoint> "E" is there twice`},
		{"store location", role("<Certificates><Certificate name='C' storeLocation='Moon' storeName='My'/></Certificates>"), "must be one of CurrentUser, LocalMachine"},
		{"site without binding", role("<Sites><Site name='S'/></Sites>"), "needs <Bindings>"},
		{"probe twice", def("<LoadBalancerProbes><LoadBalancerProbe name='P' protocol='tcp'/><LoadBalancerProbe name='P' protocol='tcp'/></LoadBalancerProbes>"), `"P" is there twice`},
		{"upgrade domains", `<ServiceDefinition name="a" upgradeDomainCount="0" xmlns="` + definitionSpace + `"/>`, "upgradeDomainCount of <ServiceDefinition> must be from 1"},
		{"traffic rule", def("<NetworkTrafficRules><OnlyAllowTrafficTo/></NetworkTrafficRules>"), "needs <Destinations>"},

		{"no instances", config(""), `<Role> "W" needs <Instances count="...">`},
		{"count", config("<Instances count='two'/>"), `count of <Instances> must be a whole number, not "two"`},
		{"value", config("<ConfigurationSettings><Setting name='S'/></ConfigurationSettings><Instances count='1'/>"), "<Setting> needs the attribute value"},
		{"configuration role twice", cfg("<Role name='W'><Instances count='1'/></Role><Role name='W'><Instances count='1'/></Role>"), `<Role> "W" is there twice`},
		{"value twice", config("<ConfigurationSettings><Setting name='S' value=''/><Setting name='S' value=''/></ConfigurationSettings>"), `<Setting> "S" is there twice`},
		{"certificate twice", config("<Certificates><Certificate name='C' thumbprint=''/><Certificate name='C' thumbprint=''/></Certificates>"), `<Certificate> "C" is there twice`},
		{"algorithm", config("<Certificates><Certificate name='C' thumbprint='' thumbprintAlgorithm='md5'/></Certificates>"), "must be one of sha1"},
		{"rule order", cfg("<NetworkConfiguration><AccessControls><AccessControl name='A'><Rule order='70000' action='permit' remoteSubnet=''/></AccessControl></AccessControls></NetworkConfiguration>"), "order of <Rule> must be from 0 to 65535"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, errDef := ParseDefinition([]byte(tt.text))
			_, errCfg := ParseConfiguration([]byte(tt.text))
			err := errDef
			if strings.Contains(tt.text, "ServiceConfiguration") {
				err = errCfg
			}
			var syntax *SyntaxError
			if !errors.As(err, &syntax) || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("error = %v, want a SyntaxError with %q", err, tt.want)
			}
			for _, err := range []error{errDef, errCfg} {
				if err == nil {
					t.Error("the other reader accepted it")
				} else if strings.Contains(err.Error(), secret) {
					t.Errorf("the error quotes a value: %v", err)
				}
			}
		})
	}
}

func manyAttributes(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, " a%d=''", i)
	}
	return b.String()
}
