package storage_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/xml"
	"fmt"
	"hash/crc64"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vipswap/vipswap/deployer/storage"
)

const account = "packages"

var key = base64.StdEncoding.EncodeToString([]byte("the key that only this test knows"))

// A fake is as much of a blob endpoint as an upload needs: containers, blobs in
// blocks, properties, conditions, Shared Key. It takes accounts in the path and
// in the host.
type fake struct {
	t *testing.T

	mu         sync.Mutex // guards the rest
	containers map[string]bool
	blobs      map[string]*stored
	blocks     map[string]map[string][]byte // staged, by blob and id
	log        []string                     // requests: method, and what of
	largest    int                          // bytes of the largest body
	etags      int
	before     func(request string) fault // decides before each request, without the lock
}

// stored is a committed blob.
type stored struct {
	data []byte
	md5  []byte
	kind string
	meta http.Header
	etag string
}

// A fault is what goes wrong with a request.
type fault struct {
	status int    // answer with this
	code   string // and this
	cut    bool   // or hang up
	after  bool   // once the request has been carried out
}

func newFake(t *testing.T) *fake {
	return &fake{t: t, containers: map[string]bool{}, blobs: map[string]*stored{}, blocks: map[string]map[string][]byte{},
		before: func(string) fault { return fault{} }}
}

// put stores a blob as somebody else would.
func (f *fake) put(path string, b stored) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.containers[strings.Split(path, "/")[0]] = true
	f.etags++
	b.etag = fmt.Sprintf(`"0x%016X"`, f.etags)
	f.blobs[path] = &b
}

func (f *fake) blob(path string) *stored {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.blobs[path]
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client went away
	}
	what := r.Method
	for _, name := range []string{"restype", "comp"} {
		if v := r.URL.Query().Get(name); v != "" {
			what += " " + v
		}
	}
	bad := f.before(what)
	w.Header().Set("x-ms-version", r.Header.Get("x-ms-version"))
	f.mu.Lock()
	defer f.mu.Unlock()
	f.log = append(f.log, what)
	f.largest = max(f.largest, len(body))
	if bad == (fault{}) {
		f.serve(w, r, what, body)
		return
	}
	if bad.after {
		f.serve(httptest.NewRecorder(), r, what, body)
	}
	if bad.cut {
		panic(http.ErrAbortHandler)
	}
	fail(w, bad.status, bad.code)
}

func (f *fake) serve(w http.ResponseWriter, r *http.Request, what string, body []byte) {
	if r.Header.Get("Authorization") != "SharedKey "+account+":"+signature(r) {
		fail(w, http.StatusForbidden, "AuthenticationFailed")
		return
	}
	path := blobPath(r)
	handlers := map[string]func(http.ResponseWriter, *http.Request, string, []byte){
		"HEAD": f.properties, "PUT container": f.createContainer, "PUT block": f.putBlock, "PUT blocklist": f.putBlockList,
	}
	handle := handlers[what]
	if handle == nil {
		f.t.Errorf("a request that the fake does not know: %s %s", what, r.RequestURI)
		fail(w, http.StatusBadRequest, "InvalidUri")
		return
	}
	if what != "PUT container" && !f.containers[strings.Split(path, "/")[0]] {
		fail(w, http.StatusNotFound, "ContainerNotFound")
		return
	}
	handle(w, r, path, body)
}

// blobPath is what follows the account: container, or container/blob.
func blobPath(r *http.Request) string {
	path, err := url.PathUnescape(r.URL.EscapedPath())
	if err != nil {
		return ""
	}
	if !strings.HasPrefix(r.Host, account+".") {
		path = strings.TrimPrefix(path, "/"+account)
	}
	return strings.Trim(path, "/")
}

func (f *fake) properties(w http.ResponseWriter, _ *http.Request, path string, _ []byte) {
	b := f.blobs[path]
	if b == nil {
		fail(w, http.StatusNotFound, "BlobNotFound")
		return
	}
	for name, values := range b.meta {
		w.Header()[name] = values
	}
	w.Header().Set("ETag", b.etag)
	w.Header().Set("Last-Modified", "Thu, 02 Jul 2015 12:00:00 GMT")
	w.Header().Set("x-ms-blob-type", "BlockBlob")
	w.Header().Set("Content-Length", fmt.Sprint(len(b.data)))
	if b.md5 != nil {
		w.Header().Set("Content-MD5", base64.StdEncoding.EncodeToString(b.md5))
	}
}

func (f *fake) createContainer(w http.ResponseWriter, r *http.Request, path string, _ []byte) {
	if f.containers[path] {
		fail(w, http.StatusConflict, "ContainerAlreadyExists")
		return
	}
	if access := r.Header.Get("x-ms-blob-public-access"); access != "" {
		f.t.Errorf("the container is made with public access %q", access)
	}
	f.containers[path] = true
	w.WriteHeader(http.StatusCreated)
}

func (f *fake) putBlock(w http.ResponseWriter, r *http.Request, path string, body []byte) {
	sum := crc64.Checksum(body, crc64.MakeTable(0x9a6c9329ac4bc9b5))
	if r.Header.Get("x-ms-content-crc64") != base64.StdEncoding.EncodeToString(binary.LittleEndian.AppendUint64(nil, sum)) {
		fail(w, http.StatusBadRequest, "Crc64Mismatch")
		return
	}
	if f.blocks[path] == nil {
		f.blocks[path] = map[string][]byte{}
	}
	id := r.URL.Query().Get("blockid")
	for other := range f.blocks[path] {
		if len(other) != len(id) {
			fail(w, http.StatusBadRequest, "InvalidBlobOrBlock")
			return
		}
	}
	f.blocks[path][id] = body
	w.WriteHeader(http.StatusCreated)
}

func (f *fake) putBlockList(w http.ResponseWriter, r *http.Request, path string, body []byte) {
	b := f.blobs[path]
	if b != nil && r.Header.Get("If-None-Match") == "*" {
		fail(w, http.StatusConflict, "BlobAlreadyExists")
		return
	}
	if want := r.Header.Get("If-Match"); want != "" && (b == nil || b.etag != want) {
		fail(w, http.StatusPreconditionFailed, "ConditionNotMet")
		return
	}
	var list struct {
		Latest []string `xml:"Latest"`
	}
	if err := xml.Unmarshal(body, &list); err != nil {
		fail(w, http.StatusBadRequest, "InvalidXmlDocument")
		return
	}
	made := &stored{kind: r.Header.Get("x-ms-blob-content-type"), meta: http.Header{}}
	for _, id := range list.Latest {
		block, ok := f.blocks[path][id]
		if !ok {
			fail(w, http.StatusBadRequest, "InvalidBlockList")
			return
		}
		made.data = append(made.data, block...)
	}
	for name, values := range r.Header {
		if strings.HasPrefix(strings.ToLower(name), "x-ms-meta-") {
			made.meta[name] = values
		}
	}
	f.etags++
	made.etag = fmt.Sprintf(`"0x%016X"`, f.etags)
	f.blobs[path] = made
	delete(f.blocks, path)
	w.Header().Set("ETag", made.etag)
	w.WriteHeader(http.StatusCreated)
}

func fail(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/xml")
	if code != "" {
		w.Header().Set("x-ms-error-code", code)
	}
	w.WriteHeader(status)
	fmt.Fprintf(w, `<?xml version="1.0" encoding="utf-8"?><Error><Code>%s</Code><Message>No.</Message></Error>`, code)
}

// signature is what Shared Key wants for the request, from Microsoft's page on
// authorizing with it.
func signature(r *http.Request) string {
	length := ""
	if r.ContentLength > 0 {
		length = fmt.Sprint(r.ContentLength)
	}
	lines := []string{r.Method, r.Header.Get("Content-Encoding"), r.Header.Get("Content-Language"), length, r.Header.Get("Content-MD5"),
		r.Header.Get("Content-Type"), "", r.Header.Get("If-Modified-Since"), r.Header.Get("If-Match"), r.Header.Get("If-None-Match"),
		r.Header.Get("If-Unmodified-Since"), r.Header.Get("Range")}
	var headers []string
	for name, values := range r.Header {
		if name = strings.ToLower(name); strings.HasPrefix(name, "x-ms-") {
			headers = append(headers, name+":"+strings.Join(values, ","))
		}
	}
	sort.Strings(headers)
	resource := "/" + account + r.URL.EscapedPath()
	query := r.URL.Query()
	var names []string
	for name := range query {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		resource += "\n" + strings.ToLower(name) + ":" + strings.Join(query[name], ",")
	}
	secret, _ := base64.StdEncoding.DecodeString(key)
	mac := hmac.New(sha256.New, secret)
	io.WriteString(mac, strings.Join(slices.Concat(lines, headers, []string{resource}), "\n"))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// uploader returns one that does not linger between attempts.
func uploader(t *testing.T, change ...func(*storage.Config)) *storage.Uploader {
	c := storage.Config{BlockSize: 1000, RetryDelay: time.Microsecond}
	for _, f := range change {
		f(&c)
	}
	u := storage.New(c)
	t.Cleanup(u.CloseIdleConnections)
	return u
}
