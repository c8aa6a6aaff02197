package management_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"software.sslmate.com/src/go-pkcs12"

	"github.com/vipswap/vipswap/deployer/management"
)

func settings(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "publishsettings", name+".publishsettings"))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestReadPublishSettings reads files whose certificates were made by OpenSSL:
// with 3DES and SHA-1, once with an empty password and once with none, and with
// AES-256 and SHA-256.
func TestReadPublishSettings(t *testing.T) {
	const azure, local = "https://management.core.windows.net", "https://127.0.0.1:8443"
	type profile struct{ Name, ID, URL, Subject string }
	one := []profile{{"Rehearsal", subscription, local, "CN=rehearsal"}}
	tests := map[string][]profile{
		"schema1": {
			{"Rehearsal", subscription, azure, "CN=rehearsal"},
			{"Other & older", "00000000-1111-2222-3333-444444444444", azure, "CN=rehearsal"},
		},
		"schema2-no-password":    one,
		"schema2-empty-password": one,
		"schema2-modern":         one,
	}
	for name, want := range tests {
		t.Run(name, func(t *testing.T) {
			found, err := management.ReadPublishSettings(settings(t, name))
			if err != nil {
				t.Fatal(err)
			}
			var got []profile
			for _, c := range found {
				got = append(got, profile{c.Name, c.SubscriptionID, c.URL, c.Certificate.Leaf.Subject.String()})
				if _, err := management.New(management.Config{URL: c.URL, SubscriptionID: c.SubscriptionID, Certificate: c.Certificate}); err != nil {
					t.Errorf("no client from it: %v", err)
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

// TestPublishSettingsIdentify: a certificate that was read identifies its owner.
func TestPublishSettingsIdentify(t *testing.T) {
	found, err := management.ReadPublishSettings(settings(t, "schema2-no-password"))
	if err != nil {
		t.Fatal(err)
	}
	s := newStub(t, document(t, "subscription"))
	c, _ := s.client(func(c *management.Config) { c.Certificate = found[0].Certificate })
	if _, err := c.Subscription(t.Context()); err != nil {
		t.Fatal(err)
	}
	if asked := s.asked()[0]; !strings.Contains(asked, "client certificate: rehearsal") {
		t.Errorf("request is %q, want it by the certificate of the file", asked)
	}
}

func TestReadPublishSettingsRefuses(t *testing.T) {
	const begin, end = `<PublishData><PublishProfile>`, `</PublishProfile></PublishData>`
	entry := func(id, url, certificate string) string {
		return fmt.Sprintf(`%s<Subscription Id="%s" Name="x" ServiceManagementUrl="%s" ManagementCertificate="%s"/>%s`, begin, id, url, certificate, end)
	}
	const url = "https://127.0.0.1:8443"
	tests := map[string]struct{ text, want string }{
		"empty":             {"", "it is empty"},
		"not XML":           {"hello", "EOF"},
		"other root":        {"<Other/>", "expected element type <PublishData>"},
		"document type":     {"<!DOCTYPE x>" + begin + end, "document type"},
		"no profile":        {"<PublishData/>", "name no subscription"},
		"no subscription":   {begin + end, "name no subscription"},
		"bad id":            {entry("me", url, "AAAA"), `subscription id "me"`},
		"no URL":            {entry(subscription, "", "AAAA"), "has no management URL"},
		"no certificate":    {entry(subscription, url, ""), "there is no management certificate"},
		"not base64":        {entry(subscription, url, "!!"), "is not base64"},
		"not a container":   {entry(subscription, url, "AAAA"), "cannot be opened"},
		"password":          {string(settings(t, "schema2-locked")), "protected by a password"},
		"strangers":         {entry(subscription, url, mismatchedPFX(t)), "do not belong together"},
		"too large":         {strings.Repeat(" ", 4<<20+1), "larger than 4 MiB"},
		"too many rounds":   {entry(subscription, url, endlessPFX(t)), "more than 1000000 rounds"},
		"far too many subs": {begin + strings.Repeat(`<Subscription Id="`+subscription+`" ServiceManagementUrl="`+url+`" ManagementCertificate="`+goodPFX(t)+`"/>`, 1001) + end, "more than 1000 subscriptions"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			found, err := management.ReadPublishSettings([]byte(tt.text))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error is %v, want %q in it", err, tt.want)
			}
			if found != nil {
				t.Errorf("%d subscriptions were returned with the error", len(found))
			}
		})
	}
}

// goodPFX is a container without costly key derivation.
func goodPFX(t *testing.T) string {
	c := testCertificate()
	return encodePFX(t, c.PrivateKey, c.Leaf)
}

// mismatchedPFX holds a certificate and somebody else's key.
func mismatchedPFX(t *testing.T) string {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return encodePFX(t, key, testCertificate().Leaf)
}

func encodePFX(t *testing.T, key any, leaf *x509.Certificate) string {
	t.Helper()
	der, err := pkcs12.LegacyDES.WithIterations(1).Encode(key, leaf, nil, "")
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(der)
}

// endlessPFX is a good container but for the rounds that its checksum asks for.
func endlessPFX(t *testing.T) string {
	t.Helper()
	der, err := base64.StdEncoding.DecodeString(goodPFX(t))
	if err != nil {
		t.Fatal(err)
	}
	var container struct {
		Version  int
		Contents asn1.RawValue
		Checksum struct {
			Digest asn1.RawValue
			Salt   []byte
			Rounds int `asn1:"optional,default:1"`
		}
	}
	if _, err := asn1.Unmarshal(der, &container); err != nil {
		t.Fatal(err)
	}
	container.Checksum.Rounds = 1<<31 - 1
	if der, err = asn1.Marshal(container); err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(der)
}

func TestLoadPEM(t *testing.T) {
	c := testCertificate()
	pkcs8, err := x509.MarshalPKCS8PrivateKey(c.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Certificate[0]})
	key := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})
	stranger, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	strange := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(stranger)})
	tests := map[string]struct {
		cert, key []byte
		ok        bool
	}{
		"two files":      {cert, key, true},
		"one file":       {append(key, cert...), nil, true},
		"no key":         {cert, nil, false},
		"no certificate": {nil, key, false},
		"strangers":      {cert, strange, false},
		"nothing":        {nil, nil, false},
	}
	for name, tt := range tests {
		got, err := management.LoadPEM(tt.cert, tt.key)
		if (err == nil) != tt.ok {
			t.Errorf("%s: error is %v", name, err)
		}
		if tt.ok && !got.Leaf.Equal(c.Leaf) {
			t.Errorf("%s: another certificate came out", name)
		}
	}
}
