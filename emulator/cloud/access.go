package cloud

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
)

// Access is who may manage a subscription besides the holders of its management
// certificates. The zero Access leaves it to the server.
type Access struct {
	Mode AccessMode `json:",omitempty"`
	// Token is the SHA-256 of the one bearer token that is let in, with TokenAccess.
	Token []byte `json:",omitempty"`
}

// An AccessMode says who is let in.
type AccessMode string

// The modes.
const (
	DefaultAccess     AccessMode = ""            // as the server says for all subscriptions
	OpenAccess        AccessMode = "none"        // everyone
	CertificateAccess AccessMode = "certificate" // nobody else
	TokenAccess       AccessMode = "token"       // whoever shows the token
)

// NewAccess returns the access of a mode; token is for TokenAccess alone, which
// needs one. The error says what does not fit.
func NewAccess(mode AccessMode, token string) (Access, error) {
	switch mode {
	case DefaultAccess, OpenAccess, CertificateAccess, TokenAccess:
	default:
		return Access{}, fmt.Errorf("%q is no way to authenticate; it is none, certificate or token", mode)
	}
	if (mode == TokenAccess) != (token != "") {
		return Access{}, fmt.Errorf("a bearer token goes with token authentication, and that needs one")
	}
	a := Access{Mode: mode}
	if token != "" {
		sum := sha256.Sum256([]byte(token))
		a.Token = sum[:]
	}
	return a, nil
}

// Admits reports whether the holder of a bearer token ("" for none) is let in;
// trusted is what the server itself thinks of the request.
func (a Access) Admits(trusted bool, token string) bool {
	switch a.Mode {
	case OpenAccess:
		return true
	case CertificateAccess:
		return false
	case TokenAccess:
		sum := sha256.Sum256([]byte(token))
		return subtle.ConstantTimeCompare(sum[:], a.Token) == 1
	}
	return trusted
}
