package client

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/control"
	"github.com/vipswap/vipswap/emulator/faults"
)

// Faults tells what plan befalls a universe.
func (c *Client) Faults(ctx context.Context, id string) (told control.Faults, err error) {
	err = c.ask(ctx, "GET", one(id, "faults"), nil, &told)
	return told, err
}

// SetFaults makes a plan befall a universe from now on.
func (c *Client) SetFaults(ctx context.Context, id string, plan faults.Plan) (told control.Faults, err error) {
	err = c.ask(ctx, "PUT", one(id, "faults"), plan, &told)
	return told, err
}

// SetFaultsFile is SetFaults with the content of a file, YAML or JSON.
func (c *Client) SetFaultsFile(ctx context.Context, id string, plan []byte) (told control.Faults, err error) {
	err = c.send(ctx, "PUT", one(id, "faults"), plan, &told)
	return told, err
}

// SetFaultsPreset is SetFaults with a plan that has a name.
func (c *Client) SetFaultsPreset(ctx context.Context, id, preset string) (told control.Faults, err error) {
	err = c.ask(ctx, "PUT", one(id, "faults")+"?preset="+url.QueryEscape(preset), nil, &told)
	return told, err
}

// ClearFaults ends all faults to come.
func (c *Client) ClearFaults(ctx context.Context, id string) error {
	return c.ask(ctx, "DELETE", one(id, "faults"), nil, nil)
}

// ValidateFaults tells what is wrong with the content of a file, YAML or JSON.
func (c *Client) ValidateFaults(ctx context.Context, plan []byte) ([]control.Problem, error) {
	var found control.Problems
	err := c.send(ctx, "POST", "/v1/faults/validate", plan, &found)
	return found.Problems, err
}

// Presets lists the plans that have names.
func (c *Client) Presets(ctx context.Context) ([]control.Preset, error) {
	var all control.Presets
	err := c.ask(ctx, "GET", "/v1/faults/presets", nil, &all)
	return all.Presets, err
}

// Progression tells how operations come to their end, by kind.
func (c *Client) Progression(ctx context.Context, id string) (by map[cloud.Kind]cloud.Progression, err error) {
	err = c.ask(ctx, "GET", one(id, "progression"), nil, &by)
	return by, err
}

// SetProgression sets how operations that begin from now on come to their end.
func (c *Client) SetProgression(ctx context.Context, id string, by map[cloud.Kind]cloud.Progression) error {
	return c.ask(ctx, "PUT", one(id, "progression"), by, nil)
}

// send sends a file as it is and reads the answer into out.
func (c *Client) send(ctx context.Context, method, path string, file []byte, out any) error {
	resp, err := c.do(ctx, method, path, bytes.NewReader(file), http.Header{"Content-Type": {"application/yaml"}})
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxAnswer)).Decode(out); err != nil {
		return fmt.Errorf("control: the answer cannot be read: %w", err)
	}
	return nil
}
