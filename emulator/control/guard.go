package control

import (
	"crypto/subtle"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/vipswap/vipswap/emulator/universe"
)

// A guard decides who may ask.
type guard struct {
	token string
	hosts []string
}

// protect lets through to next who may ask. Open addresses need no token.
func (g guard) protect(next http.Handler, open bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := g.check(r, open); err != nil {
			if err.Code == universe.Unauthorized {
				w.Header().Set("WWW-Authenticate", `Bearer realm="vipswap control"`)
			}
			fail(w, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (g guard) check(r *http.Request, open bool) *universe.Error {
	if err := g.checkOrigin(r); err != nil {
		return err
	}
	if open || g.token == "" {
		return nil
	}
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if strings.EqualFold(scheme, "Bearer") && subtle.ConstantTimeCompare([]byte(strings.TrimSpace(token)), []byte(g.token)) == 1 {
		return nil
	}
	return universe.Errorf(universe.Unauthorized, "the control token is missing or wrong").WithHint("send Authorization: Bearer TOKEN; serve prints the token when it starts")
}

// checkOrigin refuses what a page from elsewhere makes a browser ask. Without a
// token the Host has to be one of ours: a name that somebody else made to lead
// here (DNS rebinding) makes a page of the same origin of any.
func (g guard) checkOrigin(r *http.Request) *universe.Error {
	if g.token == "" && !g.ours(r.Host) {
		return universe.Errorf(universe.ForeignOrigin, "the interface is not asked for by the name %s", r.Host).WithHint("use 127.0.0.1, localhost or the address that it listens on")
	}
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" && site != "none" {
		return universe.Errorf(universe.ForeignOrigin, "the request comes from a page of another origin")
	}
	origin := r.Header.Get("Origin")
	if origin == "" {
		return nil
	}
	if u, err := url.Parse(origin); err == nil && u.Host != "" && strings.EqualFold(u.Host, r.Host) {
		return nil
	}
	return universe.Errorf(universe.ForeignOrigin, "the request comes from a page of another origin, %q", origin)
}

// ours reports whether a Host header names the loopback or an address that is
// listened on.
func (g guard) ours(host string) bool {
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	name = strings.Trim(strings.ToLower(name), "[]")
	if ip := net.ParseIP(name); ip != nil && ip.IsLoopback() {
		return true
	}
	return name == "localhost" || strings.HasSuffix(name, ".localhost") || slices.Contains(g.hosts, name)
}
