package credentials

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// commandLimit is far more than any of the programs below takes.
const commandLimit = time.Minute

// program returns the path of a program that runs with these arguments, or skips.
func program(t *testing.T, name string, probe ...string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("skipped, because %s is not on the PATH", name)
	}
	if out, err := exec.Command(path, probe...).CombinedOutput(); err != nil {
		t.Skipf("skipped, because %s does not run here: %v: %s", name, err, out)
	}
	return path
}

func run(t *testing.T, path string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), commandLimit)
	defer cancel()
	out, err := exec.CommandContext(ctx, path, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", filepath.Base(path), err, out)
	}
	return string(out)
}

// whoami starts a server that answers with the thumbprint of the client's
// certificate, and returns its address and its credentials.
func whoami(t *testing.T) (string, *Authority, *Management) {
	t.Helper()
	a := mustOpen(t, filled(t))
	certificate, err := a.ServerCertificate()
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, peer := range r.TLS.PeerCertificates {
			m := Management{Certificate: tls.Certificate{Certificate: [][]byte{peer.Raw}}}
			fmt.Fprint(w, m.Thumbprint())
		}
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}, ClientAuth: tls.RequestClientCert}
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.URL, a, mustManagement(t, a)
}

func TestGoClient(t *testing.T) {
	url, a, m := whoami(t)
	certificate, err := tls.LoadX509KeyPair(m.CertFile, m.KeyFile)
	if err != nil {
		t.Fatal(err)
	}
	ca, err := os.ReadFile(a.CAFile())
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ca)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, Certificates: []tls.Certificate{certificate}}}
	defer transport.CloseIdleConnections()
	response, err := (&http.Client{Transport: transport}).Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	got, err := io.ReadAll(response.Body)
	if err != nil || string(got) != m.Thumbprint() {
		t.Errorf("the server saw %q, %v; want %s", got, err, m.Thumbprint())
	}
}

func TestOpenSSL(t *testing.T) {
	openssl := program(t, "openssl", "version")
	_, a, m := whoami(t)
	out := run(t, openssl, "pkcs12", "-in", m.PFXFile, "-passin", "pass:", "-nodes")
	for _, want := range []string{"BEGIN PRIVATE KEY", "BEGIN CERTIFICATE", "localKeyID"} {
		if strings.Count(out, want) == 0 {
			t.Errorf("openssl pkcs12 shows no %s:\n%s", want, out)
		}
	}
	home := filepath.Dir(a.CAFile())
	for _, host := range []string{"localhost", "account.blob.localhost", "account.blob.core.windows.net"} {
		run(t, openssl, "verify", "-x509_strict", "-CAfile", a.CAFile(), "-verify_hostname", host, filepath.Join(home, "server.pem"))
	}
	run(t, openssl, "verify", "-x509_strict", "-CAfile", a.CAFile(), "-verify_ip", "127.0.0.1", filepath.Join(home, "server.pem"))
}

const nodeClient = `
const fs = require('fs'), https = require('https'), tls = require('tls');
const [url, ca, pfx] = process.argv.slice(1);
tls.createSecureContext({ pfx: fs.readFileSync(pfx) });
https.get(url, { ca: fs.readFileSync(ca), pfx: fs.readFileSync(pfx), agent: false }, res => res.pipe(process.stdout));
`

func TestNode(t *testing.T) {
	node := program(t, "node", "--version")
	url, a, m := whoami(t)
	if got := run(t, node, "-e", nodeClient, url, a.CAFile(), m.PFXFile); got != m.Thumbprint() {
		t.Errorf("the server saw %q, want %s", got, m.Thumbprint())
	}
}

const pythonClient = `
import ssl, sys, urllib.request
url, ca, cert, key = sys.argv[1:]
context = ssl.create_default_context(cafile=ca)
context.verify_flags |= ssl.VERIFY_X509_STRICT
context.load_cert_chain(cert, key)
opener = urllib.request.build_opener(
    urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))
print(opener.open(url).read().decode(), end="")
`

func TestPython(t *testing.T) {
	python := program(t, "python3", "-c", "import ssl, urllib.request")
	url, a, m := whoami(t)
	if got := run(t, python, "-c", pythonClient, url, a.CAFile(), m.CertFile, m.KeyFile); got != m.Thumbprint() {
		t.Errorf("the server saw %q, want %s", got, m.Thumbprint())
	}
}
