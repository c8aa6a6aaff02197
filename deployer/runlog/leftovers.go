package runlog

import (
	"slices"
	"strings"

	"go.etcd.io/bbolt"

	"github.com/vipswap/vipswap/deployer"
)

// Leftovers returns the runs whose swap left a deployment behind that something is
// still to be done with, the latest first. After a later swap that moved the
// deployment again that one decides, and after an upgrade it holds something else:
// it is then no leftover.
func (l *Log) Leftovers(subscription string) (left []Run, err error) {
	var changed []string // deployments that later runs swapped or upgraded
	err = l.db.View(func(tx *bbolt.Tx) error {
		return backwards(tx, subscription, func(r Run) bool {
			if r.Swap != nil && r.Swap.leaves() && !named(changed, r.Swap.Previous.Name) {
				left = append(left, r)
			}
			changed = append(changed, r.changed()...)
			return true
		})
	})
	return left, err
}

// leaves reports whether something is still to be done with what the swap left.
func (s *Swap) leaves() bool { return s.Then != "" && !s.Swept && !s.Forgotten && s.Previous != nil }

// changed names the deployments that the run swapped or upgraded.
func (r *Run) changed() (names []string) {
	if r.Swap != nil {
		names = append(names, r.Swap.Production.Name)
		if r.Swap.Previous != nil {
			names = append(names, r.Swap.Previous.Name)
		}
	}
	for _, s := range r.Plan.Steps {
		if s.Kind == deployer.StepUpgrade && r.State == Succeeded {
			names = append(names, s.Deployment)
		}
	}
	return names
}

func named(names []string, name string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, name) })
}
