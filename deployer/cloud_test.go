package deployer_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/vipswap/vipswap/deployer/management"
	"github.com/vipswap/vipswap/internal/servicepackage"
)

// How long things take in the fake.
const (
	operationTime = 30 * time.Second // a change, until its operation is over
	readyTime     = 2 * time.Minute  // then, until the instances are ready
)

var epoch = time.Date(2015, 7, 2, 2, 0, 0, 0, time.UTC)

// errKilled is what every call returns once the process is dead.
var errKilled = errors.New("killed")

// calls counts the port calls of a process, and kills it at one of them.
type calls struct {
	made     int
	killAt   int  // number of the call, from 1; 0 never
	after    bool // the call takes effect before the process dies
	dead     bool
	onChange func(method string) error // fault injected into calls that change something; nil for none
}

// call counts one port call and runs it, unless the process is or gets killed.
func (c *calls) call(effect func() error) error {
	if c.dead {
		return errKilled
	}
	if c.made++; c.made != c.killAt {
		return effect()
	}
	c.dead = true
	if c.after {
		_ = effect()
	}
	return errKilled
}

// clock is a time that only passes by sleeping.
type clock struct {
	calls   *calls
	now     time.Time
	onSleep func()
}

func (c *clock) Now() time.Time { return c.now }

func (c *clock) Sleep(ctx context.Context, d time.Duration) error {
	return c.calls.call(func() error {
		c.now = c.now.Add(d)
		if c.onSleep != nil {
			c.onSleep()
		}
		return ctx.Err()
	})
}

// operation is a change that the fake cloud carries out at a later time.
type operation struct {
	management.Operation
	end    time.Time
	holds  []string // names of deployments that are locked meanwhile
	finish func() *management.Error
}

// cloud is one service with two slots, in memory. Changes take operationTime,
// instances get ready readyTime later, and while an operation runs others are
// refused as the real service does it.
type cloud struct {
	calls   *calls
	clock   *clock
	slots   map[management.Slot]*management.Deployment
	ready   map[string]time.Time // when the instances of a deployment will be ready
	ops     []*operation
	made    []string                     // changes in the order in which they were carried out
	fail    map[string]*management.Error // makes operations of a method fail
	sickly  management.InstanceStatus    // what instances become instead of ready, if not ""
	noWords bool                         // refuse with the older text, which names no operation
	hide    bool                         // operations are unknown when asked for
}

func newCloud() *cloud {
	c := &calls{}
	return &cloud{
		calls: c, clock: &clock{calls: c, now: epoch},
		slots: map[management.Slot]*management.Deployment{}, ready: map[string]time.Time{}, fail: map[string]*management.Error{},
	}
}

// reboot replaces the dead process by a new one.
func (c *cloud) reboot() { *c.calls = calls{} }

// advance carries out what is due.
func (c *cloud) advance() {
	for _, op := range c.ops {
		if op.Status == management.InProgress && !op.end.After(c.clock.now) {
			if op.Err = op.finish(); op.Err != nil {
				op.Status = management.Failed
			} else {
				op.Status = management.Succeeded
			}
		}
	}
	for _, d := range c.slots {
		if at, booting := c.ready[d.Name]; booting && !at.After(c.clock.now) {
			delete(c.ready, d.Name)
			c.setInstances(d, management.InstanceReady)
			d.Status, d.Upgrade = management.StatusRunning, nil
		}
	}
}

func (c *cloud) setInstances(d *management.Deployment, s management.InstanceStatus) {
	if s == management.InstanceReady && c.sickly != "" {
		s = c.sickly
	}
	for i := range d.Instances {
		d.Instances[i].Status = s
	}
}

func (c *cloud) settle() {
	c.clock.now = c.clock.now.Add(time.Hour)
	c.advance()
	c.clock.now = c.clock.now.Add(time.Hour)
	c.advance()
}

// running returns the operation in progress, or nil.
func (c *cloud) running() *operation {
	for _, op := range c.ops {
		if op.Status == management.InProgress {
			return op
		}
	}
	return nil
}

func (c *cloud) get(match func(management.Slot, *management.Deployment) bool) *management.Deployment {
	c.advance()
	for slot, d := range c.slots {
		if !match(slot, d) {
			continue
		}
		seen := *d
		seen.Slot = slot
		seen.URL = "http://" + strings.ToLower(string(slot)) + ".example/"
		seen.Instances = slices.Clone(d.Instances)
		seen.Properties = slices.Clone(d.Properties)
		op := c.running()
		seen.Locked = op != nil && slices.Contains(op.holds, d.Name)
		return &seen
	}
	return nil
}

func (c *cloud) Deployment(ctx context.Context, _ string, slot management.Slot) (d *management.Deployment, err error) {
	err = c.read(ctx, func() error {
		d = c.get(func(s management.Slot, _ *management.Deployment) bool { return s == slot })
		return nil
	})
	return d, err
}

func (c *cloud) DeploymentByName(ctx context.Context, service, name string) (d *management.Deployment, err error) {
	err = c.read(ctx, func() error {
		if service != "shop" {
			return fmt.Errorf("there is no service %q", service)
		}
		d = c.get(func(_ management.Slot, d *management.Deployment) bool { return d.Name == name })
		return nil
	})
	return d, err
}

func (c *cloud) Operation(ctx context.Context, id string) (found management.Operation, err error) {
	err = c.read(ctx, func() error {
		c.advance()
		for _, op := range c.ops {
			if op.ID == id && !c.hide {
				found = op.Operation
				return nil
			}
		}
		return &management.Error{HTTPStatus: 404, Code: management.CodeNotFound, Message: "The operation request ID was not found."}
	})
	return found, err
}

func (c *cloud) read(ctx context.Context, effect func() error) error {
	return c.calls.call(func() error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return effect()
	})
}

// change accepts or refuses a change, and begins its operation.
func (c *cloud) change(ctx context.Context, method string, holds []string, check func() *management.Error, finish func()) (id string, err error) {
	err = c.calls.call(func() error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if c.calls.onChange != nil {
			if err := c.calls.onChange(method + " cut before"); err != nil {
				return err
			}
		}
		c.advance()
		if refused := c.exclusive(); refused != nil {
			return refused
		}
		if refused := check(); refused != nil {
			return refused
		}
		id = c.begin(method, holds, finish)
		if c.calls.onChange != nil {
			return c.calls.onChange(method)
		}
		return nil
	})
	return id, err
}

func (c *cloud) exclusive() *management.Error {
	op := c.running()
	if op == nil {
		return nil
	}
	words := fmt.Sprintf("Windows Azure is currently performing an operation with x-ms-requestid %s on this deployment that requires exclusive access.", op.ID)
	if c.noWords {
		words = "Windows Azure is currently performing an operation on this deployment that requires exclusive access."
	}
	return conflict("%s", words)
}

func conflict(format string, args ...any) *management.Error {
	return &management.Error{HTTPStatus: 409, Code: management.CodeConflict, Message: fmt.Sprintf(format, args...)}
}

func (c *cloud) begin(method string, holds []string, finish func()) string {
	op := &operation{end: c.clock.now.Add(operationTime), holds: holds}
	op.ID = fmt.Sprintf("%032x", len(c.ops)+1)
	op.Status = management.InProgress
	op.finish = func() *management.Error {
		if err := c.fail[method]; err != nil {
			return err
		}
		c.made = append(c.made, method)
		finish()
		return nil
	}
	c.ops = append(c.ops, op)
	return op.ID
}

func (c *cloud) slotOf(name string) management.Slot {
	for slot, d := range c.slots {
		if d.Name == name {
			return slot
		}
	}
	return ""
}

func (c *cloud) CreateDeployment(ctx context.Context, _ string, slot management.Slot, n management.NewDeployment) (string, error) {
	return c.change(ctx, "create", []string{n.Name}, func() *management.Error {
		if c.slots[slot] != nil {
			return conflict("The specified deployment slot %s is occupied.", slot)
		}
		if c.slotOf(n.Name) != "" {
			return conflict("A deployment with the name '%s' already exists in this hosted service.", n.Name)
		}
		c.slots[slot] = deployment(n.Name, n.Label, management.StatusDeploying, "RoleStateUnknown")
		return nil
	}, func() {
		d := c.slots[slot]
		d.Configuration = n.Configuration
		if d.Status = management.StatusSuspended; n.Start {
			d.Status = management.StatusRunning
			c.ready[n.Name] = c.clock.now.Add(readyTime)
		} else {
			c.setInstances(d, management.InstanceStopped)
		}
	})
}

func (c *cloud) UpgradeDeployment(ctx context.Context, _, name string, u management.Upgrade) (string, error) {
	return c.change(ctx, "upgrade", []string{name}, func() *management.Error { return c.known(name) }, func() {
		d := c.slots[c.slotOf(name)]
		d.Label, d.Configuration, d.Properties = u.Label, u.Configuration, u.Properties
		if d.Status == management.StatusSuspended {
			return
		}
		d.Status = management.StatusRunningTransitioning
		d.Upgrade = &management.UpgradeStatus{Type: u.Mode, DomainState: "Before"}
		c.ready[name] = c.clock.now.Add(readyTime)
	})
}

func (c *cloud) known(name string) *management.Error {
	if c.slotOf(name) == "" {
		return &management.Error{HTTPStatus: 404, Code: management.CodeNotFound, Message: fmt.Sprintf("The deployment name '%s' does not exist.", name)}
	}
	return nil
}

func (c *cloud) DeleteDeployment(ctx context.Context, _, name string) (string, error) {
	return c.change(ctx, "delete", []string{name}, func() *management.Error { return c.known(name) }, func() {
		delete(c.slots, c.slotOf(name))
	})
}

func (c *cloud) Swap(ctx context.Context, _, production, source string) (string, error) {
	return c.change(ctx, "swap", []string{production, source}, func() *management.Error {
		live, staged := c.slots[management.Production], c.slots[management.Staging]
		switch {
		case staged == nil || staged.Name != source:
			return conflict("The deployment '%s' is not in the staging slot of this hosted service.", source)
		case live == nil && production != "" || live != nil && production != live.Name:
			return conflict("The deployment '%s' is not in the production slot of this hosted service.", production)
		}
		return nil
	}, c.exchange)
}

// exchange is the swap itself.
func (c *cloud) exchange() {
	live, staged := c.slots[management.Production], c.slots[management.Staging]
	c.put(management.Production, staged)
	c.put(management.Staging, live)
}

func (c *cloud) put(slot management.Slot, d *management.Deployment) {
	if delete(c.slots, slot); d != nil {
		c.slots[slot] = d
	}
}

func (c *cloud) UpdateStatus(ctx context.Context, _, name string, s management.DeploymentStatus) (string, error) {
	return c.change(ctx, "status", []string{name}, func() *management.Error { return c.known(name) }, func() {
		d := c.slots[c.slotOf(name)]
		d.Status = s
		if s == management.StatusRunning {
			c.setInstances(d, "StartingRole")
			c.ready[name] = c.clock.now.Add(readyTime)
			return
		}
		c.setInstances(d, management.InstanceStopped)
	})
}

// ChangeConfiguration takes the configuration over at once, with one instance for
// each that it counts, and rolls it out.
func (c *cloud) ChangeConfiguration(ctx context.Context, _, name string, change management.ConfigurationChange) (string, error) {
	return c.change(ctx, "configure", []string{name}, func() *management.Error {
		if refused := c.known(name); refused != nil {
			return refused
		}
		c.slots[c.slotOf(name)].Configuration = change.Configuration
		return nil
	}, func() {
		d := c.slots[c.slotOf(name)]
		cfg, err := servicepackage.ParseConfiguration(change.Configuration)
		if err != nil || d.Status == management.StatusSuspended {
			return
		}
		d.Instances = nil
		for _, role := range cfg.Roles {
			for i := range role.Instances {
				d.Instances = append(d.Instances, management.Instance{Role: role.Name, Name: fmt.Sprintf("%s_IN_%d", role.Name, i), Status: management.InstanceReady})
			}
		}
	})
}

// deployment returns one with two instances of one role and one endpoint.
func deployment(name, label string, status management.DeploymentStatus, instances management.InstanceStatus) *management.Deployment {
	return &management.Deployment{
		Name: name, Label: label, Status: status, PrivateID: strings.Repeat("0", 31) + name[:1], UpgradeDomains: 2,
		Roles: []management.Role{{Name: "Web", InputEndpoints: []management.InputEndpoint{{Port: 80, Protocol: "http"}}}},
		Instances: []management.Instance{
			{Role: "Web", Name: "Web_IN_0", Status: instances},
			{Role: "Web", Name: "Web_IN_1", Status: instances, UpgradeDomain: 1},
		},
	}
}

// up returns a deployment that serves.
func up(name, label string) *management.Deployment {
	return deployment(name, label, management.StatusRunning, management.InstanceReady)
}
