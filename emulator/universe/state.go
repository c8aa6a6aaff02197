package universe

import (
	"time"

	"github.com/vipswap/vipswap/emulator/cloud"
)

// State is what a universe holds, for assertions. Lists are in order of name, of
// asking, or of when things happen.
type State struct {
	ID              string      `json:"id"`
	Now             time.Time   `json:"now"`
	Services        []Service   `json:"services"`
	StorageAccounts []string    `json:"storageAccounts"`
	Operations      []Operation `json:"operations"`
	Due             []Due       `json:"due"`
}

// Service returns a service by its name in any casing, nil when there is none.
func (s *State) Service(name string) *Service {
	for i := range s.Services {
		if equalFold(s.Services[i].Name, name) {
			return &s.Services[i]
		}
	}
	return nil
}

// Operation returns an operation by its id, nil when there is none.
func (s *State) Operation(id string) *Operation {
	for i := range s.Operations {
		if equalFold(s.Operations[i].ID, id) {
			return &s.Operations[i]
		}
	}
	return nil
}

// A Service is a cloud service with its two slots.
type Service struct {
	Name          string `json:"name"`
	Label         string `json:"label"`
	Location      string `json:"location,omitempty"`
	AffinityGroup string `json:"affinityGroup,omitempty"`
	Busy          string `json:"busy,omitempty"` // id of the operation that has exclusive access to the service
	Production    Slot   `json:"production"`
	Staging       Slot   `json:"staging"`
}

// A Slot is one slot of a service.
type Slot struct {
	VIP        string      `json:"vip,omitempty"` // "" while the slot is empty
	Host       string      `json:"host,omitempty"`
	ReservedIP string      `json:"reservedIP,omitempty"`
	Deployment *Deployment `json:"deployment"` // null for an empty slot
}

// A Deployment is what a slot holds.
type Deployment struct {
	Name           string                 `json:"name"`
	PrivateID      string                 `json:"privateID"`
	Label          string                 `json:"label"`
	Status         cloud.DeploymentStatus `json:"status"`
	Busy           string                 `json:"busy,omitempty"` // id of the operation that has exclusive access
	Created        time.Time              `json:"created"`
	UpgradeDomains int                    `json:"upgradeDomains"`
	Updating       bool                   `json:"updating"` // an update is rolling out
	Ready          int                    `json:"ready"`    // how many instances are ready
	Instances      []Instance             `json:"instances"`
}

// An Instance is one role instance.
type Instance struct {
	Name          string               `json:"name"`
	Role          string               `json:"role"`
	Status        cloud.InstanceStatus `json:"status"`
	Power         cloud.PowerState     `json:"power"`
	Address       string               `json:"address"`
	UpgradeDomain int                  `json:"upgradeDomain"`
	FaultDomain   int                  `json:"faultDomain"`
}

// An Operation is a change that was asked for.
type Operation struct {
	ID        string                `json:"id"` // the request id
	Kind      cloud.Kind            `json:"kind"`
	Status    cloud.OperationStatus `json:"status"`
	Service   string                `json:"service,omitempty"`
	Code      cloud.Code            `json:"code,omitempty"` // of what it failed with
	Message   string                `json:"message,omitempty"`
	Started   time.Time             `json:"started"`
	Completed *time.Time            `json:"completed,omitempty"`
}

// A Due is something that will happen by itself.
type Due struct {
	At         time.Time     `json:"at"`
	Kind       cloud.DueKind `json:"kind"`
	Operation  string        `json:"operation,omitempty"`
	Service    string        `json:"service,omitempty"`
	Deployment string        `json:"deployment,omitempty"` // private id
	Instance   uint32        `json:"instance,omitempty"`
}
