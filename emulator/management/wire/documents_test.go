package wire_test

import (
	"time"

	"github.com/vipswap/vipswap/emulator/management/wire"
)

// The structs of this file are documents of the API, tagged as the emulator tags
// its own, so that the tests speak of real bodies.

type operation struct {
	_              wire.Root `wire:"Operation"`
	ID             string    `wire:"ID"`
	Status         string    `wire:"Status"`
	HTTPStatusCode int       `wire:"HttpStatusCode,omitempty"`
	Error          *failure  `wire:"Error"`
}

type failure struct {
	_       wire.Root `wire:"Error"`
	Code    string    `wire:"Code"`
	Message string    `wire:"Message"`
}

type availability struct {
	_      wire.Root `wire:"AvailabilityResponse"`
	Result bool      `wire:"Result"`
	Reason *string   `wire:"Reason,since=2013-03-01,nil"`
}

type hostedServices struct {
	_     wire.Root       `wire:"HostedServices"`
	Items []hostedService `wire:"HostedService,flat"`
}

type hostedService struct {
	_           wire.Root    `wire:"HostedService"`
	URL         string       `wire:"Url"`
	ServiceName string       `wire:"ServiceName"`
	Description *string      `wire:"Description,since=2012-03-01,nil"`
	Deployments []deployment `wire:"Deployments>Deployment,omitempty"`
}

type deployment struct {
	_               wire.Root      `wire:"Deployment"`
	Name            string         `wire:"Name"`
	DeploymentSlot  string         `wire:"DeploymentSlot"`
	PrivateID       string         `wire:"PrivateID"`
	Status          string         `wire:"Status"`
	Label           wire.Base64    `wire:"Label"`
	URL             string         `wire:"Url"`
	Configuration   wire.Base64    `wire:"Configuration"`
	Instances       []roleInstance `wire:"RoleInstanceList>RoleInstance"`
	UpgradeStatus   *upgradeStatus `wire:"UpgradeStatus"`
	UpgradeDomains  int            `wire:"UpgradeDomainCount,since=2011-06-01"`
	Roles           []role         `wire:"RoleList>Role"`
	SDKVersion      string         `wire:"SdkVersion,since=2011-06-01"`
	OldEndpoints    []inputPort    `wire:"InputEndpointList>InputEndpoint,since=2011-06-01,until=2012-03-01"`
	Locked          bool           `wire:"Locked,since=2011-06-01"`
	RollbackAllowed bool           `wire:"RollbackAllowed,since=2011-06-01"`
	timestamps
	Properties    []property  `wire:"ExtendedProperties>ExtendedProperty,since=2012-03-01"`
	Extensions    *extensions `wire:"ExtensionConfiguration,since=2013-03-01"`
	VirtualIPs    []virtualIP `wire:"VirtualIPs>VirtualIP,since=2012-03-01"`
	LoadBalancers []string    `wire:"LoadBalancers>LoadBalancer,since=2014-05-01"`
	Note          string      `wire:"-"`
}

type timestamps struct {
	CreatedTime      time.Time `wire:"CreatedTime"`
	LastModifiedTime time.Time `wire:"LastModifiedTime"`
}

type roleInstance struct {
	RoleName      string     `wire:"RoleName"`
	InstanceName  string     `wire:"InstanceName"`
	Status        string     `wire:"InstanceStatus"`
	UpgradeDomain int        `wire:"InstanceUpgradeDomain,since=2011-06-01"`
	FaultDomain   int        `wire:"InstanceFaultDomain,since=2011-06-01"`
	Size          string     `wire:"InstanceSize,since=2011-06-01"`
	StateDetails  string     `wire:"InstanceStateDetails,since=2011-10-01"`
	ErrorCode     string     `wire:"InstanceErrorCode,since=2011-10-01,omitempty"`
	IPAddress     string     `wire:"IpAddress,since=2012-03-01"`
	Endpoints     []endpoint `wire:"InstanceEndpoints>InstanceEndpoint,since=2012-03-01,omitempty"`
	PowerState    string     `wire:"PowerState,since=2012-03-01"`
}

type endpoint struct {
	Name       string `wire:"Name"`
	VIP        string `wire:"Vip,since=2011-06-01"`
	PublicPort int    `wire:"PublicPort"`
	LocalPort  int    `wire:"LocalPort"`
	Protocol   string `wire:"Protocol"`
}

type upgradeStatus struct {
	Type        string `wire:"UpgradeType"`
	DomainState string `wire:"CurrentUpgradeDomainState"`
	Domain      int    `wire:"CurrentUpgradeDomain"`
}

type role struct {
	RoleName  string             `wire:"RoleName"`
	OSVersion string             `wire:"OsVersion"`
	Sets      []configurationSet `wire:"ConfigurationSets>ConfigurationSet,since=2012-03-01"`
}

type configurationSet struct {
	XSIType   string      `wire:"i:type"`
	Type      string      `wire:"ConfigurationSetType"`
	Endpoints []inputPort `wire:"InputEndpoints>InputEndpoint,omitempty"`
	Subnets   []string    `wire:"SubnetNames>SubnetName"`
}

type inputPort struct {
	Port     int    `wire:"Port"`
	Protocol string `wire:"Protocol"`
	VIP      string `wire:"Vip"`
	VIPName  string `wire:"VirtualIPName,since=2015-09-01,omitempty"`
}

type property struct {
	Name  string  `wire:"Name"`
	Value *string `wire:"Value,nil"`
}

type extensions struct {
	AllRoles   []extension `wire:"AllRoles>Extension,omitempty"`
	NamedRoles []string    `wire:"NamedRoles>Role"`
}

type extension struct {
	ID    string  `wire:"Id"`
	State *string `wire:"State,since=2014-06-01,nil"`
}

type virtualIP struct {
	Address    string `wire:"Address"`
	Programmed bool   `wire:"IsDnsProgrammed"`
	Name       string `wire:"Name"`
}

const parameterNamespace = "http://schemas.datacontract.org/2004/07/Microsoft.WindowsAzure.ServiceManagement"

type parameters struct {
	_     wire.Root   `wire:"OperationParameters"`
	Items []parameter `wire:"OperationParameter,flat"`
}

type parameter struct {
	Name  string `wire:"Name,ns=http://schemas.datacontract.org/2004/07/Microsoft.WindowsAzure.ServiceManagement"`
	Value string `wire:"Value,ns=http://schemas.datacontract.org/2004/07/Microsoft.WindowsAzure.ServiceManagement"`
}

// text points to a copy of s.
func text(s string) *string { return &s }

// blue is a deployment of about 3 KB with two instances, during an update.
func blue() deployment {
	instance := func(name string, n int) roleInstance {
		return roleInstance{
			RoleName: "Web", InstanceName: name, Status: "ReadyRole", UpgradeDomain: n, FaultDomain: n % 2,
			Size: "Small", IPAddress: "100.74.174.7", PowerState: "Started",
			Endpoints: []endpoint{
				{Name: "Http", VIP: "104.42.98.103", PublicPort: 80, LocalPort: 80, Protocol: "http"},
			},
		}
	}
	created := time.Date(2015, 7, 2, 4, 2, 28, 123456789, time.FixedZone("CEST", 2*60*60))
	return deployment{
		Name: "blue-20150701", DeploymentSlot: "Production", PrivateID: "16aeb3508e87482abb30ffd0d1cf6600",
		Status: "RunningTransitioning", Label: wire.Base64("v1.3"), URL: "http://myservice.cloudapp.net/",
		Configuration: wire.Base64(serviceConfiguration),
		Instances:     []roleInstance{instance("Web_IN_0", 0), instance("Web_IN_1", 1)},
		UpgradeStatus: &upgradeStatus{Type: "Auto", DomainState: "Before"}, UpgradeDomains: 2,
		Roles: []role{{
			RoleName: "Web", OSVersion: "WA-GUEST-OS-4.20_201506-01",
			Sets: []configurationSet{{
				XSIType: "NetworkConfigurationSet", Type: "NetworkConfiguration",
				Endpoints: []inputPort{{Port: 80, Protocol: "http", VIP: "104.42.98.103", VIPName: "MyServiceContractContract"}},
			}},
		}},
		SDKVersion:   "2.6.6496.2",
		OldEndpoints: []inputPort{{Port: 80, Protocol: "http", VIP: "104.42.98.103"}},
		timestamps:   timestamps{CreatedTime: created, LastModifiedTime: created.Add(44 * time.Second)},
		Properties:   []property{{Name: "commit", Value: text("abc")}, {Name: "tag", Value: text("")}, {Name: "gone"}},
		Extensions: &extensions{
			AllRoles: []extension{{ID: "Default-RDP-Production-Ext-0", State: text("enable")}, {ID: "Default-Diag-Ext-0"}},
		},
		VirtualIPs: []virtualIP{{Address: "104.42.98.103", Programmed: true, Name: "MyServiceContractContract"}},
		Note:       "stays here",
	}
}

const serviceConfiguration = `<?xml version="1.0" encoding="utf-8"?>
<ServiceConfiguration serviceName="MyService" osFamily="4" osVersion="*" schemaVersion="2014-06.2.4"
    xmlns="http://schemas.microsoft.com/ServiceHosting/2008/10/ServiceConfiguration">
  <Role name="Web">
    <Instances count="2" />
    <ConfigurationSettings>
      <Setting name="AppVersion" value="1.3" />
    </ConfigurationSettings>
  </Role>
</ServiceConfiguration>
`
