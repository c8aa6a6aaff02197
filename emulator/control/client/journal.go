package client

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"net/url"
	"strconv"
	"strings"

	"github.com/vipswap/vipswap/emulator/control"
	"github.com/vipswap/vipswap/emulator/journal"
)

// queryOf writes a filter as the parameters of a request.
func queryOf(f journal.Filter) url.Values {
	query := url.Values{}
	for name, value := range map[string]string{
		"endpoint": f.Endpoint, "operation": f.Operation, "service": f.Service, "slot": f.Slot,
		"method": f.Method, "code": f.Code, "client": f.Client, "fault": f.Fault,
	} {
		if value != "" {
			query.Set(name, value)
		}
	}
	for name, on := range map[string]bool{"refused": f.Refused, "changes": f.Changes} {
		if on {
			query.Set(name, "true")
		}
	}
	if f.After > 0 {
		query.Set("after", strconv.FormatUint(f.After, 10))
	}
	if f.Last > 0 {
		query.Set("last", strconv.Itoa(f.Last))
	}
	return query
}

// Journal returns the entries that f lets through, oldest first.
func (c *Client) Journal(ctx context.Context, id string, f journal.Filter) ([]journal.Entry, error) {
	var list control.Entries
	err := c.ask(ctx, "GET", one(id, "journal")+"?"+queryOf(f).Encode(), nil, &list)
	return list.Entries, err
}

// ExportJournal writes the entries that f lets through to w: as format says, jsonl
// or har, and without what differs between two runs when reproducible is set.
func (c *Client) ExportJournal(ctx context.Context, id string, f journal.Filter, format string, reproducible bool, w io.Writer) error {
	query := queryOf(f)
	query.Set("format", format)
	query.Set("reproducible", strconv.FormatBool(reproducible))
	resp, err := c.do(ctx, "GET", one(id, "journal")+"?"+query.Encode(), nil, nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, err = io.Copy(w, resp.Body)
	return err
}

// maxEvent bounds one event of a stream, in bytes.
const maxEvent = 1 << 20

// FollowJournal yields the entries that f lets through as they come, until ctx
// ends, the universe goes, or the emulator stops. The last thing that it yields
// may be an error.
func (c *Client) FollowJournal(ctx context.Context, id string, f journal.Filter) iter.Seq2[journal.Entry, error] {
	return func(yield func(journal.Entry, error) bool) {
		resp, err := c.do(ctx, "GET", one(id, "journal", "stream")+"?"+queryOf(f).Encode(), nil, nil)
		if err != nil {
			yield(journal.Entry{}, err)
			return
		}
		defer resp.Body.Close()
		lines := bufio.NewScanner(resp.Body)
		lines.Buffer(nil, maxEvent)
		for lines.Scan() {
			data, ok := strings.CutPrefix(lines.Text(), "data: ")
			if !ok {
				continue
			}
			var e journal.Entry
			if err := json.Unmarshal([]byte(data), &e); err != nil {
				yield(e, fmt.Errorf("control: the journal cannot be read: %w", err))
				return
			}
			if !yield(e, nil) {
				return
			}
		}
		if err := lines.Err(); err != nil && ctx.Err() == nil {
			yield(journal.Entry{}, fmt.Errorf("control: the journal broke off: %w", err))
		}
	}
}
