package process

import (
	"cmp"
	"context"
	"fmt"
	"net/http"

	"github.com/vipswap/vipswap/deployer/probe"
)

// check asks until enough answers in a row are right.
func (e *execution) check(ctx context.Context, c probe.Check) error {
	c, err := c.Evaluate(e.evaluate, e.pattern)
	if err != nil {
		return err
	}
	address, err := probe.Address(c.URL)
	if err != nil {
		return err
	}
	c.URL = address.String()
	clock := e.runner.Clock
	asker := probe.Asker{Client: e.client, Now: clock.Now}
	return probe.Loop{
		Ask: asker.Ask, Now: clock.Now, Sleep: clock.Sleep, Say: func(words string) { e.say("%s", words) },
	}.Until(ctx, c)
}

// client returns the client of the runner, unless names have to be resolved.
func (e *execution) client(resolve []probe.Resolve) probe.Doer {
	if len(resolve) == 0 {
		return e.runner.HTTP
	}
	return probe.Client(resolve)
}

// webhook sends the request of a webhook.
func (e *execution) webhook(ctx context.Context, w Webhook) error {
	url, err := e.evaluate(w.URL)
	if err != nil {
		return err
	}
	address, err := probe.Address(url)
	if err != nil {
		return err
	}
	body, err := e.evaluate(w.Body)
	if err != nil {
		return fmt.Errorf("body: %w", err)
	}
	headers := []probe.Header{{Name: "Content-Type", Value: cmp.Or(w.ContentType, "application/json")}}
	for _, h := range w.Headers {
		value, err := e.evaluate(h.Value)
		if err != nil {
			return fmt.Errorf("header %s: %w", h.Name, err)
		}
		headers = append(headers, probe.Header{Name: h.Name, Value: value})
	}
	status, _, err := probe.Send(ctx, e.runner.HTTP, probe.Request{
		Method: cmp.Or(w.Method, http.MethodPost), URL: address.String(), Headers: headers, Body: body,
	})
	switch {
	case err != nil:
		return fmt.Errorf("%s: %w", address, err)
	case status < 200 || status > 299:
		return fmt.Errorf("%s answered with status %d", address, status)
	}
	e.say("%s answered with status %d", address, status)
	return nil
}
