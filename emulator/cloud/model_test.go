package cloud_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/vipswap/vipswap/emulator/cloud"
)

// plain is the platform as one would explain it: services with two slots, and
// operations that hold what they change until they end. It knows no time; when
// an operation ends, it asks.
type plain struct {
	services map[string]*plainService
	running  map[string]*plainOperation // by id
}

type plainService struct {
	slots [2]*plainDeployment
	vips  [2]string
	going string // operation that deletes it
}

type plainDeployment struct {
	name, label, privateID string
	instances, endpoints   int
	suspended              bool
	busy                   string
}

// plainOperation is an operation in progress: what it does to the model when it
// succeeds, and when it fails.
type plainOperation struct {
	succeed, fail func()
	fails         bool
}

const (
	missing  = cloud.ResourceNotFound
	conflict = cloud.ConflictError
	bad      = cloud.BadRequest
)

func (p *plain) service(s step) *plainService { return p.services[strings.ToLower(s.service())] }

// find returns the slot of the deployment that a step means.
func (p *plain) find(s step) (*plainService, int, bool) {
	service := p.service(s)
	if service == nil {
		return nil, 0, false
	}
	by := s.selector()
	for slot, d := range service.slots {
		if d != nil && (by.Name == "" && slot == int(by.Slot) || by.Name != "" && strings.EqualFold(d.name, by.Name)) {
			return service, slot, true
		}
	}
	return nil, 0, false
}

func (s *plainService) busy() bool {
	return s.going != "" || slices.ContainsFunc(s.slots[:], func(d *plainDeployment) bool { return d != nil && d.busy != "" })
}

// begin notes an operation that holds deployments until it ends.
func (p *plain) begin(id string, fails bool, held []*plainDeployment, succeed func()) {
	release := func() {
		for _, d := range held {
			d.busy = ""
		}
	}
	for _, d := range held {
		d.busy = id
	}
	p.running[id] = &plainOperation{fails: fails, fail: release, succeed: func() { release(); succeed() }}
}

// rules is the table of what the model makes of each kind of step: the code that
// it is refused with, or "" and the operation begins.
var rules = map[string]func(*plain, string, step) cloud.Code{
	"create":         (*plain).create,
	"delete":         (*plain).remove,
	"swap":           (*plain).swap,
	"upgrade":        (*plain).update,
	"config":         (*plain).update,
	"suspend":        (*plain).setStatus,
	"start":          (*plain).setStatus,
	"create service": (*plain).createService,
	"delete service": (*plain).deleteService,
	"delete media":   (*plain).deleteMedia,
}

func (p *plain) create(id string, s step) cloud.Code {
	service, name := p.service(s), s.newName()
	if service == nil {
		return missing
	}
	other := service.slots[1-s.Slot]
	if service.slots[s.Slot] != nil || other != nil && strings.EqualFold(other.name, name) || service.busy() {
		return conflict
	}
	d := &plainDeployment{name: name, label: s.label(), instances: s.Instances, endpoints: s.Endpoints, suspended: s.Mode == 0}
	service.slots[s.Slot] = d
	p.begin(id, !s.Good, []*plainDeployment{d}, func() {})
	p.running[id].fail = func() { service.slots[s.Slot], service.vips[s.Slot] = nil, "" }
	return ""
}

func (p *plain) remove(id string, s step) cloud.Code {
	service, slot, ok := p.find(s)
	switch {
	case !ok:
		return missing
	case service.slots[slot].busy != "" || service.going != "":
		return conflict
	}
	p.begin(id, false, []*plainDeployment{service.slots[slot]}, func() { service.slots[slot], service.vips[slot] = nil, "" })
	return ""
}

func (p *plain) swap(id string, s step) cloud.Code {
	service, source, production := p.service(s), s.name(), someNames[s.Other]
	if service == nil {
		return missing
	}
	live, staged := service.slots[cloud.Production], service.slots[cloud.Staging]
	is := func(d *plainDeployment, name string) bool { return d != nil && strings.EqualFold(d.name, name) }
	switch {
	case service.busy():
		return conflict
	case live == nil && staged == nil:
		return missing
	case source == "":
		return bad
	case !is(staged, source), production != "" && !is(live, production):
		return conflict
	case live != nil && live.endpoints != staged.endpoints:
		return bad
	}
	held := []*plainDeployment{staged}
	if live != nil {
		held = append(held, live)
	}
	p.begin(id, false, held, func() {
		service.slots[cloud.Production], service.slots[cloud.Staging] = staged, live
		if live == nil {
			service.vips[cloud.Production], service.vips[cloud.Staging] = service.vips[cloud.Staging], ""
		}
	})
	return ""
}

func (p *plain) update(id string, s step) cloud.Code {
	service, slot, ok := p.find(s)
	switch {
	case !ok:
		return missing
	case service.slots[slot].busy != "" || service.going != "":
		return conflict
	}
	d := service.slots[slot]
	p.begin(id, !s.Good, []*plainDeployment{d}, func() {
		d.instances, d.endpoints = s.Instances, s.Endpoints
		if s.Kind == "upgrade" {
			d.label = s.label()
		}
	})
	return ""
}

func (p *plain) setStatus(id string, s step) cloud.Code {
	service, slot, ok := p.find(s)
	switch {
	case !ok:
		return missing
	case service.slots[slot].busy != "" || service.going != "":
		return conflict
	}
	d := service.slots[slot]
	p.begin(id, false, []*plainDeployment{d}, func() { d.suspended = s.Kind == "suspend" })
	return ""
}

func (p *plain) createService(_ string, s step) cloud.Code {
	if p.service(s) != nil {
		return conflict
	}
	p.services[strings.ToLower(s.service())] = &plainService{}
	return ""
}

func (p *plain) deleteService(_ string, s step) cloud.Code {
	service := p.service(s)
	switch {
	case service == nil:
		return missing
	case service.busy():
		return conflict
	case service.slots != [2]*plainDeployment{}:
		return bad
	}
	delete(p.services, strings.ToLower(s.service()))
	return ""
}

func (p *plain) deleteMedia(id string, s step) cloud.Code {
	service := p.service(s)
	switch {
	case service == nil:
		return missing
	case service.busy():
		return conflict
	}
	service.going = id
	p.begin(id, false, nil, func() { delete(p.services, strings.ToLower(s.service())) })
	return ""
}

// settle lets the model's operations end that have ended in the universe, in the
// same order.
func (p *plain) settle(rt *rapid.T, st *cloud.State) {
	var over []*cloud.Operation
	for id, running := range p.running {
		op, err := st.Operation(id)
		if err != nil {
			rt.Fatalf("operation %s: %v", id, err)
		}
		if op.Status == cloud.InProgress {
			continue
		}
		if failed := op.Status == cloud.Failed; failed != running.fails {
			rt.Fatalf("%s %s: %v", op.Kind, op.Status, op.Err)
		}
		over = append(over, op)
	}
	slices.SortFunc(over, func(a, b *cloud.Operation) int { return a.Completed.Compare(b.Completed) })
	for _, op := range over {
		running := p.running[op.ID]
		delete(p.running, op.ID)
		if running.fails {
			running.fail()
		} else {
			running.succeed()
		}
	}
}

// compare checks that the universe holds what the model does, and learns the
// identifiers of what is new: from then on they must stay.
func (p *plain) compare(rt *rapid.T, st *cloud.State) {
	seen := map[string]bool{}
	for s := range st.Services {
		service := p.services[strings.ToLower(s.Name)]
		if service == nil {
			rt.Fatalf("there is a service %s that should not be", s.Name)
		}
		seen[strings.ToLower(s.Name)] = true
		for _, slot := range cloud.Slots {
			compareSlot(rt, service, slot, &s.Slots[slot])
		}
	}
	if len(seen) != len(p.services) {
		rt.Fatalf("there are the services %v, want %d", seen, len(p.services))
	}
}

func compareSlot(rt *rapid.T, service *plainService, slot cloud.Slot, in *cloud.SlotState) {
	want, got := service.slots[slot], in.Deployment
	switch {
	case want == nil && got == nil:
		if in.VIP != "" {
			rt.Fatalf("an empty slot has the virtual IP %s", in.VIP)
		}
		return
	case want == nil || got == nil:
		rt.Fatalf("%s holds %+v, want %+v", slot, got, want)
	}
	if want.privateID == "" {
		want.privateID = got.PrivateID
	}
	if service.vips[slot] == "" {
		service.vips[slot] = in.VIP
	}
	wantText := fmt.Sprintf("%s %q %s busy %q at %s", want.name, want.label, want.privateID, want.busy, service.vips[slot])
	gotText := fmt.Sprintf("%s %q %s busy %q at %s", got.Name, got.Label, got.PrivateID, got.Busy, in.VIP)
	if wantText != gotText {
		rt.Fatalf("%s holds %s, want %s", slot, gotText, wantText)
	}
	if got.Model != nil && len(got.Instances) != want.instances {
		rt.Fatalf("%s has %d instances, want %d", slot, len(got.Instances), want.instances)
	}
}

// rested checks that a deployment that nobody changes any more has come to rest.
func rested(rt *rapid.T, want *plainDeployment, d *cloud.Deployment) {
	status, instances := cloud.Running, cloud.ReadyRole
	if want.suspended {
		status, instances = cloud.Suspended, cloud.StoppedVM
	}
	if d.Rollout != nil && d.Rollout.Mode == cloud.Manual {
		return // it waits for orders
	}
	if d.Status != status || d.Unfinished() {
		rt.Fatalf("%s ended as %s, unfinished %v, want %s", d.Name, d.Status, d.Unfinished(), status)
	}
	for i := range d.Instances {
		if d.Instances[i].Status != instances {
			rt.Fatalf("%s ended as %s, want %s", d.Instances[i].Name(), d.Instances[i].Status, instances)
		}
	}
}

// TestAgreesWithPlainModel runs what several clients do, in any order and with
// any time in between, and compares each answer and each state with the model.
func TestAgreesWithPlainModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t)
		p := &plain{services: map[string]*plainService{"shop": {}}, running: map[string]*plainOperation{}}
		look := func() {
			w.View(func(st *cloud.State) *cloud.Error { p.settle(rt, st); p.compare(rt, st); return nil })
			differ(rt, "what does not fit together", nil, w.Check())
		}
		for i, s := range drawSteps(rt, 40) {
			w.advance(time.Duration(s.Seconds) * time.Second)
			s.Seconds = 0
			look()
			id, err := w.take(s)
			want, got := rules[s.Kind](p, id, s), cloud.Code("")
			if refused, ok := err.(*cloud.Error); ok {
				got = refused.Code
			}
			if want != got {
				rt.Fatalf("step %d, %+v: answered %v, want %q", i, s, err, want)
			}
		}
		w.advance(24 * time.Hour)
		look()
		w.View(func(st *cloud.State) *cloud.Error {
			for s := range st.Services {
				for _, slot := range cloud.Slots {
					if d := s.Slots[slot].Deployment; d != nil {
						rested(rt, p.services[strings.ToLower(s.Name)].slots[slot], d)
					}
				}
			}
			return nil
		})
		if len(p.running) > 0 {
			rt.Fatalf("%d operations never end", len(p.running))
		}
	})
}
