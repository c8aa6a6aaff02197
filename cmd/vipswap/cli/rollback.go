package cli

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/management"
	"github.com/vipswap/vipswap/deployer/runlog"
)

// knownRollback completes a rollback with what the last swap recorded, when
// production still holds what that swap put there. It refuses when there is nothing
// to go back to, or when that was done already: another swap would bring back what was
// rolled back.
func (p *program) knownRollback(conn *connection, d deployer.Desired, seen deployer.Observed) (deployer.Desired, error) {
	back, ok := d.(deployer.Rollback)
	if !ok || seen.Production == nil || seen.Staging == nil {
		return d, nil
	}
	last, err := p.lastSwap(conn, seen.Service)
	if err != nil || last == nil {
		return d, err
	}
	if err := refuseBackAgain(*last, seen); err != nil {
		return nil, err
	}
	if !equalFold(last.Swap.Production.Name, seen.Production.Name) {
		return d, nil
	}
	if last.Swap.Previous == nil {
		return nil, refused("--to VERSION deploys a release again", "the last swap, at %s, put %q into an empty production slot: there is nothing to go back to",
			last.Swap.At.Format(time.RFC3339), last.Swap.Production.Label)
	}
	back.Previous = last.Swap.Previous
	return back, nil
}

// refuseBackAgain refuses a rollback when production already holds what the last swap
// on record had replaced, since that swap was a rollback or somebody has swapped since.
// What the latter did is on record elsewhere, if at all, so no more is said of it.
func refuseBackAgain(last runlog.Run, seen deployer.Observed) error {
	const hint = "look at \"vipswap slots\": \"vipswap swap\" brings what staging holds into production; \"vipswap rollback --to VERSION\" deploys an earlier release"
	at, now := last.Swap.At.Format(time.RFC3339), seen.Production
	switch earlier := last.Swap.Previous; {
	case last.Plan.Action == "rollback" && equalFold(last.Swap.Production.Name, now.Name):
		return refused(hint, "production was rolled back already: it holds deployment %s (%s), as after the rollback of %s, the last swap on record here",
			now.Name, labels(last.Swap.Production, now), at)
	case last.Plan.Action != "rollback" && earlier != nil && equalFold(earlier.Name, now.Name):
		return refused(hint, "production holds deployment %s (%s), as before the last swap on record here, of %s: others have swapped since, and may have rolled back already",
			now.Name, labels(*earlier, now), at)
	}
	return nil
}

// labels is the label of a deployment, with the one that it had on record if that was
// another.
func labels(then deployer.SlotState, now *management.Deployment) string {
	if then.Label == now.Label {
		return strconv.Quote(now.Label)
	}
	return fmt.Sprintf("%q, then %q", now.Label, then.Label)
}

func (p *program) lastSwap(conn *connection, service string) (*runlog.Run, error) {
	log, err := p.openRuns(service)
	if err != nil {
		return nil, err
	}
	last, err := log.LastSwap(conn.subscription)
	return last, errors.Join(err, log.Close())
}

// rollbackTo deploys an earlier release to the environment that is bound to
// production.
func (p *program) rollbackTo(ctx context.Context, f runFlags, number string) error {
	n := need{command: "vipswap rollback --to " + number, hint: `"vipswap rollback --service NAME" swaps back without it`}
	return p.withNeed(n, func(s *session) error {
		if err := s.connectFor(f); err != nil {
			return err
		}
		if environment := boundTo(s.project, management.Production); environment != "" {
			return s.ending(s.deploy(ctx, s.planned, number, environment, false))
		}
		return usage("\"vipswap release deploy VERSION --to ENVIRONMENT\" deploys it", "rollback: no environment of the project is bound to production")
	})
}
