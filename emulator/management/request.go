package management

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/faults"
	"github.com/vipswap/vipswap/emulator/management/wire"
)

// request is a request that has been let in.
type request struct {
	http     *http.Request
	id       string // x-ms-request-id of the answer, and of the operation it begins
	version  wire.Version
	universe *cloud.Universe
	client   credential
	vars     map[string]string
	query    url.Values // with names in lower case
	body     []byte
	created  string          // name of what a request to a collection makes, for the list of operations
	struck   []faults.Strike // what befell the request so far
	names    [2]string       // that the client goes by, for rules of faults
}

// base returns the scheme and host that the client used.
func (r *request) base() string { return "https://" + r.http.Host }

// decode reads the body, whose root element must be called root, into v.
func (r *request) decode(root string, v any) error {
	err := wire.Unmarshal(r.body, root, v)
	var malformed *wire.RequestError
	var notBase64 *wire.Base64Error
	switch {
	case errors.As(err, &malformed):
		return cloud.NewError(cloud.InvalidXMLRequest)
	case errors.As(err, &notBase64):
		return cloud.Errorf(cloud.BadRequest, "The element %s is not valid base64.", notBase64.Element)
	}
	return err
}

// look reads the state. When f reports that what it saw, or did not see yet, is
// unfinished, and the subscription's clock waits for that, time steps to what
// happens next and f looks again.
func (r *request) look(f func(*cloud.State) (unfinished bool, err *cloud.Error)) error {
	unfinished := false
	view := func(st *cloud.State) (err *cloud.Error) {
		unfinished, err = f(st)
		return err
	}
	err := r.universe.View(view)
	if !unfinished {
		return err
	}
	moved, broken := r.universe.Step()
	switch {
	case broken != nil:
		return broken
	case moved:
		return r.universe.View(view)
	}
	return err
}

// change makes one change of the state.
func (r *request) change(f func(*cloud.State) *cloud.Error) error {
	by := r.asked()
	return r.universe.Update(func(st *cloud.State) *cloud.Error {
		err := st.Asked(by, f)
		if op, none := st.Operation(r.id); err == nil && none == nil && op.Strike != nil {
			r.struck = append(r.struck, *op.Strike)
		}
		return err
	})
}

// selector tells which deployment the path means.
func (r *request) selector() (cloud.Selector, error) {
	if name, ok := r.vars["deployment"]; ok {
		return cloud.Selector{Name: name}, nil
	}
	slot, err := r.slot()
	return cloud.Selector{Slot: slot}, err
}

// slot reads the slot in the path. Source: slot names are documented in lower
// case and sent capitalised; anything else is refused with text of our own.
func (r *request) slot() (cloud.Slot, error) {
	slot, ok := cloud.ParseSlot(r.vars["slot"])
	if !ok {
		return 0, cloud.Errorf(cloud.BadRequest, "The deployment slot '%s' is invalid; it must be production or staging.", r.vars["slot"])
	}
	return slot, nil
}

// flag reads a boolean query parameter; absent is false.
func (r *request) flag(name string) bool {
	return strings.EqualFold(r.query.Get(name), "true")
}
