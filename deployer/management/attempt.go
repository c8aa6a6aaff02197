package management

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

const (
	maxBody      = 16 << 20 // bytes of an answer
	maxRedirects = 3
)

// An answer is what the service sent back.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a *answer) requestID() string { return a.header.Get("x-ms-request-id") }

// A lostError is an attempt that brought no answer.
type lostError struct {
	action string
	sent   bool // the request may have reached the service
	final  bool // trying again cannot help
	err    error
}

func (e *lostError) Error() string {
	return fmt.Sprintf("%s: no answer from the service: %v%s", e.action, e.err, hint(e.err))
}

func (e *lostError) Unwrap() error { return e.err }

var errTooLarge = fmt.Errorf("the answer is larger than %d MiB", maxBody>>20)

// attempt sends the request once, following redirects within the host. It
// returns an answer of any status, or a *lostError.
func (c *Client) attempt(ctx context.Context, k call, body []byte) (*answer, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	target := c.address(k)
	for redirects := 0; ; redirects++ {
		a, err := c.exchange(ctx, k, target, body)
		if err != nil {
			return nil, err
		}
		next := a.redirect(target)
		if next == nil || redirects == maxRedirects {
			return a, nil
		}
		target = next
	}
}

// exchange is one request and its answer.
func (c *Client) exchange(ctx context.Context, k call, target *url.URL, body []byte) (*answer, error) {
	var sent atomic.Bool
	req, err := c.newRequest(httptrace.WithClientTrace(ctx, traceSent(&sent)), k, target, body)
	if err != nil {
		return nil, &lostError{action: k.action, final: true, err: err}
	}
	began := c.clock.Now()
	resp, err := c.http.Do(req)
	if err != nil {
		c.logLost(ctx, k, target, err)
		return nil, &lostError{action: k.action, sent: sent.Load() && !refusedByTLS(err), final: hopeless(err), err: bare(err)}
	}
	a, err := readAnswer(resp)
	if id := a.requestID(); id != "" {
		c.lastID.Store(&id)
	}
	c.time.hear(resp.Header.Get("Date"), c.clock.Now())
	c.log.DebugContext(ctx, "answered", "method", k.method, "path", target.Path, "status", a.status,
		"request", a.requestID(), "took", c.clock.Now().Sub(began).Round(time.Millisecond))
	if err != nil && !k.changes() {
		return nil, &lostError{action: k.action, sent: true, final: errors.Is(err, errTooLarge), err: err}
	}
	// What a change came to is told by status and headers, so a cut body loses nothing.
	return a, nil
}

func (c *Client) logLost(ctx context.Context, k call, target *url.URL, err error) {
	c.log.DebugContext(ctx, "not answered", "method", k.method, "path", target.Path, "error", bare(err))
}

func (c *Client) newRequest(ctx context.Context, k call, target *url.URL, body []byte) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, k.method, target.String(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("x-ms-version", APIVersion)
	req.Header.Set("User-Agent", c.userAgent)
	req.Header.Set("Accept", "application/xml")
	if len(body) > 0 {
		req.Header.Set("Content-Type", "application/xml")
	}
	if k.page != "" {
		req.Header.Set(continuationHeader, k.page)
	}
	return req, nil
}

// traceSent sets sent once a request's headers have been written, so that the
// service may act on it. A new connection for the same request clears it: Go's
// transport sends a change a second time only if nothing of it was written.
func traceSent(sent *atomic.Bool) *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn:      func(string) { sent.Store(false) },
		WroteHeaders: func() { sent.Store(true) },
	}
}

// readAnswer reads the whole answer. The answer is valid as far as it came even
// when there is an error.
func readAnswer(resp *http.Response) (*answer, error) {
	defer resp.Body.Close()
	a := &answer{status: resp.StatusCode, header: resp.Header}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	switch {
	case err != nil:
		return a, fmt.Errorf("the answer was cut off: %w", err)
	case len(body) > maxBody:
		return a, errTooLarge
	}
	a.body = body
	return a, nil
}

// redirect returns where a 307 sends the client, or nil when there is none or it
// leads to another host: the certificate is for this one only.
func (a *answer) redirect(from *url.URL) *url.URL {
	if a.status != http.StatusTemporaryRedirect {
		return nil
	}
	to, err := from.Parse(a.header.Get("Location"))
	if err != nil || to.Scheme != from.Scheme || !strings.EqualFold(to.Host, from.Host) || to.User != nil {
		return nil
	}
	return to
}

// bare removes the method and URL that net/http puts around an error.
func bare(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// refusedByTLS reports whether the server ended the connection because of the
// client's certificate. With TLS 1.3 that comes to light after the request was
// written, but the server has not read it then.
func refusedByTLS(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "remote error" && strings.Contains(op.Err.Error(), "certificate")
}

// hopeless reports whether another attempt would end the same way.
func hopeless(err error) bool {
	var unverified *tls.CertificateVerificationError
	return errors.As(err, &unverified) || refusedByTLS(err) || errors.Is(err, context.Canceled)
}

// hint says what a person could try, or "".
func hint(err error) string {
	var unverified *tls.CertificateVerificationError
	var notTLS tls.RecordHeaderError
	switch {
	case errors.As(err, &unverified):
		return "\nhint: the server's certificate is not trusted; name the file of the authority that issued it"
	case errors.As(err, &notTLS):
		return "\nhint: the address answers, but not in TLS; check the port of the management URL"
	case refusedByTLS(err):
		return "\nhint: the server does not accept the management certificate"
	}
	return ""
}
