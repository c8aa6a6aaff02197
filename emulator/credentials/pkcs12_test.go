package credentials

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/tls"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"math/big"
	"testing"

	oldpkcs12 "golang.org/x/crypto/pkcs12"
	"software.sslmate.com/src/go-pkcs12"
)

// readBack decodes a container with the reader of Go's classic client, and returns
// its certificate.
func readBack(t testing.TB, pfx []byte) *x509.Certificate {
	t.Helper()
	blocks, err := oldpkcs12.ToPEM(pfx, "")
	if err != nil {
		t.Fatal(err)
	}
	var all []byte
	for _, block := range blocks {
		all = append(all, pem.EncodeToMemory(block)...)
	}
	certificate, err := tls.X509KeyPair(all, all)
	if err != nil {
		t.Fatal(err)
	}
	if len(blocks) != 2 || len(certificate.Certificate) != 1 {
		t.Fatalf("%d bags with %d certificates, want one key and one certificate", len(blocks), len(certificate.Certificate))
	}
	return certificate.Leaf
}

func TestGoReaders(t *testing.T) {
	m := mustManagement(t, ephemeral(t))
	if got := readBack(t, m.PFX); !bytes.Equal(got.Raw, m.Certificate.Leaf.Raw) {
		t.Error("golang.org/x/crypto/pkcs12 reads another certificate")
	}
	key, cert, err := pkcs12.Decode(m.PFX, "")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(cert.Raw, m.Certificate.Leaf.Raw) {
		t.Error("go-pkcs12 reads another certificate")
	}
	if !m.Certificate.PrivateKey.(*rsa.PrivateKey).Equal(key.(*rsa.PrivateKey)) {
		t.Error("go-pkcs12 reads another key")
	}
	if _, _, err := pkcs12.Decode(m.PFX, "password"); err == nil {
		t.Error("a wrong password is accepted")
	}
}

// No password is zero bytes in the derivation; an empty one would be two.
func TestNoPasswordIsZeroBytes(t *testing.T) {
	var file pfxFile
	if _, err := asn1.Unmarshal(mustManagement(t, ephemeral(t)).PFX, &file); err != nil {
		t.Fatal(err)
	}
	var parts []byte
	if _, err := asn1.Unmarshal(file.AuthSafe.Content.Bytes, &parts); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name     string
		password []byte
		want     bool
	}{{"none", nil, true}, {"empty", []byte{0, 0}, false}} {
		h := hmac.New(sha1.New, macKey(test.password, file.MAC.Salt, file.MAC.Iterations))
		h.Write(parts)
		if got := hmac.Equal(h.Sum(nil), file.MAC.MAC.Digest); got != test.want {
			t.Errorf("MAC with password %s: %v, want %v", test.name, got, test.want)
		}
	}
	if file.MAC.MAC.Digest == nil || !file.MAC.MAC.Algorithm.OID.Equal(oidSHA1) {
		t.Error("the MAC is not SHA-1")
	}
}

// macKey derives a MAC's key from a password, which one round of RFC 7292, appendix
// B.2, is enough for.
func macKey(password, salt []byte, iterations int) []byte {
	var block []byte
	for range 64 {
		block = append(block, forMAC)
	}
	for _, part := range [][]byte{salt, password} {
		for i := 0; len(part) > 0 && i < 64; i++ {
			block = append(block, part[i%len(part)])
		}
	}
	for range iterations {
		sum := sha1.Sum(block)
		block = sum[:]
	}
	return block
}

// The addition in the derivation is arithmetic modulo 2^512 on each block.
func TestAdvance(t *testing.T) {
	modulus := new(big.Int).Lsh(big.NewInt(1), 512)
	for range 100 {
		input, b := make([]byte, 128), make([]byte, 64)
		rand.Read(input)
		rand.Read(b)
		b[0], input[0] = 0xff, 0xff // so that the highest carry is lost
		var want []byte
		for _, block := range [][]byte{input[:64], input[64:]} {
			sum := new(big.Int).Add(new(big.Int).SetBytes(block), new(big.Int).SetBytes(b))
			sum.Add(sum, big.NewInt(1)).Mod(sum, modulus)
			want = append(want, sum.FillBytes(make([]byte, 64))...)
		}
		if advance(input, b); !bytes.Equal(input, want) {
			t.Fatalf("got %x, want %x", input, want)
		}
	}
}

func TestEncodePFXWithoutRandomness(t *testing.T) {
	ca := ephemeral(t).ca
	if _, err := encodePFX(ca.cert, ca.key, bytes.NewReader(make([]byte, 5))); err == nil {
		t.Error("no error when the salts cannot be made")
	}
}

func FuzzVerifyPFX(f *testing.F) {
	pfx := mustManagement(f, ephemeral(f)).PFX
	f.Add(pfx)
	f.Add(pfx[:len(pfx)/2])
	f.Add([]byte{0x30, 0x00})
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := verifyPFX(data); err == nil && len(data) < saltSize+sha1.Size {
			t.Errorf("accepted: %x", data)
		}
	})
}

func BenchmarkVerifyPFX(b *testing.B) {
	pfx := mustManagement(b, ephemeral(b)).PFX
	for b.Loop() {
		if err := verifyPFX(pfx); err != nil {
			b.Fatal(err)
		}
	}
}
