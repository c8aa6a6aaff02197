package probe

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// maxBody is how many bytes of an answer are looked at.
const maxBody = 1 << 20

var errAddress = errors.New("its url is no http or https address")

// A Doer sends requests. *http.Client is one; it should not follow redirects, which
// are answers of their own.
type Doer interface {
	Do(*http.Request) (*http.Response, error)
}

// An Asker asks for checks.
type Asker struct {
	// Client returns what sends a request whose names are resolved so; see [Client].
	Client func(resolve []Resolve) Doer
	Now    func() time.Time
}

// Ask asks once and says what is wrong with the answer, "" when it is as it should
// be. What keeps the check from being asked at all is wrong with it, too.
func (a Asker) Ask(ctx context.Context, c Check) string {
	resolve, err := parseResolves(c.Resolve)
	if err != nil {
		return err.Error()
	}
	began := a.Now()
	status, body, err := Send(ctx, a.Client(resolve), Request{
		Method: strings.ToUpper(cmp.Or(c.Method, http.MethodGet)), URL: c.address(), Headers: c.Headers, Timeout: c.Timeout,
	})
	if err != nil {
		return err.Error()
	}
	return c.judge(status, body, a.Now().Sub(began))
}

// judge says what is wrong with an answer, or "".
func (c Check) judge(status int, body string, took time.Duration) string {
	switch {
	case !slices.Contains(c.right(), status):
		return fmt.Sprintf("the status is %d, not %s", status, numbers(c.right()))
	case c.Contains != "" && !strings.Contains(body, c.Contains):
		return fmt.Sprintf("the body does not contain %q", c.Contains)
	case c.Latency > 0 && took > c.Latency:
		return fmt.Sprintf("it took %s, more than %s", took.Round(time.Millisecond), c.Latency)
	}
	return cmp.Or(c.judgePattern(body), c.judgeJSON(body))
}

func (c Check) judgePattern(body string) string {
	pattern, err := regexp.Compile(c.Matches)
	switch shown := cmp.Or(c.Shown, c.Matches); {
	case err != nil:
		return "this is no regular expression: " + shown
	case !pattern.MatchString(body):
		return "the body does not match " + shown
	}
	return ""
}

func (c Check) judgeJSON(body string) string {
	if c.JSONPath == "" {
		return ""
	}
	value, err := Lookup([]byte(body), c.JSONPath)
	switch {
	case err != nil:
		return err.Error()
	case c.Equals != nil && value != *c.Equals:
		return fmt.Sprintf("%s is %q, not %q", c.JSONPath, shorten(value), *c.Equals)
	}
	return ""
}

// shorten keeps a value from filling the log.
func shorten(text string) string {
	const most = 200
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "..."
	}
	return text
}

// A Request is what is sent.
type Request struct {
	Method  string
	URL     string
	Headers []Header
	Body    string
	Timeout time.Duration // 0 is DefaultTimeout
}

// Send sends a request and returns the answer's status and the begin of its body.
// Errors leave the address out, which is said around them.
func Send(ctx context.Context, client Doer, r Request) (status int, body string, err error) {
	address, err := Address(r.URL)
	if err != nil {
		return 0, "", err
	}
	limited, cancel := context.WithTimeout(ctx, cmp.Or(r.Timeout, DefaultTimeout))
	defer cancel()
	request, err := http.NewRequestWithContext(limited, r.Method, address.String(), strings.NewReader(r.Body))
	if err != nil {
		return 0, "", errors.New("the request cannot be made")
	}
	request.Header.Set("User-Agent", "vipswap")
	for _, h := range r.Headers {
		request.Header.Set(h.Name, h.Value)
		if strings.EqualFold(h.Name, "Host") {
			request.Host = h.Value
		}
	}
	status, body, err = answerOf(client, request)
	if err != nil && ctx.Err() == nil && limited.Err() != nil {
		err = fmt.Errorf("there was no answer within %s", cmp.Or(r.Timeout, DefaultTimeout))
	}
	return status, body, err
}

func answerOf(client Doer, request *http.Request) (int, string, error) {
	answer, err := client.Do(request)
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

// plainError leaves the address out of an error.
func plainError(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}
