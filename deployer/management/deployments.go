package management

import (
	"context"
	"encoding/xml"
	"fmt"
	"net/http"
)

// Deployment reads what a slot holds (Get Deployment by slot). An empty slot is
// (nil, nil), and so is a slot of a service that does not exist: the service
// answers both alike. Any other 404 is an error.
func (c *Client) Deployment(ctx context.Context, service string, slot Slot) (*Deployment, error) {
	return c.deployment(ctx, fmt.Sprintf("read %s of %s", slot, service), bySlot(service, slot))
}

// DeploymentByName reads the deployment of that name, whichever slot it is in
// (Get Deployment by name). One that is gone is (nil, nil).
func (c *Client) DeploymentByName(ctx context.Context, service, name string) (*Deployment, error) {
	return c.deployment(ctx, fmt.Sprintf("read deployment %s of %s", name, service), byName(service, name))
}

func (c *Client) deployment(ctx context.Context, action string, path []string) (*Deployment, error) {
	var doc deploymentDocument
	_, err := c.do(ctx, call{operation: "Get Deployment", action: action, method: http.MethodGet, path: path, into: &doc})
	if hasCode(err, CodeNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	d := doc.deployment()
	return &d, nil
}

func bySlot(service string, slot Slot) []string {
	return []string{"services", hostedServices, service, "deploymentslots", string(slot)}
}

func byName(service, name string) []string {
	return []string{"services", hostedServices, service, "deployments", name}
}

type createDeploymentDocument struct {
	XMLName              xml.Name      `xml:"http://schemas.microsoft.com/windowsazure CreateDeployment"`
	Name                 string        `xml:"Name"`
	PackageURL           string        `xml:"PackageUrl"`
	Label                encoded       `xml:"Label"`
	Configuration        encoded       `xml:"Configuration"`
	Start                bool          `xml:"StartDeployment"`
	TreatWarningsAsError bool          `xml:"TreatWarningsAsError"`
	Properties           *propertyList `xml:"ExtendedProperties,omitempty"`
}

// CreateDeployment starts a deployment into an empty slot (Create Deployment) and
// returns the id of the operation. A slot or name that is taken gives an [*Error]
// with CodeConflict, a service that does not exist one with CodeNotFound. What is
// wrong with the package or the configuration is the end of the operation.
func (c *Client) CreateDeployment(ctx context.Context, service string, slot Slot, d NewDeployment) (operationID string, err error) {
	return c.begin(ctx, call{
		operation: "Create Deployment",
		action:    fmt.Sprintf("create deployment %s in %s of %s", d.Name, slot, service),
		method:    http.MethodPost,
		path:      bySlot(service, slot),
		body: &createDeploymentDocument{
			Name:                 d.Name,
			PackageURL:           d.PackageURL,
			Label:                encoded(d.Label),
			Configuration:        encoded(d.Configuration),
			Start:                d.Start,
			TreatWarningsAsError: d.TreatWarningsAsError,
			Properties:           newPropertyList(d.Properties),
		},
		lookFirst: true,
	})
}

// upgradeDocument has the configuration before the label, the other way round
// than createDeploymentDocument; the data contract is so.
type upgradeDocument struct {
	XMLName       xml.Name      `xml:"http://schemas.microsoft.com/windowsazure UpgradeDeployment"`
	Mode          string        `xml:"Mode"`
	PackageURL    string        `xml:"PackageUrl"`
	Configuration encoded       `xml:"Configuration"`
	Label         encoded       `xml:"Label"`
	Role          string        `xml:"RoleToUpgrade,omitempty"`
	Force         bool          `xml:"Force"`
	Properties    *propertyList `xml:"ExtendedProperties,omitempty"`
}

// DefaultMode is the mode of upgrades and changes of configuration that name
// none: upgrade domain by upgrade domain, without being told to go on.
const DefaultMode = "Auto"

// UpgradeDeployment replaces the package and configuration of the named
// deployment in place (Upgrade Deployment) and returns the id of the operation.
// The operation succeeds when the change is accepted; the roll-out goes on after
// it, see Deployment.Upgrade. A deployment that does not exist gives an [*Error]
// with CodeNotFound.
func (c *Client) UpgradeDeployment(ctx context.Context, service, name string, u Upgrade) (operationID string, err error) {
	return c.begin(ctx, call{
		operation: "Upgrade Deployment",
		action:    fmt.Sprintf("upgrade deployment %s of %s", name, service),
		method:    http.MethodPost,
		path:      byName(service, name),
		query:     "comp=upgrade",
		body: &upgradeDocument{
			Mode:          orDefault(u.Mode, DefaultMode),
			PackageURL:    u.PackageURL,
			Configuration: encoded(u.Configuration),
			Label:         encoded(u.Label),
			Role:          u.Role,
			Force:         u.Force,
			Properties:    newPropertyList(u.Properties),
		},
		lookFirst: true,
	})
}

// DeleteDeployment deletes the named deployment, whichever slot it is in (Delete
// Deployment by name), and returns the id of the operation. A deployment that
// does not exist gives an [*Error] with CodeNotFound.
func (c *Client) DeleteDeployment(ctx context.Context, service, name string) (operationID string, err error) {
	return c.begin(ctx, call{
		operation: "Delete Deployment",
		action:    fmt.Sprintf("delete deployment %s of %s", name, service),
		method:    http.MethodDelete,
		path:      byName(service, name),
		lookFirst: true,
	})
}

// DeleteSlot deletes whatever the slot holds (Delete Deployment by slot) and
// returns the id of the operation. Prefer DeleteDeployment: between looking and
// deleting, a swap can exchange what is in a slot. For the same reason DeleteSlot
// is never sent again after waiting for another operation, whatever the
// configuration says. An empty slot gives an [*Error] with CodeNotFound.
func (c *Client) DeleteSlot(ctx context.Context, service string, slot Slot) (operationID string, err error) {
	return c.begin(ctx, call{
		operation: "Delete Deployment",
		action:    fmt.Sprintf("delete what is in %s of %s", slot, service),
		method:    http.MethodDelete,
		path:      bySlot(service, slot),
		lookFirst: true,
	})
}

type swapDocument struct {
	XMLName    xml.Name `xml:"http://schemas.microsoft.com/windowsazure Swap"`
	Production string   `xml:"Production,omitempty"`
	Source     string   `xml:"SourceDeployment"`
}

// Swap exchanges the deployments of the two slots, or moves the staged one into
// an empty production slot (Swap Deployment), and returns the id of the
// operation. Source names the deployment that is in staging; production names
// the one in production, and is "" when there is none: Microsoft's page requires
// the element, but its own clients leave it out then. Names that do not match
// the slots give an [*Error] with CodeConflict, different endpoints one with code
// BadRequest, a service that does not exist one with CodeNotFound.
func (c *Client) Swap(ctx context.Context, service, production, source string) (operationID string, err error) {
	return c.begin(ctx, call{
		operation: "Swap Deployment",
		action:    "swap the slots of " + service,
		method:    http.MethodPost,
		path:      []string{"services", hostedServices, service},
		body:      &swapDocument{Production: production, Source: source},
		lookFirst: true,
	})
}

type changeConfigurationDocument struct {
	XMLName       xml.Name      `xml:"http://schemas.microsoft.com/windowsazure ChangeConfiguration"`
	Configuration encoded       `xml:"Configuration"`
	Mode          string        `xml:"Mode"`
	Properties    *propertyList `xml:"ExtendedProperties,omitempty"`
}

// ChangeConfiguration gives the named deployment another configuration (Change
// Deployment Configuration) and returns the id of the operation. A deployment
// that does not exist gives an [*Error] with CodeNotFound.
func (c *Client) ChangeConfiguration(ctx context.Context, service, name string, change ConfigurationChange) (operationID string, err error) {
	return c.begin(ctx, call{
		operation: "Change Deployment Configuration",
		action:    fmt.Sprintf("change the configuration of deployment %s of %s", name, service),
		method:    http.MethodPost,
		path:      byName(service, name),
		query:     "comp=config",
		body: &changeConfigurationDocument{
			Configuration: encoded(change.Configuration),
			Mode:          orDefault(change.Mode, DefaultMode),
			Properties:    newPropertyList(change.Properties),
		},
		lookFirst: true,
	})
}

type updateStatusDocument struct {
	XMLName xml.Name         `xml:"http://schemas.microsoft.com/windowsazure UpdateDeploymentStatus"`
	Status  DeploymentStatus `xml:"Status"`
}

// UpdateStatus starts or suspends the named deployment (Update Deployment Status)
// and returns the id of the operation. Status is StatusRunning or
// StatusSuspended; anything else is refused with code BadRequest. A deployment
// that does not exist gives an [*Error] with CodeNotFound.
func (c *Client) UpdateStatus(ctx context.Context, service, name string, status DeploymentStatus) (operationID string, err error) {
	return c.begin(ctx, call{
		operation: "Update Deployment Status",
		action:    fmt.Sprintf("set deployment %s of %s to %s", name, service, status),
		method:    http.MethodPost,
		path:      byName(service, name),
		query:     "comp=status",
		body:      &updateStatusDocument{Status: status},
		lookFirst: true,
	})
}
