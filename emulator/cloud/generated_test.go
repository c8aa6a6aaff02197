package cloud_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/vipswap/vipswap/emulator/cloud"
)

// step is one thing that one of several clients does, as data: what it means
// follows from its numbers alone, so that a sequence can be run again.
type step struct {
	Kind                       string
	Service, Slot, Name, Other int
	ByName, Good               bool
	Instances, Endpoints       int
	Mode                       int
	Seconds                    int
}

// The names that steps choose among.
var (
	someServices = []string{"shop", "Store"}
	someNames    = []string{"v1", "v2", "V1", ""}
	someModes    = []cloud.UpgradeMode{cloud.Auto, cloud.Simultaneous, cloud.Manual}
	kinds        = []string{"create", "create", "create", "create", "delete", "swap", "swap", "swap", "swap", "upgrade", "config", "suspend", "start", "create service", "delete service", "delete media"}
)

func (s step) service() string  { return someServices[s.Service] }
func (s step) slot() cloud.Slot { return cloud.Slots[s.Slot] }
func (s step) name() string     { return someNames[s.Name] }

func (s step) selector() cloud.Selector {
	if s.ByName && s.name() != "" {
		return cloud.Selector{Name: s.name()}
	}
	return cloud.Selector{Slot: s.slot()}
}

// newName is the name of what the step creates: most often that of its slot.
func (s step) newName() string {
	if s.ByName {
		return someNames[s.Name%3]
	}
	return someNames[s.Slot]
}

// label differs between steps of different numbers.
func (s step) label() string {
	return fmt.Sprintf("%d instances, %d endpoints", s.Instances, s.Endpoints)
}

// model is what the step deploys; equal steps deploy equal models.
func (s step) model() *cloud.Model {
	r := role("Web", s.Instances, []string{"http", "tcp"}[:s.Endpoints]...)
	r.Settings = fmt.Sprint(s.Endpoints)
	return &cloud.Model{
		Digest: s.label(), Package: &cloud.Package{Digest: "p", SDKVersion: "2.9", UpgradeDomains: 5},
		Configuration: s.label(), ServiceName: "Sample", OSFamily: "4", OSVersion: "*", Roles: []cloud.Role{r},
	}
}

// failure is what is wrong with what the step deploys, or nil.
func (s step) failure() *cloud.Error {
	if s.Good {
		return nil
	}
	return cloud.Errorf(cloud.BadRequest, "the package is damaged")
}

// update is what the step asks an upgrade or a change of configuration for.
func (s step) update() cloud.Update {
	return cloud.Update{Label: s.label(), Model: s.model(), Err: s.failure(), Mode: someModes[s.Mode], Force: true}
}

// asks is the table of what each kind of step asks of the platform.
var asks = map[string]func(*cloud.State, string, step) *cloud.Error{
	"create": func(st *cloud.State, id string, s step) *cloud.Error {
		return st.CreateDeployment(id, s.service(), s.slot(), cloud.DeploymentSpec{Name: s.newName(), Label: s.label(), Start: s.Mode > 0, Model: s.model(), Err: s.failure()})
	},
	"delete": func(st *cloud.State, id string, s step) *cloud.Error {
		return st.DeleteDeployment(id, s.service(), s.selector())
	},
	"swap": func(st *cloud.State, id string, s step) *cloud.Error {
		return st.Swap(id, s.service(), someNames[s.Other], s.name())
	},
	"upgrade": func(st *cloud.State, id string, s step) *cloud.Error {
		return st.Upgrade(id, s.service(), s.selector(), s.update())
	},
	"config": func(st *cloud.State, id string, s step) *cloud.Error {
		return st.ChangeConfiguration(id, s.service(), s.selector(), s.update())
	},
	"suspend": func(st *cloud.State, id string, s step) *cloud.Error {
		return st.UpdateStatus(id, s.service(), s.selector(), cloud.Suspended)
	},
	"start": func(st *cloud.State, id string, s step) *cloud.Error {
		return st.UpdateStatus(id, s.service(), s.selector(), cloud.Running)
	},
	"create service": func(st *cloud.State, id string, s step) *cloud.Error {
		return st.CreateService(id, cloud.ServiceSpec{Name: s.service(), Label: "l", Location: "West US"})
	},
	"delete service": func(st *cloud.State, id string, s step) *cloud.Error { return st.DeleteService(id, s.service()) },
	"delete media":   func(st *cloud.State, id string, s step) *cloud.Error { return st.DeleteServiceMedia(id, s.service()) },
}

// drawSteps draws a sequence of steps. Half of them begin with both slots filled.
func drawSteps(rt *rapid.T, most int) []step {
	var steps []step
	if rapid.Bool().Draw(rt, "deployed") {
		for slot := range cloud.Slots {
			steps = append(steps, step{Kind: "create", Slot: slot, Good: true, Instances: 2, Endpoints: 1, Mode: 1, Seconds: 60})
		}
	}
	return append(steps, rapid.SliceOfN(rapid.Custom(drawStep), 5, most).Draw(rt, "steps")...)
}

// drawStep draws one step. Most are such that they can succeed: names that the
// slots have, time enough for what went before.
func drawStep(rt *rapid.T) step {
	n := func(name string, most int) int { return rapid.IntRange(0, most).Draw(rt, name) }
	return step{
		Kind: rapid.SampledFrom(kinds).Draw(rt, "kind"), Service: n("service", 7) / 7, Slot: n("slot", 1),
		Name: rapid.SampledFrom([]int{0, 1, 1, 2, 3}).Draw(rt, "name"), Other: rapid.SampledFrom([]int{3, 3, 0, 1, 2}).Draw(rt, "other"),
		ByName: n("by name", 1) == 1, Good: n("good", 4) > 0, Instances: 1 + n("instances", 2), Endpoints: 1 + n("endpoints", 5)/5,
		Mode: n("mode", 2), Seconds: rapid.SampledFrom([]int{3600, 7200, 3600, 600, 120, 60, 30, 10, 5, 1, 0}).Draw(rt, "seconds"),
	}
}

// take lets time pass, does a step and tells how it was answered.
func (w *world) take(s step) (id string, err error) {
	w.advance(time.Duration(s.Seconds) * time.Second)
	id = w.next()
	return id, w.Update(func(st *cloud.State) *cloud.Error { return asks[s.Kind](st, id, s) })
}

// keepAll makes a universe keep itself from now on.
func keepAll(t testing.TB, u *cloud.Universe) *keep {
	t.Helper()
	k := &keep{cloud.Saved{Records: map[string]map[string]json.RawMessage{}}}
	if err := u.SaveTo(k); err != nil {
		t.Fatal(err)
	}
	return k
}

// lines lists all that was kept, in a fixed order.
func (k *keep) lines() []string {
	meta, _ := json.Marshal(k.Universe)
	all := []string{string(meta)}
	for _, kind := range slices.Sorted(maps.Keys(k.Records)) {
		for _, key := range slices.Sorted(maps.Keys(k.Records[kind])) {
			all = append(all, fmt.Sprintf("%s %s %s", kind, key, k.Records[kind][key]))
		}
	}
	return all
}

func differ(rt *rapid.T, what string, want, got []string) {
	rt.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		rt.Fatalf("%s (-want +got):\n%s", what, diff)
	}
}

// TestSameStepsSameState runs a sequence twice and compares the states byte for
// byte, and what was kept change by change with what is kept at once.
func TestSameStepsSameState(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		steps := drawSteps(rt, 25)
		var runs [2][]string
		for i := range runs {
			w := newWorld(t)
			k := keepAll(t, w.Universe)
			for _, s := range steps {
				if _, err := w.take(s); err != nil {
					runs[i] = append(runs[i], err.Error())
				}
			}
			runs[i] = append(runs[i], k.lines()...)
			differ(rt, "what was kept step by step is not the state", keepAll(t, w.Universe).lines(), k.lines())
		}
		differ(rt, "the second run differs", runs[0], runs[1])
	})
}

// TestRestoredGoesOnAlike keeps a universe, restores it at some moment and goes
// on with both.
func TestRestoredGoesOnAlike(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		before, after := drawSteps(rt, 20), drawSteps(rt, 10)
		original := newWorld(t)
		k := keepAll(t, original.Universe)
		for _, s := range before {
			original.take(s)
		}
		clock := cloud.NewClock(cloud.ManualTime, 1, original.Now(), func() time.Time { return cloud.Epoch })
		u, err := cloud.Restore(k.Saved, clock)
		if err != nil {
			rt.Fatal(err)
		}
		restored := &world{TB: t, Universe: u, requests: original.requests}
		again := keepAll(t, restored.Universe)
		differ(rt, "the restored state differs", k.lines(), again.lines())
		for i, s := range after {
			_, want := original.take(s)
			_, got := restored.take(s)
			if fmt.Sprint(want) != fmt.Sprint(got) {
				rt.Fatalf("step %d, %+v: the original says %v, the restored %v", i, s, want, got)
			}
		}
		differ(rt, "the states went apart", k.lines(), again.lines())
	})
}

// TestRestoreNamesWhatItCannotRead checks the errors for damaged records.
func TestRestoreNamesWhatItCannotRead(t *testing.T) {
	clock := cloud.NewClock(cloud.ManualTime, 1, cloud.Epoch, func() time.Time { return cloud.Epoch })
	for want, records := range map[string]map[string]map[string]json.RawMessage{
		`restore s: unknown kind of record "planes"`:                                                                               {"planes": {"a": json.RawMessage("{}")}},
		`restore s: record shop of services: json: cannot unmarshal string into Go value of type cloud.HostedService`:              {"services": {"shop": json.RawMessage(`"x"`)}},
		`restore s: record 0000000000000001 of pending: json: cannot unmarshal string into Go struct field Due.Seq of type uint64`: {"pending": {"0000000000000001": json.RawMessage(`{"Seq":"x"}`)}},
	} {
		_, err := cloud.Restore(cloud.Saved{Universe: cloud.Meta{Subscription: "s"}, Records: records}, clock)
		if err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
