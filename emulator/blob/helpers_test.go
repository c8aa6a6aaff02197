package blob

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vipswap/vipswap/emulator/blob/internal/signature"
)

// now0 is when tests begin, by the clock of accounts.
var now0 = time.Date(2016, 5, 4, 3, 2, 1, 0, time.UTC)

// A clock is moved by the test.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// accountList is a fixed set of accounts.
type accountList []Account

func (l accountList) Accounts(name string) []Account {
	var found []Account
	for _, a := range l {
		if a.Name == name {
			found = append(found, a)
		}
	}
	return found
}

// keyOf returns an account key that is different for each text.
func keyOf(text string) []byte { return []byte(strings.Repeat(text+".", 64)[:64]) }

// A fixture is a running server with one account of the name "acct".
type fixture struct {
	*testing.T
	server  *Server
	store   *Store
	http    *httptest.Server
	clock   *clock
	account Account
}

// newFixture starts a server over a store in memory.
func newFixture(t *testing.T, options ...Option) *fixture {
	t.Helper()
	return newFixtureWith(t, openStore(t, ""), nil, options...)
}

// newFixtureWith starts a server over a store, with more accounts.
func newFixtureWith(t *testing.T, store *Store, more []Account, options ...Option) *fixture {
	t.Helper()
	f := &fixture{T: t, store: store, clock: &clock{now: now0}}
	f.account = Account{ID: "sub/acct", Name: "acct", Keys: [][]byte{keyOf("first"), keyOf("second")}, Now: f.clock.Now}
	f.server = New(append(accountList{f.account}, more...), store, options...)
	f.http = httptest.NewServer(f.server)
	t.Cleanup(f.http.Close)
	return f
}

// openStore opens a store that the test closes.
func openStore(t testing.TB, dir string) *Store {
	t.Helper()
	s, err := OpenStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// A call is a request of a test. Header lines are "Name: value".
type call struct {
	method, path string
	body         string
	header       []string
	key          []byte // nil: the first key of the account; empty: not signed
	date         time.Time
	chunked      bool // without Content-Length
}

// An answer is what came back, with the body read.
type answer struct {
	status int
	code   string
	header http.Header
	body   string
}

// String is for comparing in tables.
func (a answer) String() string { return strings.TrimSpace(fmt.Sprintf("%d %s", a.status, a.code)) }

// do sends a call, signed with Shared Key unless it has credentials of its own.
func (f *fixture) do(c call) answer {
	f.Helper()
	return f.send(f.request(c))
}

// request makes the request of a call.
func (f *fixture) request(c call) *http.Request {
	f.Helper()
	r, err := http.NewRequest(c.method, f.http.URL+c.path, strings.NewReader(c.body))
	if err != nil {
		f.Fatal(err)
	}
	for _, line := range c.header {
		name, value, _ := strings.Cut(line, ": ")
		if r.Header.Set(name, value); name == "Host" {
			r.Host = value
		}
	}
	if c.chunked {
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader("x")), -1
	}
	if c.key == nil {
		c.key = f.account.Keys[0]
	}
	if len(c.key) > 0 {
		sign(r, c.key, c.date)
	}
	return r
}

// sign adds a Shared Key signature of the account acct.
func sign(r *http.Request, key []byte, date time.Time) {
	if date.IsZero() {
		date = time.Now()
	}
	r.Header.Set("x-ms-date", date.UTC().Format(http.TimeFormat))
	if r.Header.Get("x-ms-version") == "" {
		r.Header.Set("x-ms-version", "2021-12-02")
	}
	text := signature.Request{
		Method: r.Method, Header: r.Header, ContentLength: r.ContentLength, EscapedPath: r.URL.EscapedPath(),
		Query: r.URL.Query(), Account: "acct", Version: r.Header.Get("x-ms-version"),
	}.StringsToSign(false)[0]
	r.Header.Set("Authorization", "SharedKey acct:"+base64.StdEncoding.EncodeToString(signature.Sign(key, text)))
}

// send sends a request and checks what holds for every answer.
func (f *fixture) send(r *http.Request) answer {
	f.Helper()
	response, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		f.Fatalf("%s %s: %v", r.Method, r.URL, err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		f.Fatalf("%s %s: %v", r.Method, r.URL, err)
	}
	a := answer{response.StatusCode, response.Header.Get("x-ms-error-code"), response.Header, string(body)}
	if response.Header.Get("x-ms-request-id") == "" {
		f.Errorf("%s %s: the answer has no request ID", r.Method, r.URL)
	}
	if a.status >= 400 && r.Method != http.MethodHead {
		f.checkError(a)
	}
	return a
}

// checkError checks that the body of an error says the same as its header.
func (f *fixture) checkError(a answer) {
	f.Helper()
	var document struct {
		XMLName xml.Name `xml:"Error"`
		Code    string
		Message string
	}
	if err := xml.Unmarshal(bytes.TrimPrefix([]byte(a.body), []byte(byteOrderMark)), &document); err != nil {
		f.Fatalf("error document %q: %v", a.body, err)
	}
	if document.Code != a.code || codes[code(a.code)].status == 0 {
		f.Errorf("code in document: %q, in header: %q, want one of the table", document.Code, a.code)
	}
	if !strings.Contains(document.Message, "\nRequestId:"+a.header.Get("x-ms-request-id")+"\nTime:") {
		f.Errorf("message without request ID and time: %q", document.Message)
	}
}

// want sends a call and stops the test unless the answer is the wanted one,
// such as "404 BlobNotFound".
func (f *fixture) want(want string, c call) answer {
	f.Helper()
	a := f.do(c)
	if a.String() != want {
		f.Fatalf("%s %s: got %v, want %s\n%s", c.method, c.path, a, want, a.body)
	}
	return a
}

// container makes a container.
func (f *fixture) container(name string) {
	f.Helper()
	f.want("201", call{method: "PUT", path: "/acct/" + name + "?restype=container"})
}

// blob stores a blob.
func (f *fixture) blob(path, contents string, header ...string) answer {
	f.Helper()
	return f.want("201", call{method: "PUT", path: "/acct/" + path, body: contents, header: append(header, "x-ms-blob-type: BlockBlob")})
}

// blockID returns the encoded ID of a block.
func blockID(n int) string {
	return base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "block-%06d", n))
}

// unsigned is the key of a call without credentials.
var unsigned = []byte{}
