package release

import (
	"strconv"
	"strings"

	"go.etcd.io/bbolt"

	"github.com/vipswap/vipswap/deployer/management"
)

// A HandSwap is an exchange of the slots that no deployment of a release asked for.
type HandSwap struct {
	Environment string // that is bound to production
	Name, Label string // of the deployment in the cloud that production holds since
	CreatedBy   string // who asked for it; "" is not known
}

// RecordSwap records that a release serves in an environment because of a swap by
// hand: the one whose successful deployment, to whatever environment, had the name and
// label that production holds since. Nothing is recorded, and recorded is false, when
// there is none, or when that is the last successful deployment to the environment
// already. What the lifecycle would begin after a deployment is not begun. Hold the
// history before, see [History.Hold].
func (h *History) RecordSwap(s HandSwap) (d Deployment, recorded bool, err error) {
	err = h.update(func(tx *bbolt.Tx) error {
		deployments, err := all[Deployment](tx, deploymentBucket)
		if err != nil {
			return err
		}
		of, last := s.among(deployments)
		if of == nil || last != nil && s.is(*last) {
			return nil
		}
		sequence, err := tx.Bucket(deploymentBucket).NextSequence()
		if err != nil {
			return err
		}
		now := h.now().UTC()
		d = Deployment{
			ID: idPrefix + strconv.FormatUint(sequence, 10), Release: of.Release, Environment: s.Environment, Slot: management.Production,
			State: Success, Created: now, Started: now, Finished: now, CreatedBy: s.CreatedBy,
			Details: Details{Action: ActionSwap, Name: of.Name, Label: of.Label},
		}
		d.Mode = ModeDeploy
		if last != nil {
			d.Mode = ModeOf(d.Release, last.Release)
		}
		recorded = true
		return save(tx, d)
	})
	return d, recorded, err
}

// among finds the latest successful deployment of what was swapped in, and the latest
// one to the environment; nil is none.
func (s HandSwap) among(deployments []Deployment) (of, last *Deployment) {
	for i := range deployments {
		d := &deployments[i]
		if d.State != Success {
			continue
		}
		if s.is(*d) {
			of = d
		}
		if strings.EqualFold(d.Environment, s.Environment) {
			last = d
		}
	}
	return of, last
}

// is reports whether a deployment is the one that was swapped in.
func (s HandSwap) is(d Deployment) bool {
	return s.Name != "" && strings.EqualFold(d.Name, s.Name) && d.Label == s.Label
}
