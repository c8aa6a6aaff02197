package management_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha1"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"math/big"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"software.sslmate.com/src/go-pkcs12"

	"github.com/vipswap/vipswap/emulator/cloud"
)

// testCertificate is a certificate with its key, as clients upload it.
type testCertificate struct {
	*x509.Certificate
	key *ecdsa.PrivateKey
}

func newCertificate(t testing.TB) testCertificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: cloud.Epoch, NotAfter: cloud.Epoch.AddDate(10, 0, 0)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return testCertificate{certificate, key}
}

func (c testCertificate) thumbprint() string { return fmt.Sprintf("%X", sha1.Sum(c.Raw)) }

func (c testCertificate) data() string { return base64.StdEncoding.EncodeToString(c.Raw) }

func (c testCertificate) pfx(t testing.TB, encoder *pkcs12.Encoder, password string) string {
	t.Helper()
	file, err := encoder.Encode(c.key, c.Certificate, nil, password)
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(file)
}

func certificateFile(data, format, more string) string {
	return document("CertificateFile", "<Data>"+data+"</Data><CertificateFormat>"+format+"</CertificateFormat>"+more)
}

const answerRoot = ` xmlns="http://schemas.microsoft.com/windowsazure" xmlns:i="http://www.w3.org/2001/XMLSchema-instance"`

// answers compares the body of a GET.
func (w *world) answers(path, version, want string) {
	w.Helper()
	answer := w.do(call{method: "GET", path: path, version: version})
	if diff := cmp.Diff(want, answer.Body.String()); diff != "" {
		w.Errorf("%s mismatch (-want +got):\n%s", path, diff)
	}
}

func TestServiceCertificates(t *testing.T) {
	c := newCertificate(t)
	const path = shop + "/certificates"
	for name, body := range map[string]string{
		"cer":                    certificateFile(c.data(), "cer", ""),
		"cer, empty password":    certificateFile(c.data(), "Cer", "<Password></Password>"),
		"cer as base64 text":     certificateFile(b64(c.data()), "cer", ""),
		"folded":                 certificateFile(c.data()[:64]+"\r\n"+c.data()[64:]+"\r\n", "cer", ""),
		"old pfx":                certificateFile(c.pfx(t, pkcs12.LegacyRC2, "secret"), "pfx", "<Password>secret</Password>"),
		"new pfx":                certificateFile(c.pfx(t, pkcs12.Modern2023, "secret"), "Pfx", "<Password>secret</Password>"),
		"pfx, empty password":    certificateFile(c.pfx(t, pkcs12.Modern2023, ""), "pfx", "<Password></Password>"),
		"pfx, password left out": certificateFile(c.pfx(t, pkcs12.LegacyDES, ""), "pfx", ""),
		"pfx without password":   certificateFile(c.pfx(t, pkcs12.Passwordless, ""), "pfx", ""),
	} {
		w := newWorld(t)
		w.answers(path, "", "<Certificates"+answerRoot+"/>")
		w.done(call{method: "POST", path: path, body: body})
		w.done(call{method: "POST", path: path, body: body})
		w.answers(path, "", "<Certificates"+answerRoot+"><Certificate><CertificateUrl>https://"+host+"/"+subscription+shop+"/certificates/sha1-"+c.thumbprint()+
			"</CertificateUrl><Thumbprint>"+c.thumbprint()+"</Thumbprint><ThumbprintAlgorithm>sha1</ThumbprintAlgorithm><Data>"+c.data()+"</Data></Certificate></Certificates>")
		w.answers(path+"/SHA1-"+strings.ToLower(c.thumbprint()), "", "<Certificate"+answerRoot+"><Data>"+c.data()+"</Data></Certificate>")
		if t.Failed() {
			t.Fatalf("with %s", name)
		}
		w.done(call{method: "DELETE", path: path + "/sha1-" + c.thumbprint()})
		w.answers(path, "", "<Certificates"+answerRoot+"/>")
	}
}

func TestServiceCertificateRefusals(t *testing.T) {
	c := newCertificate(t)
	const path = shop + "/certificates"
	invalid := refusal{400, "BadRequest", "The certificate data is invalid or the password is incorrect."}
	absent := refusal{404, "ResourceNotFound", "The certificate was not found."}
	runProtocol(t, []protocolTest{
		{name: "wrong password", call: post(path, certificateFile(c.pfx(t, pkcs12.Modern2023, "secret"), "pfx", "<Password>other</Password>")), refused: invalid},
		{name: "a cer as pfx", call: post(path, certificateFile(c.data(), "pfx", "")), refused: invalid},
		{name: "a pfx as cer", call: post(path, certificateFile(c.pfx(t, pkcs12.Modern2023, ""), "cer", "")), refused: invalid},
		{name: "no data", call: post(path, certificateFile("", "cer", "")), refused: invalid},
		{name: "no base64", call: post(path, certificateFile("!", "cer", "")), refused: refusal{400, "BadRequest", "The element Data is not valid base64."}},
		{name: "unknown format", call: post(path, certificateFile(c.data(), "pem", "")), refused: refusal{400, "BadRequest", "The certificate format 'pem' is invalid; it must be pfx or cer."}},
		{name: "another root", call: post(path, document("Certificate", "")), refused: wrongXML},
		{name: "unknown service", call: post("/services/hostedservices/none/certificates", certificateFile(c.data(), "cer", "")), refused: noService},
		{name: "list of an unknown service", call: get("/services/hostedservices/none/certificates"), refused: noService},
		{name: "get of an unknown service", call: get("/services/hostedservices/none/certificates/sha1-00"), refused: noService},
		{name: "unknown thumbprint", call: get(path + "/sha1-00"), refused: absent},
		{name: "unknown algorithm", call: get(path + "/md5-" + c.thumbprint()), refused: absent},
		{name: "without algorithm", call: get(path + "/" + c.thumbprint()), refused: absent},
		{name: "delete of an unknown one", call: call{method: "DELETE", path: path + "/sha1-00"}, refused: absent},
	})
}

// as sends a request with another client's certificate.
func (w *world) as(c testCertificate, request call) *httptest.ResponseRecorder {
	r := request.request()
	r.TLS.PeerCertificates = []*x509.Certificate{c.Certificate}
	recorder := httptest.NewRecorder()
	w.server.ServeHTTP(recorder, r)
	return recorder
}

func managementBody(c testCertificate, thumbprint string) string {
	return document("SubscriptionCertificate", "<SubscriptionCertificatePublicKey>"+b64("not looked at")+"</SubscriptionCertificatePublicKey><SubscriptionCertificateThumbprint>"+
		thumbprint+"</SubscriptionCertificateThumbprint><SubscriptionCertificateData>"+c.data()+"</SubscriptionCertificateData>")
}

func TestManagementCertificates(t *testing.T) {
	w, c := newWorld(t), newCertificate(t)
	if answer := w.as(c, get("")); answer.Code != 403 {
		t.Fatalf("a stranger is answered %d", answer.Code)
	}
	w.advance(1500 * time.Millisecond)
	answer := w.do(post("/certificates", managementBody(c, strings.ToLower(c.thumbprint()))))
	location := "https://" + host + "/subscriptions/" + subscription + "/certificates/" + c.thumbprint()
	if answer.Code != 200 || answer.Header().Get("Location") != location {
		t.Errorf("answered %d with Location %q, want 200 and %q", answer.Code, answer.Header().Get("Location"), location)
	}
	if answer := w.do(get("/operations/" + answer.Header().Get("x-ms-request-id"))); !strings.Contains(answer.Body.String(), "<Status>Succeeded</Status>") {
		t.Errorf("the operation is %s", answer.Body)
	}
	inner := "<SubscriptionCertificatePublicKey>" + base64.StdEncoding.EncodeToString(c.RawSubjectPublicKeyInfo) + "</SubscriptionCertificatePublicKey><SubscriptionCertificateThumbprint>" +
		c.thumbprint() + "</SubscriptionCertificateThumbprint><SubscriptionCertificateData>" + c.data() + "</SubscriptionCertificateData><Created>2015-07-01T00:00:01.5000000Z</Created>"
	w.answers("/certificates/"+strings.ToLower(c.thumbprint()), "", "<SubscriptionCertificate"+answerRoot+">"+inner+"</SubscriptionCertificate>")
	list := w.as(c, get("/certificates")).Body.String()
	if !strings.HasPrefix(list, "<SubscriptionCertificates"+answerRoot+"><SubscriptionCertificate>") || !strings.Contains(list, "<SubscriptionCertificate>"+inner+"</SubscriptionCertificate>") || strings.Count(list, "<Created>") != 2 {
		t.Errorf("the list is %s", list)
	}
	if answer := w.as(c, call{method: "DELETE", path: "/certificates/" + c.thumbprint()}); answer.Code != 200 {
		t.Errorf("a client that deletes its own certificate is answered %d", answer.Code)
	}
	if answer := w.as(c, get("")); answer.Code != 403 {
		t.Errorf("a client whose certificate was deleted is answered %d", answer.Code)
	}
}

func TestManagementCertificateRefusals(t *testing.T) {
	c := newCertificate(t)
	absent := refusal{404, "ResourceNotFound", "The certificate was not found."}
	runProtocol(t, []protocolTest{
		{name: "no certificate", call: post("/certificates", document("SubscriptionCertificate", "<SubscriptionCertificateData>"+b64("none")+"</SubscriptionCertificateData>")), refused: refusal{400, "BadRequest", "The certificate data is invalid."}},
		{name: "another thumbprint", call: post("/certificates", managementBody(c, "00")), refused: refusal{400, "BadRequest", "The thumbprint 00 is not that of the certificate, which is " + c.thumbprint() + "."}},
		{name: "another root", call: post("/certificates", document("Certificate", "")), refused: wrongXML},
		{name: "get", call: get("/certificates/00"), refused: absent},
		{name: "delete", call: call{method: "DELETE", path: "/certificates/00"}, refused: absent},
		{name: "stranger", call: call{method: "POST", path: "/certificates", body: managementBody(c, ""), stranger: true}, refused: forbidden},
	})
}

// What a password or a private key is must not show anywhere.
func TestSecretsOfCertificatesAreNotKept(t *testing.T) {
	c := newCertificate(t)
	file := c.pfx(t, pkcs12.Modern2023, "pass-phrase")
	w := newWorld(t)
	w.done(post(shop+"/certificates", certificateFile(file, "pfx", "<Password>pass-phrase</Password>")))
	key, err := x509.MarshalPKCS8PrivateKey(c.key)
	if err != nil {
		t.Fatal(err)
	}
	dump := []byte(w.dump())
	for _, secret := range []string{"pass-phrase", file, base64.StdEncoding.EncodeToString(key)} {
		if bytes.Contains(dump, []byte(secret)) {
			t.Errorf("the state holds %.20s...", secret)
		}
	}
}
