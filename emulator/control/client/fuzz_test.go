package client_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/control"
	"github.com/vipswap/vipswap/emulator/control/client"
	"github.com/vipswap/vipswap/emulator/faults"
	"github.com/vipswap/vipswap/emulator/journal"
	"github.com/vipswap/vipswap/emulator/universe"
)

// an answerer gives one answer to all requests.
type answerer struct {
	status int
	body   []byte
}

// RoundTrip answers.
func (a answerer) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{Status: "the status", StatusCode: a.status, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(a.body))}, nil
}

// questions are what a client asks; what they return beside the error does not matter.
var questions = []func(context.Context, *client.Client) error{
	func(ctx context.Context, c *client.Client) error { _, err := c.Version(ctx); return err },
	func(ctx context.Context, c *client.Client) error {
		_, err := c.CreateUniverse(ctx, universe.Spec{})
		return err
	},
	func(ctx context.Context, c *client.Client) error { _, err := c.Universes(ctx); return err },
	func(ctx context.Context, c *client.Client) error { _, err := c.Universe(ctx, "u"); return err },
	func(ctx context.Context, c *client.Client) error { _, err := c.ResetUniverse(ctx, "u"); return err },
	func(ctx context.Context, c *client.Client) error { return c.DeleteUniverse(ctx, "u") },
	func(ctx context.Context, c *client.Client) error { _, err := c.Credentials(ctx, "u"); return err },
	func(ctx context.Context, c *client.Client) error { _, err := c.State(ctx, "u"); return err },
	func(ctx context.Context, c *client.Client) error { _, err := c.Clock(ctx, "u"); return err },
	func(ctx context.Context, c *client.Client) error {
		_, err := c.SetClock(ctx, "u", control.ClockChange{})
		return err
	},
	func(ctx context.Context, c *client.Client) error {
		_, err := c.Advance(ctx, "u", control.Move{})
		return err
	},
	func(ctx context.Context, c *client.Client) error { _, err := c.Faults(ctx, "u"); return err },
	func(ctx context.Context, c *client.Client) error {
		_, err := c.SetFaults(ctx, "u", faults.Plan{})
		return err
	},
	func(ctx context.Context, c *client.Client) error {
		_, err := c.SetFaultsFile(ctx, "u", nil)
		return err
	},
	func(ctx context.Context, c *client.Client) error { _, err := c.ValidateFaults(ctx, nil); return err },
	func(ctx context.Context, c *client.Client) error { _, err := c.Presets(ctx); return err },
	func(ctx context.Context, c *client.Client) error { _, err := c.Progression(ctx, "u"); return err },
	func(ctx context.Context, c *client.Client) error {
		return c.SetProgression(ctx, "u", map[cloud.Kind]cloud.Progression{})
	},
	func(ctx context.Context, c *client.Client) error {
		_, err := c.Journal(ctx, "u", journal.Filter{})
		return err
	},
	func(ctx context.Context, c *client.Client) error { _, err := c.Snapshots(ctx, "u"); return err },
	func(ctx context.Context, c *client.Client) error { _, err := c.Diff(ctx, "u", "a", "b"); return err },
	func(ctx context.Context, c *client.Client) error {
		_, err := c.Import(ctx, strings.NewReader(""), "u")
		return err
	},
	func(ctx context.Context, c *client.Client) error { return c.Export(ctx, "u", "", io.Discard) },
	follow,
}

// follow reads a stream to its end, or to its first error.
func follow(ctx context.Context, c *client.Client) error {
	for _, err := range c.FollowJournal(ctx, "u", journal.Filter{}) {
		if err != nil {
			return err
		}
	}
	return nil
}

// FuzzAnswers has any status and body as the answer to each question: a refusal is an
// error, and so is what cannot be read, in words of the client or the emulator.
func FuzzAnswers(f *testing.F) {
	bodies := []string{
		"", "null", "{", "[]", "7", `"x"`, "\x00\xff", `{"error":null}`, `{"error":{"message":"no","hint":"yes"}}`, `{"error":"no"}`,
		`{"universes":[null]}`, `{"entries":[{"seq":-1}]}`, `{"id":7}`, `{"time":"yesterday"}`, `{"problems":[{}]}`, `{"Swap Deployment":{"pace":7}}`,
		"data: {}\n\ndata: {\n", "data: ", "event: x\ndata: null\n\n", strings.Repeat("data: ", 100),
	}
	for i := range questions {
		for j, body := range bodies {
			f.Add(uint8(i), []int{200, 404, 500, 204, 302}[j%5], []byte(body))
		}
	}
	f.Fuzz(func(t *testing.T, question uint8, status int, body []byte) {
		if status < 200 || status > 599 {
			t.Skip("skipped, because it is no status of a final answer")
		}
		c, err := client.New(client.Config{URL: "http://emulator.test", HTTP: &http.Client{Transport: answerer{status, body}}})
		if err != nil {
			t.Fatal(err)
		}
		err = questions[int(question)%len(questions)](t.Context(), c)
		if status >= 400 && err == nil {
			t.Errorf("the answer %d is no error", status)
		}
		var refused *universe.Error
		if err != nil && !errors.As(err, &refused) && !strings.HasPrefix(err.Error(), "control: ") {
			t.Errorf("the error does not say who was asked: %v", err)
		}
	})
}
