package blob

import (
	"context"
	"crypto/md5"
	"crypto/sha256"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
)

// pattern is a reader of n bytes that costs next to nothing.
func pattern(n int64) io.Reader { return io.LimitReader(zeros{}, n) }

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// benchServer starts a server over a store in a folder, or in memory and
// temporary files for "", with the container c00.
func benchServer(b *testing.B, dir string) *httptest.Server {
	b.Helper()
	store := openStore(b, dir)
	account := Account{ID: "sub/acct", Name: "acct", Keys: [][]byte{keyOf("first")}, Now: time.Now}
	server := httptest.NewServer(New(accountList{account}, store))
	b.Cleanup(server.Close)
	benchSend(b, server, "PUT", "/acct/c00?restype=container", nil, 0)
	return server
}

// benchSend sends a signed request and reads the answer to its end.
func benchSend(b *testing.B, server *httptest.Server, method, path string, body io.Reader, size int64) {
	b.Helper()
	r, err := http.NewRequest(method, server.URL+path, body)
	if err != nil {
		b.Fatal(err)
	}
	r.ContentLength = size
	r.Header.Set("x-ms-blob-type", "BlockBlob")
	sign(r, keyOf("first"), time.Time{})
	response, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		b.Fatal(err)
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil || response.StatusCode >= 300 {
		b.Fatalf("%s %s: %d, %v", method, path, response.StatusCode, err)
	}
}

// plainWrite writes size bytes to a file and hashes them with MD5 and SHA-256,
// which is what any store of packages has to do, and returns the time it took.
func plainWrite(b *testing.B, dir string, size int64) time.Duration {
	b.Helper()
	start := time.Now()
	f, err := os.Create(filepath.Join(dir, "plain"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	if _, err := io.Copy(io.MultiWriter(f, md5.New(), sha256.New()), pattern(size)); err != nil {
		b.Fatal(err)
	}
	if err := f.Sync(); err != nil {
		b.Fatal(err)
	}
	return time.Since(start)
}

// BenchmarkUpload stores a blob of 64 MiB with one Put Blob. The ratio is how
// much faster that is than to write a plain file and hash it.
func BenchmarkUpload(b *testing.B) {
	const size = 64 << 20
	server := benchServer(b, b.TempDir())
	b.SetBytes(size)
	var plain, ours time.Duration
	for b.Loop() {
		b.StopTimer()
		plain += plainWrite(b, b.TempDir(), size)
		b.StartTimer()
		start := time.Now()
		benchSend(b, server, "PUT", "/acct/c00/b", pattern(size), size)
		ours += time.Since(start)
	}
	b.ReportMetric(plain.Seconds()/ours.Seconds(), "ratio")
}

// BenchmarkDownload gets a blob of 64 MiB. The ratio is against writing a plain
// file, as for the upload.
func BenchmarkDownload(b *testing.B) {
	const size = 64 << 20
	server := benchServer(b, b.TempDir())
	benchSend(b, server, "PUT", "/acct/c00/b", pattern(size), size)
	plain := plainWrite(b, b.TempDir(), size)
	b.SetBytes(size)
	var ours time.Duration
	rounds := 0
	for b.Loop() {
		start := time.Now()
		benchSend(b, server, "GET", "/acct/c00/b", nil, 0)
		ours += time.Since(start)
		rounds++
	}
	b.ReportMetric(plain.Seconds()*float64(rounds)/ours.Seconds(), "ratio")
}

// BenchmarkLargeUpload stores 200 MiB through the official SDK, in one piece
// and in blocks, and reports how much the heap of this process, client and
// server together, had grown at the end. A store without a folder may keep its
// memory, 64 MiB, of blocks.
func BenchmarkLargeUpload(b *testing.B) {
	const size = 200 << 20
	dirs := map[string]func(*testing.B) string{
		"folder":  func(b *testing.B) string { return b.TempDir() },
		"spooled": func(*testing.B) string { return "" },
	}
	for name, dir := range dirs {
		b.Run(name+"/whole", func(b *testing.B) {
			server := benchServer(b, dir(b))
			b.SetBytes(size)
			measureHeap(b, func() { benchSend(b, server, "PUT", "/acct/c00/b", pattern(size), size) })
		})
		b.Run(name+"/blocks", func(b *testing.B) {
			server := benchServer(b, dir(b))
			cred := credential(b, keyOf("first"))
			client := must[*azblob.Client](b)(azblob.NewClientWithSharedKeyCredential(server.URL+"/acct", cred, nil))
			b.SetBytes(size)
			measureHeap(b, func() {
				options := &azblob.UploadStreamOptions{BlockSize: 4 << 20, Concurrency: 4}
				must[azblob.UploadStreamResponse](b)(client.UploadStream(context.Background(), "c00", "b", pattern(size), options))
			})
		})
	}
}

// measureHeap runs f and reports the growth of the live heap in MB.
func measureHeap(b *testing.B, f func()) {
	b.Helper()
	before := heap()
	for b.Loop() {
		f()
	}
	b.ReportMetric(float64(int64(heap())-int64(before))/1e6, "heap-growth-MB")
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// TestUploadDoesNotHoldTheBody compares what is allocated for a small and for a
// large upload: the size of the body must not show.
func TestUploadDoesNotHoldTheBody(t *testing.T) {
	f := newFixtureWith(t, openStore(t, t.TempDir()), nil)
	f.container("c00")
	allocated := func(size int64) uint64 {
		r := f.request(call{method: "PUT", path: "/acct/c00/b", header: []string{"x-ms-blob-type: BlockBlob"}, key: unsigned})
		r.Body, r.ContentLength = io.NopCloser(pattern(size)), size
		sign(r, f.account.Keys[0], time.Time{})
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if a := f.send(r); a.String() != "201" {
			t.Fatal(a)
		}
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc
	}
	allocated(1) // the first request sets things up
	const size = 64 << 20
	if n := allocated(size); n > 4<<20 {
		t.Errorf("%d bytes allocated for a body of %d", n, size)
	}
	if !strings.HasPrefix(f.do(call{method: "HEAD", path: "/acct/c00/b"}).header.Get("Content-Length"), "67108864") {
		t.Error("the blob is not there")
	}
}
