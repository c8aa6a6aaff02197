package management

import (
	"crypto/sha1"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/vipswap/vipswap/emulator/cloud"
)

// Authentication is who is let in, besides the holders of a subscription's
// management certificates.
type Authentication struct {
	// Anyone lets everyone in, to every subscription.
	Anyone bool
	// Token is the one bearer token that is accepted. With "" every well-formed
	// one is that has not expired: nobody is here to have issued it.
	Token string
	// CertificatesOnly lets no bearer token in.
	CertificatesOnly bool
	// Now is the clock that tokens expire by; nil is time.Now.
	Now func() time.Time
}

// A thumbprint is the SHA-1 of a certificate, "" of none.
type thumbprint struct {
	shown string // in hex, as people write it
	key   string // in lower case, as subscriptions know it
}

// A credential is what a request shows of itself.
type credential struct {
	thumbprint        // of the client's certificate
	token      string // bearer token, "" without
	trusted    bool   // may manage every subscription that does not say otherwise
	rejected   bool   // the bearer token is no good, unless a subscription has it for its own
}

// credential judges what a request shows. A bearer token that is no good is
// refused even when there is a certificate, too.
func (s *Server) credential(hr *http.Request) credential {
	c := credential{thumbprint: s.thumbprintOf(hr), trusted: s.authentication.Anyone}
	scheme, token, _ := strings.Cut(hr.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return c
	}
	c.token = strings.TrimSpace(token)
	c.trusted = c.trusted || s.authentication.accepts(c.token)
	c.rejected = !c.trusted
	return c
}

// refusal is the answer to a request that is not let in.
func (c credential) refusal() *cloud.Error {
	if c.rejected {
		return cloud.NewError(cloud.AuthenticationFailed)
	}
	return cloud.NewError(cloud.ForbiddenError)
}

func (a Authentication) accepts(token string) bool {
	if a.CertificatesOnly {
		return false
	}
	if a.Token != "" {
		return subtle.ConstantTimeCompare([]byte(a.Token), []byte(token)) == 1
	}
	now := time.Now
	if a.Now != nil {
		now = a.Now
	}
	return wellFormed(token, now())
}

// wellFormed reports whether token looks like a JSON web token that has not
// expired. Its signature is not looked at.
func wellFormed(token string, now time.Time) bool {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return false
	}
	var header map[string]any
	var claims struct {
		Expires json.Number `json:"exp"`
	}
	if !decodePart(parts[0], &header) || !decodePart(parts[1], &claims) {
		return false
	}
	if claims.Expires == "" {
		return true
	}
	expires, err := claims.Expires.Float64()
	return err == nil && float64(now.Unix()) < expires
}

func decodePart(part string, v any) bool {
	data, err := base64.RawURLEncoding.DecodeString(part)
	return err == nil && json.Unmarshal(data, v) == nil
}

// may reports whether the credential opens a subscription.
func (c credential) may(st *cloud.State) bool {
	return st.Access.Admits(c.trusted, c.token) || !c.rejected && st.Authorized(c.key)
}

// mayManage is may for a universe.
func (c credential) mayManage(u *cloud.Universe) (ok bool) {
	u.View(func(st *cloud.State) *cloud.Error {
		ok = c.may(st)
		return nil
	})
	return ok
}

// first returns a subscription that the credential opens, for the one call that
// names none.
func (s *Server) first(c credential) *cloud.Universe {
	for _, u := range s.subscriptions.Universes() {
		if c.mayManage(u) {
			return u
		}
	}
	return nil
}

// thumbprintOf returns that of the client's certificate. It is worked out once for
// a connection, whose requests all have one certificate.
func (s *Server) thumbprintOf(hr *http.Request) thumbprint {
	if hr.TLS == nil || len(hr.TLS.PeerCertificates) == 0 {
		return thumbprint{}
	}
	certificate := hr.TLS.PeerCertificates[0]
	if known, ok := s.thumbprints.get(certificate); ok {
		return known
	}
	sum := sha1.Sum(certificate.Raw)
	key := hex.EncodeToString(sum[:])
	t := thumbprint{strings.ToUpper(key), key}
	s.thumbprints.put(certificate, t)
	return t
}
