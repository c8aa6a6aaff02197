package storage_test

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/deployer/storage"
)

// content is 2,500 bytes, two and a half blocks of the tests' size.
var content = bytes.Repeat([]byte("package."), 313)[:2500]

func hash(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func md5sum(data []byte) []byte {
	sum := md5.Sum(data)
	return sum[:]
}

const blobName = "Shop.1.0.0_x.cspkg"
const path = storage.DefaultContainer + "/" + blobName

func request(endpoint string) storage.UploadRequest {
	return storage.UploadRequest{
		Endpoint: endpoint, Account: account, Key: key, Container: storage.DefaultContainer, Blob: blobName,
		Source: bytes.NewReader(content), Size: int64(len(content)), SHA256: hash(content),
	}
}

// start serves the fake over plain HTTP with the account in the path.
func start(t *testing.T, f *fake) (endpoint string) {
	s := httptest.NewUnstartedServer(f)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.Start()
	t.Cleanup(s.Close)
	return s.URL + "/" + account + "/"
}

func TestUpload(t *testing.T) {
	f := newFake(t)
	endpoint := start(t, f)
	var progress []int64
	r := request(endpoint)
	r.Progress = func(done, total int64) {
		if total != r.Size {
			t.Errorf("progress has total %d, want %d", total, r.Size)
		}
		progress = append(progress, done)
	}
	address, reused, err := uploader(t).Upload(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	if want := endpoint + path; address != want || reused {
		t.Errorf("got %q, reused %v, want %q, uploaded", address, reused, want)
	}
	if diff := cmp.Diff([]int64{1000, 2000, 2500}, progress); diff != "" {
		t.Errorf("progress mismatch (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"HEAD", "PUT container", "PUT block", "PUT block", "PUT block", "PUT blocklist"}, f.log); diff != "" {
		t.Errorf("requests mismatch (-want +got):\n%s", diff)
	}
	checkStored(t, f)
	if f.largest > 1000 {
		t.Errorf("a request had %d bytes, want no more than a block of 1000", f.largest)
	}

	address, reused, err = uploader(t).Upload(t.Context(), request(endpoint))
	if err != nil || !reused || address != endpoint+path {
		t.Errorf("the second time: %q, reused %v, %v, want it reused", address, reused, err)
	}
	if n := len(f.log); n != 7 {
		t.Errorf("the second upload made %d requests, want 1", n-6)
	}
}

// checkStored checks that the blob is whole, with what identifies it later.
func checkStored(t *testing.T, f *fake) {
	t.Helper()
	b := f.blob(path)
	if b == nil {
		t.Fatal("there is no blob")
	}
	if !bytes.Equal(b.data, content) || b.kind != "application/octet-stream" {
		t.Errorf("the blob has %d bytes of type %q", len(b.data), b.kind)
	}
	if got := b.meta.Get("x-ms-meta-sha256"); got != hash(content) {
		t.Errorf("the blob's hash is %q, want %q", got, hash(content))
	}
}

// TestUploadEndpoints: host style and path style, http and https with a CA of its
// own.
func TestUploadEndpoints(t *testing.T) {
	f := newFake(t)
	plain := httptest.NewServer(f)
	defer plain.Close()
	secure := httptest.NewTLSServer(f)
	defer secure.Close()
	roots := x509.NewCertPool()
	roots.AddCert(secure.Certificate())
	plainURL, err := url.Parse(plain.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxied := func(c *storage.Config) { c.Proxy = http.ProxyURL(plainURL) }
	tests := map[string]struct {
		endpoint string
		config   func(*storage.Config)
		want     string
	}{
		"path, http":           {plain.URL + "/" + account + "/", func(*storage.Config) {}, plain.URL + "/" + account + "/c-1/a%20b%2Fc.cspkg"},
		"path, https":          {secure.URL + "/" + account, func(c *storage.Config) { c.RootCAs = roots }, secure.URL + "/" + account + "/c-1/a%20b%2Fc.cspkg"},
		"host, http, by proxy": {"http://" + account + ".blob.example.com/", proxied, "http://" + account + ".blob.example.com/c-1/a%20b%2Fc.cspkg"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := request(tt.endpoint)
			r.Container, r.Blob, r.SHA256 = "c-1", "a b/c.cspkg", ""
			f.mu.Lock()
			clear(f.blobs)
			f.mu.Unlock()
			address, _, err := uploader(t, tt.config).Upload(t.Context(), r)
			if err != nil {
				t.Fatal(err)
			}
			if address != tt.want {
				t.Errorf("address is %q, want %q", address, tt.want)
			}
			if b := f.blob("c-1/a b/c.cspkg"); b == nil || !bytes.Equal(b.data, content) {
				t.Errorf("the blob is not there as it should be")
			}
		})
	}
}

// TestUploadFinds: what a blob that is there already leads to.
func TestUploadFinds(t *testing.T) {
	other := bytes.Repeat([]byte("x"), len(content))
	meta := func(value string) http.Header { return http.Header{"X-Ms-Meta-Sha256": {value}} }
	tests := map[string]struct {
		found  stored
		reused bool
	}{
		"same hash":             {stored{data: content, meta: meta(strings.ToUpper(hash(content)))}, true},
		"same MD5, no hash":     {stored{data: content, md5: md5sum(content)}, true},
		"other hash":            {stored{data: other, meta: meta(hash(other)), md5: md5sum(content)}, false},
		"other MD5":             {stored{data: other, md5: md5sum(other)}, false},
		"other length":          {stored{data: content[:10], meta: meta(hash(content))}, false},
		"nothing to compare by": {stored{data: content}, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			f.put(path, tt.found)
			_, reused, err := uploader(t).Upload(t.Context(), request(start(t, f)))
			if err != nil || reused != tt.reused {
				t.Errorf("reused is %v, %v, want %v", reused, err, tt.reused)
			}
			if !tt.reused {
				checkStored(t, f)
			}
		})
	}
}

// TestUploadRace: somebody else stores a blob of the same name in the last moment.
func TestUploadRace(t *testing.T) {
	same := stored{data: content, meta: http.Header{"X-Ms-Meta-Sha256": {hash(content)}}}
	other := stored{data: []byte("other"), meta: http.Header{"X-Ms-Meta-Sha256": {hash([]byte("other"))}}}
	old := stored{data: []byte("old")}
	tests := map[string]struct {
		before *stored
		then   stored
		err    string
	}{
		"same content":           {nil, same, ""},
		"other content":          {nil, other, "BlobAlreadyExists (status 409)\nhint: somebody else uploads"},
		"replaced by the same":   {&old, same, ""},
		"replaced by other than": {&old, other, "ConditionNotMet (status 412)\nhint: somebody else uploads"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			if tt.before != nil {
				f.put(path, *tt.before)
			}
			f.before = func(what string) fault {
				if what == "PUT blocklist" {
					f.put(path, tt.then)
				}
				return fault{}
			}
			_, reused, err := uploader(t).Upload(t.Context(), request(start(t, f)))
			if tt.err == "" && (err != nil || reused) || tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)) {
				t.Errorf("got reused %v and %v, want %q", reused, err, tt.err)
			}
			if got := f.blob(path); !bytes.Equal(got.data, tt.then.data) {
				t.Errorf("the other's blob was replaced")
			}
		})
	}
}

// TestUploadRetries: each request fails once, in each way, and the blob is whole
// all the same.
func TestUploadRetries(t *testing.T) {
	faults := map[string]fault{
		"cut": {cut: true}, "answer lost": {cut: true, after: true}, "busy": {status: 503, code: "ServerBusy"}, "internal": {status: 500, code: "InternalError"},
	}
	for _, what := range []string{"HEAD", "PUT container", "PUT block", "PUT blocklist"} {
		for name, bad := range faults {
			t.Run(what+", "+name, func(t *testing.T) {
				f := newFake(t)
				var struck atomic.Bool
				f.before = func(request string) fault {
					if request != what || !struck.CompareAndSwap(false, true) {
						return fault{}
					}
					return bad
				}
				_, reused, err := uploader(t).Upload(t.Context(), request(start(t, f)))
				if err != nil || reused {
					t.Fatalf("reused is %v, %v", reused, err)
				}
				if !struck.Load() {
					t.Error("the fault did not strike")
				}
				checkStored(t, f)
			})
		}
	}
}

// TestUploadCancelled: an upload that is called off leaves no blob, whenever it
// happens.
func TestUploadCancelled(t *testing.T) {
	for n := range 6 {
		t.Run(fmt.Sprint(n, " requests"), func(t *testing.T) {
			f := newFake(t)
			ctx, cancel := context.WithCancel(t.Context())
			seen := 0
			f.before = func(string) fault {
				if seen++; seen <= n {
					return fault{}
				}
				cancel()
				return fault{cut: true}
			}
			_, _, err := uploader(t).Upload(ctx, request(start(t, f)))
			if !errors.Is(err, context.Canceled) {
				t.Errorf("error is %v, want the context's end", err)
			}
			if f.blob(path) != nil {
				t.Error("there is a blob")
			}
		})
	}
}

func TestUploadChangedFile(t *testing.T) {
	f := newFake(t)
	r := request(start(t, f))
	r.SHA256 = hash([]byte("as it was when it was hashed"))
	_, _, err := uploader(t).Upload(t.Context(), r)
	if err == nil || !strings.Contains(err.Error(), "was it changed during the upload?") {
		t.Errorf("error is %v, want that the file changed", err)
	}
	r = request(r.Endpoint)
	r.Size++
	if _, _, err := uploader(t).Upload(t.Context(), r); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("error is %v, want that the file is too short", err)
	}
	if f.blob(path) != nil {
		t.Error("there is a blob")
	}
}

// TestUploadLetsGoOfItsSource: whoever closes a file when the upload has failed does
// not close it while it is read.
func TestUploadLetsGoOfItsSource(t *testing.T) {
	for n := range 6 {
		t.Run(fmt.Sprint(n, " requests"), func(t *testing.T) {
			f := newFake(t)
			var seen atomic.Int32
			f.before = func(string) fault {
				if int(seen.Add(1)) > n {
					return fault{status: 403}
				}
				return fault{}
			}
			source := &closing{r: bytes.NewReader(content), t: t}
			r := request(start(t, f))
			r.Source = source
			if _, _, err := uploader(t).Upload(t.Context(), r); err == nil {
				t.Error("there is no error")
			}
			source.closed.Store(true)
		})
	}
}

// closing is a source that must not be read once it is closed.
type closing struct {
	r      io.ReaderAt
	t      *testing.T
	closed atomic.Bool
}

func (c *closing) ReadAt(p []byte, off int64) (int, error) {
	defer func() {
		if c.closed.Load() {
			c.t.Error("read when the upload had ended")
		}
	}()
	return c.r.ReadAt(p, off)
}

// TestUploadReadsBlockByBlock: however large the package, it is read and sent in
// blocks.
func TestUploadReadsBlockByBlock(t *testing.T) {
	f := newFake(t)
	r := request(start(t, f))
	big := bytes.Repeat([]byte("0123456789"), 20<<10) // 50 blocks; the list of their ids is shorter than one
	source := &watched{r: bytes.NewReader(big)}
	r.Source, r.Size, r.SHA256 = source, int64(len(big)), hash(big)
	if _, _, err := uploader(t, func(c *storage.Config) { c.BlockSize = 4096 }).Upload(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	if source.most > 4096 || f.largest > 4096 {
		t.Errorf("read %d and sent %d bytes at once, want 4096", source.most, f.largest)
	}
	if b := f.blob(path); !bytes.Equal(b.data, big) {
		t.Error("the blob differs")
	}
}

type watched struct {
	r    io.ReaderAt
	most int
}

func (w *watched) ReadAt(p []byte, off int64) (int, error) {
	w.most = max(w.most, len(p))
	return w.r.ReadAt(p, off)
}
