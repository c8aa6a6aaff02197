package management_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vipswap/vipswap/deployer/management"
)

const (
	subscription = "9f1c8f6e-4a42-4c2b-8f0e-1d2b3c4d5e6f"
	operationID  = "ef4fd1681471922fa0de4f7300dca46d"
)

// fakeClock is a clock whose time passes only by sleeping.
type fakeClock struct {
	mu    sync.Mutex // guards the rest
	now   time.Time
	slept []time.Duration
	wake  func(n int) // called at the n-th sleep, from 1; may end the context
}

func newFakeClock() *fakeClock {
	return &fakeClock{now: time.Date(2015, 7, 2, 12, 0, 0, 0, time.UTC)}
}

func (c *fakeClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *fakeClock) Sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	c.slept = append(c.slept, d)
	if c.wake != nil {
		c.wake(len(c.slept))
	}
	return ctx.Err()
}

// A reply is what the stub does with one request.
type reply struct {
	status int
	header map[string]string
	body   string
	cut    cut
}

// A cut is where a connection ends too early.
type cut int

const (
	nowhere      cut = iota
	beforeAnswer     // the request was read, nothing comes back
	inHeaders        // in the middle of the answer's headers
	inBody           // in the middle of the answer's body
)

// document is a reply of 200 with a file of testdata/documents.
func document(t *testing.T, name string) reply { return refusal(t, http.StatusOK, name) }

// refusal is a reply of any status with a file of testdata/documents.
func refusal(t *testing.T, status int, name string) reply {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("testdata", "documents", name+".xml"))
	if err != nil {
		t.Fatal(err)
	}
	return reply{status: status, body: string(body), header: map[string]string{"Content-Type": "application/xml; charset=utf-8"}}
}

func accepted() reply { return reply{status: http.StatusAccepted} }

func (r reply) with(name, value string) reply {
	header := map[string]string{name: value}
	for n, v := range r.header {
		if n != name {
			header[n] = v
		}
	}
	r.header = header
	return r
}

// A stub is a server that answers with the given replies, one after the other,
// and keeps what it was asked.
type stub struct {
	t      *testing.T
	server *httptest.Server

	mu       sync.Mutex // guards the rest
	replies  []reply
	requests []string
}

func newStub(t *testing.T, replies ...reply) *stub {
	t.Helper()
	s := &stub{t: t, replies: replies}
	s.server = httptest.NewUnstartedServer(s)
	s.server.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert, MinVersion: tls.VersionTLS12}
	s.server.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.server.StartTLS()
	t.Cleanup(s.server.Close)
	return s
}

func (s *stub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		s.t.Errorf("read the request: %v", err)
	}
	s.mu.Lock()
	s.requests = append(s.requests, render(r, body))
	if len(s.replies) == 0 {
		s.mu.Unlock()
		s.t.Errorf("one request too many: %s %s", r.Method, r.RequestURI)
		w.WriteHeader(http.StatusTeapot)
		return
	}
	next := s.replies[0]
	s.replies = s.replies[1:]
	s.mu.Unlock()
	next.write(w)
}

func (r reply) write(w http.ResponseWriter) {
	if r.cut != nowhere {
		r.hangUp(w)
		return
	}
	w.Header().Set("x-ms-request-id", operationID)
	for name, value := range r.header {
		w.Header().Set(name, value)
	}
	w.WriteHeader(r.status)
	io.WriteString(w, r.body)
}

// hangUp writes as much of the answer as the cut lets through.
func (r reply) hangUp(w http.ResponseWriter) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		panic(err)
	}
	defer conn.Close()
	head := fmt.Sprintf("HTTP/1.1 %d Whatever\r\nx-ms-request-id: %s\r\n", r.status, operationID)
	switch r.cut {
	case inHeaders:
		io.WriteString(conn, head)
	case inBody:
		io.WriteString(conn, head+"Content-Type: application/xml\r\nContent-Length: 5000\r\n\r\n<Operation")
	}
}

// asked returns the requests so far.
func (s *stub) asked() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.requests...)
}

// render writes a request as it was seen, without what differs from run to run.
func render(r *http.Request, body []byte) string {
	var names []string
	for name := range r.Header {
		names = append(names, name)
	}
	sort.Strings(names)
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n", r.Method, r.RequestURI)
	for _, name := range names {
		fmt.Fprintf(&b, "%s: %s\n", name, strings.Join(r.Header[name], ", "))
	}
	fmt.Fprintf(&b, "client certificate: %s\n", r.TLS.PeerCertificates[0].Subject.CommonName)
	if len(body) > 0 {
		fmt.Fprintf(&b, "\n%s\n", body)
	}
	return b.String()
}

// client returns a client for the stub, on a fake clock.
func (s *stub) client(change ...func(*management.Config)) (*management.Client, *fakeClock) {
	s.t.Helper()
	roots := x509.NewCertPool()
	roots.AddCert(s.server.Certificate())
	clock := newFakeClock()
	config := management.Config{
		URL: s.server.URL + "/", SubscriptionID: subscription, Certificate: testCertificate(), RootCAs: roots, Clock: clock,
	}
	for _, f := range change {
		f(&config)
	}
	c, err := management.New(config)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(c.CloseIdleConnections)
	return c, clock
}

// testCertificate is a self-signed management certificate, made once.
var testCertificate = sync.OnceValue(func() tls.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	return selfSigned(key, &key.PublicKey)
})

func selfSigned(key, public any) tls.Certificate {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(7),
		Subject:      pkix.Name{CommonName: "management certificate"},
		NotBefore:    time.Date(2015, 1, 1, 0, 0, 0, 0, time.UTC),
		NotAfter:     time.Date(2115, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, public, key)
	if err != nil {
		panic(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		panic(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

// refusalOf returns the *Error in err's chain, or ends the test.
func refusalOf(t *testing.T, err error) *management.Error {
	t.Helper()
	var refusal *management.Error
	if !errors.As(err, &refusal) {
		t.Fatalf("error is %v, want a *management.Error", err)
	}
	return refusal
}
