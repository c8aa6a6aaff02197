package cloud

import (
	"slices"
	"strings"
	"weak"
)

// A Model is what a service package and a service configuration together say a
// deployment is to be. It never changes once made; deployments of the same
// package and configuration share one.
type Model struct {
	Digest        string // of package and configuration; equal models have equal digests
	Package       *Package
	Configuration string // the .cscfg as it was sent, with line ends made LF

	ServiceName    string // the name inside the configuration, not the hosted service's
	OSFamily       string
	OSVersion      string // "*" or a release of the guest operating system
	Roles          []Role
	VirtualNetwork string      // "" for none
	ReservedIP     string      // "" for none
	DNSServers     []DNSServer // named in the configuration
}

// A Package is what the emulator keeps of a service package: enough to judge
// another configuration or package against it.
type Package struct {
	Digest         string
	Definition     string // the flattened .csdef
	SDKVersion     string
	UpgradeDomains int // as declared; 0 takes the default of 5
	Source         BlobVersion
}

// A BlobVersion is a blob as it was when it was read.
type BlobVersion struct{ Account, Container, Blob, ETag string }

// A Role is one role of a model.
type Role struct {
	Name           string
	VMName         string
	Size           string // as declared
	Cores          int
	Instances      int
	Inputs         []Input
	InstanceInputs []InstanceInput
	Storage        []LocalStorage
	Certificates   []string // thumbprints that the configuration names
	Subnets        []string `json:",omitempty"` // of the virtual network, that the instances are in
	Settings       string   // digest of settings and certificates
}

// An Input is a public endpoint of a role, shared by its instances.
type Input struct {
	Name      string
	Protocol  string // lower case
	Port      int
	LocalPort int // 0 when it is chosen at run time
}

// An InstanceInput gives each instance of a role a public port of its own.
type InstanceInput struct {
	Name      string
	Protocol  string
	LocalPort int
	Min, Max  int
}

// A LocalStorage is a named piece of a role's local disk.
type LocalStorage struct {
	Name string
	MB   int
}

// A DNSServer is a name server that a deployment asks.
type DNSServer struct{ Name, Address string }

// role returns the role called name, or nil.
func (m *Model) role(name string) *Role {
	i := slices.IndexFunc(m.Roles, func(r Role) bool { return r.Name == name })
	if i < 0 {
		return nil
	}
	return &m.Roles[i]
}

// Cores returns how many cores all instances of the model take.
func (m *Model) Cores() int {
	n := 0
	for _, r := range m.Roles {
		n += r.Cores * r.Instances
	}
	return n
}

// endpoints returns the types of all public endpoints, sorted: what two
// deployments must have in common to be swapped. Input and instance input
// endpoints count, internal ones do not.
func (m *Model) endpoints() []string {
	var types []string
	for _, r := range m.Roles {
		for _, e := range r.Inputs {
			types = append(types, strings.ToLower(e.Protocol))
		}
		for _, e := range r.InstanceInputs {
			types = append(types, strings.ToLower(e.Protocol))
		}
	}
	slices.Sort(types)
	return types
}

// upgradeDomains returns into how many upgrade domains the model's instances
// fall: no more than declared (default 5, at most 20), no more than the largest
// role has instances (recorded: 1, 2 and 4).
func (m *Model) upgradeDomains() int {
	declared, largest := m.Package.UpgradeDomains, 1
	if declared <= 0 {
		declared = 5
	}
	for _, r := range m.Roles {
		largest = max(largest, r.Instances)
	}
	return min(declared, 20, largest)
}

// models keeps one copy of each model that is in use.
type models map[string]weak.Pointer[Model]

// intern returns the copy of m that is already in use, or m.
func (ms models) intern(m *Model) *Model {
	if m == nil {
		return nil
	}
	if shared := ms[m.Digest].Value(); shared != nil {
		return shared
	}
	ms[m.Digest] = weak.Make(m)
	return m
}
