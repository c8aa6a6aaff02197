// Package client asks the emulator's own interface, from another process. It
// mirrors the methods of package emulator:
//
//	c, err := client.New(client.Config{URL: os.Getenv("VIPSWAP_CONTROL_URL")})
//	...
//	u, err := c.CreateUniverse(ctx, universe.Spec{Clock: cloud.AutoTime})
//
// Errors for which the caller is to blame are *universe.Error.
package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/vipswap/vipswap/emulator/universe"
)

// Config says which emulator to ask.
type Config struct {
	URL   string // of the control interface
	Token string // "" when it asks for none
	// HTTP does the requests; the default goes to the address directly, never
	// through a proxy.
	HTTP *http.Client
}

// A Client asks one emulator. All methods may be called from several goroutines.
type Client struct {
	base  string
	token string
	http  *http.Client
}

// New returns a client. It asks nothing yet. The error says that the URL is none.
func New(c Config) (*Client, error) {
	u, err := url.Parse(c.URL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("control: %q is no address; an example is http://127.0.0.1:8444", c.URL)
	}
	client := c.HTTP
	if client == nil {
		client = &http.Client{Transport: &http.Transport{Proxy: nil, MaxIdleConnsPerHost: 4}}
	}
	return &Client{strings.TrimRight(c.URL, "/"), c.Token, client}, nil
}

// Close gives back connections that are kept.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// maxAnswer bounds what is read of an answer, in bytes.
const maxAnswer = 1 << 30

// do asks and returns the answer, which the caller closes. An answer from 400 up is
// an error.
func (c *Client) do(ctx context.Context, method, path string, body io.Reader, header http.Header) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		return nil, fmt.Errorf("control: %w", err)
	}
	for name, values := range header {
		req.Header[name] = values
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, fmt.Errorf("control: %w", err)
	}
	if resp.StatusCode < 400 {
		return resp, nil
	}
	defer resp.Body.Close()
	return nil, refusal(resp)
}

// maxRefusal bounds what is read of a refusal, in bytes.
const maxRefusal = 1 << 16

// refusal makes an error of an answer.
func refusal(resp *http.Response) error {
	var failed struct {
		Error *universe.Error `json:"error"`
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxRefusal))
	if err == nil && json.Unmarshal(data, &failed) == nil && failed.Error != nil {
		return failed.Error
	}
	return fmt.Errorf("control: the answer is %s, which is not from an emulator", resp.Status)
}

// ask sends in as JSON (nil sends nothing) and reads the answer into out (nil
// reads nothing).
func (c *Client) ask(ctx context.Context, method, path string, in, out any) error {
	var body io.Reader
	header := http.Header{}
	if in != nil {
		data, err := json.Marshal(in)
		if err != nil {
			return fmt.Errorf("control: %w", err)
		}
		body = bytes.NewReader(data)
		header.Set("Content-Type", "application/json")
	}
	resp, err := c.do(ctx, method, path, body, header)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if out == nil {
		_, err := io.Copy(io.Discard, io.LimitReader(resp.Body, maxRefusal))
		return err
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxAnswer)).Decode(out); err != nil {
		return errors.Join(errors.New("control: the answer cannot be read"), err)
	}
	return nil
}

// one is the address of a universe.
func one(id string, rest ...string) string {
	path := "/v1/universes/" + url.PathEscape(id)
	for _, word := range rest {
		path += "/" + url.PathEscape(word)
	}
	return path
}
