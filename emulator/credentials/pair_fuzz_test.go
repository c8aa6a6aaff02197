package credentials

import (
	"crypto/rsa"
	"strings"
	"testing"
)

// FuzzPair reads keys and certificates: what is read can be used, and what is wrong
// with a file is said without what is in it.
func FuzzPair(f *testing.F) {
	f.Add([]byte(""))
	f.Add([]byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"))
	f.Add([]byte("-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if key, err := parseKey(data); err == nil && key.PublicKey.Equal(&rsa.PublicKey{}) {
			t.Error("a key is empty")
		} else if err != nil && strings.Contains(err.Error(), "c2VjcmV0") {
			t.Errorf("the error tells the key: %v", err)
		}
		if cert, err := parseCertificate(data); err == nil && len(cert.Raw) == 0 {
			t.Error("a certificate is empty")
		}
	})
}
