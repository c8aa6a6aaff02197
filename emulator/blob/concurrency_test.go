package blob

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// TestReadersSeeWholeVersions overwrites a blob, whole and by blocks, while
// others read it: each must get one version, not a mix.
func TestReadersSeeWholeVersions(t *testing.T) {
	const size, writers, readers, rounds = 10_000, 3, 3, 15
	for kind, dir := range map[string]string{"memory": "", "folder": t.TempDir()} {
		t.Run(kind, func(t *testing.T) {
			f := newFixtureWith(t, openStore(t, dir), nil)
			f.container("c00")
			f.blob("c00/b", strings.Repeat("0", size))
			var wg sync.WaitGroup
			send := func(c call) answer { return f.send(f.request(c)) }
			for w := range writers {
				wg.Go(func() {
					for i := range rounds {
						text := strings.Repeat(fmt.Sprint((w*rounds+i)%10), size)
						a := send(call{method: "PUT", path: "/acct/c00/b", body: text, header: []string{"x-ms-blob-type: BlockBlob"}})
						if a.status != 201 {
							t.Errorf("write: %v", a)
						}
					}
				})
			}
			for range readers {
				wg.Go(func() {
					for range rounds {
						a := send(call{method: "GET", path: "/acct/c00/b"})
						if a.status != 200 || len(a.body) != size || a.body != strings.Repeat(a.body[:1], size) {
							t.Errorf("read: %v, %d bytes, not all the same", a, len(a.body))
						}
					}
				})
			}
			wg.Wait()
			if n := len(files(t, dir)); dir != "" && n != 1 {
				t.Errorf("%d files, want that of the last version", n)
			}
		})
	}
}

// TestTornUploadLeavesNothing cuts the connection in the middle of a body: what
// was there before is there still, and the half is nowhere.
func TestTornUploadLeavesNothing(t *testing.T) {
	for kind, dir := range map[string]string{"memory": "", "folder": t.TempDir()} {
		for _, path := range []string{"/acct/c00/b", "/acct/c00/b?comp=block&blockid=AA=="} {
			t.Run(kind+path, func(t *testing.T) {
				f := newFixtureWith(t, openStore(t, dir), nil)
				f.do(call{method: "PUT", path: "/acct/c00?restype=container"})
				f.blob("c00/b", "before")
				f.cut(path)
				if a := f.want("200", call{method: "GET", path: "/acct/c00/b"}); a.body != "before" {
					t.Errorf("after the cut: %q", a.body)
				}
				list := f.want("200", call{method: "GET", path: "/acct/c00/b?comp=blocklist&blocklisttype=uncommitted"})
				if strings.Contains(list.body, "<Block>") {
					t.Errorf("a block was left: %s", list.body)
				}
				if n := len(files(t, dir)); dir != "" && n != 1 {
					t.Errorf("files left: %v", files(t, dir))
				}
			})
			if dir != "" {
				dir = t.TempDir()
			}
		}
	}
}

// cut sends half of a body, and waits for the server to be done with it.
func (f *fixture) cut(path string) {
	f.Helper()
	r := f.request(call{method: "PUT", path: path, body: "0123456789", header: []string{"x-ms-blob-type: BlockBlob"}})
	conn, err := net.Dial("tcp", f.http.Listener.Addr().String())
	if err != nil {
		f.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "PUT %s HTTP/1.1\r\nHost: %s\r\nContent-Length: 10\r\n", path, r.URL.Host)
	if err := r.Header.Write(conn); err != nil {
		f.Fatal(err)
	}
	fmt.Fprint(conn, "\r\n01234")
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		f.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), r)
	if err != nil {
		f.Fatal(err)
	}
	defer response.Body.Close()
	if got := response.Header.Get("x-ms-error-code"); got != string(invalidInput) {
		f.Errorf("code for a torn body: %s, want %s", got, invalidInput)
	}
}
