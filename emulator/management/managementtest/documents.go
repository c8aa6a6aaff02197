package managementtest

import (
	"encoding/base64"
	"encoding/xml"
	"fmt"
)

// The documents of answers, as far as the suite looks at them. Their names carry
// the namespace, so that another one is an error.
type (
	operation struct {
		XMLName        xml.Name `xml:"http://schemas.microsoft.com/windowsazure Operation"`
		ID             string
		Status         string
		HTTPStatusCode int `xml:"HttpStatusCode"`
		Error          *struct{ Code, Message string }
	}
	failure struct {
		XMLName       xml.Name `xml:"http://schemas.microsoft.com/windowsazure Error"`
		Code, Message string
	}
	subscription struct {
		XMLName               xml.Name `xml:"http://schemas.microsoft.com/windowsazure Subscription"`
		SubscriptionID        string
		CurrentHostedServices int
	}
	locations struct {
		XMLName  xml.Name `xml:"http://schemas.microsoft.com/windowsazure Locations"`
		Location []struct{ Name string }
	}
	availability struct {
		XMLName xml.Name `xml:"http://schemas.microsoft.com/windowsazure AvailabilityResponse"`
		Result  bool
	}
	hostedServices struct {
		XMLName       xml.Name `xml:"http://schemas.microsoft.com/windowsazure HostedServices"`
		HostedService []struct{ ServiceName string }
	}
	hostedService struct {
		XMLName                 xml.Name `xml:"http://schemas.microsoft.com/windowsazure HostedService"`
		ServiceName             string
		HostedServiceProperties struct{ Label, Description, Location, Status string }
		Deployments             *struct {
			Deployment []struct{ Name, DeploymentSlot string }
		}
	}
	deployment struct {
		XMLName          xml.Name `xml:"http://schemas.microsoft.com/windowsazure Deployment"`
		Name             string
		DeploymentSlot   string
		PrivateID        string
		Status           string
		Label            string
		URL              string `xml:"Url"`
		Configuration    string
		RoleInstanceList struct{ RoleInstance []instance }
		UpgradeStatus    *struct{ UpgradeType string }
		Locked           bool
		VirtualIPs       struct {
			VirtualIP []struct{ Address string }
		}
	}
	instance struct{ RoleName, InstanceName, InstanceStatus string }
)

// label returns the deployment's label as text.
func (d *deployment) label() string { return decoded(d.Label) }

// address returns the deployment's virtual IP, or "".
func (d *deployment) address() string {
	if len(d.VirtualIPs.VirtualIP) == 0 {
		return ""
	}
	return d.VirtualIPs.VirtualIP[0].Address
}

// ready reports whether the deployment runs and all that was begun is over.
func (d *deployment) ready() bool {
	for _, i := range d.RoleInstanceList.RoleInstance {
		if i.InstanceStatus != "ReadyRole" {
			return false
		}
	}
	return d.Status == "Running" && d.UpgradeStatus == nil && !d.Locked && len(d.RoleInstanceList.RoleInstance) > 0
}

// travels is what of a deployment a swap takes along.
func (d *deployment) travels() string {
	return fmt.Sprintf("%s %s %s %q %v", d.Name, d.PrivateID, d.Status, d.label(), d.RoleInstanceList.RoleInstance)
}

func decoded(text string) string {
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return "not base64: " + text
	}
	return string(data)
}
