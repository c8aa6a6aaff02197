package durability

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
)

// A model is what a client knows that the emulator holds for it: its hosted
// service with two slots, and its blobs.
type model struct {
	exists bool
	slots  [2]string         // names of the deployments: production, staging
	blobs  map[string]string // contents by name
}

func (m model) clone() model {
	m.blobs = maps.Clone(m.blobs)
	return m
}

const (
	production = 0
	staging    = 1
)

var slotNames = [2]string{"production", "staging"}

// A change is a request that changes something, and what it changes.
type change struct {
	method, path, body string
	effect             func(*model)
}

// An operation is one that was accepted, as its client knows it.
type operation struct {
	change change
	ended  bool // and the client knows
}

// A client changes its own service and blobs, one request after the other. It
// remembers what was acknowledged.
type client struct {
	random *rand.Rand
	name   string
	api    *api
	blobs  *azblob.Client

	model      model                 // as acknowledged
	operations map[string]*operation // all that were acknowledged, by id
	running    string                // the id of the one that is in progress
	deployed   int                   // how many deployments there were
	uploaded   int

	doing     *change // sent, and not answered
	uploading *upload // likewise
}

// An upload is a change of a blob; "" deletes it.
type upload struct{ name, content string }

func newClient(name string, seed uint64) *client {
	return &client{
		random: rand.New(rand.NewPCG(seed, 7)), name: name,
		model: model{blobs: map[string]string{}}, operations: map[string]*operation{},
	}
}

func (c *client) path() string { return servicesPath + "/" + c.name }

// run sends requests until one is not answered, and tells of each that it begins
// if somebody listens. The error says that an answer is not what it has to be.
func (c *client) run(begun chan<- struct{}) error {
	for {
		select {
		case begun <- struct{}{}:
		default:
		}
		answered, err := c.step()
		if err != nil || !answered {
			return err
		}
	}
}

// step does one thing and reports whether it was answered.
func (c *client) step() (answered bool, err error) {
	switch {
	case c.random.IntN(3) == 0:
		return c.changeBlob()
	case c.running != "":
		return c.poll()
	}
	return c.change(c.next())
}

// next decides what to change.
func (c *client) next() change {
	m := c.model
	if !m.exists {
		return change{"POST", servicesPath, createServiceBody(c.name), func(m *model) { m.exists = true }}
	}
	if m.slots[staging] == "" {
		if m.slots[production] == "" && c.deployed > 0 && c.random.IntN(2) == 0 {
			return change{"DELETE", c.path(), "", func(m *model) { m.exists = false }}
		}
		if m.slots[production] == "" || c.random.IntN(3) > 0 {
			return c.deploy()
		}
		return c.remove(production)
	}
	switch c.random.IntN(4) {
	case 0:
		return c.remove(staging)
	case 1:
		if m.slots[production] != "" {
			return c.remove(production)
		}
	}
	return change{"POST", c.path(), swapBody(m.slots[production], m.slots[staging]), func(m *model) {
		m.slots[production], m.slots[staging] = m.slots[staging], m.slots[production]
	}}
}

func (c *client) deploy() change {
	c.deployed++
	name := fmt.Sprintf("v%d", c.deployed)
	return change{"POST", c.path() + "/deploymentslots/staging", createDeploymentBody(name, c.api.packageURL()), func(m *model) { m.slots[staging] = name }}
}

func (c *client) remove(slot int) change {
	return change{"DELETE", c.path() + "/deploymentslots/" + slotNames[slot], "", func(m *model) { m.slots[slot] = "" }}
}

// change sends a change. It is acknowledged with the answer.
func (c *client) change(ch change) (bool, error) {
	c.doing = &ch
	got, err := c.api.do(ch.method, ch.path, ch.body)
	if err != nil {
		return false, nil
	}
	c.doing = nil
	if got.status >= 300 {
		return true, fmt.Errorf("%s: %s %s: %d %s", c.name, ch.method, ch.path, got.status, got.body)
	}
	c.accept(got.operation, ch)
	if got.status != http.StatusAccepted {
		c.end()
	}
	return true, nil
}

// accept remembers an operation that is in progress.
func (c *client) accept(id string, ch change) {
	c.operations[id] = &operation{change: ch}
	c.running = id
}

// end remembers that the operation in progress has succeeded.
func (c *client) end() {
	op := c.operations[c.running]
	op.ended = true
	op.change.effect(&c.model)
	c.running = ""
}

// poll asks how the operation stands.
func (c *client) poll() (bool, error) {
	got, err := c.api.do("GET", "/operations/"+c.running, "")
	if err != nil {
		return false, nil
	}
	status, err := operationStatus(got)
	switch {
	case err != nil:
		return true, fmt.Errorf("%s: operation %s: %w", c.name, c.running, err)
	case status == "Succeeded":
		c.end()
	case status != "InProgress":
		return true, fmt.Errorf("%s: operation %s ended as %s: %s", c.name, c.running, status, got.body)
	}
	return true, nil
}

// changeBlob uploads one of a few blobs, or deletes one.
func (c *client) changeBlob() (bool, error) {
	c.uploaded++
	u := upload{fmt.Sprintf("%s/%d", c.name, c.random.IntN(4)), fmt.Sprintf("%s writes %d: %s", c.name, c.uploaded, text(c.random))}
	if names := slices.Sorted(maps.Keys(c.model.blobs)); len(names) > 2 && c.random.IntN(4) == 0 {
		u = upload{name: names[c.random.IntN(len(names))]}
	}
	c.uploading = &u
	if err := c.send(u); err != nil {
		return false, nil
	}
	c.uploading = nil
	c.model.put(u)
	return true, nil
}

// text returns a text of up to a few kilobytes.
func text(r *rand.Rand) string {
	b := make([]byte, r.IntN(4000))
	for i := range b {
		b[i] = 'a' + byte(r.IntN(26))
	}
	return string(b)
}

func (c *client) send(u upload) (err error) {
	if u.content == "" {
		_, err = c.blobs.DeleteBlob(context.Background(), container, u.name, nil)
	} else {
		_, err = c.blobs.UploadBuffer(context.Background(), container, u.name, []byte(u.content), nil)
	}
	return err
}

func (m *model) put(u upload) {
	if u.content == "" {
		delete(m.blobs, u.name)
		return
	}
	m.blobs[u.name] = u.content
}
