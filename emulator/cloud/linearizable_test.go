package cloud_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/vipswap/vipswap/emulator/cloud"
)

// asked is one call of a client: what it wants of which slot, with which names.
type asked struct {
	what       string // get, create, delete or swap
	slot       cloud.Slot
	name       string // to create; what is in staging, to swap
	production string // what is in production, to swap
}

// answered is what a client was told once its operation had ended: the name in
// the slot, or why it was refused.
type answered struct {
	name    string
	refused string // "", busy, occupied, missing or moved
}

// plainSlots is the model: the names in both slots.
type plainSlots [2]string

// step says whether a call could have had an answer in a state, and what the
// state is then. A refusal because something else is going on says nothing about
// the state.
func (s plainSlots) step(in asked, out answered) (bool, plainSlots) {
	next := s
	switch {
	case out.refused == "busy":
		return true, s
	case in.what == "get":
		return s[in.slot] == out.name, s
	case in.what == "create":
		next[in.slot] = in.name
		return (out.refused == "") == (s[in.slot] == ""), choose(out, s, next)
	case in.what == "delete":
		next[in.slot] = ""
		return (out.refused == "") == (s[in.slot] != ""), choose(out, s, next)
	}
	next[cloud.Production], next[cloud.Staging] = s[cloud.Staging], s[cloud.Production]
	fits := s[cloud.Staging] == in.name && s[cloud.Production] == in.production
	return (out.refused == "") == fits, choose(out, s, next)
}

func choose(out answered, same, next plainSlots) plainSlots {
	if out.refused != "" {
		return same
	}
	return next
}

var slotsModel = porcupine.Model{
	Init:              func() any { return plainSlots{} },
	Step:              func(state, in, out any) (bool, any) { return state.(plainSlots).step(in.(asked), out.(answered)) },
	DescribeOperation: func(in, out any) string { return fmt.Sprintf("%+v -> %+v", in, out) },
}

// classify turns a refusal into the model's words.
func classify(t *testing.T, in asked, err error) string {
	switch {
	case err == nil:
		return ""
	case cloud.Busy(err):
		return "busy"
	}
	code := err.(*cloud.Error).Code
	switch {
	case in.what == "create" && code == cloud.ConflictError:
		return "occupied"
	case in.what == "delete" && code == cloud.ResourceNotFound:
		return "missing"
	case in.what == "swap" && (code == cloud.ConflictError || code == cloud.ResourceNotFound):
		return "moved"
	}
	t.Errorf("%+v was refused with %v", in, err)
	return "busy"
}

// client makes random calls and records them.
type client struct {
	t      *testing.T
	id     int
	u      *cloud.Universe
	random *rand.Rand
	m      *cloud.Model
	seen   plainSlots // what its latest reads showed
	calls  int
	began  time.Time
}

func (c *client) choose() asked {
	in := asked{slot: cloud.Slots[c.random.IntN(2)], name: fmt.Sprintf("c%d-%d", c.id, c.calls)}
	switch n := c.random.IntN(10); {
	case n < 4:
		in.what = "get"
	case n < 6:
		in.what = "create"
	case n < 7:
		in.what = "delete"
	default:
		in.what, in.production, in.name = "swap", c.seen[cloud.Production], c.seen[cloud.Staging]
	}
	if in.what == "swap" && (in.name == "" || in.production == "") {
		in.what = "get"
	}
	return in
}

// call makes one call and waits until its operation has ended.
func (c *client) call(in asked) (out answered) {
	c.calls++
	id := fmt.Sprintf("%08x%024x", c.id, c.calls)
	err := c.u.Update(func(st *cloud.State) *cloud.Error {
		switch in.what {
		case "create":
			return st.CreateDeployment(id, "shop", in.slot, cloud.DeploymentSpec{Name: in.name, Label: "l", Start: true, Model: c.m})
		case "delete":
			return st.DeleteDeployment(id, "shop", cloud.Selector{Slot: in.slot})
		case "swap":
			return st.Swap(id, "shop", in.production, in.name)
		}
		if _, _, d, err := st.Deployment("shop", cloud.Selector{Slot: in.slot}); err == nil {
			out.name = d.Name
		}
		return nil
	})
	if in.what == "get" {
		c.seen[in.slot] = out.name
		return out
	}
	if out.refused = classify(c.t, in, err); out.refused == "" {
		c.await(id)
	} else if out.refused == "busy" {
		c.u.Step()
	}
	return out
}

func (c *client) await(id string) {
	for done := false; !done; {
		c.u.Step()
		err := c.u.View(func(st *cloud.State) *cloud.Error {
			op, err := st.Operation(id)
			done = err == nil && op.Status != cloud.InProgress
			return err
		})
		if err != nil {
			c.t.Error(err)
			return
		}
	}
}

func (c *client) run(calls int) []porcupine.Operation {
	var history []porcupine.Operation
	for range calls {
		in := c.choose()
		start := time.Since(c.began)
		out := c.call(in)
		history = append(history, porcupine.Operation{
			ClientId: c.id, Input: in, Output: out, Call: int64(start), Return: int64(time.Since(c.began)),
		})
	}
	return history
}

func TestConcurrentCallsAreLinearizable(t *testing.T) {
	const clients, calls = 4, 60
	for seed := range uint64(5) {
		u := cloud.NewUniverse("00000000-0000-0000-0000-000000000001", seed, cloud.NewClock(cloud.AutoTime, 1, cloud.Epoch, time.Now))
		err := u.Update(func(st *cloud.State) *cloud.Error {
			return st.CreateService("0", cloud.ServiceSpec{Name: "shop", Label: "l", Location: "West US"})
		})
		if err != nil {
			t.Fatal(err)
		}
		histories := make([][]porcupine.Operation, clients)
		m, began := model(role("Web", 1, "http")), time.Now()
		var running sync.WaitGroup
		for id := range clients {
			c := &client{t: t, id: id, u: u, random: rand.New(rand.NewPCG(seed, uint64(id))), m: m, began: began}
			running.Go(func() { histories[id] = c.run(calls) })
		}
		running.Wait()
		var history []porcupine.Operation
		for _, h := range histories {
			history = append(history, h...)
		}
		if result := porcupine.CheckOperationsTimeout(slotsModel, history, 30*time.Second); result != porcupine.Ok {
			t.Errorf("seed %d: the history of %d calls is %s", seed, len(history), result)
		}
	}
}
