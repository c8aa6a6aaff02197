package deployer

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/vipswap/vipswap/deployer/management"
	"github.com/vipswap/vipswap/internal/servicepackage"
)

// Scale lets the deployment in a slot run with fewer instances: of each role as many
// as it has, but at most Most. It changes nothing else of the configuration.
type Scale struct {
	Service string
	Slot    management.Slot
	Most    int // at least 1
	// ExpectName is the deployment that the slot must hold, or "" for any.
	ExpectName string
	Waits      Waits
}

func (d Scale) target() (string, management.Slot) { return d.Service, d.Slot }

func (d Scale) check() error {
	if d.Most < 1 {
		return fmt.Errorf("a role cannot have %s: every role has at least 1", plural(d.Most, "instance"))
	}
	return d.Waits.check()
}

func (d Scale) plan(p *Plan, seen Observed) {
	p.Action, p.Waits = "scale", d.Waits
	there := seen.In(d.Slot)
	switch {
	case there == nil:
		p.refuse(SlotIsEmpty, "", "%s is empty: there is nothing to scale", lower(d.Slot))
		return
	case d.ExpectName != "" && !holds(there, d.ExpectName):
		p.refuse(UnexpectedDeployment, "look at the slots before scaling", "%s holds deployment %s, not %s", lower(d.Slot), there.Name, d.ExpectName)
		return
	}
	p.Label = there.Label
	now, err := readCounts(there.Configuration)
	if err != nil {
		p.refuse(BadConfiguration, "", "the configuration of deployment %s cannot be read: %v", there.Name, err)
		return
	}
	want := now.atMost(d.Most)
	if want.String() == now.String() {
		p.decide(AlreadyThere, "no role of deployment %s has more than %s: nothing is done", there.Name, plural(d.Most, "instance"))
		return
	}
	p.decide(CountsChanged, "deployment %s in %s has %s: it gets %s", there.Name, lower(d.Slot), now, want)
	warnOfOperation(p, there)
	planScale(p, there, want, d.Waits.NoReady, "a deployment that waits to be swapped back needs fewer instances")
}

// planScale adds the steps that give a deployment other numbers of instances.
func planScale(p *Plan, there *management.Deployment, want counts, noReady bool, reason string) {
	p.add(Step{
		Kind: StepScale, Slot: there.Slot, Deployment: there.Name, Label: there.Label, Counts: want.String(),
		Reason: reason, After: fmt.Sprintf("deployment %s has %s", there.Name, want),
	})
	if !noReady {
		p.add(readyStep(there.Slot, there.Name, "instances come and go after the operation"))
	}
}

// counts are numbers of instances by role.
type counts map[string]int

// readCounts reads the counts in a configuration.
func readCounts(configuration []byte) (counts, error) {
	cfg, err := servicepackage.ParseConfiguration(configuration)
	if err != nil {
		return nil, err
	}
	c := counts{}
	for _, role := range cfg.Roles {
		c[role.Name] = role.Instances
	}
	return c, nil
}

// String writes counts as a step has them: Orders=1,Web=2.
func (c counts) String() string {
	var parts []string
	for _, role := range slices.Sorted(maps.Keys(c)) {
		parts = append(parts, fmt.Sprintf("%s=%d", role, c[role]))
	}
	return strings.Join(parts, ",")
}

// parseCounts reads what String writes.
func parseCounts(text string) (counts, error) {
	c := counts{}
	for part := range strings.SplitSeq(text, ",") {
		at := strings.LastIndexByte(part, '=')
		if at < 1 {
			return nil, fmt.Errorf("%q is no ROLE=NUMBER", part)
		}
		n, err := strconv.Atoi(part[at+1:])
		if err != nil || n < 1 {
			return nil, fmt.Errorf("role %s cannot have %q instances", part[:at], part[at+1:])
		}
		c[part[:at]] = n
	}
	return c, nil
}

// atMost returns the counts with none above most.
func (c counts) atMost(most int) counts {
	fewer := counts{}
	for role, n := range c {
		fewer[role] = min(n, most)
	}
	return fewer
}

// in reports whether a configuration has these counts.
func (c counts) in(configuration []byte) bool {
	there, err := readCounts(configuration)
	for role, n := range c {
		if there[role] != n {
			return false
		}
	}
	return err == nil
}

// standScale compares the configuration in place with the step: what the service
// accepted is there at once, while instances come and go.
func standScale(s Step, _ string, seen Observed) (standing, string, error) {
	there := seen.In(s.Slot)
	want, err := parseCounts(s.Counts)
	switch {
	case err != nil:
		return due, "", fmt.Errorf("%s: %w", s, err)
	case !runs(there, s.Deployment, s.Label):
		return moved(s, "%s", found(s.Slot, there))
	case want.in(there.Configuration):
		return settled(arrived, there)
	}
	return settled(due, there)
}

// sendScale changes the counts in the configuration that is in place.
func (r *run) sendScale(ctx context.Context, s Step) (string, error) {
	there, err := r.Cloud.DeploymentByName(ctx, s.Service, s.Deployment)
	if err != nil {
		return "", err
	}
	want, err := parseCounts(s.Counts)
	if err != nil {
		return "", err
	}
	if there == nil {
		return "", &MovedError{Step: s, Saw: fmt.Sprintf("deployment %s is gone", s.Deployment)}
	}
	var edits []servicepackage.RoleEdit
	for role, n := range want {
		edits = append(edits, servicepackage.RoleEdit{Role: role, Instances: n})
	}
	changed, err := servicepackage.EditConfiguration(there.Configuration, edits)
	if err != nil {
		return "", err
	}
	return r.Cloud.ChangeConfiguration(context.WithoutCancel(ctx), s.Service, s.Deployment, management.ConfigurationChange{
		Configuration: changed, Mode: ModeAuto, Properties: there.Properties,
	})
}

// undoScale gives a deployment back the instances that it had when the plan was
// made.
func undoScale(u Undo, p *Plan, s Step, seen Observed) {
	there := seen.Named(s.Deployment)
	scaled, err := parseCounts(s.Counts)
	if there == nil || err != nil || !scaled.in(there.Configuration) {
		return
	}
	before := countsSeen(u.Of.Seen, s.Deployment)
	if before.String() == s.Counts || len(before) == 0 {
		return
	}
	p.decide(CountsChanged, "deployment %s was set to %s: it gets %s again", there.Name, scaled, before)
	planScale(p, there, before, u.Waits.NoReady, "the run that was cut off changed them")
}

// countsSeen counts the instances of a deployment as a plan saw them.
func countsSeen(seen Slots, name string) counts {
	c := counts{}
	for _, d := range []*SlotState{seen.Production, seen.Staging} {
		if d != nil && strings.EqualFold(d.Name, name) {
			for _, i := range d.Instances {
				c[i.Role]++
			}
		}
	}
	return c
}
