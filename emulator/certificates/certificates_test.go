package certificates_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"software.sslmate.com/src/go-pkcs12"

	"github.com/vipswap/vipswap/emulator/certificates"
)

// pair is a certificate with its key.
type pair struct {
	key  crypto.Signer
	cert *x509.Certificate
}

func sign(t testing.TB, key crypto.Signer, serial *big.Int) pair {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "shop"},
		NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<32, 0),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return pair{key, cert}
}

var rsaKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

func rsaPair(t testing.TB) pair {
	t.Helper()
	key, err := rsaKey()
	if err != nil {
		t.Fatal(err)
	}
	return sign(t, key, big.NewInt(7))
}

func ecPair(t testing.TB) pair {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return sign(t, key, big.NewInt(8))
}

func (p pair) want(t testing.TB) certificates.Certificate {
	t.Helper()
	c := certificates.Certificate{Thumbprint: fmt.Sprintf("%X", sha1.Sum(p.cert.Raw)), DER: p.cert.Raw, PublicKey: p.cert.RawSubjectPublicKeyInfo}
	if key, ok := p.cert.PublicKey.(*rsa.PublicKey); ok {
		c.PublicKey = x509.MarshalPKCS1PublicKey(key)
	}
	return c
}

func (p pair) pfx(t testing.TB, encoder *pkcs12.Encoder, password string, chain ...*x509.Certificate) []byte {
	t.Helper()
	file, err := encoder.Encode(p.key, p.cert, chain, password)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func folded(der []byte) []byte {
	text := base64.StdEncoding.EncodeToString(der)
	return []byte(text[:64] + "\r\n" + text[64:] + "\r\n")
}

func TestReadCER(t *testing.T) {
	for _, p := range []pair{rsaPair(t), ecPair(t)} {
		der := p.cert.Raw
		for name, file := range map[string][]byte{
			"DER":    der,
			"base64": []byte(base64.StdEncoding.EncodeToString(der)),
			"folded": folded(der),
			"PEM":    pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		} {
			got, err := certificates.ReadCER(file)
			if err != nil {
				t.Errorf("%s of %T: %v", name, p.key, err)
			}
			if diff := cmp.Diff(p.want(t), got); diff != "" {
				t.Errorf("%s of %T mismatch (-want +got):\n%s", name, p.key, diff)
			}
		}
	}
}

// Old tools gave certificates serial numbers that Go's parser refuses.
func TestReadCERWithANegativeSerialNumber(t *testing.T) {
	p := rsaPair(t)
	der := bytes.Replace(bytes.Clone(p.cert.Raw), []byte{2, 1, 7}, []byte{2, 1, 0xf7}, 1)
	if _, err := x509.ParseCertificate(der); err == nil {
		t.Skip("skipped, because this Go parses such certificates")
	}
	if got, err := certificates.ReadCER(der); err != nil || got.Thumbprint != fmt.Sprintf("%X", sha1.Sum(der)) {
		t.Errorf("got %s, %v", got.Thumbprint, err)
	}
}

func TestReadPFX(t *testing.T) {
	p := rsaPair(t)
	tests := []struct {
		name     string
		file     []byte
		password string
	}{
		{"RC2", p.pfx(t, pkcs12.LegacyRC2, "secret"), "secret"},
		{"3DES", p.pfx(t, pkcs12.LegacyDES, "secret"), "secret"},
		{"AES", p.pfx(t, pkcs12.Modern2023, "secret"), "secret"},
		{"new MAC", p.pfx(t, pkcs12.Modern2026, "secret"), "secret"},
		{"RC2, empty password", p.pfx(t, pkcs12.LegacyRC2, ""), ""},
		{"AES, empty password", p.pfx(t, pkcs12.Modern2023, ""), ""},
		{"without password", p.pfx(t, pkcs12.Passwordless, ""), ""},
		{"password with umlauts", p.pfx(t, pkcs12.Modern2023, "Größe"), "Größe"},
		{"with its chain", p.pfx(t, pkcs12.Modern2023, "secret", ecPair(t).cert), "secret"},
		{"chain first", pair{p.key, ecPair(t).cert}.pfx(t, pkcs12.LegacyDES, "secret", p.cert), "secret"},
	}
	for _, test := range tests {
		got, err := certificates.ReadPFX(test.file, test.password)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		if diff := cmp.Diff(p.want(t), got); diff != "" {
			t.Errorf("%s mismatch (-want +got):\n%s", test.name, diff)
		}
	}
}

// No password and an empty one are two things in PKCS #12. OpenSSL writes both
// kinds of file, the old and the new, the former only with its legacy algorithms.
func TestReadPFXOfOpenSSL(t *testing.T) {
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("skipped, because there is no openssl")
	}
	p, dir := rsaPair(t), t.TempDir()
	key, err := x509.MarshalPKCS8PrivateKey(p.key)
	if err != nil {
		t.Fatal(err)
	}
	both := append(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.cert.Raw})...)
	in := filepath.Join(dir, "both.pem")
	if err := os.WriteFile(in, both, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ password, more string }{
		{"secret", ""}, {"", ""}, {"secret", "-legacy"}, {"", "-legacy"}, {"", "-nomac"}, {"", "-keypbe NONE -certpbe NONE"},
	} {
		args := append([]string{"pkcs12", "-export", "-in", in, "-passout", "pass:" + test.password}, strings.Fields(test.more)...)
		file, err := exec.Command(openssl, args...).Output()
		if err != nil {
			t.Logf("openssl cannot %v: %v", test, err)
			continue
		}
		got, err := certificates.ReadPFX(file, test.password)
		if err != nil || got.Thumbprint != p.want(t).Thumbprint {
			t.Errorf("password %q %s: %s, %v", test.password, test.more, got.Thumbprint, err)
		}
	}
}

func TestRefusals(t *testing.T) {
	p := rsaPair(t)
	good := p.pfx(t, pkcs12.LegacyDES, "secret")
	trust, err := pkcs12.LegacyRC2.EncodeTrustStore([]*x509.Certificate{p.cert}, "secret")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		file []byte
		want string
	}{
		{"wrong password", p.pfx(t, pkcs12.Modern2023, "other"), "password"},
		{"cut short", good[:len(good)/2], "not a PKCS #12 file"},
		{"a certificate", p.cert.Raw, "not a PKCS #12 file"},
		{"nothing", nil, "not a PKCS #12 file"},
		{"no key", trust, "not a PKCS #12 file"},
		{"too large", make([]byte, 1<<20), "too large"},
		{"too many iterations", p.pfx(t, pkcs12.LegacyDES.WithIterations(600_001), "secret"), "iterations"},
	}
	for _, test := range tests {
		_, err := certificates.ReadPFX(test.file, "secret")
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: error %v, want one about %q", test.name, err, test.want)
		}
	}
	for name, file := range map[string][]byte{"a PFX": good, "nothing": nil, "text": []byte("hello"), "trailing bytes": append(bytes.Clone(p.cert.Raw), 0), "too large": make([]byte, 1<<20)} {
		if _, err := certificates.ReadCER(file); err == nil {
			t.Errorf("%s was read as a certificate", name)
		}
	}
}

func FuzzReadCER(f *testing.F) {
	p := ecPair(f)
	f.Add(p.cert.Raw)
	f.Add(folded(p.cert.Raw))
	f.Add(p.cert.Raw[:40])
	f.Fuzz(func(t *testing.T, file []byte) {
		c, err := certificates.ReadCER(file)
		if err != nil {
			return
		}
		again, err := certificates.ReadCER(c.DER)
		if err != nil || again.Thumbprint != c.Thumbprint || len(c.Thumbprint) != 40 {
			t.Errorf("read again: %s, %v; at first %s", again.Thumbprint, err, c.Thumbprint)
		}
	})
}

func FuzzReadPFX(f *testing.F) {
	p := ecPair(f)
	f.Add(p.pfx(f, pkcs12.LegacyDES.WithIterations(1), "secret"), "secret")
	f.Add(p.pfx(f, pkcs12.Modern2023.WithIterations(1), ""), "")
	f.Add(p.pfx(f, pkcs12.Modern2026.WithIterations(1), "secret"), "secret")
	f.Add(p.pfx(f, pkcs12.Passwordless, ""), "")
	f.Fuzz(func(t *testing.T, file []byte, password string) {
		c, err := certificates.ReadPFX(file, password)
		if err == nil && c.Thumbprint != fmt.Sprintf("%X", sha1.Sum(c.DER)) {
			t.Errorf("thumbprint %s is not that of the certificate", c.Thumbprint)
		}
	})
}
