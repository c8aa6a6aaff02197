package servicepackage

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLookupSize(t *testing.T) {
	tests := []struct {
		name string
		want VMSize
	}{
		{"small", VMSize{"Small", 1, 1792, 225}},
		{"EXTRASMALL", VMSize{"ExtraSmall", 1, 768, 20}},
		{"A4", VMSize{"ExtraLarge", 8, 14336, 2040}},
		{"Standard_A1", VMSize{"Small", 1, 1792, 225}},
		{"standard_a11", VMSize{"A11", 16, 114688, 1817}},
		{"Standard_D3_v2", VMSize{"Standard_D3_v2", 4, 14336, 200}},
		{"Standard_E64_v3", VMSize{"Standard_E64_v3", 64, 442368, 1600}},
		{"Standard_H16mr", VMSize{"Standard_H16mr", 16, 229376, 2000}},
	}
	for _, tt := range tests {
		got, ok := LookupSize(tt.name)
		if diff := cmp.Diff(tt.want, got); !ok || diff != "" {
			t.Errorf("LookupSize(%q) = %v, mismatch (-want +got):\n%s", tt.name, ok, diff)
		}
	}
	for _, name := range []string{"", "Standard_D5", "Standard_A12", "Huge"} {
		if _, ok := LookupSize(name); ok {
			t.Errorf("LookupSize(%q) found a size", name)
		}
	}
	seen := map[string]bool{}
	for _, s := range sizes {
		if seen[s.Name] || s.Cores < 1 || s.MemoryMB < 768 || s.DiskGB < 10 {
			t.Errorf("the table has a bad or double row %v", s)
		}
		seen[s.Name] = true
	}
}
