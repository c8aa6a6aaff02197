package cli

import (
	"strings"
	"testing"
	"time"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/management"
	"github.com/vipswap/vipswap/deployer/runlog"
)

// TestRefuseBackAgain wants reasons that hold whatever others have done since the last
// swap that is on record.
func TestRefuseBackAgain(t *testing.T) {
	old, bad := deployer.SlotState{Name: "a", Label: "1.0"}, deployer.SlotState{Name: "b", Label: "1.1"}
	swap := runlog.Swap{Production: bad, Previous: &old, At: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	rollback := runlog.Swap{Production: old, Previous: &bad, At: swap.At}
	tests := []struct {
		name, action string
		swap         runlog.Swap
		now          deployer.SlotState
		want         string // "" for no refusal
	}{
		{"nobody else swapped", "swap", swap, bad, ""},
		{"others swapped", "swap", swap, old, `production holds deployment a ("1.0"), as before the last swap on record here, of 2026-01-02T03:04:05Z: others have swapped since`},
		{"others upgraded and swapped", "swap", swap, deployer.SlotState{Name: "A", Label: "1.2"}, `production holds deployment A ("1.2", then "1.0"), as before the last swap on record here`},
		{"something else is there", "swap", swap, deployer.SlotState{Name: "c", Label: "1.0"}, ""},
		{"production was empty before", "swap", runlog.Swap{Production: bad, At: swap.At}, bad, ""},
		{"rolled back", "rollback", rollback, old, `production was rolled back already: it holds deployment a ("1.0"), as after the rollback of 2026-01-02T03:04:05Z, the last swap on record here`},
		{"rolled back, then others swapped", "rollback", rollback, bad, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			last := runlog.Run{Plan: deployer.Plan{Action: test.action}, Swap: &test.swap}
			err := refuseBackAgain(last, deployer.Observed{Production: &management.Deployment{Name: test.now.Name, Label: test.now.Label}})
			switch {
			case test.want == "" && err != nil:
				t.Errorf("it is refused: %v", err)
			case test.want != "" && (err == nil || !strings.HasPrefix(err.Error(), test.want)):
				t.Errorf("refused by %v, want %s", err, test.want)
			case err != nil && judge(err).code != exitRefused:
				t.Errorf("the exit code is %d", judge(err).code)
			}
		})
	}
}
