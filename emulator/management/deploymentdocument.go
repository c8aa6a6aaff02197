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
	Name               string                 `wire:"Name"`
	DeploymentSlot     string                 `wire:"DeploymentSlot"`
	PrivateID          string                 `wire:"PrivateID"`
	Status             string                 `wire:"Status"`
	Label              wire.Base64            `wire:"Label"`
	URL                string                 `wire:"Url"`
	Configuration      wire.Base64            `wire:"Configuration"`
	RoleInstanceList   []roleInstanceElements `wire:"RoleInstanceList>RoleInstance"`
	UpgradeStatus      *upgradeStatusElements `wire:"UpgradeStatus"`
	UpgradeDomainCount int                    `wire:"UpgradeDomainCount,since=2011-06-01"`
	RoleList           []roleElements         `wire:"RoleList>Role"`
	SDKVersion         string                 `wire:"SdkVersion,since=2011-06-01"`
	InputEndpointList  []oldInputElements     `wire:"InputEndpointList>InputEndpoint,since=2011-06-01,until=2012-03-01"`
	Locked             bool                   `wire:"Locked,since=2011-06-01"`
	RollbackAllowed    bool                   `wire:"RollbackAllowed,since=2011-06-01"`
	VirtualNetworkName string                 `wire:"VirtualNetworkName,omitempty,since=2012-03-01"`
	CreatedTime        time.Time              `wire:"CreatedTime"`
	LastModifiedTime   time.Time              `wire:"LastModifiedTime"`
	ExtendedProperties []extendedProperty     `wire:"ExtendedProperties>ExtendedProperty,since=2012-03-01"`
	DNS                *dnsElements           `wire:"Dns,since=2012-03-01"`
	VirtualIPs         []virtualIPElements    `wire:"VirtualIPs>VirtualIP,since=2012-03-01"`
	ReservedIPName     string                 `wire:"ReservedIPName,omitempty,since=2014-05-01"`
	LoadBalancers      []struct{}             `wire:"LoadBalancers>LoadBalancer,since=2014-05-01"`
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
	Address         string `wire:"Address"`
	IsDNSProgrammed bool   `wire:"IsDnsProgrammed"`
	Name            string `wire:"Name"`
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
		ExtendedProperties: propertyElements(d.Properties),
	}
	vip := virtualIPElements{Address: in.VIP, IsDNSProgrammed: true, Name: emptyVirtualIP}
	if m := d.Model; m != nil {
		vip.Name = virtualIPName(m)
		e.Configuration, e.SDKVersion = wire.Base64(m.Configuration), m.Package.SDKVersion
		e.VirtualNetworkName, e.ReservedIPName, e.DNS = m.VirtualNetwork, m.ReservedIP, dnsOf(m)
		e.RoleList, e.InputEndpointList = rolesOf(m, vip), oldInputsOf(m, in.VIP)
		e.RoleInstanceList = instancesOf(d, in.VIP, version)
	}
	e.VirtualIPs = []virtualIPElements{vip}
	return e
}

// emptyVirtualIP names the virtual IP of a deployment that nothing can be
// reached of (recorded).
const emptyVirtualIP = "__PseudoBackEndContractVip"

// virtualIPName returns the name of a deployment's virtual IP. It comes from the
// name inside the configuration, so it travels with a swap.
func virtualIPName(m *cloud.Model) string {
	for _, r := range m.Roles {
		if len(r.Inputs) > 0 {
			return m.ServiceName + "ContractContract"
		}
	}
	return emptyVirtualIP
}

func upgradeStatusOf(d *cloud.Deployment) *upgradeStatusElements {
	if d.Rollout == nil {
		return nil
	}
	return &upgradeStatusElements{string(d.Rollout.Mode), string(d.Rollout.State), d.Rollout.Domain}
}

func dnsOf(m *cloud.Model) *dnsElements {
	if len(m.DNSServers) == 0 {
		return nil
	}
	e := &dnsElements{}
	for _, server := range m.DNSServers {
		e.DNSServers = append(e.DNSServers, dnsServerElements(server))
	}
	return e
}

func rolesOf(m *cloud.Model, vip virtualIPElements) []roleElements {
	list := make([]roleElements, len(m.Roles))
	for i, r := range m.Roles {
		set := networkConfiguration{Type: "NetworkConfigurationSet", ConfigurationSetType: "NetworkConfiguration"}
		for _, in := range r.Inputs {
			set.InputEndpoints = append(set.InputEndpoints, inputEndpointElement{in.Port, in.Protocol, vip.Address, vip.Name})
		}
		list[i] = roleElements{r.Name, m.OSRelease(), []networkConfiguration{set}}
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
