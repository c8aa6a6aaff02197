package preflight_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/management"
	"github.com/vipswap/vipswap/deployer/preflight"
	"github.com/vipswap/vipswap/internal/servicepackage"
)

// What the package is meant to be connected with fits its ports.
var (
	_ preflight.Cloud = (*management.Client)(nil)
	_ preflight.Names = (*management.Client)(nil)
)

var (
	errBroken = errors.New("the connection broke")
	notFound  = &management.Error{HTTPStatus: 404, Code: management.CodeNotFound, Message: "there is none"}
)

// cloud answers with what it has, or with one of errs, by the name of the method.
type cloud struct {
	room         management.Subscription
	systems      []string
	location     string
	certificates []string
	addresses    []management.ReservedIP
	networks     []management.VirtualNetwork
	errs         map[string]error
	hear         func(method string) // hears each call; nil does not
}

func (c *cloud) answer(method string) error {
	if c.hear != nil {
		c.hear(method)
	}
	return c.errs[method]
}

func (c *cloud) Subscription(context.Context) (management.Subscription, error) {
	return c.room, c.answer("Subscription")
}

func (c *cloud) OperatingSystems(context.Context) ([]string, error) {
	return c.systems, c.answer("OperatingSystems")
}

func (c *cloud) Service(_ context.Context, name string) (management.Service, error) {
	return management.Service{Name: name, Location: c.location}, c.answer("Service")
}

func (c *cloud) ServiceCertificates(context.Context, string) ([]string, error) {
	return c.certificates, c.answer("ServiceCertificates")
}

func (c *cloud) ReservedIPs(context.Context) ([]management.ReservedIP, error) {
	return c.addresses, c.answer("ReservedIPs")
}

func (c *cloud) VirtualNetworks(context.Context) ([]management.VirtualNetwork, error) {
	return c.networks, c.answer("VirtualNetworks")
}

// found is what a plan has come to.
type found struct {
	Refusals, Warnings []string
	Steps              int
}

func sum(plan deployer.Plan) found {
	f := found{Steps: len(plan.Steps)}
	for _, r := range plan.Refusals {
		f.Refusals = append(f.Refusals, string(r.Code)+": "+r.Text)
	}
	for _, d := range plan.Decisions {
		if d.Warning {
			f.Warnings = append(f.Warnings, string(d.Code)+": "+d.Text)
		}
	}
	return f
}

func plan() deployer.Plan {
	return deployer.Plan{Service: "shop", Steps: []deployer.Step{{Kind: deployer.StepCreate}}}
}

// web is a deployment of two small instances, which configure changes.
func web(configure func(*servicepackage.Configuration)) preflight.Deployment {
	d := preflight.Deployment{
		Definition: &servicepackage.Definition{Roles: []servicepackage.Role{{Name: "Web", VMSize: "Small"}}},
		Configuration: &servicepackage.Configuration{
			OSVersion: "*", Roles: []servicepackage.RoleConfiguration{{Name: "Web", Instances: 2}},
			Network: &servicepackage.NetworkConfiguration{},
		},
	}
	if configure != nil {
		configure(d.Configuration)
	}
	return d
}

// secured is web with certificates.
func secured(thumbprints ...string) preflight.Deployment {
	return web(func(cfg *servicepackage.Configuration) {
		for _, thumbprint := range thumbprints {
			cfg.Roles[0].Certificates = append(cfg.Roles[0].Certificates, servicepackage.CertificateValue{Name: "Ssl", Thumbprint: thumbprint})
		}
	})
}

// reserving is web with the reserved address front.
func reserving() preflight.Deployment {
	return web(func(cfg *servicepackage.Configuration) { cfg.Network.ReservedIPs = []string{"front"} })
}

// networked is web in a subnet of the virtual network office.
func networked(subnet string) preflight.Deployment {
	return web(func(cfg *servicepackage.Configuration) {
		cfg.Network.VirtualNetworkSite = "office"
		cfg.Network.InstanceAddresses = []servicepackage.InstanceAddress{{RoleName: "Web", Subnets: []string{subnet}}}
	})
}

// over is a deployment that replaces another.
func over(d preflight.Deployment, there management.Deployment) preflight.Deployment {
	d.Replaces = &there
	return d
}

const fronted = `<ServiceConfiguration serviceName="Shop" xmlns="http://schemas.microsoft.com/ServiceHosting/2008/10/ServiceConfiguration">
<Role name="Web"><Instances count="1" /></Role>
<NetworkConfiguration><AddressAssignments><ReservedIPs><ReservedIP name="Front" /></ReservedIPs></AddressAssignments></NetworkConfiguration>
</ServiceConfiguration>`

func TestCheck(t *testing.T) {
	free := management.ReservedIP{Name: "Front", Location: "West Europe"}
	office := []management.VirtualNetwork{{Name: "Office", Subnets: []string{"Front"}}}
	for _, test := range []struct {
		name     string
		what     preflight.Deployment
		cloud    cloud
		refusals []string
		warnings []string
	}{
		{name: "nothing is needed", what: web(nil)},

		{name: "certificates are missing", what: secured("bb", "aa"), cloud: cloud{certificates: []string{"CC"}},
			refusals: []string{"missing-certificate: shop does not have the certificates that the configuration names: Ssl of role Web (aa), Ssl of role Web (bb)"}},
		{name: "a certificate is written otherwise", what: secured("aB"), cloud: cloud{certificates: []string{"Ab"}}},
		{name: "one certificate of two", what: secured("aa", "bb"), cloud: cloud{certificates: []string{"AA"}},
			refusals: []string{"missing-certificate: shop does not have the certificates that the configuration names: Ssl of role Web (bb)"}},
		{name: "there is no service yet", what: secured("aa"), cloud: cloud{errs: map[string]error{"ServiceCertificates": notFound}},
			refusals: []string{"missing-certificate: shop does not have the certificates that the configuration names: Ssl of role Web (aa)"}},
		{name: "certificates are not known", what: secured("aa"), cloud: cloud{errs: map[string]error{"ServiceCertificates": errBroken}},
			warnings: []string{"not-checked: not checked beforehand: the connection broke"}},

		{name: "cores that are left", what: web(nil), cloud: cloud{room: management.Subscription{MaxCores: 4, CurrentCores: 2}}},
		{name: "cores that are not left", what: web(nil), cloud: cloud{room: management.Subscription{MaxCores: 4, CurrentCores: 3}},
			refusals: []string{"quota-exceeded: it needs 2 cores; of the subscription's 4, 3 are in use and 0 of these become free"}},
		{name: "cores that become free", cloud: cloud{room: management.Subscription{MaxCores: 4, CurrentCores: 4}},
			what: over(web(nil), management.Deployment{Instances: []management.Instance{{Size: "Medium"}}})},
		{name: "cores of no known size", cloud: cloud{room: management.Subscription{MaxCores: 4, CurrentCores: 4}},
			what:     over(web(nil), management.Deployment{Instances: []management.Instance{{Size: "Unheard"}, {Size: "Small"}}}),
			refusals: []string{"quota-exceeded: it needs 2 cores; of the subscription's 4, 4 are in use and 1 of these become free"}},
		{name: "cores are not known", what: web(nil), cloud: cloud{errs: map[string]error{"Subscription": errBroken}},
			warnings: []string{"not-checked: not checked beforehand: the connection broke"}},

		{name: "a guest system that is there", what: web(system("WA-GUEST-OS-4.2_201501-01")), cloud: cloud{systems: []string{"WA-GUEST-OS-4.2_201501-01"}}},
		{name: "a guest system that is gone", what: web(system("WA-GUEST-OS-1.0")), cloud: cloud{systems: []string{"WA-GUEST-OS-4.2_201501-01"}},
			refusals: []string{"system-unavailable: the configuration names the guest operating system WA-GUEST-OS-1.0, which the service does not deploy (any more)"}},
		{name: "guest systems are not known", what: web(system("WA-GUEST-OS-1.0")), cloud: cloud{errs: map[string]error{"OperatingSystems": errBroken}},
			warnings: []string{"not-checked: not checked beforehand: the connection broke"}},

		{name: "an address that is free", what: reserving(), cloud: cloud{location: "west europe", addresses: []management.ReservedIP{free}}},
		{name: "no such address", what: reserving(), cloud: cloud{addresses: []management.ReservedIP{{Name: "back"}}},
			refusals: []string{"address-unavailable: the subscription has no reserved address front, which the configuration names"}},
		{name: "an address in use", what: reserving(), cloud: cloud{addresses: []management.ReservedIP{{Name: "front", InUse: true, Service: "store", Deployment: "d1"}}},
			refusals: []string{"address-unavailable: the reserved address front, which the configuration names, is in use by deployment d1 of store"}},
		{name: "an address that stays", what: over(reserving(), management.Deployment{ReservedIPName: "FRONT"})},
		{name: "an address that a swap has left with the other slot", what: over(reserving(), management.Deployment{Configuration: []byte(fronted)})},
		{name: "an address elsewhere", what: reserving(), cloud: cloud{location: "East US", addresses: []management.ReservedIP{free}},
			refusals: []string{"address-unavailable: the reserved address Front, which the configuration names, is in West Europe, and shop is in East US"}},
		{name: "an address for a service in an affinity group", what: reserving(), cloud: cloud{addresses: []management.ReservedIP{free}}},
		{name: "an address for a service that is missing", what: reserving(), cloud: cloud{location: "East US", addresses: []management.ReservedIP{free}, errs: map[string]error{"Service": notFound}}},
		{name: "where the service is is not known", what: reserving(), cloud: cloud{addresses: []management.ReservedIP{free}, errs: map[string]error{"Service": errBroken}},
			warnings: []string{"not-checked: not checked beforehand: the connection broke"}},
		{name: "addresses are not known", what: reserving(), cloud: cloud{errs: map[string]error{"ReservedIPs": errBroken}},
			warnings: []string{"not-checked: not checked beforehand: the connection broke"}},

		{name: "a subnet that is there", what: networked("front"), cloud: cloud{networks: office}},
		{name: "no such subnet", what: networked("back"), cloud: cloud{networks: office},
			refusals: []string{"missing-network: the virtual network office has no subnet back, which the configuration names for role Web"}},
		{name: "no such network", what: networked("front"), cloud: cloud{networks: []management.VirtualNetwork{{Name: "home"}}},
			refusals: []string{"missing-network: the subscription has no virtual network office, which the configuration names"}},
		{name: "no network at all", what: networked("front"),
			warnings: []string{"not-checked: not checked beforehand: the configuration names the virtual network office: the subscription has no virtual network at all"}},
		{name: "networks are not known", what: networked("front"), cloud: cloud{errs: map[string]error{"VirtualNetworks": errBroken}},
			warnings: []string{"not-checked: not checked beforehand: the connection broke"}},

		{name: "all that is wrong is said", what: secured("aa"), cloud: cloud{room: management.Subscription{MaxCores: 1}},
			refusals: []string{
				"missing-certificate: shop does not have the certificates that the configuration names: Ssl of role Web (aa)",
				"quota-exceeded: it needs 2 cores; of the subscription's 1, 0 are in use and 0 of these become free",
			}},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := plan()
			if err := test.what.Check(t.Context(), &test.cloud, &p); err != nil {
				t.Fatal(err)
			}
			want := found{Refusals: test.refusals, Warnings: test.warnings, Steps: 1}
			if len(test.refusals) > 0 {
				want.Steps = 0
			}
			if diff := cmp.Diff(want, sum(p)); diff != "" {
				t.Errorf("mismatch (-want +got):\n%s", diff)
			}
			for _, r := range p.Refusals {
				if r.Hint == "" {
					t.Errorf("%s: there is no hint", r.Text)
				}
			}
		})
	}
}

func system(version string) func(*servicepackage.Configuration) {
	return func(cfg *servicepackage.Configuration) { cfg.OSVersion = version }
}

// TestCheckIsStopped asks nothing more once it is told to stop.
func TestCheckIsStopped(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var asked []string
	c := cloud{errs: map[string]error{"Subscription": context.Canceled}, hear: func(method string) {
		if asked = append(asked, method); method == "Subscription" {
			cancel()
		}
	}}
	p := plan()
	if err := secured("aa").Check(ctx, &c, &p); !errors.Is(err, context.Canceled) {
		t.Errorf("it ended with %v", err)
	}
	if diff := cmp.Diff([]string{"ServiceCertificates", "Subscription"}, asked); diff != "" {
		t.Errorf("calls mismatch (-want +got):\n%s", diff)
	}
}

// names tells whether a name can be had.
type names struct {
	available bool
	reason    string
	err       error
}

func (n names) ServiceNameAvailable(context.Context, string) (bool, string, error) {
	return n.available, n.reason, n.err
}

func TestCheckName(t *testing.T) {
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	for _, test := range []struct {
		name  string
		ctx   context.Context
		names names
		want  found
		err   error
	}{
		{"free", t.Context(), names{available: true}, found{Steps: 1}, nil},
		{"taken", t.Context(), names{reason: "it is taken"}, found{Refusals: []string{"name-unavailable: cloud service shop is not there and cannot be created: it is taken"}}, nil},
		{"not known", t.Context(), names{err: errBroken}, found{Warnings: []string{"not-checked: not checked beforehand: the connection broke"}, Steps: 1}, nil},
		{"stopped", stopped, names{err: context.Canceled}, found{Steps: 1}, context.Canceled},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := plan()
			if err := preflight.CheckName(test.ctx, test.names, &p); !errors.Is(err, test.err) {
				t.Errorf("it ended with %v, want %v", err, test.err)
			}
			if diff := cmp.Diff(test.want, sum(p)); diff != "" {
				t.Errorf("mismatch (-want +got):\n%s", diff)
			}
		})
	}
}
