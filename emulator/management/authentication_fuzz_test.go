package management

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"
)

// FuzzToken reads bearer tokens: what is taken for one has three parts, and stays
// good only until it expires.
func FuzzToken(f *testing.F) {
	part := base64.RawURLEncoding.EncodeToString
	for _, claims := range []string{`{}`, `{"exp":1435708800}`, `{"exp":"1435708800"}`, `{"exp":1e400}`, `{"exp":null}`, `[]`, ``} {
		f.Add(part([]byte(`{"alg":"RS256"}`))+"."+part([]byte(claims))+".signature", int64(1435708799))
	}
	f.Add("..", int64(0))
	f.Fuzz(func(t *testing.T, token string, seconds int64) {
		now := time.Unix(seconds%1e12, 0)
		good := wellFormed(token, now)
		if good && strings.Count(token, ".") != 2 {
			t.Errorf("%q is taken for a token", token)
		}
		if !good && wellFormed(token, now.Add(time.Hour)) {
			t.Errorf("%q is good only later", token)
		}
	})
}
