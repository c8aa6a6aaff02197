package robustness

import (
	"fmt"
	"maps"
	"slices"

	"github.com/vipswap/vipswap/emulator/universe"
	"github.com/vipswap/vipswap/scenarios/invariants"
)

// SwapOnce names the rule that production does not go back to what it held before
// more often than without faults: as it does when a swap is carried out twice.
const SwapOnce = "swap-once"

// swappedBack returns the services whose production went back too often.
func swappedBack(without, with map[string]int) []invariants.Broken {
	var broken []invariants.Broken
	for _, service := range slices.Sorted(maps.Keys(with)) {
		if n, want := with[service], without[service]; n > want {
			text := fmt.Sprintf("production of %s went back to what it held before %d times, and %d times without the fault", service, n, want)
			broken = append(broken, invariants.Broken{Invariant: SwapOnce, Service: service, Text: text})
		}
	}
	return broken
}

// elsewhere says where a script ended that did not end where it does without faults,
// "" when it did: the slots hold the same releases.
func elsewhere(without, with universe.State) string {
	for i := range without.Services {
		want := &without.Services[i]
		got := with.Service(want.Name)
		if got == nil {
			return fmt.Sprintf("in the end there is no %s", want.Name)
		}
		for _, slot := range []struct {
			name      string
			got, want *universe.Deployment
		}{{"production", got.Production.Deployment, want.Production.Deployment}, {"staging", got.Staging.Deployment, want.Staging.Deployment}} {
			if labelOf(slot.got) != labelOf(slot.want) {
				return fmt.Sprintf("in the end %s of %s holds %s, and %s without the fault", slot.name, want.Name, labelOf(slot.got), labelOf(slot.want))
			}
		}
	}
	return ""
}

// labelOf returns the label of a deployment, in quotes, or that there is none.
func labelOf(d *universe.Deployment) string {
	if d == nil {
		return "nothing"
	}
	return fmt.Sprintf("%q", d.Label)
}
