package management

import (
	"slices"

	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/management/wire"
)

var catalogueOperations = []operation{
	{"List Role Sizes", "GET", "/rolesizes", "", "2013-08-01", 200, (*Server).listRoleSizes, "Microsoft's page; clients"},
	{"List Operating Systems", "GET", "/operatingsystems", "", "2009-10-01", 200, (*Server).listOperatingSystems, "clients"},
	{"List Operating System Families", "GET", "/operatingsystemfamilies", "", "2010-10-28", 200, (*Server).listFamilies, "recorded traffic"},
}

// roleSizesDocument is List Role Sizes.
type roleSizesDocument struct {
	_        wire.Root          `wire:"RoleSizes"`
	RoleSize []roleSizeElements `wire:"RoleSize,flat"`
}

// roleSizeElements describe a size; the label is plain text.
type roleSizeElements struct {
	Name                               string `wire:"Name"`
	Label                              string `wire:"Label"`
	Cores                              int    `wire:"Cores"`
	MemoryInMb                         int    `wire:"MemoryInMb"`
	SupportedByWebWorkerRoles          bool   `wire:"SupportedByWebWorkerRoles"`
	SupportedByVirtualMachines         bool   `wire:"SupportedByVirtualMachines"`
	MaxDataDiskCount                   int    `wire:"MaxDataDiskCount"`
	WebWorkerResourceDiskSizeInMb      int    `wire:"WebWorkerResourceDiskSizeInMb"`
	VirtualMachineResourceDiskSizeInMb int    `wire:"VirtualMachineResourceDiskSizeInMb"`
}

func (s *Server) listRoleSizes(*request) (answer, error) {
	var doc roleSizesDocument
	for _, size := range cloud.RoleSizes() {
		doc.RoleSize = append(doc.RoleSize, roleSizeElements{
			Name: size.Name, Label: size.Label(), Cores: size.Cores, MemoryInMb: size.MemoryMB,
			SupportedByWebWorkerRoles: !size.VirtualMachine, SupportedByVirtualMachines: true, MaxDataDiskCount: size.DataDisks,
			WebWorkerResourceDiskSizeInMb: size.RoleDiskMB, VirtualMachineResourceDiskSizeInMb: size.MachineDiskMB,
		})
	}
	return answer{body: doc}, nil
}

type osReleaseElements struct {
	Version   string      `wire:"Version"`
	Label     wire.Base64 `wire:"Label"`
	IsDefault bool        `wire:"IsDefault"`
	IsActive  bool        `wire:"IsActive"`
}

func releaseOf(r cloud.OSRelease) osReleaseElements {
	return osReleaseElements{r.Version, wire.Base64(r.Label), r.Default, r.Active}
}

// operatingSystemsDocument is List Operating Systems: the releases of all
// families in one list.
type operatingSystemsDocument struct {
	_               wire.Root                 `wire:"OperatingSystems"`
	OperatingSystem []operatingSystemElements `wire:"OperatingSystem,flat"`
}

type operatingSystemElements struct {
	osReleaseElements
	Family      string      `wire:"Family"`
	FamilyLabel wire.Base64 `wire:"FamilyLabel"`
}

func (s *Server) listOperatingSystems(*request) (answer, error) {
	var doc operatingSystemsDocument
	for _, f := range cloud.OSFamilies() {
		for _, release := range f.Releases {
			doc.OperatingSystem = append(doc.OperatingSystem, operatingSystemElements{releaseOf(release), f.Name, wire.Base64(f.Label)})
		}
	}
	return answer{body: doc}, nil
}

// familiesDocument is List Operating System Families.
type familiesDocument struct {
	_                     wire.Root        `wire:"OperatingSystemFamilies"`
	OperatingSystemFamily []familyElements `wire:"OperatingSystemFamily,flat"`
}

type familyElements struct {
	Name             string              `wire:"Name"`
	Label            wire.Base64         `wire:"Label"`
	OperatingSystems []osReleaseElements `wire:"OperatingSystems>OperatingSystem"`
}

func (s *Server) listFamilies(*request) (answer, error) {
	var doc familiesDocument
	for _, f := range cloud.OSFamilies() {
		family := familyElements{Name: f.Name, Label: wire.Base64(f.Label)}
		for _, release := range f.Releases {
			family.OperatingSystems = append(family.OperatingSystems, releaseOf(release))
		}
		doc.OperatingSystemFamily = append(doc.OperatingSystemFamily, family)
	}
	return answer{body: doc}, nil
}

// neighbourOperations are the operations on what a cloud service has around it.
// Those on virtual IPs have a path that many others fit: they stay last.
var neighbourOperations = slices.Concat(
	affinityGroupOperations,
	catalogueOperations,
	operationListOperations,
	reservedIPOperations,
	networkOperations,
	dnsServerOperations,
	trafficOperations,
	virtualIPOperations,
)
