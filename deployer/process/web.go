package process

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// A Doer sends requests. *http.Client is one; it should not follow redirects, which
// are answers of their own.
type Doer interface {
	Do(*http.Request) (*http.Response, error)
}

// Defaults of an HTTPCheck, and limits.
const (
	defaultEvery  = 2 * time.Second
	defaultWithin = time.Minute
	tryTimeout    = 30 * time.Second // for one request
	maxBody       = 1 << 20          // bytes of an answer that are looked at
)

// check asks until enough answers in a row are right.
func (e *execution) check(ctx context.Context, c HTTPCheck) error {
	address, err := e.address(c.URL)
	if err != nil {
		return err
	}
	contains, err := e.evaluate(c.Contains)
	if err != nil {
		return err
	}
	clock, need, right := e.runner.Clock, max(c.InARow, 1), 0
	end := clock.Now().Add(positive(c.Within, defaultWithin))
	for last := ""; ; {
		why := e.ask(ctx, c, address, contains)
		if why == "" {
			right++
			e.say("%s: as it should be (%d of %d)", address, right, need)
		} else if right = 0; why != last {
			e.say("%s: %s", address, why)
		}
		if last = why; right >= need {
			return nil
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if !clock.Now().Before(end) {
			return fmt.Errorf("%s did not answer as it should within %s: %s", address, positive(c.Within, defaultWithin), last)
		}
		if err := clock.Sleep(ctx, positive(c.Every, defaultEvery)); err != nil {
			return err
		}
	}
}

func positive(d, otherwise time.Duration) time.Duration {
	if d > 0 {
		return d
	}
	return otherwise
}

// address evaluates a URL, which must be one of the web.
func (e *execution) address(template string) (string, error) {
	text, err := e.evaluate(template)
	if err != nil {
		return "", err
	}
	u, err := url.Parse(strings.TrimSpace(text))
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "", errors.New("its url is no http or https address")
	}
	return u.String(), nil
}

// ask sends one request and says what is wrong with the answer, or "".
func (e *execution) ask(ctx context.Context, c HTTPCheck, address, contains string) string {
	began := e.runner.Clock.Now()
	status, body, err := e.send(ctx, http.MethodGet, address, "", nil)
	took := e.runner.Clock.Now().Sub(began)
	right := c.Status
	if len(right) == 0 {
		right = []int{http.StatusOK}
	}
	switch {
	case err != nil:
		return err.Error()
	case !slices.Contains(right, status):
		return fmt.Sprintf("the status is %d, not %s", status, numbers(right))
	case contains != "" && !strings.Contains(body, contains):
		return fmt.Sprintf("the body does not contain %q", contains)
	case c.Matches != nil && !c.Matches.MatchString(body):
		return fmt.Sprintf("the body does not match %s", c.Matches)
	case c.Latency > 0 && took > c.Latency:
		return fmt.Sprintf("it took %s, more than %s", took.Round(time.Millisecond), c.Latency)
	}
	return ""
}

func numbers(list []int) string {
	var words []string
	for _, n := range list {
		words = append(words, fmt.Sprint(n))
	}
	return strings.Join(words, " or ")
}

// send sends a request and returns the answer's status and the begin of its body.
func (e *execution) send(ctx context.Context, method, address, body string, headers []Header) (int, string, error) {
	ctx, cancel := context.WithTimeout(ctx, tryTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(body))
	if err != nil {
		return 0, "", errors.New("the request cannot be made")
	}
	request.Header.Set("User-Agent", "vipswap")
	for _, h := range headers {
		request.Header.Set(h.Name, h.Value)
	}
	answer, err := e.runner.HTTP.Do(request)
	if err != nil {
		return 0, "", plainError(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxBody))
	if err != nil {
		return 0, "", fmt.Errorf("read the answer: %w", plainError(err))
	}
	return answer.StatusCode, string(text), nil
}

// plainError leaves the address out of an error, which is said around it.
func plainError(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// webhook sends the request of a webhook.
func (e *execution) webhook(ctx context.Context, w Webhook) error {
	address, err := e.address(w.URL)
	if err != nil {
		return err
	}
	body, err := e.evaluate(w.Body)
	if err != nil {
		return fmt.Errorf("body: %w", err)
	}
	headers := []Header{{"Content-Type", w.ContentType}}
	if w.ContentType == "" {
		headers[0].Value = "application/json"
	}
	for _, h := range w.Headers {
		value, err := e.evaluate(h.Value)
		if err != nil {
			return fmt.Errorf("header %s: %w", h.Name, err)
		}
		headers = append(headers, Header{h.Name, value})
	}
	method := w.Method
	if method == "" {
		method = http.MethodPost
	}
	status, _, err := e.send(ctx, method, address, body, headers)
	switch {
	case err != nil:
		return fmt.Errorf("%s: %w", address, err)
	case status < 200 || status > 299:
		return fmt.Errorf("%s answered with status %d", address, status)
	}
	e.say("%s answered with status %d", address, status)
	return nil
}
