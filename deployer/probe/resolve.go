package probe

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// A Resolve says where a host's port is, in place of what the DNS knows.
type Resolve struct {
	Host    string // in lower case; * is every host
	Port    string
	Address string // IP address or name, and port
}

// ParseResolve reads the form of curl's --resolve, HOST:PORT:ADDRESS. HOST may be
// *. An IPv6 address stands in brackets. Other than curl's, ADDRESS may have a port
// of its own (HOST:PORT:ADDRESS:PORT).
func ParseResolve(text string) (Resolve, error) {
	host, rest, found := cutHost(strings.TrimSpace(text))
	port, address, more := strings.Cut(rest, ":")
	if !found || !more || host != "*" && !isHost(host) || !isPort(port) {
		return Resolve{}, fmt.Errorf("%q does not say where a host is", text)
	}
	r := Resolve{Host: strings.ToLower(host), Port: port}
	to, toPort, _ := cutHost(address)
	if toPort == "" {
		toPort = port
	}
	if !isHost(to) || !isPort(toPort) {
		return Resolve{}, fmt.Errorf("%q does not say where a host is", text)
	}
	r.Address = net.JoinHostPort(to, toPort)
	return r, nil
}

// cutHost cuts a host, perhaps in brackets, from what is behind its colon.
func cutHost(text string) (host, rest string, found bool) {
	inner, bracketed := strings.CutPrefix(text, "[")
	if !bracketed {
		return strings.Cut(text, ":")
	}
	host, rest, found = strings.Cut(inner, "]")
	rest, colon := strings.CutPrefix(rest, ":")
	if !found || !colon && rest != "" || net.ParseIP(host) == nil {
		return "", "", false
	}
	return host, rest, true
}

// isHost reports whether text can be an IP address or a name.
func isHost(text string) bool {
	odd := func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("-._", r)
	}
	return net.ParseIP(text) != nil || text != "" && strings.IndexFunc(text, odd) < 0
}

func isPort(text string) bool {
	n, err := strconv.Atoi(text)
	return err == nil && 0 < n && n < 1<<16
}

func parseResolves(list []string) ([]Resolve, error) {
	var all []Resolve
	for _, text := range list {
		r, err := ParseResolve(text)
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, nil
}

// find returns where host:port is by the first entry that fits, or "".
func find(resolve []Resolve, host, port string) string {
	for _, r := range resolve {
		if (r.Host == "*" || strings.EqualFold(r.Host, host)) && r.Port == port {
			return r.Address
		}
	}
	return ""
}

// dialTime bounds how long a connection takes to be made.
const dialTime = 10 * time.Second

// Client returns a client whose requests go where resolve says, and where the DNS
// says otherwise. It keeps no connection and follows no redirect.
func Client(resolve []Resolve) Doer {
	dialer := &net.Dialer{Timeout: dialTime}
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DisableKeepAlives: true,
			Proxy:             proxyFor(resolve),
			DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
				if host, port, err := net.SplitHostPort(address); err == nil {
					if elsewhere := find(resolve, host, port); elsewhere != "" {
						address = elsewhere
					}
				}
				return dialer.DialContext(ctx, network, address)
			},
		},
	}
}

// proxyFor uses the proxy of the environment for hosts that are not resolved here.
func proxyFor(resolve []Resolve) func(*http.Request) (*url.URL, error) {
	return func(r *http.Request) (*url.URL, error) {
		if find(resolve, r.URL.Hostname(), PortOf(r.URL)) != "" {
			return nil, nil
		}
		return http.ProxyFromEnvironment(r)
	}
}

// PortOf returns the port of an address, which its scheme implies when none is
// written.
func PortOf(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "https":
		return "443"
	}
	return "80"
}
