package managementtest

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/xml"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
)

// A Target is an implementation and what it is to be tested with.
type Target struct {
	URL          string          // of the API, without a slash at the end
	Subscription string          // id of the subscription
	Certificate  tls.Certificate // that may manage the subscription
	Authorities  *x509.CertPool  // that the server's certificate chains to; nil for those of the system

	Service string // name of a hosted service that does not exist

	// Packages are the addresses of two packages of one service, which the
	// subscription can read; Configuration fits both. Scaled is Configuration with
	// one instance more.
	Packages              [2]string
	Configuration, Scaled []byte

	// Wait is called between two looks at something unfinished; nil does not wait,
	// for implementations whose time moves when somebody looks.
	Wait func()

	// Looks is how many times to look before giving up; 0 means 1000.
	Looks int
}

// version is the version of the API that the suite speaks.
const version = "2014-10-01"

// client calls a target on behalf of a test.
type client struct {
	*testing.T
	target Target
	http   *http.Client
}

func newClient(t *testing.T, target Target) *client {
	if target.Looks == 0 {
		target.Looks = 1000
	}
	if target.Wait == nil {
		target.Wait = func() {}
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{
		RootCAs: target.Authorities, Certificates: []tls.Certificate{target.Certificate}, MinVersion: tls.VersionTLS12,
	}}
	t.Cleanup(transport.CloseIdleConnections)
	return &client{t, target, &http.Client{Transport: transport, Timeout: time.Minute}}
}

// on returns the client for another test.
func (c *client) on(t *testing.T) *client { return &client{t, c.target, c.http} }

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// send sends one request. The path begins below the subscription.
func (c *client) send(method, path, body string) answer {
	c.Helper()
	r, err := http.NewRequestWithContext(c.Context(), method, c.target.URL+"/"+c.target.Subscription+path, strings.NewReader(body))
	if err != nil {
		c.Fatal(err)
	}
	r.Header.Set("x-ms-version", version)
	if body != "" {
		r.Header.Set("Content-Type", "application/xml")
	}
	resp, err := c.http.Do(r)
	if err != nil {
		c.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		c.Fatal(err)
	}
	a := answer{resp.StatusCode, resp.Header, data}
	c.checkAnswer(method+" "+path, a)
	return a
}

var requestID = regexp.MustCompile(`^[0-9a-f]{32}$`)

// checkAnswer checks what every answer has.
func (c *client) checkAnswer(what string, a answer) {
	c.Helper()
	if id := a.header.Get("x-ms-request-id"); !requestID.MatchString(id) {
		c.Errorf("%s: x-ms-request-id is %q, want 32 lower-case hex digits", what, id)
	}
	if contentType := a.header.Get("Content-Type"); len(a.body) > 0 && !strings.HasPrefix(contentType, "application/xml") {
		c.Errorf("%s: Content-Type is %q", what, contentType)
	}
	if a.status >= 400 && len(a.body) == 0 {
		c.Errorf("%s: %d without a body", what, a.status)
	}
}

// accept sends a change that has to be answered with status and no body, and
// returns the id of the operation.
func (c *client) accept(status int, method, path, body string) string {
	c.Helper()
	a := c.send(method, path, body)
	if a.status != status || len(a.body) > 0 {
		c.Fatalf("%s %s: %d %s, want %d without a body", method, path, a.status, a.body, status)
	}
	return a.header.Get("x-ms-request-id")
}

// change sends a change and waits until its operation has succeeded.
func (c *client) change(status int, method, path, body string) {
	c.Helper()
	id := c.accept(status, method, path, body)
	if op := c.ended(id); op.Status != "Succeeded" || op.HTTPStatusCode != 200 || op.Error != nil {
		c.Fatalf("%s %s: the operation ended as %+v", method, path, op)
	}
}

// ended polls an operation until it is over.
func (c *client) ended(id string) operation {
	c.Helper()
	for range c.target.Looks {
		var op operation
		c.read("/operations/"+id, &op)
		if strings.ReplaceAll(op.ID, "-", "") != id || len(op.ID) != 36 {
			c.Fatalf("the operation %s says that it is %q", id, op.ID)
		}
		if op.Status != "InProgress" {
			return op
		}
		if op.HTTPStatusCode != 0 || op.Error != nil {
			c.Fatalf("an operation in progress has a result: %+v", op)
		}
		c.target.Wait()
	}
	c.Fatalf("the operation %s does not end", id)
	return operation{}
}

// read reads a document.
func (c *client) read(path string, into any) {
	c.Helper()
	a := c.send("GET", path, "")
	if a.status != 200 {
		c.Fatalf("GET %s: %d %s", path, a.status, a.body)
	}
	if err := xml.Unmarshal(a.body, into); err != nil {
		c.Fatalf("GET %s: %v\n%s", path, err, a.body)
	}
}

// refuse sends a request that has to be refused with a status and a code, and
// returns the message.
func (c *client) refuse(status int, code, method, path, body string) string {
	c.Helper()
	a := c.send(method, path, body)
	var e failure
	if err := xml.Unmarshal(a.body, &e); err != nil {
		c.Fatalf("%s %s: %d %q is no Error: %v", method, path, a.status, a.body, err)
	}
	if a.status != status || e.Code != code || e.Message == "" {
		c.Errorf("%s %s: %d %s %q, want %d %s", method, path, a.status, e.Code, e.Message, status, code)
	}
	return e.Message
}

// element writes an element of a request, with its text escaped.
func element(name, text string) string {
	var b strings.Builder
	b.WriteString("<" + name + ">")
	xml.EscapeText(&b, []byte(text))
	b.WriteString("</" + name + ">")
	return b.String()
}

func encoded(name, text string) string {
	return element(name, base64.StdEncoding.EncodeToString([]byte(text)))
}

// document writes the body of a request.
func document(root string, elements ...string) string {
	return `<` + root + ` xmlns="` + namespace + `">` + strings.Join(elements, "") + `</` + root + `>`
}

const namespace = "http://schemas.microsoft.com/windowsazure"
