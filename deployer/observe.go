package deployer

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/vipswap/vipswap/deployer/management"
)

// Observed is what the two slots of a service held when they were read.
type Observed struct {
	Service    string
	Production *management.Deployment // nil when the slot is empty
	Staging    *management.Deployment // nil when the slot is empty
}

// observeTries bounds how often Observe reads again when a swap came between its
// readings.
const observeTries = 5

// Observe reads both slots of a service. The service offers no way to read them
// in one call, so a reading that a swap tore apart (one deployment in both slots,
// or a promoted one in neither) is taken again. A service that does not exist
// looks like one with two empty slots, as the real one answers. Errors are those
// of the cloud.
func Observe(ctx context.Context, c Cloud, service string) (Observed, error) {
	for range observeTries {
		o, whole, err := observeOnce(ctx, c, service)
		if err != nil {
			return Observed{}, fmt.Errorf("read the slots of %s: %w", service, err)
		}
		if whole {
			return o, nil
		}
	}
	return Observed{}, fmt.Errorf("read the slots of %s: they were swapped during each of %d readings", service, observeTries)
}

func observeOnce(ctx context.Context, c Cloud, service string) (o Observed, whole bool, err error) {
	o.Service = service
	if o.Production, err = c.Deployment(ctx, service, management.Production); err != nil {
		return o, false, err
	}
	if o.Staging, err = c.Deployment(ctx, service, management.Staging); err != nil {
		return o, false, err
	}
	if o.Production != nil || o.Staging != nil {
		return o, !holds(o.Production, nameOf(o.Staging)), nil
	}
	again, err := c.Deployment(ctx, service, management.Production)
	return o, again == nil, err
}

// In returns what the slot holds, or nil.
func (o Observed) In(slot management.Slot) *management.Deployment {
	if slot == management.Production {
		return o.Production
	}
	return o.Staging
}

// Named returns the deployment of that name in either slot, or nil.
func (o Observed) Named(name string) *management.Deployment {
	for _, slot := range management.Slots {
		if d := o.In(slot); holds(d, name) {
			return d
		}
	}
	return nil
}

// Slots returns what people and scripts are shown of both slots.
func (o Observed) Slots() Slots {
	return Slots{Service: o.Service, Production: describe(o.Production), Staging: describe(o.Staging)}
}

// Slots is the public description of a service's slots.
type Slots struct {
	Service    string     `json:"service"`
	Production *SlotState `json:"production"` // nil when empty
	Staging    *SlotState `json:"staging"`    // nil when empty
}

// SlotState describes the deployment in one slot.
type SlotState struct {
	Name      string                      `json:"name"`
	Label     string                      `json:"label"`
	Status    management.DeploymentStatus `json:"status"`
	URL       string                      `json:"url"`
	VIP       string                      `json:"vip"`
	Instances []InstanceState             `json:"instances"`
	// Content is a hash, in hex, of what was deployed and how it is configured, but for
	// the numbers of instances. "" is not known.
	Content string `json:"content,omitempty"`
}

// Holds reports whether the slot's deployment was seen with the same in it: its name,
// its label and, where both are known, its content. Of nil there is nothing.
func (s *SlotState) Holds(other *SlotState) bool {
	if s == nil || other == nil {
		return s == other
	}
	known := s.Content != "" && other.Content != ""
	return strings.EqualFold(s.Name, other.Name) && s.Label == other.Label && (!known || s.Content == other.Content)
}

// InstanceState describes one role instance.
type InstanceState struct {
	Name   string                    `json:"name"`
	Role   string                    `json:"role"`
	Status management.InstanceStatus `json:"status"`
}

func describe(d *management.Deployment) *SlotState {
	if d == nil {
		return nil
	}
	s := &SlotState{Name: d.Name, Label: d.Label, Status: d.Status, URL: d.URL, VIP: d.VIP(), Instances: []InstanceState{}, Content: content(d)}
	for _, i := range d.Instances {
		s.Instances = append(s.Instances, InstanceState{Name: i.Name, Role: i.Role, Status: i.Status})
	}
	return s
}

// holds reports whether d is the deployment of that name. Names are compared
// without regard to case, as the service does.
func holds(d *management.Deployment, name string) bool {
	return d != nil && strings.EqualFold(d.Name, name)
}

// runs reports whether the deployment has the name and the label: an upgrade in place
// keeps the name, so that the name alone does not tell what is there. A label of "" is
// any.
func runs(d *management.Deployment, name, label string) bool {
	return holds(d, name) && (label == "" || d.Label == label)
}

func labelOf(d *management.Deployment) string {
	if d == nil {
		return ""
	}
	return d.Label
}

func nameOf(d *management.Deployment) string {
	if d == nil {
		return ""
	}
	return d.Name
}

// Endpoints counts public endpoints by protocol, which is what the two sides of
// a swap must have in common (Microsoft's page for Swap Deployment: the same
// number and types of endpoints). Names and ports may differ.
type Endpoints map[string]int

// EndpointsOf counts the input endpoints of a deployment over all its roles.
func EndpointsOf(d *management.Deployment) Endpoints {
	e := Endpoints{}
	for _, role := range d.Roles {
		for _, in := range role.InputEndpoints {
			e[strings.ToLower(in.Protocol)]++
		}
	}
	return e
}

// Equal reports whether both have the same number of each protocol.
func (e Endpoints) Equal(other Endpoints) bool { return maps.Equal(e, other) }

// String gives the count and the protocols, such as "2 endpoints (1 http, 1 tcp)".
func (e Endpoints) String() string {
	total, parts := 0, []string{}
	for _, protocol := range slices.Sorted(maps.Keys(e)) {
		total += e[protocol]
		parts = append(parts, fmt.Sprintf("%d %s", e[protocol], protocol))
	}
	if total == 0 {
		return "no endpoints"
	}
	return fmt.Sprintf("%s (%s)", plural(total, "endpoint"), strings.Join(parts, ", "))
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
