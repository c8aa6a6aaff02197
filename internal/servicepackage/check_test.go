package servicepackage

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// messages returns only the messages of problems.
func messages(problems []Problem) []string {
	var list []string
	for _, p := range problems {
		list = append(list, p.Message)
	}
	return list
}

func TestCheck(t *testing.T) {
	web := func(inside string) string { return def(`<WebRole name="W">` + inside + `</WebRole>`) }
	endpoints := func(inside string) string { return web(`<Endpoints>` + inside + `</Endpoints>`) }
	storage := func(inside string) string { return web(`<LocalResources>` + inside + `</LocalResources>`) }
	one := cfg(`<Role name="W"><Instances count="1"/></Role>`)
	role := func(inside string) string { return cfg(`<Role name="W"><Instances count="1"/>` + inside + `</Role>`) }
	network := func(inside string) string {
		return cfg(`<Role name="W"><Instances count="1"/></Role><NetworkConfiguration>` + inside + `</NetworkConfiguration>`)
	}
	tests := []struct {
		name, def, cfg string
		want           []string
	}{
		{"fits", web(""), one, nil},
		{"service name", web(""), strings.Replace(one, `"Shop"`, `"Shop2"`, 1),
			[]string{"The service name 'Shop2' in the service configuration file does not match the service name 'Shop' in the service definition file."}},
		{"undeclared setting", web(""), role(`<ConfigurationSettings><Setting name="S" value=""/></ConfigurationSettings>`),
			[]string{"Setting 'S' for role 'W' specified in the service configuration file is not declared in the service definition file."}},
		{"missing settings", web(`<ConfigurationSettings><Setting name="B"/><Setting name="A"/></ConfigurationSettings>`), one,
			[]string{"One or more configuration settings defined in the service definition file are not specified in the service configuration file. Missing for role 'W': 'A', 'B'."}},
		{"setting of an imported module", web(`<Imports><Import moduleName="Diagnostics"/></Imports>`), one,
			[]string{"One or more configuration settings defined in the service definition file are not specified in the service configuration file. Missing for role 'W': 'Microsoft.WindowsAzure.Plugins.Diagnostics.ConnectionString'."}},
		{"setting of an unknown module", web(`<Imports><Import moduleName="Connect"/></Imports>`),
			role(`<ConfigurationSettings><Setting name="Microsoft.WindowsAzure.Plugins.Connect.X" value=""/><Setting name="Microsoft.WindowsAzure.Plugins.Connecting.X" value=""/></ConfigurationSettings>`),
			[]string{"Setting 'Microsoft.WindowsAzure.Plugins.Connecting.X' for role 'W' specified in the service configuration file is not declared in the service definition file."}},
		{"undeclared role", web(""), cfg(`<Role name="W"><Instances count="1"/></Role><Role name="X"><Instances count="1"/></Role>`),
			[]string{"Role 'X' specified in the service configuration file is not declared in the service definition file."}},
		{"missing role", web(""), cfg(""),
			[]string{"Role 'W' declared in the service definition file is not specified in the service configuration file."}},
		{"case of names is kept", web(""), cfg(`<Role name="w"><Instances count="1"/></Role>`), []string{
			"Role 'w' specified in the service configuration file is not declared in the service definition file.",
			"Role 'W' declared in the service definition file is not specified in the service configuration file."}},
		{"undeclared certificate", web(""), role(`<Certificates><Certificate name="C" thumbprint=""/></Certificates>`),
			[]string{"Certificate 'C' for role 'W' specified in the service configuration file is not declared in the service definition file."}},
		{"missing certificate", web(`<Certificates><Certificate name="C" storeLocation="LocalMachine" storeName="My"/></Certificates>`), one,
			[]string{"Certificate 'C' for role 'W' declared in the service definition file is not specified in the service configuration file."}},
		{"count zero", web(""), cfg(`<Role name="W"><Instances count="0"/></Role>`), []string{badCount}},
		{"count negative", web(""), cfg(`<Role name="W"><Instances count="-1"/></Role>`), []string{badCount}},
		{"more instances than ports", endpoints(`<InstanceInputEndpoint name="E" protocol="tcp" localPort="1"><AllocatePublicPortFrom><FixedPortRange min="10" max="11"/></AllocatePublicPortFrom></InstanceInputEndpoint>`),
			cfg(`<Role name="W"><Instances count="3"/></Role>`),
			[]string{"Role 'W' has 3 instances, but its instance input endpoint 'E' has only 2 public ports."}},
		{"virtual machine name", web(""), cfg(`<Role name="W" vmName="elevenchars"><Instances count="1"/></Role>`),
			[]string{"The vmName 'elevenchars' of role 'W' is longer than 10 characters."}},
		{"family", web(""), strings.Replace(one, "xmlns", `osFamily="9" xmlns`, 1),
			[]string{"The OS family '9' specified in the service configuration file is not known. The OS families are 1, 2, 3, 4, 5, 6, 7."}},
		{"release", web(""), strings.Replace(one, "xmlns", `osVersion="WA-GUEST-OS-4.75_202002-01" xmlns`, 1), nil},
		{"release that is none", web(""), strings.Replace(one, "xmlns", `osFamily="4" osVersion="4.75" xmlns`, 1),
			[]string{"The OS version '4.75' specified in the service configuration file is not valid. It must be * or a name such as WA-GUEST-OS-4.75_202002-01."}},
		{"release of an unknown family", web(""), strings.Replace(one, "xmlns", `osVersion="WA-GUEST-OS-9.1_202002-01" xmlns`, 1),
			[]string{"The OS family '9' specified in the service configuration file is not known. The OS families are 1, 2, 3, 4, 5, 6, 7."}},
		{"release of another family", web(""), strings.Replace(one, "xmlns", `osFamily="5" osVersion="WA-GUEST-OS-4.75_202002-01" xmlns`, 1),
			[]string{"The OS version 'WA-GUEST-OS-4.75_202002-01' specified in the service configuration file does not belong to the OS family '5'."}},

		{"no roles", def(""), cfg(""), []string{"The service definition file declares no role. A deployment needs at least one."}},
		{"virtual machine role", def(`<VirtualMachineRole name="W"/>`), one, []string{"Role 'W' is a VirtualMachineRole, which can no longer be deployed."}},
		{"size", def(`<WebRole name="W" vmsize="Tiny"/>`), one, []string{"The size 'Tiny' of role 'W' is not a size that it can have."}},
		{"size of another spelling", def(`<WebRole name="W" vmsize="extrasmall"/>`), one, nil},
		{"storage", storage(`<LocalStorage name="L" sizeInMB="226305"/>`), one, // 225 GB less 4096 MB of DiagnosticStore, and one more
			[]string{"The local storage of role 'W' sums to 230401 MB. Size 'Small' has a disk of 230400 MB."}},
		{"storage fits", storage(`<LocalStorage name="L" sizeInMB="226304"/>`), one, nil},
		{"https without certificate", endpoints(`<InputEndpoint name="E" protocol="https" port="443"/>`), one,
			[]string{"Endpoint 'E' of role 'W' uses https and needs a certificate."}},
		{"unknown certificate", endpoints(`<InputEndpoint name="E" protocol="https" port="443" certificate="C"/>`), one,
			[]string{"Certificate 'C' of endpoint 'E' is not declared in role 'W'."}},
		{"unknown probe", endpoints(`<InputEndpoint name="E" protocol="tcp" port="443" loadBalancerProbe="P"/>`), one,
			[]string{"The load balancer probe 'P' of endpoint 'E' of role 'W' is not declared in the service definition file."}},
		{"unknown load balancer", endpoints(`<InputEndpoint name="E" protocol="tcp" port="443" loadBalancer="B"/>`), one,
			[]string{"The load balancer 'B' of endpoint 'E' of role 'W' is not declared in the service configuration file."}},
		{"known load balancer", endpoints(`<InputEndpoint name="E" protocol="tcp" port="443" loadBalancer="B"/>`),
			network(`<LoadBalancers><LoadBalancer name="B"/></LoadBalancers>`), nil},
		{"ports clash", endpoints(`<InputEndpoint name="A" protocol="tcp" port="80"/><InputEndpoint name="B" protocol="http" port="80"/>`), one,
			[]string{"The reserved port range '80' for endpoint B of role 'W' overlaps with an already defined port or range."}},
		{"port in a range", endpoints(`<InputEndpoint name="A" protocol="tcp" port="85"/><InstanceInputEndpoint name="E" protocol="tcp" localPort="1"><AllocatePublicPortFrom><FixedPortRange min="80" max="90"/></AllocatePublicPortFrom></InstanceInputEndpoint>`), one,
			[]string{"The reserved port range '80-90' for endpoint E of role 'W' overlaps with an already defined port or range."}},
		{"tcp and udp share", endpoints(`<InputEndpoint name="A" protocol="tcp" port="80"/><InputEndpoint name="B" protocol="udp" port="80"/>`), one, nil},
		{"probe rules", def(`<LoadBalancerProbes><LoadBalancerProbe name="H" protocol="http" intervalInSeconds="4"/><LoadBalancerProbe name="T" protocol="tcp" path="/" timeoutInSeconds="10"/></LoadBalancerProbes><WebRole name="W"/>`), one, []string{
			"The load balancer probe 'H' uses http and needs a path.",
			"The interval of load balancer probe 'H' is 4 seconds. It must be at least 5.",
			"The load balancer probe 'T' uses tcp and may not have a path.",
			"The timeout of load balancer probe 'T' is 10 seconds. It must be at least 11."}},
		{"upgrade domains", strings.Replace(web(""), "xmlns", `upgradeDomainCount="21" xmlns`, 1), one,
			[]string{"The service definition file declares 21 upgrade domains. A deployment may have at most 20."}},
		{"names", def(`<WebRole name="W"><ConfigurationSettings><Setting name=" S"/></ConfigurationSettings><LocalResources><LocalStorage name="a/b"/></LocalResources></WebRole>`),
			role(`<ConfigurationSettings><Setting name=" S" value=""/></ConfigurationSettings>`), []string{
				`The local storage name 'a/b' in the service definition file is not valid: it has one of /\<>:"|?*.`,
				`The setting name ' S' in the service definition file is not valid: it begins or ends with a space.`}},
		{"site binding", web(`<Sites><Site name="S"><Bindings><Binding name="B" endpointName="Nowhere"/></Bindings></Site></Sites>`), one,
			[]string{"Binding 'B' of site 'S' of role 'W' names the endpoint 'Nowhere', which is not an input endpoint or internal http endpoint of that role."}},
		{"traffic rule", def(`<WebRole name="W"/><NetworkTrafficRules><OnlyAllowTrafficTo><Destinations><RoleEndpoint endpointName="E" roleName="W"/></Destinations><WhenSource matches="AnyRule"><FromRole roleName="X"/></WhenSource></OnlyAllowTrafficTo></NetworkTrafficRules>`), one, []string{
			"A network traffic rule names the internal endpoint 'E' of role 'W', which is not declared in the service definition file.",
			"A network traffic rule names the role 'X', which is not declared in the service definition file."}},
		{"network roles", web(""), network(`<AddressAssignments><InstanceAddress roleName="X"/><ReservedIPs><ReservedIP name="a"/><ReservedIP name="b"/></ReservedIPs></AddressAssignments>`), []string{
			"Role 'X' named in the network configuration of the service configuration file is not declared in the service definition file.",
			"The service configuration file names 2 reserved addresses. A deployment may have one."}},
		{"endpoint acl", web(""), network(`<EndpointAcls><EndpointAcl role="W" endPoint="E" accessControl="A"/></EndpointAcls>`), []string{
			"An endpoint access control in the service configuration file names the endpoint 'E' of role 'W', which is not declared in the service definition file.",
			"The access control 'A' is not declared in the service configuration file."}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := messages(Check(mustDefinition(t, tt.def), mustConfiguration(t, tt.cfg)))
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("problems mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

// One more than each limit is refused, the limit itself is not.
func TestCheckLimits(t *testing.T) {
	repeat := func(n int, format string) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(strings.ReplaceAll(format, "#", fmt.Sprint(i+1)))
		}
		return b.String()
	}
	tests := []struct {
		what string
		most int
		text func(n int) string
	}{
		{"roles", 25, func(n int) string { return def(repeat(n, `<WorkerRole name="R#"/>`)) }},
		{"input endpoints", 25, func(n int) string {
			return def(`<WebRole name="W"><Endpoints>` + repeat(n, `<InputEndpoint name="E#" protocol="tcp" port="#"/>`) + `</Endpoints></WebRole>`)
		}},
		{"internal endpoints", 25, func(n int) string {
			return def(`<WebRole name="W"><Endpoints>` + repeat(n, `<InternalEndpoint name="E#" protocol="tcp"/>`) + `</Endpoints></WebRole>`)
		}},
		{"instance input endpoints", 25, func(n int) string {
			return def(`<WebRole name="W"><Endpoints>` + repeat(n, `<InstanceInputEndpoint name="E#" protocol="tcp" localPort="#"><AllocatePublicPortFrom><FixedPortRange min="#" max="#"/></AllocatePublicPortFrom></InstanceInputEndpoint>`) + `</Endpoints></WebRole>`)
		}},
		{"certificates", 199, func(n int) string {
			return def(`<WebRole name="W"><Certificates>` + repeat(n, `<Certificate name="C#" storeLocation="LocalMachine" storeName="My"/>`) + `</Certificates></WebRole>`)
		}},
	}
	for _, tt := range tests {
		message := fmt.Sprintf("The service definition file declares %d %s. A deployment may have at most %d.", tt.most+1, tt.what, tt.most)
		var c checker
		c.definition(mustDefinition(t, tt.text(tt.most)).Flatten())
		if len(c.problems) > 0 {
			t.Errorf("%d %s: %v", tt.most, tt.what, c.problems)
		}
		c = checker{}
		c.definition(mustDefinition(t, tt.text(tt.most+1)).Flatten())
		if diff := cmp.Diff([]string{message}, messages(c.problems)); diff != "" {
			t.Errorf("%s mismatch (-want +got):\n%s", tt.what, diff)
		}
	}
	huge := mustDefinition(t, def(repeat(300, `<WorkerRole name="R#"/>`)))
	if got := Check(huge, mustConfiguration(t, cfg(""))); len(got) != 1 || !strings.Contains(got[0].Message, "more than 250 roles") {
		t.Errorf("300 roles: %v", got)
	}
}

func TestValidationMessage(t *testing.T) {
	if got := ValidationMessage(nil); got != "" {
		t.Errorf("without problems: %q", got)
	}
	got := ValidationMessage([]Problem{{"W", "First."}, {"", "Second."}})
	want := "Validation Errors: Error validating the .cscfg file against the .csdef file. Severity:Error, message:First.," +
		"Error validating the .cscfg file against the .csdef file. Severity:Error, message:Second."
	if got != want {
		t.Errorf("message = %q, want %q", got, want)
	}
}

func TestWarnings(t *testing.T) {
	d := mustDefinition(t, def(`<Odd/><WebRole name="W"><Imports><Import moduleName="Connect"/></Imports><ConfigurationSettings><Setting name="S"/></ConfigurationSettings></WebRole>`))
	c := mustConfiguration(t, cfg(`<Role name="W" zone=""><Instances count="1"/><ConfigurationSettings><Setting name="S" value="UseDevelopmentStorage=true"/></ConfigurationSettings></Role>`))
	want := []string{
		"Service definition file, line 1: unknown element <Odd> in <ServiceDefinition> is ignored",
		"Service configuration file, line 1: unknown attribute zone of <Role> is ignored",
		"The module 'Connect' imported by role 'W' is not known; settings beginning with 'Microsoft.WindowsAzure.Plugins.Connect.' are allowed.",
		"WAT170: The setting 'S' of role 'W' points at the storage emulator, which a deployment cannot reach.",
	}
	if diff := cmp.Diff(want, messages(Warnings(d, c))); diff != "" {
		t.Errorf("warnings mismatch (-want +got):\n%s", diff)
	}
}

func TestCores(t *testing.T) {
	d := mustDefinition(t, def(`<WebRole name="W" vmsize="Large"/><WorkerRole name="X"/><WorkerRole name="Y" vmsize="Tiny"/><WorkerRole name="Z"/>`))
	c := mustConfiguration(t, cfg(`<Role name="W"><Instances count="3"/></Role><Role name="X"><Instances count="2"/></Role><Role name="Y"><Instances count="9"/></Role>`))
	if got := Cores(d, c); got != 14 {
		t.Errorf("Cores = %d, want 14", got)
	}
}
