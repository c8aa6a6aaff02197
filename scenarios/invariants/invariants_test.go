package invariants

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/universe"
)

// running returns a deployment with so many of two instances ready.
func running(id string, ready int) *universe.Deployment {
	return &universe.Deployment{PrivateID: id, Label: id, Status: cloud.Running, Ready: ready, Instances: make([]universe.Instance, 2)}
}

// shop returns a universe with a service.
func shop(production, staging *universe.Deployment, operations ...universe.Operation) universe.State {
	return universe.State{
		Services: []universe.Service{{
			Name: "shop", Production: universe.Slot{Deployment: production}, Staging: universe.Slot{Deployment: staging},
		}},
		Operations: operations,
	}
}

func TestWatch(t *testing.T) {
	a, b := running("A", 2), running("B", 2)
	relabelled := running("A", 2)
	relabelled.Label = "C"
	sameRelease := running("B", 2)
	sameRelease.Label = "A"
	swap := universe.Operation{ID: "1", Kind: cloud.SwapDeployment, Service: "shop", Status: cloud.InProgress}
	done := swap
	done.Status = cloud.Succeeded
	phantom := universe.Operation{ID: "2", Kind: cloud.Phantom, Status: cloud.InProgress}
	tests := map[string]struct {
		states []universe.State
		want   []string
	}{
		"a story without harm": {[]universe.State{shop(nil, nil), shop(a, nil), shop(a, b), shop(a, b, done), shop(b, a, done), shop(a, b, done)}, nil},
		"production is emptied": {[]universe.State{shop(a, nil), shop(nil, nil)}, []string{
			`production-filled: production of shop is empty; it served "A"`}},
		"production was never ready": {[]universe.State{shop(running("A", 1), nil), shop(nil, nil)}, nil},
		"the way back is deleted": {[]universe.State{shop(a, b), shop(b, a), shop(b, nil)}, []string{
			`way-back-kept: "A", which production of shop served before the swap, is gone`}},
		"the way back is upgraded": {[]universe.State{shop(a, b), shop(b, a), shop(b, relabelled)}, []string{
			`way-back-kept: "A", which production of shop served before the swap, was made "C"`}},
		"the same release is deleted":      {[]universe.State{shop(a, sameRelease), shop(sameRelease, a), shop(sameRelease, nil)}, nil},
		"staging is deleted before a swap": {[]universe.State{shop(a, b), shop(a, nil)}, nil},
		"a swap of what is not ready": {[]universe.State{shop(a, running("B", 1)), shop(a, running("B", 1), swap), shop(running("B", 1), a, done)}, []string{
			`swap-ready: "B" (Running, 1 of 2 instances ready) was swapped into production of shop`}},
		"a way back that serves in part": {[]universe.State{shop(a, b), shop(b, a), shop(b, running("A", 1)), shop(b, running("A", 1), swap), shop(running("A", 1), b, done)}, nil},
		"a way back that serves nothing": {[]universe.State{shop(a, b), shop(b, a), shop(b, running("A", 0)), shop(b, running("A", 0), swap), shop(running("A", 0), b, done)}, []string{
			`swap-ready: "A" (Running, 0 of 2 instances ready) was swapped into production of shop`}},
		"an operation is left":           {[]universe.State{shop(a, b, swap)}, []string{"nothing-left: Swap Deployment of shop is still in progress"}},
		"an operation of somebody else":  {[]universe.State{shop(a, b, phantom)}, nil},
		"each is told once":              {[]universe.State{shop(a, nil), shop(nil, nil), shop(a, nil), shop(nil, nil)}, []string{`production-filled: production of shop is empty; it served "A"`}},
		"the service is gone altogether": {[]universe.State{shop(a, nil), {}}, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := NewWatch()
			var last universe.State
			for i, state := range test.states {
				state.Now = time.Unix(int64(i), 0)
				w.See(state)
				last = state
			}
			stale := shop(nil, nil) // what another goroutine saw long ago
			w.See(stale)
			w.End(last)
			var got []string
			for _, one := range w.Broken() {
				got = append(got, one.String())
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTable(t *testing.T) {
	for _, rule := range All() {
		if rule.Name == "" || rule.Title == "" || rule.see == nil && rule.end == nil {
			t.Errorf("%+v lacks something", rule)
		}
	}
}

// TestReturns counts how often production goes back.
func TestReturns(t *testing.T) {
	a, b, c, upgraded := running("A", 2), running("B", 2), running("C", 2), running("A", 2)
	upgraded.Label = "D"
	tests := map[string]struct {
		held []*universe.Deployment // by production, in order
		want int
	}{
		"never filled":         {nil, 0},
		"stays":                {[]*universe.Deployment{a, a}, 0},
		"goes on":              {[]*universe.Deployment{a, b, c}, 0},
		"goes back":            {[]*universe.Deployment{a, b, a}, 1},
		"back and forth":       {[]*universe.Deployment{a, b, a, b}, 2},
		"empty for a while":    {[]*universe.Deployment{a, nil, a}, 0},
		"with a new release":   {[]*universe.Deployment{a, b, upgraded}, 0},
		"back after a vacancy": {[]*universe.Deployment{a, b, nil, a}, 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := NewWatch()
			for i, d := range test.held {
				state := shop(d, nil)
				state.Now = time.Unix(int64(i), 0)
				w.See(state)
			}
			if got := w.Returns()["shop"]; got != test.want {
				t.Errorf("it went back %d times, want %d", got, test.want)
			}
		})
	}
}
