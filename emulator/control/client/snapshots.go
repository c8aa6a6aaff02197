package client

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/vipswap/vipswap/emulator/control"
	"github.com/vipswap/vipswap/emulator/snapshot"
	"github.com/vipswap/vipswap/emulator/universe"
)

// Snapshot keeps a universe as it is now under a name.
func (c *Client) Snapshot(ctx context.Context, id, name string) (taken universe.Snapshot, err error) {
	err = c.ask(ctx, "PUT", one(id, "snapshots", name), nil, &taken)
	return taken, err
}

// Snapshots lists the snapshots of a universe.
func (c *Client) Snapshots(ctx context.Context, id string) ([]universe.Snapshot, error) {
	var list control.Snapshots
	err := c.ask(ctx, "GET", one(id, "snapshots"), nil, &list)
	return list.Snapshots, err
}

// DeleteSnapshot drops a snapshot.
func (c *Client) DeleteSnapshot(ctx context.Context, id, name string) error {
	return c.ask(ctx, "DELETE", one(id, "snapshots", name), nil, nil)
}

// Restore puts a universe back to a snapshot of it.
func (c *Client) Restore(ctx context.Context, id, name string) (info universe.Info, err error) {
	err = c.ask(ctx, "POST", one(id, "snapshots", name, "restore"), nil, &info)
	return info, err
}

// Fork makes a new universe of a snapshot, or of a universe as it is now when name
// is "".
func (c *Client) Fork(ctx context.Context, id, name, newID string) (info universe.Info, err error) {
	err = c.ask(ctx, "POST", snapshotOr(id, name, "fork"), control.Fork{ID: newID}, &info)
	return info, err
}

// snapshotOr is an address of a snapshot, or of the universe itself without a name.
func snapshotOr(id, name, what string) string {
	if name == "" {
		return one(id, what)
	}
	return one(id, "snapshots", name, what)
}

// Diff tells what differs between two snapshots; "" stands for the universe as it
// is now.
func (c *Client) Diff(ctx context.Context, id, from, to string) (diff snapshot.Diff, err error) {
	query := url.Values{"from": {from}, "to": {to}}
	err = c.ask(ctx, "GET", one(id, "diff")+"?"+query.Encode(), nil, &diff)
	return diff, err
}

// Export writes a snapshot, or a universe as it is now when name is "", as one
// file to w.
func (c *Client) Export(ctx context.Context, id, name string, w io.Writer) error {
	resp, err := c.do(ctx, "GET", snapshotOr(id, name, "export"), nil, nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if _, err := io.Copy(w, resp.Body); err != nil {
		return fmt.Errorf("control: the export broke off: %w", err)
	}
	return nil
}

// Import makes a universe of an exported file: of the one that has the id, or a
// new one when id is "".
func (c *Client) Import(ctx context.Context, file io.Reader, id string) (info universe.Info, err error) {
	path := "/v1/import"
	if id != "" {
		path += "?id=" + url.QueryEscape(id)
	}
	resp, err := c.do(ctx, "POST", path, file, http.Header{"Content-Type": {"application/zip"}})
	if err != nil {
		return info, err
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxAnswer)).Decode(&info); err != nil {
		return info, fmt.Errorf("control: the answer cannot be read: %w", err)
	}
	return info, nil
}
