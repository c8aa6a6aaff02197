package snapshot

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/vipswap/vipswap/emulator/cloud"
)

// An Item is one thing in a universe, with what of it is worth comparing.
type Item struct {
	Kind   string
	Name   string
	Fields []Field
}

// A Field is one property of an item; the empty value is left out.
type Field struct{ Name, Value string }

// The kinds of items, in the order in which they are told.
var kinds = []string{
	"universe", "service", "slot", "deployment", "instance", "operation", "storage account", "blob", "record",
}

// told are the kinds of records that have items of their own.
var told = map[string]bool{"services": true, "operations": true, "accounts": true, "pending": true}

// Validate refuses a saved universe that cannot be read, that does not fit
// together, or that cannot go on: nobody knows who wrote a file.
func Validate(saved cloud.Saved) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: the universe cannot go on: %v", ErrFormat, r)
		}
	}()
	u, err := still(saved)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrFormat, err)
	}
	if findings := u.Check(); len(findings) > 0 {
		return fmt.Errorf("%w: %s", ErrFormat, strings.Join(findings, "; "))
	}
	if !u.Rehearse(time.Minute, 100*(1+len(saved.Records["pending"]))) {
		return fmt.Errorf("%w: too much happens at once", ErrFormat)
	}
	return nil
}

// still makes a universe whose time stands still.
func still(saved cloud.Saved) (*cloud.Universe, error) {
	return cloud.Restore(saved, cloud.NewClock(cloud.ManualTime, 1, saved.Universe.Now, func() time.Time { return cloud.Epoch }))
}

// Outline lists what a saved universe holds. The error says which record cannot
// be read.
func Outline(saved cloud.Saved) ([]Item, error) {
	u, err := still(saved)
	if err != nil {
		return nil, err
	}
	o := outline{}
	err = u.View(func(st *cloud.State) *cloud.Error {
		o.state(st)
		return nil
	})
	for _, kind := range slices.Sorted(maps.Keys(saved.Records)) {
		if told[kind] {
			continue
		}
		for _, key := range slices.Sorted(maps.Keys(saved.Records[kind])) {
			o.add("record", kind+"/"+key, Field{"value", string(saved.Records[kind][key])})
		}
	}
	return o.items, err
}

type outline struct{ items []Item }

func (o *outline) add(kind, name string, fields ...Field) {
	o.items = append(o.items, Item{kind, name, slices.DeleteFunc(fields, func(f Field) bool { return f.Value == "" })})
}

func (o *outline) state(st *cloud.State) {
	o.add("universe", st.Name, Field{"time", st.Now.UTC().Format(time.RFC3339Nano)}, Field{"quotas", fmt.Sprintf("%+v", st.Quotas)}, Field{"strict", fmt.Sprint(st.Strict)})
	for s := range st.Services {
		o.service(s)
	}
	for op := range st.Operations {
		failure := ""
		if op.Err != nil {
			failure = op.Err.Error()
		}
		o.add("operation", op.ID, Field{"kind", string(op.Kind)}, Field{"service", op.Service}, Field{"status", string(op.Status)}, Field{"error", failure})
	}
	for a := range st.Accounts {
		o.add("storage account", a.Name, Field{"label", a.Label}, Field{"status", a.Status}, Field{"keys", fmt.Sprint(a.Generations)})
	}
}

func (o *outline) service(s *cloud.HostedService) {
	o.add("service", s.Name, Field{"label", s.Label}, Field{"location", s.Location}, Field{"affinity group", s.AffinityGroup}, Field{"held by", s.Busy})
	for _, slot := range cloud.Slots {
		have, name := &s.Slots[slot], ""
		if have.Deployment != nil {
			name = have.Deployment.Name
			o.deployment(s.Name+"/"+name, have.Deployment)
		}
		o.add("slot", s.Name+"/"+slot.String(), Field{"deployment", name}, Field{"VIP", have.VIP}, Field{"host", have.Host}, Field{"reserved IP", have.ReservedIP})
	}
}

func (o *outline) deployment(at string, d *cloud.Deployment) {
	model, update := "", ""
	if d.Model != nil {
		model = d.Model.Digest
	}
	if r := d.Rollout; r != nil {
		update = fmt.Sprintf("%s %s, domain %d", r.Mode, r.State, r.Domain)
	}
	o.add("deployment", at, Field{"label", d.Label}, Field{"status", string(d.Status)}, Field{"id", d.PrivateID},
		Field{"package and configuration", model}, Field{"update", update}, Field{"held by", d.Busy})
	for i := range d.Instances {
		have := &d.Instances[i]
		o.add("instance", at+"/"+have.Name(), Field{"status", string(have.Status)}, Field{"power", string(have.Power)}, Field{"address", have.Address})
	}
}
