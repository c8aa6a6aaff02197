package deployer

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/vipswap/vipswap/deployer/management"
	"github.com/vipswap/vipswap/deployer/wait"
)

// restarting is the status of an instance whose role stopped and is started
// again. Newer versions of the API report it in place of CyclingRole.
const restarting management.InstanceStatus = "RestartingRole"

// broken are the states that an instance does not leave by itself.
var broken = []management.InstanceStatus{management.InstanceFailedStarting, management.InstanceFailedVM}

// troubled are the states that an instance may leave again. Only when it keeps
// returning to them is it given up.
var troubled = []management.InstanceStatus{management.InstanceCycling, restarting, management.InstanceUnresponsive}

// allReady reports whether the deployment runs, nothing is being rolled out and
// every instance is ready. Status alone is not enough: a deployment is Running
// minutes before its instances serve, and an upgrade's operation ends while its
// roll-out has not begun (recorded traffic).
func allReady(d *management.Deployment) bool {
	return d.Status == management.StatusRunning && d.Upgrade == nil && len(d.Instances) > 0 &&
		!slices.ContainsFunc(d.Instances, func(i management.Instance) bool { return i.Status != management.InstanceReady })
}

// atRest reports whether a suspended deployment has stopped all its instances.
func atRest(d *management.Deployment) bool {
	return d.Status == management.StatusSuspended && d.Upgrade == nil &&
		!slices.ContainsFunc(d.Instances, func(i management.Instance) bool { return i.Status != management.InstanceStopped })
}

// readiness says how far a deployment is, state by state.
func readiness(d *management.Deployment) string {
	counts := map[management.InstanceStatus]int{}
	for _, i := range d.Instances {
		counts[i.Status]++
	}
	words := fmt.Sprintf("%d of %s ready", counts[management.InstanceReady], plural(len(d.Instances), "instance"))
	delete(counts, management.InstanceReady)
	for _, status := range slices.Sorted(maps.Keys(counts)) {
		words += fmt.Sprintf(", %d %s", counts[status], status)
	}
	words += fmt.Sprintf(", deployment %s", d.Status)
	if d.Upgrade != nil {
		words += fmt.Sprintf(", upgrade domain %d of %d (%s)", d.Upgrade.CurrentDomain+1, d.UpgradeDomains, d.Upgrade.DomainState)
	}
	return words
}

// A readyWatch judges one deployment again and again until it is ready. It
// remembers since when each instance has been restarting.
type readyWatch struct {
	step  Step
	grace time.Duration
	since map[string]time.Time // by instance name; kept until the instance is ready
}

func newReadyWatch(step Step, grace time.Duration) *readyWatch {
	if grace == 0 {
		grace = DefaultCyclingGrace
	}
	return &readyWatch{step: step, grace: grace, since: map[string]time.Time{}}
}

// judge gives the verdict on what was seen at the time now; nil is a deployment
// that is gone.
func (w *readyWatch) judge(d *management.Deployment, now time.Time) (wait.Verdict, string) {
	switch {
	case d == nil:
		return wait.Never, fmt.Sprintf("deployment %s is gone", w.step.Deployment)
	case d.Status == management.StatusDeleting:
		return wait.Never, fmt.Sprintf("deployment %s is being deleted", d.Name)
	case allReady(d), atRest(d):
		return wait.Met, readiness(d)
	}
	for _, i := range d.Instances {
		if why := w.hopeless(d, i, now); why != "" {
			return wait.Never, why
		}
	}
	return wait.NotYet, readiness(d)
}

// hopeless returns why the instance will not become ready, or "". An instance
// that an upgrade has yet to reach still runs the old version, whose state says
// nothing about the new one.
func (w *readyWatch) hopeless(d *management.Deployment, i management.Instance, now time.Time) string {
	if i.Status == management.InstanceReady || !reached(d, i) {
		delete(w.since, i.Name)
		return ""
	}
	if slices.Contains(broken, i.Status) {
		return fmt.Sprintf("instance %s is %s%s", i.Name, i.Status, details(i))
	}
	if _, known := w.since[i.Name]; !known && slices.Contains(troubled, i.Status) {
		w.since[i.Name] = now
	}
	if since, known := w.since[i.Name]; known && now.Sub(since) > w.grace {
		return fmt.Sprintf("instance %s has been restarting for %s without getting ready (%s%s)", i.Name, now.Sub(since).Round(time.Second), i.Status, details(i))
	}
	return ""
}

// reached reports whether the instance runs what the roll-out brings, or no
// roll-out is going on.
func reached(d *management.Deployment, i management.Instance) bool {
	if d.Upgrade != nil {
		return d.Upgrade.Type != ModeSimultaneous && i.UpgradeDomain < d.Upgrade.CurrentDomain
	}
	return d.Status == management.StatusRunning
}

func details(i management.Instance) string {
	if i.Details == "" {
		return ""
	}
	return ": " + i.Details
}

// progressOf counts a deployment's instances role by role, in the order in which
// the service lists them.
func progressOf(d *management.Deployment) Progress {
	p := Progress{Deployment: d.Name, Slot: d.Slot, Status: d.Status, Upgrade: d.Upgrade, Domains: d.UpgradeDomains}
	for _, i := range d.Instances {
		at := slices.IndexFunc(p.Roles, func(r RoleProgress) bool { return r.Role == i.Role })
		if at < 0 {
			at = len(p.Roles)
			p.Roles = append(p.Roles, RoleProgress{Role: i.Role, States: map[management.InstanceStatus]int{}})
		}
		p.Roles[at].add(i)
	}
	return p
}

// add counts an instance.
func (p *RoleProgress) add(i management.Instance) {
	at, found := slices.BinarySearchFunc(p.Domains, i.UpgradeDomain, func(d DomainProgress, n int) int { return d.Domain - n })
	if !found {
		p.Domains = slices.Insert(p.Domains, at, DomainProgress{Domain: i.UpgradeDomain})
	}
	domain := &p.Domains[at]
	p.Total, domain.Total = p.Total+1, domain.Total+1
	p.States[i.Status]++
	if i.Status == management.InstanceReady {
		p.Ready, domain.Ready = p.Ready+1, domain.Ready+1
	}
}
