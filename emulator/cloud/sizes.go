package cloud

import "fmt"

// A RoleSize is a size that role instances or virtual machines can have.
type RoleSize struct {
	Name           string
	Cores          int // ExtraSmall and A0 share theirs
	MemoryMB       int
	DataDisks      int  // how many a virtual machine can have at most
	RoleDiskMB     int  // local disk of a web or worker role instance
	MachineDiskMB  int  // local disk of a virtual machine
	VirtualMachine bool // only virtual machines can have it
}

// Label describes a size in the words of the real service.
func (s RoleSize) Label() string {
	if s.Name == "ExtraSmall" || s.Name == "Basic_A0" {
		return fmt.Sprintf("%s (Shared core, %d MB)", s.Name, s.MemoryMB)
	}
	return fmt.Sprintf("%s (%d cores, %d MB)", s.Name, s.Cores, s.MemoryMB)
}

// RoleSizes returns the table of sizes, sorted as text. Source of A5 to A7: what
// PowerShell printed in 2015; of the others: Microsoft's table of sizes.
func RoleSizes() []RoleSize {
	return sortedBy(roleSizes, func(s RoleSize) string { return s.Name })
}

var roleSizes = []RoleSize{
	{"ExtraSmall", 1, 768, 1, 20480, 20480, false},
	{"Small", 1, 1792, 2, 230400, 71680, false},
	{"Medium", 2, 3584, 4, 501760, 138240, false},
	{"Large", 4, 7168, 8, 1024000, 291840, false},
	{"ExtraLarge", 8, 14336, 16, 2088960, 619520, false},
	{"A5", 2, 14336, 4, 501760, 138240, false},
	{"A6", 4, 28672, 8, 1024000, 291840, false},
	{"A7", 8, 57344, 16, 2088960, 619520, false},
	{"A8", 8, 57344, 16, 1860608, 391168, false},
	{"A9", 16, 114688, 16, 1860608, 391168, false},
	{"A10", 8, 57344, 16, 1860608, 391168, false},
	{"A11", 16, 114688, 16, 1860608, 391168, false},
	{"Basic_A0", 1, 768, 1, 0, 20480, true},
	{"Basic_A1", 1, 1792, 2, 0, 40960, true},
	{"Basic_A2", 2, 3584, 4, 0, 61440, true},
	{"Basic_A3", 4, 7168, 8, 0, 122880, true},
	{"Basic_A4", 8, 14336, 16, 0, 245760, true},
	{"Standard_D1", 1, 3584, 2, 51200, 51200, false},
	{"Standard_D2", 2, 7168, 4, 102400, 102400, false},
	{"Standard_D3", 4, 14336, 8, 204800, 204800, false},
	{"Standard_D4", 8, 28672, 16, 409600, 409600, false},
	{"Standard_D11", 2, 14336, 4, 102400, 102400, false},
	{"Standard_D12", 4, 28672, 8, 204800, 204800, false},
	{"Standard_D13", 8, 57344, 16, 409600, 409600, false},
	{"Standard_D14", 16, 114688, 32, 819200, 819200, false},
	{"Standard_D1_v2", 1, 3584, 2, 51200, 51200, false},
	{"Standard_D2_v2", 2, 7168, 4, 102400, 102400, false},
	{"Standard_D3_v2", 4, 14336, 8, 204800, 204800, false},
	{"Standard_D4_v2", 8, 28672, 16, 409600, 409600, false},
	{"Standard_D5_v2", 16, 57344, 32, 819200, 819200, false},
	{"Standard_D11_v2", 2, 14336, 4, 102400, 102400, false},
	{"Standard_D12_v2", 4, 28672, 8, 204800, 204800, false},
	{"Standard_D13_v2", 8, 57344, 16, 409600, 409600, false},
	{"Standard_D14_v2", 16, 114688, 32, 819200, 819200, false},
}
