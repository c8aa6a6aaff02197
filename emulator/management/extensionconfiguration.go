package management

import (
	"strings"

	"github.com/vipswap/vipswap/emulator/cloud"
)

// extensionConfiguration says which extensions of its service a deployment
// applies, in requests and in answers. In a request without it a deployment
// keeps what it has; one without any extension in it takes all away.
type extensionConfiguration struct {
	AllRoles   []extensionUse   `wire:"AllRoles>Extension,omitempty"`
	NamedRoles []roleExtensions `wire:"NamedRoles>Role"`
}

type roleExtensions struct {
	RoleName   string         `wire:"RoleName"`
	Extensions []extensionUse `wire:"Extensions>Extension"`
}

type extensionUse struct {
	ID    string  `wire:"Id"`
	State *string `wire:"State,nil,since=2014-06-01"`
}

// set returns what the element means, nil when it is not there.
func (c *extensionConfiguration) set() *cloud.ExtensionSet {
	if c == nil {
		return nil
	}
	x := &cloud.ExtensionSet{All: usesIn(c.AllRoles)}
	for _, r := range c.NamedRoles {
		if len(r.Extensions) > 0 {
			x.Roles = append(x.Roles, cloud.RoleExtensions{Role: strings.TrimSpace(r.RoleName), Extensions: usesIn(r.Extensions)})
		}
	}
	return x
}

func usesIn(elements []extensionUse) []cloud.ExtensionUse {
	var uses []cloud.ExtensionUse
	for _, e := range elements {
		use := cloud.ExtensionUse{ID: strings.TrimSpace(e.ID)}
		if e.State != nil {
			use.State = cloud.ParseExtensionState(strings.TrimSpace(*e.State))
		}
		uses = append(uses, use)
	}
	return uses
}

// extensionsOf describes what a deployment applies, nil when it is nothing. While
// the deployment is being created no state is known yet: recordings have states
// that are nil, and do not tell when.
func extensionsOf(d *cloud.Deployment) *extensionConfiguration {
	x := d.Extensions
	if x.Empty() {
		return nil
	}
	known := d.Status != cloud.Deploying
	c := &extensionConfiguration{AllRoles: useElements(x.All, known)}
	for _, r := range x.Roles {
		c.NamedRoles = append(c.NamedRoles, roleExtensions{r.Role, useElements(r.Extensions, known)})
	}
	return c
}

func useElements(uses []cloud.ExtensionUse, known bool) []extensionUse {
	var elements []extensionUse
	for _, u := range uses {
		e := extensionUse{ID: u.ID}
		if known {
			state := string(u.State)
			if u.State == cloud.ExtensionUnstated {
				state = "enable"
			}
			e.State = &state
		}
		elements = append(elements, e)
	}
	return elements
}
