package emulator

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"testing"
)

// replay is a handler that gives one answer to every request.
func replay(t testing.TB, answer *http.Response) http.Handler {
	t.Helper()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	header := answer.Header.Clone()
	header.Del("Date") // which the server writes by itself
	header["Content-Length"] = []string{fmt.Sprint(len(body))}
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		maps.Copy(w.Header(), header)
		w.WriteHeader(answer.StatusCode)
		w.Write(body)
	})
}

// servePlain serves a handler without TLS. What the handler would know of the
// client's certificate by TLS it is told.
func servePlain(t testing.TB, e *Emulator, h http.Handler) dialer {
	t.Helper()
	state := clientState(t, e)
	addr := serve(t, e, func(l net.Listener) net.Listener { return l }, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.TLS = state
		h.ServeHTTP(w, r)
	}))
	return func() (net.Conn, error) { return net.Dial("tcp", addr) }
}

// clientState is what a connection of the emulator's management certificate
// tells the handler.
func clientState(t testing.TB, e *Emulator) *tls.ConnectionState {
	t.Helper()
	client, err := x509.ParseCertificate(e.Management().Certificate.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	return &tls.ConnectionState{PeerCertificates: []*x509.Certificate{client}}
}

// serveTLS serves a handler as the management endpoint is served.
func serveTLS(t testing.TB, e *Emulator, h http.Handler) dialer {
	t.Helper()
	cert, err := e.Authority().ServerCertificate("127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	addr := serve(t, e, func(l net.Listener) net.Listener { return tls.NewListener(l, managementTLS(cert)) }, h)
	config := &tls.Config{RootCAs: e.CertPool(), Certificates: []tls.Certificate{e.Management().Certificate}}
	return func() (net.Conn, error) { return tls.Dial("tcp", addr, config) }
}

// serve serves a handler on a free port until the benchmark is over, and returns
// the address.
func serve(t testing.TB, e *Emulator, wrap func(net.Listener) net.Listener, h http.Handler) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	e.handle(wrap(l), h) // closed with the emulator
	return l.Addr().String()
}
