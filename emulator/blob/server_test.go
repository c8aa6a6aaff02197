package blob

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptrace"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var updateGolden = flag.Bool("update", false, "rewrite the golden files under testdata")

// golden compares text with a file under testdata, or rewrites the file.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *updateGolden {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s mismatch (-want +got):\n%s", name, diff)
	}
}

// requestID is in the message of an error.
var requestID = regexp.MustCompile(`RequestId:\S+`)

// fixedIDs gives GUIDs that count up.
func fixedIDs() Option {
	var mu sync.Mutex
	n := 0
	return WithIDs(func() string {
		mu.Lock()
		defer mu.Unlock()
		n++
		return fmt.Sprintf("00000000-0000-0000-0000-%012d", n)
	})
}

// TestOperations keeps the published list of operations.
func TestOperations(t *testing.T) {
	var b strings.Builder
	for _, op := range Operations() {
		fmt.Fprintf(&b, "%-27s  %-6s  %-19s  %s\n", op.Name, op.Method, op.Path, op.Query)
	}
	golden(t, "operations.txt", strings.ReplaceAll(b.String(), "  \n", "\n"))
}

// TestDocuments keeps whole answers, headers and all.
func TestDocuments(t *testing.T) {
	wall := time.Date(2016, 5, 4, 3, 2, 1, 500, time.UTC)
	f := newFixture(t, fixedIDs(), WithWallClock(func() time.Time { return wall }))
	// The address of the server is different each time.
	host := "Host: acct.blob.localhost"
	path := func(p string) string { return strings.TrimPrefix(p, "/acct") }
	put := func(p, body string, header ...string) {
		t.Helper()
		f.want("201", call{method: "PUT", path: path(p), body: body, header: append(header, host), date: wall})
	}
	put("/acct/c00?restype=container", "", "x-ms-blob-public-access: blob", "x-ms-meta-team: Blue & Green")
	put("/acct/c00/a%2Fb.cspkg", "hello", "x-ms-blob-type: BlockBlob", "x-ms-meta-release: 1.0", "x-ms-blob-content-disposition: inline")
	f.clock.advance(time.Minute)
	put("/acct/c00/c?comp=block&blockid=AA==", "block")
	put("/acct/c00/d", "", "x-ms-blob-type: BlockBlob")
	f.want("201", call{method: "PUT", path: "/c00/d?comp=lease", header: []string{host, "x-ms-lease-action: acquire", "x-ms-lease-duration: -1"}, date: wall})
	f.want("200", call{method: "PUT", path: "/c00?restype=container&comp=acl", date: wall, header: []string{host, "x-ms-blob-public-access: blob"},
		body: "<SignedIdentifiers>" + identifier("pol", "<Expiry>2017-01-01</Expiry><Permission>r</Permission>") + "</SignedIdentifiers>"})
	reads := map[string]call{
		"list_containers":      {method: "GET", path: "/?comp=list&include=metadata"},
		"list_blobs":           {method: "GET", path: "/c00?restype=container&comp=list&include=metadata,uncommittedblobs"},
		"list_tree":            {method: "GET", path: "/c00?restype=container&comp=list&delimiter=/&maxresults=1"},
		"container":            {method: "GET", path: "/c00?restype=container"},
		"acl":                  {method: "GET", path: "/c00?restype=container&comp=acl"},
		"service":              {method: "GET", path: "/?restype=service&comp=properties"},
		"blob":                 {method: "GET", path: "/c00/a%2Fb.cspkg", header: []string{"x-ms-client-request-id: mine"}},
		"blob_range":           {method: "GET", path: "/c00/a%2Fb.cspkg", header: []string{"Range: bytes=0-0", "x-ms-range: bytes=1-9"}},
		"blob_head":            {method: "HEAD", path: "/c00/a%2Fb.cspkg"},
		"block_list":           {method: "GET", path: "/c00/c?comp=blocklist&blocklisttype=all"},
		"error":                {method: "GET", path: "/c00/nope"},
		"error_head":           {method: "HEAD", path: "/c00/nope"},
		"error_details":        {method: "GET", path: "/c00?restype=container&comp=list&maxresults=0"},
		"error_range":          {method: "GET", path: "/c00/d", header: []string{"x-ms-range: bytes=0-1"}},
		"error_verb":           {method: "PATCH", path: "/c00/d"},
		"error_authentication": {method: "GET", path: "/c00/d", key: keyOf("wrong")},
		"not_modified":         {method: "GET", path: "/c00/d", header: []string{"If-None-Match: *"}},
	}
	for name, c := range reads {
		c.header = append(c.header, host)
		c.date = wall
		a := f.do(c)
		a.header.Set("x-ms-request-id", "(different each time)")
		var b strings.Builder
		fmt.Fprintf(&b, "%s %s\n\n%d\n", c.method, c.path, a.status)
		if err := a.header.Write(&b); err != nil {
			t.Fatal(err)
		}
		text := strings.TrimPrefix(strings.ReplaceAll(a.body, "><", ">\n<"), byteOrderMark)
		golden(t, name+".txt", strings.ReplaceAll(b.String(), "\r", "")+"\n"+requestID.ReplaceAllString(text, "RequestId:(different each time)")+"\n")
	}
}

func TestConditions(t *testing.T) {
	f := newFixture(t)
	f.container("c00")
	etag := f.blob("c00/b", "hello").header.Get("ETag")
	const (
		before = "Wed, 04 May 2016 03:02:00 GMT"
		at     = "Wed, 04 May 2016 03:02:01 GMT" // when the blob was stored
	)
	tests := []struct {
		header      string
		read, write int
	}{
		{"If-Match: " + etag, 200, 200},
		{"If-Match: *", 200, 200},
		{`If-Match: "0x1", ` + etag, 200, 200},
		{`If-Match: "0x1"`, 412, 412},
		{"If-None-Match: " + etag, 304, 412},
		{"If-None-Match: W/" + etag, 304, 412},
		{"If-None-Match: *", 304, 412},
		{`If-None-Match: "0x1"`, 200, 200},
		{"If-Modified-Since: " + before, 200, 200},
		{"If-Modified-Since: " + at, 304, 412},
		{"If-Unmodified-Since: " + before, 412, 412},
		{"If-Unmodified-Since: " + at, 200, 200},
	}
	for _, tt := range tests {
		for _, method := range []string{"GET", "HEAD"} {
			a := f.do(call{method: method, path: "/acct/c00/b", header: []string{tt.header}})
			if a.status != tt.read || a.status == 304 && (a.body != "" || a.header.Get("ETag") != etag) {
				t.Errorf("%s with %s: %v %q, want %d", method, tt.header, a, a.body, tt.read)
			}
		}
		// A lease that is not there to release: what is refused for the
		// condition is refused with 412, all else with 409.
		want := 409
		if tt.write == 412 {
			want = 412
		}
		a := f.do(call{method: "PUT", path: "/acct/c00/b?comp=lease", header: []string{tt.header, "x-ms-lease-action: release", "x-ms-lease-id: " + leaseA}})
		if a.status != want {
			t.Errorf("write with %s: %v, want %d", tt.header, a, want)
		}
	}
}

func TestRanges(t *testing.T) {
	f := newFixture(t)
	f.container("c00")
	f.blob("c00/b", "0123456789")
	f.blob("c00/empty", "")
	tests := []struct {
		blob, header string
		status       int
		body         string
		contentRange string
	}{
		{"b", "", 200, "0123456789", ""},
		{"b", "Range: bytes=2-4", 206, "234", "bytes 2-4/10"},
		{"b", "Range: bytes=9-", 206, "9", "bytes 9-9/10"},
		{"b", "x-ms-range: bytes=0-4194303", 206, "0123456789", "bytes 0-9/10"},
		{"b", "Range: bytes=-3", 200, "0123456789", ""},
		{"b", "Range: bytes=4-2", 200, "0123456789", ""},
		{"b", "Range: bytes=10-", 416, "", "bytes */10"},
		{"empty", "", 200, "", ""},
		{"empty", "Range: bytes=0-", 416, "", "bytes */0"},
	}
	for _, tt := range tests {
		c := call{method: "GET", path: "/acct/c00/" + tt.blob}
		if tt.header != "" {
			c.header = []string{tt.header}
		}
		a := f.do(c)
		if a.status != tt.status || a.status < 300 && a.body != tt.body || a.header.Get("Content-Range") != tt.contentRange {
			t.Errorf("%s with %q: %v %q %q", tt.blob, tt.header, a, a.body, a.header.Get("Content-Range"))
		}
	}
	hashed := []string{"Range: bytes=0-4", "x-ms-range-get-content-crc64: true", "x-ms-range-get-content-md5: true"}
	a := f.want("206", call{method: "GET", path: "/acct/c00/b", header: hashed})
	if a.header.Get("x-ms-content-crc64") == "" || a.header.Get("Content-MD5") != "QQDE1E2pF3JH5EpfwVRneA==" {
		t.Errorf("hashes of a range: %v", a.header)
	}
}

func TestSASOverridesHeaders(t *testing.T) {
	f := newFixture(t)
	f.container("c00")
	f.blob("c00/b", "hello", "Content-Type: text/plain", "Cache-Control: no-store")
	query := signedQuery(t, f.account.Keys[1], "sv=2018-11-09&sr=c&sp=r&se=2999-01-01&rsct=application/zip&rscd=attachment", "c00", "b")
	a := f.want("200", call{method: "GET", path: "/acct/c00/b?" + query, key: unsigned})
	got := []string{a.header.Get("Content-Type"), a.header.Get("Content-Disposition"), a.header.Get("Cache-Control")}
	if diff := cmp.Diff([]string{"application/zip", "attachment", "no-store"}, got); diff != "" {
		t.Errorf("headers mismatch (-want +got):\n%s", diff)
	}
}

func TestPublicContainers(t *testing.T) {
	f := newFixture(t)
	for _, public := range []string{"", "blob", "container"} {
		name := "public" + public
		f.want("201", call{method: "PUT", path: "/acct/" + name + "?restype=container", header: []string{"x-ms-blob-public-access: " + public}})
		f.blob(name+"/b", "hello")
	}
	tests := []struct {
		method, path string
		want         [3]int // private, blob, container
	}{
		{"GET", "/b", [3]int{404, 200, 200}},
		{"HEAD", "/b", [3]int{404, 200, 200}},
		{"GET", "/b?comp=metadata", [3]int{404, 200, 200}},
		{"GET", "?restype=container&comp=list", [3]int{404, 404, 200}},
		{"GET", "?restype=container", [3]int{404, 404, 200}},
		{"GET", "?restype=container&comp=acl", [3]int{404, 404, 404}},
		{"DELETE", "/b", [3]int{404, 404, 404}},
		{"PUT", "/b", [3]int{404, 404, 404}},
	}
	for _, tt := range tests {
		for i, public := range []string{"", "blob", "container"} {
			a := f.do(call{method: tt.method, path: "/acct/public" + public + tt.path, key: unsigned})
			if a.status != tt.want[i] {
				t.Errorf("%s %s, access %q: %v, want %d", tt.method, tt.path, public, a, tt.want[i])
			}
		}
	}
}

func TestVersionLimits(t *testing.T) {
	tests := []struct {
		version     string
		blob, block int64
	}{
		{"", 5000 << 20, 4000 << 20},
		{"2009-09-19", 64 << 20, 4 << 20},
		{"2015-12-11", 64 << 20, 4 << 20},
		{"2016-05-31", 256 << 20, 100 << 20},
		{"2019-12-12", 5000 << 20, 4000 << 20},
		{"2026-12-06", 5000 << 20, 4000 << 20},
	}
	for _, tt := range tests {
		q := &request{version: tt.version}
		got := q.limit(Limits{}.withDefaults())
		if got.blob != tt.blob || got.block != tt.block {
			t.Errorf("%q: %d and %d, want %d and %d", tt.version, got.blob, got.block, tt.blob, tt.block)
		}
		if low := q.limit(Limits{Blob: 1, Block: 2}.withDefaults()); low.blob != 1 || low.block != 2 {
			t.Errorf("%q under low limits: %d and %d, want 1 and 2", tt.version, low.blob, low.block)
		}
	}
}

// TestConnectionOutlivesRefusal sends bodies that are refused before they are
// read, and sees that the client hears it and goes on over the same connection.
func TestConnectionOutlivesRefusal(t *testing.T) {
	f := newFixture(t)
	f.container("c00")
	for i, size := range []int{0, 1000, 3 << 20} {
		r := f.request(call{method: "PUT", path: "/acct/nope/b", body: strings.Repeat("x", size), header: []string{"x-ms-blob-type: BlockBlob"}})
		reused := false
		trace := &httptrace.ClientTrace{GotConn: func(c httptrace.GotConnInfo) { reused = c.Reused }}
		a := f.send(r.WithContext(httptrace.WithClientTrace(r.Context(), trace)))
		if a.String() != "404 ContainerNotFound" {
			t.Errorf("%d bytes: %v", size, a)
		}
		if !reused {
			t.Errorf("%d bytes (request %d): the connection was not kept", size, i)
		}
	}
}

// TestContinue sees that a client that asks first is answered before it sends.
func TestContinue(t *testing.T) {
	f := newFixture(t)
	f.container("c00")
	transport := &http.Transport{ExpectContinueTimeout: time.Minute}
	defer transport.CloseIdleConnections()
	for _, tt := range []struct {
		container string
		status    int
		sent      bool
	}{{"c00", 201, true}, {"nope", 404, false}} {
		r := f.request(call{method: "PUT", path: "/acct/" + tt.container + "/b", body: "hello", header: []string{"x-ms-blob-type: BlockBlob", "Expect: 100-continue"}})
		body := &spyReader{Reader: strings.NewReader("hello")}
		r.Body = body
		response, err := transport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != tt.status || body.read() != tt.sent {
			t.Errorf("%s: status %d, sent: %v; want %d, %v", tt.container, response.StatusCode, body.read(), tt.status, tt.sent)
		}
	}
}

// A spyReader remembers whether it was read.
type spyReader struct {
	io.Reader
	mu   sync.Mutex
	used bool
}

func (s *spyReader) Read(p []byte) (int, error) {
	s.mu.Lock()
	s.used = true
	s.mu.Unlock()
	return s.Reader.Read(p)
}

func (s *spyReader) Close() error { return nil }

func (s *spyReader) read() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.used
}

// TestNoSecrets looks for keys and signatures in the log and in answers.
func TestNoSecrets(t *testing.T) {
	var mu sync.Mutex
	var log bytes.Buffer
	handler := slog.NewTextHandler(writerFunc(func(p []byte) (int, error) {
		mu.Lock()
		defer mu.Unlock()
		return log.Write(p)
	}), &slog.HandlerOptions{Level: slog.LevelDebug})
	f := newFixture(t, WithLogger(slog.New(handler)))
	f.container("c00")
	f.blob("c00/b", "hello")
	query := signedQuery(t, f.account.Keys[0], "sv=2018-11-09&sr=b&sp=r&se=2999-01-01", "c00", "b")
	_, mac, _ := strings.Cut(query, "sig=")
	mac, _, _ = strings.Cut(mac, "&")
	source := "x-ms-copy-source: http://127.0.0.1/acct/c00/b?" + query
	for _, c := range []call{
		{method: "GET", path: "/acct/c00/b?" + query, key: unsigned},
		{method: "PUT", path: "/acct/c00/b?" + query, key: unsigned},
		{method: "GET", path: "/acct/c00/b?" + query, key: keyOf("wrong")},
		{method: "PUT", path: "/acct/c00/b", key: keyOf("wrong"), header: []string{source}},
		{method: "PUT", path: "/acct/c00/b", header: []string{source}},
	} {
		a := f.do(c)
		if strings.Contains(a.body, mac) {
			t.Errorf("%s: the answer quotes the signature: %s", c.method, a.body)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if !strings.Contains(log.String(), `operation="Get Blob"`) || !strings.Contains(log.String(), "status=403") {
		t.Errorf("the log does not tell what happened: %s", log.String())
	}
	if strings.Contains(log.String(), mac) || strings.Contains(log.String(), "sig=") {
		t.Errorf("the log quotes a signature: %s", log.String())
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }
