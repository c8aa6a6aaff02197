package client

import (
	"context"

	"github.com/vipswap/vipswap/emulator/control"
	"github.com/vipswap/vipswap/emulator/universe"
)

// Version returns the version of the emulator.
func (c *Client) Version(ctx context.Context) (string, error) {
	var v control.Version
	err := c.ask(ctx, "GET", "/v1/version", nil, &v)
	return v.Version, err
}

// CreateUniverse makes a universe.
func (c *Client) CreateUniverse(ctx context.Context, spec universe.Spec) (info universe.Info, err error) {
	err = c.ask(ctx, "POST", "/v1/universes", spec, &info)
	return info, err
}

// Universes lists the universes in order of id.
func (c *Client) Universes(ctx context.Context) ([]universe.Info, error) {
	var list control.Universes
	err := c.ask(ctx, "GET", "/v1/universes", nil, &list)
	return list.Universes, err
}

// Universe tells how a universe stands.
func (c *Client) Universe(ctx context.Context, id string) (info universe.Info, err error) {
	err = c.ask(ctx, "GET", one(id), nil, &info)
	return info, err
}

// ResetUniverse empties a universe.
func (c *Client) ResetUniverse(ctx context.Context, id string) (info universe.Info, err error) {
	err = c.ask(ctx, "POST", one(id, "reset"), nil, &info)
	return info, err
}

// DeleteUniverse forgets a universe.
func (c *Client) DeleteUniverse(ctx context.Context, id string) error {
	return c.ask(ctx, "DELETE", one(id), nil, nil)
}

// Credentials returns what lets a client into a universe.
func (c *Client) Credentials(ctx context.Context, id string) (secret universe.Credentials, err error) {
	err = c.ask(ctx, "GET", one(id, "credentials"), nil, &secret)
	return secret, err
}

// State returns what a universe holds.
func (c *Client) State(ctx context.Context, id string) (state universe.State, err error) {
	err = c.ask(ctx, "GET", one(id, "state"), nil, &state)
	return state, err
}

// Clock tells how time passes in a universe.
func (c *Client) Clock(ctx context.Context, id string) (clock universe.Clock, err error) {
	err = c.ask(ctx, "GET", one(id, "clock"), nil, &clock)
	return clock, err
}

// SetClock changes how time passes.
func (c *Client) SetClock(ctx context.Context, id string, change control.ClockChange) (clock universe.Clock, err error) {
	err = c.ask(ctx, "PUT", one(id, "clock"), change, &clock)
	return clock, err
}

// Advance moves time.
func (c *Client) Advance(ctx context.Context, id string, move control.Move) (moved control.Moved, err error) {
	err = c.ask(ctx, "POST", one(id, "advance"), move, &moved)
	return moved, err
}
