package cloud_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/vipswap/vipswap/emulator/cloud"
)

// world is a universe under test, with a clock that the test moves and ids of
// requests that count up.
type world struct {
	testing.TB
	*cloud.Universe
	requests int
}

func newWorld(t testing.TB) *world {
	t.Helper()
	clock := cloud.NewClock(cloud.ManualTime, 1, cloud.Epoch, func() time.Time { return cloud.Epoch })
	w := &world{TB: t, Universe: cloud.NewUniverse("00000000-0000-0000-0000-000000000001", 7, clock)}
	w.must(func(st *cloud.State) *cloud.Error {
		return st.CreateService(w.next(), cloud.ServiceSpec{Name: "shop", Label: "Shop", Location: "West US"})
	})
	return w
}

func (w *world) next() string {
	w.requests++
	return fmt.Sprintf("%032x", w.requests)
}

// must makes a change that has to be accepted.
func (w *world) must(f func(*cloud.State) *cloud.Error) {
	w.Helper()
	if err := w.Update(f); err != nil {
		w.Fatalf("refused: %v", err)
	}
}

func (w *world) advance(d time.Duration) {
	w.Helper()
	if err := w.Advance(d); err != nil {
		w.Fatal(err)
	}
}

// role is a worker role with endpoints of the given protocols.
func role(name string, instances int, protocols ...string) cloud.Role {
	r := cloud.Role{Name: name, Size: "Small", Cores: 1, Instances: instances, Settings: "1"}
	for i, p := range protocols {
		r.Inputs = append(r.Inputs, cloud.Input{Name: fmt.Sprintf("In%d", i), Protocol: p, Port: 80 + i, LocalPort: 80 + i})
	}
	return r
}

var models int

func model(roles ...cloud.Role) *cloud.Model {
	models++
	return &cloud.Model{
		Digest: fmt.Sprint(models), Package: &cloud.Package{Digest: "p", SDKVersion: "2.9", UpgradeDomains: 5},
		Configuration: "<cscfg/>", ServiceName: "Sample", OSFamily: "4", OSVersion: "*", Roles: roles,
	}
}

// deploy puts a running deployment into a slot and waits until it is ready.
func (w *world) deploy(slot cloud.Slot, name string, m *cloud.Model) {
	w.Helper()
	w.must(func(st *cloud.State) *cloud.Error {
		return st.CreateDeployment(w.next(), "shop", slot, cloud.DeploymentSpec{Name: name, Label: name, Start: true, Model: m})
	})
	w.advance(time.Hour)
}

// view is what a test compares of a slot.
type view struct {
	Name, Status string
	VIP, Host    string
	Instances    []string
	Upgrade      string
	Locked       bool
}

func (w *world) slot(slot cloud.Slot) (v view) {
	w.View(func(st *cloud.State) *cloud.Error {
		s, _, d, err := st.Deployment("shop", cloud.Selector{Slot: slot})
		if err != nil {
			return err
		}
		v = view{Name: d.Name, Status: string(d.Status), VIP: s.Slots[slot].VIP, Host: s.Slots[slot].Host, Locked: d.Locked()}
		for i := range d.Instances {
			v.Instances = append(v.Instances, d.Instances[i].Name()+" "+string(d.Instances[i].Status))
		}
		if r := d.Rollout; r != nil {
			v.Upgrade = fmt.Sprintf("%s %s %d", r.Mode, r.State, r.Domain)
		}
		return nil
	})
	return v
}

// status returns how an operation stands.
func (w *world) status(id string) (s cloud.OperationStatus, failure *cloud.Error) {
	w.View(func(st *cloud.State) *cloud.Error {
		op, err := st.Operation(id)
		if err != nil {
			return err
		}
		s, failure = op.Status, op.Err
		return nil
	})
	return s, failure
}
