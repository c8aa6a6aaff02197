package servicepackage

import (
	"strings"
)

// VMSize is what one instance of a role gets.
type VMSize struct {
	Name     string // as Microsoft's table of sizes spells it
	Cores    int    // ExtraSmall shares its core
	MemoryMB int
	DiskGB   int // local temporary disk
}

// LookupSize returns the size of that name, compared without regard to case;
// false when Microsoft's table of cloud service sizes has no such name. A0 to
// A4 and Standard_A0 to Standard_A11 are other names of the first sizes.
func LookupSize(name string) (VMSize, bool) {
	key := strings.ToLower(name)
	if canonical, ok := sizeAliases[key]; ok {
		key = strings.ToLower(canonical)
	}
	for _, s := range sizes {
		if strings.ToLower(s.Name) == key {
			return s, true
		}
	}
	return VMSize{}, false
}

// sizeAliases are second names, in lower case.
var sizeAliases = map[string]string{
	"a0": "ExtraSmall", "a1": "Small", "a2": "Medium", "a3": "Large", "a4": "ExtraLarge",
	"standard_a0": "ExtraSmall", "standard_a1": "Small", "standard_a2": "Medium",
	"standard_a3": "Large", "standard_a4": "ExtraLarge",
	"standard_a5": "A5", "standard_a6": "A6", "standard_a7": "A7", "standard_a8": "A8",
	"standard_a9": "A9", "standard_a10": "A10", "standard_a11": "A11",
}

// vmRoleSizes are the only ones that a VirtualMachineRole may have.
var vmRoleSizes = map[string]bool{"ExtraSmall": true, "Small": true, "Medium": true, "Large": true, "ExtraLarge": true}

// sizes is Microsoft's table of cloud service sizes of 2017.
var sizes = []VMSize{
	{"ExtraSmall", 1, 768, 20},
	{"Small", 1, 1792, 225},
	{"Medium", 2, 3584, 490},
	{"Large", 4, 7168, 1000},
	{"ExtraLarge", 8, 14336, 2040},
	{"A5", 2, 14336, 490},
	{"A6", 4, 28672, 1000},
	{"A7", 8, 57344, 2040},
	{"A8", 8, 57344, 1817},
	{"A9", 16, 114688, 1817},
	{"A10", 8, 57344, 1817},
	{"A11", 16, 114688, 1817},
	{"Standard_A1_v2", 1, 2048, 10},
	{"Standard_A2_v2", 2, 4096, 20},
	{"Standard_A4_v2", 4, 8192, 40},
	{"Standard_A8_v2", 8, 16384, 80},
	{"Standard_A2m_v2", 2, 16384, 20},
	{"Standard_A4m_v2", 4, 32768, 40},
	{"Standard_A8m_v2", 8, 65536, 80},
	{"Standard_D1", 1, 3584, 50},
	{"Standard_D2", 2, 7168, 100},
	{"Standard_D3", 4, 14336, 200},
	{"Standard_D4", 8, 28672, 400},
	{"Standard_D11", 2, 14336, 100},
	{"Standard_D12", 4, 28672, 200},
	{"Standard_D13", 8, 57344, 400},
	{"Standard_D14", 16, 114688, 800},
	{"Standard_D1_v2", 1, 3584, 50},
	{"Standard_D2_v2", 2, 7168, 100},
	{"Standard_D3_v2", 4, 14336, 200},
	{"Standard_D4_v2", 8, 28672, 400},
	{"Standard_D5_v2", 16, 57344, 800},
	{"Standard_D11_v2", 2, 14336, 100},
	{"Standard_D12_v2", 4, 28672, 200},
	{"Standard_D13_v2", 8, 57344, 400},
	{"Standard_D14_v2", 16, 114688, 800},
	{"Standard_D15_v2", 20, 143360, 1000},
	{"Standard_D2_v3", 2, 8192, 50},
	{"Standard_D4_v3", 4, 16384, 100},
	{"Standard_D8_v3", 8, 32768, 200},
	{"Standard_D16_v3", 16, 65536, 400},
	{"Standard_D32_v3", 32, 131072, 800},
	{"Standard_D64_v3", 64, 262144, 1600},
	{"Standard_E2_v3", 2, 16384, 50},
	{"Standard_E4_v3", 4, 32768, 100},
	{"Standard_E8_v3", 8, 65536, 200},
	{"Standard_E16_v3", 16, 131072, 400},
	{"Standard_E32_v3", 32, 262144, 800},
	{"Standard_E64_v3", 64, 442368, 1600},
	{"Standard_F1", 1, 2048, 16},
	{"Standard_F2", 2, 4096, 32},
	{"Standard_F4", 4, 8192, 64},
	{"Standard_F8", 8, 16384, 128},
	{"Standard_F16", 16, 32768, 256},
	{"Standard_G1", 2, 28672, 384},
	{"Standard_G2", 4, 57344, 768},
	{"Standard_G3", 8, 114688, 1536},
	{"Standard_G4", 16, 229376, 3072},
	{"Standard_G5", 32, 458752, 6144},
	{"Standard_H8", 8, 57344, 1000},
	{"Standard_H16", 16, 114688, 2000},
	{"Standard_H8m", 8, 114688, 1000},
	{"Standard_H16m", 16, 229376, 2000},
	{"Standard_H16r", 16, 114688, 2000},
	{"Standard_H16mr", 16, 229376, 2000},
}
