package management

import (
	"cmp"
	"slices"
	"time"

	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/management/wire"
)

// deploymentDocument is Get Deployment.
type deploymentDocument struct {
	_ wire.Root `wire:"Deployment"`
	deploymentElements
}

// deploymentElements stand in the order of the wire, which more than a thousand
// recorded answers confirm and Microsoft's page prints otherwise.
type deploymentElements struct {
	Name               string                  `wire:"Name"`
	DeploymentSlot     string                  `wire:"DeploymentSlot"`
	PrivateID          string                  `wire:"PrivateID"`
	Status             string                  `wire:"Status"`
	Label              wire.Base64             `wire:"Label"`
	URL                string                  `wire:"Url"`
	Configuration      wire.Base64             `wire:"Configuration"`
	RoleInstanceList   []roleInstanceElements  `wire:"RoleInstanceList>RoleInstance"`
	UpgradeStatus      *upgradeStatusElements  `wire:"UpgradeStatus"`
	UpgradeDomainCount int                     `wire:"UpgradeDomainCount,since=2011-06-01"`
	RoleList           []roleElements          `wire:"RoleList>Role"`
	SDKVersion         string                  `wire:"SdkVersion,since=2011-06-01"`
	InputEndpointList  []oldInputElements      `wire:"InputEndpointList>InputEndpoint,since=2011-06-01,until=2012-03-01"`
	Locked             bool                    `wire:"Locked,since=2011-06-01"`
	RollbackAllowed    bool                    `wire:"RollbackAllowed,since=2011-06-01"`
	VirtualNetworkName string                  `wire:"VirtualNetworkName,omitempty,since=2012-03-01"`
	CreatedTime        time.Time               `wire:"CreatedTime"`
	LastModifiedTime   time.Time               `wire:"LastModifiedTime"`
	ExtendedProperties []extendedProperty      `wire:"ExtendedProperties>ExtendedProperty,since=2012-03-01"`
	DNS                *dnsElements            `wire:"Dns,since=2012-03-01"`
	Extensions         *extensionConfiguration `wire:"ExtensionConfiguration,since=2013-03-01"`
	VirtualIPs         []virtualIPElements     `wire:"VirtualIPs>VirtualIP,since=2012-03-01"`
	ReservedIPName     string                  `wire:"ReservedIPName,omitempty,since=2014-05-01"`
	LoadBalancers      []struct{}              `wire:"LoadBalancers>LoadBalancer,since=2014-05-01"`
}

type roleInstanceElements struct {
	RoleName              string                    `wire:"RoleName"`
	InstanceName          string                    `wire:"InstanceName"`
	InstanceStatus        string                    `wire:"InstanceStatus"`
	InstanceUpgradeDomain int                       `wire:"InstanceUpgradeDomain,since=2011-06-01"`
	InstanceFaultDomain   int                       `wire:"InstanceFaultDomain,since=2011-06-01"`
	InstanceSize          string                    `wire:"InstanceSize,since=2011-06-01"`
	InstanceStateDetails  string                    `wire:"InstanceStateDetails,since=2011-10-01"`
	IPAddress             string                    `wire:"IpAddress,since=2012-03-01"`
	InstanceEndpoints     []instanceEndpointElement `wire:"InstanceEndpoints>InstanceEndpoint,omitempty,since=2012-03-01"`
	PowerState            string                    `wire:"PowerState,since=2012-03-01"`
}

type instanceEndpointElement struct {
	Name       string `wire:"Name"`
	VIP        string `wire:"Vip,since=2011-06-01"`
	PublicPort int    `wire:"PublicPort"`
	LocalPort  int    `wire:"LocalPort"`
	Protocol   string `wire:"Protocol"`
}

type upgradeStatusElements struct {
	UpgradeType               string `wire:"UpgradeType"`
	CurrentUpgradeDomainState string `wire:"CurrentUpgradeDomainState"`
	CurrentUpgradeDomain      int    `wire:"CurrentUpgradeDomain"`
}

type roleElements struct {
	RoleName          string                 `wire:"RoleName"`
	OSVersion         string                 `wire:"OsVersion"`
	ConfigurationSets []networkConfiguration `wire:"ConfigurationSets>ConfigurationSet,since=2012-03-01"`
	MigrationState    string                 `wire:"MigrationState,omitempty"`
}

type networkConfiguration struct {
	Type                 string                 `wire:"i:type"`
	ConfigurationSetType string                 `wire:"ConfigurationSetType"`
	InputEndpoints       []inputEndpointElement `wire:"InputEndpoints>InputEndpoint,omitempty"`
	SubnetNames          []string               `wire:"SubnetNames>SubnetName"`
}

type inputEndpointElement struct {
	Port          int    `wire:"Port"`
	Protocol      string `wire:"Protocol"`
	VIP           string `wire:"Vip"`
	VirtualIPName string `wire:"VirtualIPName,since=2015-09-01"`
}

// oldInputElements is how endpoints were listed before roles had their own.
type oldInputElements struct {
	RoleName string `wire:"RoleName"`
	VIP      string `wire:"Vip"`
	Port     int    `wire:"Port"`
}

type dnsElements struct {
	DNSServers []dnsServerElements `wire:"DnsServers>DnsServer"`
}

type dnsServerElements struct {
	Name    string `wire:"Name"`
	Address string `wire:"Address"`
}

type virtualIPElements struct {
	Address         string `wire:"Address,omitempty"`
	IsDNSProgrammed bool   `wire:"IsDnsProgrammed"`
	Name            string `wire:"Name"`
	IsReserved      bool   `wire:"IsReserved,omitempty,since=2014-05-01"`
	ReservedIPName  string `wire:"ReservedIPName,omitempty,since=2014-05-01"`
}

// deploymentOf describes the deployment in a slot, for a request of the given
// version. Virtual IP and address are the slot's, all else the deployment's.
func deploymentOf(st *cloud.State, s *cloud.HostedService, slot cloud.Slot, version wire.Version) deploymentElements {
	in := s.Slots[slot]
	d := in.Deployment
	e := deploymentElements{
		Name: d.Name, DeploymentSlot: slot.String(), PrivateID: d.PrivateID, Status: string(d.Status),
		Label: wire.Base64(d.Label), URL: "http://" + in.Host + ".cloudapp.net/",
		UpgradeStatus: upgradeStatusOf(d), UpgradeDomainCount: max(d.UpgradeDomains, 1),
		Locked: d.Locked(), RollbackAllowed: d.RollbackAllowed(),
		CreatedTime: d.Created, LastModifiedTime: st.Now,
		ExtendedProperties: propertyElements(d.Properties), Extensions: extensionsOf(d),
	}
	vips := virtualIPsOf(in)
	vip := vips[0]
	if m := d.Model; m != nil {
		e.Configuration, e.SDKVersion = wire.Base64(m.Configuration), m.Package.SDKVersion
		e.VirtualNetworkName, e.ReservedIPName, e.DNS = m.VirtualNetwork, in.ReservedIP, dnsOf(d.DNS())
		e.RoleList, e.InputEndpointList = rolesOf(m, vip, d.Migration), oldInputsOf(m, in.VIP)
		e.RoleInstanceList = instancesOf(d, in.VIP, version)
	}
	e.VirtualIPs = vips
	return e
}

// virtualIPsOf lists the virtual IPs of a slot, the default one first. One without
// an address is no use in the DNS.
func virtualIPsOf(in cloud.SlotState) []virtualIPElements {
	list := []virtualIPElements{{in.VIP, true, in.Deployment.Model.VirtualIPName(), in.ReservedIP != "", in.ReservedIP}}
	for _, v := range in.VirtualIPs {
		list = append(list, virtualIPElements{v.Address, v.Address != "", v.Name, v.ReservedIP != "", v.ReservedIP})
	}
	return list
}

func upgradeStatusOf(d *cloud.Deployment) *upgradeStatusElements {
	if d.Rollout == nil {
		return nil
	}
	return &upgradeStatusElements{string(d.Rollout.Mode), string(d.Rollout.State), d.Rollout.Domain}
}

func dnsOf(servers []cloud.DNSServer) *dnsElements {
	if len(servers) == 0 {
		return nil
	}
	e := &dnsElements{}
	for _, server := range servers {
		e.DNSServers = append(e.DNSServers, dnsServerElements(server))
	}
	return e
}

func rolesOf(m *cloud.Model, vip virtualIPElements, migration cloud.MigrationState) []roleElements {
	list := make([]roleElements, len(m.Roles))
	for i, r := range m.Roles {
		set := networkConfiguration{Type: "NetworkConfigurationSet", ConfigurationSetType: "NetworkConfiguration", SubnetNames: r.Subnets}
		for _, in := range r.Inputs {
			set.InputEndpoints = append(set.InputEndpoints, inputEndpointElement{in.Port, in.Protocol, vip.Address, vip.Name})
		}
		list[i] = roleElements{r.Name, m.OSRelease(), []networkConfiguration{set}, string(migration)}
	}
	return list
}

func oldInputsOf(m *cloud.Model, vip string) []oldInputElements {
	var list []oldInputElements
	for _, r := range m.Roles {
		for _, in := range r.Inputs {
			list = append(list, oldInputElements{r.Name, vip, in.Port})
		}
	}
	return list
}

func instancesOf(d *cloud.Deployment, vip string, version wire.Version) []roleInstanceElements {
	list := make([]roleInstanceElements, 0, len(d.Instances))
	for _, r := range d.Model.Roles {
		first := 0
		for i := range d.Instances {
			in := &d.Instances[i]
			if in.Role != r.Name {
				continue
			}
			list = append(list, roleInstanceElements{
				RoleName: r.Name, InstanceName: in.Name(), InstanceStatus: instanceStatus(in.Status, version),
				InstanceUpgradeDomain: d.UpgradeDomain(in), InstanceFaultDomain: d.FaultDomain(in), InstanceSize: r.Size,
				IPAddress: in.Address, InstanceEndpoints: endpointsOf(r, first, vip), PowerState: string(in.Power),
			})
			first++
		}
	}
	return list
}

// firstDynamicPort is where the ports begin that are chosen at run time
// (recorded for Remote Desktop: 3389 leads to 20000).
const firstDynamicPort = 20000

// endpointsOf lists the public endpoints of the n-th instance of a role, by name.
func endpointsOf(r cloud.Role, n int, vip string) []instanceEndpointElement {
	var list []instanceEndpointElement
	dynamic := firstDynamicPort
	for _, in := range r.Inputs {
		local := in.LocalPort
		if local == 0 {
			local = dynamic
			dynamic++
		}
		list = append(list, instanceEndpointElement{in.Name, vip, in.Port, local, in.Protocol})
	}
	for _, in := range r.InstanceInputs {
		list = append(list, instanceEndpointElement{in.Name, vip, in.Min + n, in.LocalPort, in.Protocol})
	}
	slices.SortStableFunc(list, func(a, b instanceEndpointElement) int { return cmp.Compare(a.Name, b.Name) })
	return list
}

// Versions at which instance statuses changed their words.
const (
	longStatuses = wire.Version("2011-10-01") // the first with the names of today
	lastCycling  = wire.Version("2014-02-01") // the last that knows CyclingRole
)

// shortStatuses are the words of the oldest versions; which version ended them
// is not documented.
var shortStatuses = map[cloud.InstanceStatus]string{
	cloud.CreatingVM: "Initializing", cloud.StartingVM: "Initializing", cloud.CreatingRole: "Initializing",
	cloud.StartingRole: "Initializing", cloud.ReadyRole: "Ready", cloud.BusyRole: "Busy",
	cloud.StoppingRole: "Stopping", cloud.StoppingVM: "Stopping", cloud.StoppedVM: "Stopped",
	cloud.UnresponsiveRole: "Unresponsive",
}

// instanceStatus returns the word for a status in a version.
func instanceStatus(status cloud.InstanceStatus, version wire.Version) string {
	if short, ok := shortStatuses[status]; ok && version < longStatuses {
		return short
	}
	if status == cloud.CyclingRole && version > lastCycling {
		return string(cloud.RestartingRole)
	}
	return string(status)
}
