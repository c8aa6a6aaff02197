package management

import "encoding/xml"

// deploymentDocument is the answer of Get Deployment, as far as it is read.
type deploymentDocument struct {
	XMLName         xml.Name           `xml:"http://schemas.microsoft.com/windowsazure Deployment"`
	Name            string             `xml:"Name"`
	Slot            Slot               `xml:"DeploymentSlot"`
	PrivateID       string             `xml:"PrivateID"`
	Status          DeploymentStatus   `xml:"Status"`
	Label           encoded            `xml:"Label"`
	URL             string             `xml:"Url"`
	Configuration   encoded            `xml:"Configuration"`
	Instances       []instanceDocument `xml:"RoleInstanceList>RoleInstance"`
	Upgrade         *upgradeStatus     `xml:"UpgradeStatus"` // only while an update rolls out
	UpgradeDomains  int                `xml:"UpgradeDomainCount"`
	Roles           []roleDocument     `xml:"RoleList>Role"`
	SDKVersion      string             `xml:"SdkVersion"`
	Locked          bool               `xml:"Locked"`
	RollbackAllowed bool               `xml:"RollbackAllowed"`
	Created         timestamp          `xml:"CreatedTime"`
	LastModified    timestamp          `xml:"LastModifiedTime"`
	Properties      []propertyDocument `xml:"ExtendedProperties>ExtendedProperty"`
	VirtualIPs      []struct {
		Address string `xml:"Address"`
		Name    string `xml:"Name"`
	} `xml:"VirtualIPs>VirtualIP"`
	ReservedIPName string `xml:"ReservedIPName"`
}

type upgradeStatus struct {
	Type          string `xml:"UpgradeType"`
	DomainState   string `xml:"CurrentUpgradeDomainState"`
	CurrentDomain int    `xml:"CurrentUpgradeDomain"`
}

type instanceDocument struct {
	Role          string             `xml:"RoleName"`
	Name          string             `xml:"InstanceName"`
	Status        InstanceStatus     `xml:"InstanceStatus"`
	UpgradeDomain int                `xml:"InstanceUpgradeDomain"`
	FaultDomain   int                `xml:"InstanceFaultDomain"`
	Size          string             `xml:"InstanceSize"`
	Details       string             `xml:"InstanceStateDetails"`
	ErrorCode     string             `xml:"InstanceErrorCode"`
	IPAddress     string             `xml:"IpAddress"`
	Endpoints     []endpointDocument `xml:"InstanceEndpoints>InstanceEndpoint"`
	PowerState    string             `xml:"PowerState"`
}

type endpointDocument struct {
	Name       string `xml:"Name"`
	VIP        string `xml:"Vip"`
	PublicPort int    `xml:"PublicPort"`
	LocalPort  int    `xml:"LocalPort"`
	Protocol   string `xml:"Protocol"`
}

// roleDocument is a role of a deployment. Cloud services have one configuration
// set per role, of type NetworkConfiguration.
type roleDocument struct {
	Name      string `xml:"RoleName"`
	OSVersion string `xml:"OsVersion"`
	Inputs    []struct {
		Port     int    `xml:"Port"`
		Protocol string `xml:"Protocol"`
		VIP      string `xml:"Vip"`
	} `xml:"ConfigurationSets>ConfigurationSet>InputEndpoints>InputEndpoint"`
}

func (d *deploymentDocument) deployment() Deployment {
	result := Deployment{
		Name:            d.Name,
		Slot:            d.Slot,
		PrivateID:       d.PrivateID,
		Status:          d.Status,
		Label:           string(d.Label),
		URL:             d.URL,
		Configuration:   d.Configuration,
		Instances:       convert(d.Instances, instanceDocument.instance),
		Roles:           convert(d.Roles, roleDocument.role),
		UpgradeDomains:  d.UpgradeDomains,
		SDKVersion:      d.SDKVersion,
		Locked:          d.Locked,
		RollbackAllowed: d.RollbackAllowed,
		Created:         d.Created.Time,
		LastModified:    d.LastModified.Time,
		Properties:      properties(d.Properties),
		ReservedIPName:  d.ReservedIPName,
	}
	if d.Upgrade != nil {
		result.Upgrade = (*UpgradeStatus)(d.Upgrade)
	}
	for _, vip := range d.VirtualIPs {
		result.VirtualIPs = append(result.VirtualIPs, VirtualIP{Address: vip.Address, Name: vip.Name})
	}
	return result
}

func (d instanceDocument) instance() Instance {
	return Instance{
		Role:          d.Role,
		Name:          d.Name,
		Status:        d.Status,
		UpgradeDomain: d.UpgradeDomain,
		FaultDomain:   d.FaultDomain,
		Size:          d.Size,
		Details:       d.Details,
		ErrorCode:     d.ErrorCode,
		IPAddress:     d.IPAddress,
		PowerState:    d.PowerState,
		Endpoints:     convert(d.Endpoints, func(e endpointDocument) Endpoint { return Endpoint(e) }),
	}
}

func (d roleDocument) role() Role {
	role := Role{Name: d.Name, OSVersion: d.OSVersion}
	for _, e := range d.Inputs {
		role.InputEndpoints = append(role.InputEndpoints, InputEndpoint{Port: e.Port, Protocol: e.Protocol, VIP: e.VIP})
	}
	return role
}
