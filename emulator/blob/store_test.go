package blob

import (
	"errors"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// contents returns all bytes of a blob of the account sub/acct, "" when it is
// not there.
func contents(t *testing.T, s *Store, container, blob string) string {
	t.Helper()
	b, err := s.Open("sub/acct", container, blob)
	if errors.Is(err, ErrNotFound) {
		return ""
	}
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	data, err := io.ReadAll(io.NewSectionReader(b, 0, b.Size()))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// files lists the files with contents in the folder of a store.
func files(t *testing.T, dir string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "contents", "*"))
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

// stage stores an uncommitted block.
func (f *fixture) stage(path string, n int, data string) {
	f.Helper()
	f.want("201", call{method: "PUT", path: "/acct/" + path + "?comp=block&blockid=" + url.QueryEscape(blockID(n)), body: data})
}

// commitBlocks makes a blob of staged blocks.
func (f *fixture) commitBlocks(path string, numbers ...int) {
	f.Helper()
	var list strings.Builder
	for _, n := range numbers {
		list.WriteString("<Latest>" + blockID(n) + "</Latest>")
	}
	f.want("201", call{method: "PUT", path: "/acct/" + path + "?comp=blocklist", body: "<BlockList>" + list.String() + "</BlockList>"})
}

func TestRestart(t *testing.T) {
	dir := t.TempDir()
	first, err := OpenStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	f := newFixtureWith(t, first, nil)
	f.container("c00")
	f.container("gone")
	f.blob("gone/b", "gone")
	f.blob("c00/whole", "whole", "x-ms-meta-release: 1.0", "Content-Type: text/plain")
	f.stage("c00/blocks", 0, "one ")
	f.stage("c00/blocks", 1, "two ")
	f.commitBlocks("c00/blocks", 1, 0, 1)
	f.stage("c00/blocks", 2, "three")
	f.want("200", call{method: "PUT", path: "/acct/c00?restype=container&comp=acl", header: []string{"x-ms-blob-public-access: blob"},
		body: "<SignedIdentifiers>" + identifier("pol", "<Permission>r</Permission>") + "</SignedIdentifiers>"})
	f.want("201", call{method: "PUT", path: "/acct/c00/whole?comp=lease", header: []string{"x-ms-lease-action: acquire", "x-ms-lease-duration: 60", "x-ms-proposed-lease-id: " + leaseA}})
	f.want("202", call{method: "PUT", path: "/acct/?restype=service&comp=properties", body: "<StorageServiceProperties><DefaultServiceVersion>2018-03-28</DefaultServiceVersion></StorageServiceProperties>"})
	f.want("202", call{method: "DELETE", path: "/acct/gone?restype=container"})
	reads := []call{
		{method: "GET", path: "/acct/c00/whole"},
		{method: "GET", path: "/acct/c00/blocks"},
		{method: "GET", path: "/acct/c00/blocks?comp=blocklist&blocklisttype=all"},
		{method: "GET", path: "/acct/c00?restype=container"},
		{method: "GET", path: "/acct/c00?restype=container&comp=acl"},
		{method: "GET", path: "/acct/?restype=service&comp=properties"},
		{method: "GET", path: "/acct/c00/whole", key: unsigned},
		{method: "GET", path: "/acct/gone/b"},
	}
	before := f.all(reads)
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}

	// What a killed process leaves: a half-written file, and a whole one that
	// nothing names.
	for _, name := range []string{"00000000000000aa.part", "00000000000000bb"} {
		if err := os.WriteFile(filepath.Join(dir, "contents", name), []byte("left"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	second := openStore(t, dir)
	g := newFixtureWith(t, second, nil)
	if diff := cmp.Diff(before, g.all(reads)); diff != "" {
		t.Errorf("after the restart mismatch (-before +after):\n%s", diff)
	}
	if n := len(files(t, dir)); n != 4 {
		t.Errorf("%d files, want those of the blob and the 3 blocks: %v", n, files(t, dir))
	}
	// ETags go on growing although the clock stands still.
	old := g.do(call{method: "HEAD", path: "/acct/c00/blocks"}).header.Get("ETag")
	if fresh := g.blob("c00/new", "x").header.Get("ETag"); fresh <= old {
		t.Errorf("ETag %s after %s", fresh, old)
	}
	g.commitBlocks("c00/blocks", 2, 1)
	if got := contents(t, second, "c00", "blocks"); got != "threetwo " {
		t.Errorf("blocks of before and after: %q", got)
	}
}

// all sends calls and returns the answers, without what differs each time.
func (f *fixture) all(calls []call) []string {
	f.Helper()
	var answers []string
	for _, c := range calls {
		a := f.do(c)
		for _, name := range []string{"x-ms-request-id", "Date"} {
			a.header.Del(name)
		}
		text := a.body
		if a.status >= 400 {
			text = "" // has the request ID
			a.header.Del("Content-Length")
		}
		var header strings.Builder
		if err := a.header.Write(&header); err != nil {
			f.Fatal(err)
		}
		answers = append(answers, a.String()+"\n"+header.String()+text)
	}
	return answers
}

func TestOpenStoreRefuses(t *testing.T) {
	dir := t.TempDir()
	s, err := OpenStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	f := newFixtureWith(t, s, nil)
	f.container("c00")
	f.blob("c00/b", "hello")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(files(t, dir)[0]); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for dir, want := range map[string]string{dir: "damaged", file: "make folder"} {
		if _, err := OpenStore(dir); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}

func TestOneProcessAtATime(t *testing.T) {
	t.Parallel() // it takes as long as the second process is patient
	dir := t.TempDir()
	openStore(t, dir)
	if _, err := OpenStore(dir); err == nil || !strings.Contains(err.Error(), "another process") {
		t.Errorf("error %v, want one about another process", err)
	}
}

func TestReaderKeepsItsVersion(t *testing.T) {
	tests := map[string]func(*fixture){
		"overwritten": func(f *fixture) { f.blob("c00/b", "other") },
		"deleted":     func(f *fixture) { f.want("202", call{method: "DELETE", path: "/acct/c00/b"}) },
		"container deleted": func(f *fixture) {
			f.want("202", call{method: "DELETE", path: "/acct/c00?restype=container"})
		},
		"account deleted": func(f *fixture) {
			if err := f.store.DeleteAccount("sub/acct"); err != nil {
				f.Fatal(err)
			}
		},
		"made of other blocks": func(f *fixture) { f.stage("c00/b", 5, "x"); f.commitBlocks("c00/b", 5) },
	}
	for name, change := range tests {
		for kind, dir := range map[string]string{"memory": "", "folder": t.TempDir()} {
			t.Run(name+"/"+kind, func(t *testing.T) {
				f := newFixtureWith(t, openStore(t, dir), nil)
				f.container("c00")
				f.stage("c00/b", 0, "hello ")
				f.stage("c00/b", 1, "world")
				f.commitBlocks("c00/b", 0, 1)
				b, err := f.store.Open("sub/acct", "c00", "b")
				if err != nil {
					t.Fatal(err)
				}
				etag := b.ETag()
				change(f)
				got, err := io.ReadAll(io.NewSectionReader(b, 0, b.Size()))
				if err != nil || string(got) != "hello world" || b.ETag() != etag {
					t.Errorf("read %q, %v", got, err)
				}
				before := len(files(t, dir))
				if err := b.Close(); err != nil {
					t.Fatal(err)
				}
				if after := len(files(t, dir)); dir != "" && after != before-2 {
					t.Errorf("%d files before and %d after the reader closed, want 2 less", before, after)
				}
				if now := contents(t, f.store, "c00", "b"); now == "hello world" {
					t.Error("the change had no effect")
				}
			})
		}
	}
}

func TestReadAt(t *testing.T) {
	f := newFixture(t)
	f.container("c00")
	want := ""
	var numbers []int
	for i := range 40 { // more than there are handles
		part := strings.Repeat(string(rune('a'+i%26)), i%3+1)
		f.stage("c00/b", i, part)
		numbers = append(numbers, i)
		want += part
	}
	f.commitBlocks("c00/b", numbers...)
	b, err := f.store.Open("sub/acct", "c00", "b")
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if err := iotest.TestReader(io.NewSectionReader(b, 0, b.Size()), []byte(want)); err != nil {
		t.Error(err)
	}
	if _, err := b.ReadAt(make([]byte, 1), -1); err == nil {
		t.Error("a negative offset is no error")
	}
	if n, err := b.ReadAt(make([]byte, 1), b.Size()); n != 0 || err != io.EOF {
		t.Errorf("behind the end: %d, %v", n, err)
	}
}

func TestStorePut(t *testing.T) {
	f := newFixture(t)
	f.container("c00")
	put := func(container string, r io.Reader) error {
		return f.store.Put("sub/acct", container, "b", r, now0.Add(time.Hour))
	}
	if err := put("c00", strings.NewReader("hello")); err != nil {
		t.Fatal(err)
	}
	a := f.want("200", call{method: "GET", path: "/acct/c00/b"})
	if a.body != "hello" || a.header.Get("Content-MD5") != "XUFAKrxLKna5cZ2REBfFkg==" || a.header.Get("Last-Modified") != "Wed, 04 May 2016 04:02:01 GMT" {
		t.Errorf("after Put: %q, %v", a.body, a.header)
	}
	if err := put("nope", strings.NewReader("hello")); !errors.Is(err, ErrNotFound) {
		t.Errorf("into no container: %v", err)
	}
	cut := errors.New("cut")
	if err := put("c00", io.MultiReader(strings.NewReader("x"), iotest.ErrReader(cut))); !errors.Is(err, cut) {
		t.Errorf("from a broken reader: %v", err)
	}
	if got := contents(t, f.store, "c00", "b"); got != "hello" {
		t.Errorf("after two failures: %q", got)
	}
}

func TestOpenNotFound(t *testing.T) {
	f := newFixture(t)
	f.container("c00")
	for _, name := range [][3]string{{"nobody", "c00", "b"}, {"sub/acct", "nope", "b"}, {"sub/acct", "c00", "b"}} {
		if _, err := f.store.Open(name[0], name[1], name[2]); !errors.Is(err, ErrNotFound) {
			t.Errorf("%v: %v, want ErrNotFound", name, err)
		}
	}
}

func TestBlocksExpire(t *testing.T) {
	dir := t.TempDir()
	f := newFixtureWith(t, openStore(t, dir), nil)
	f.container("c00")
	f.stage("c00/b", 0, "old")
	f.clock.advance(blockExpiry - time.Second)
	list := call{method: "GET", path: "/acct/c00/b?comp=blocklist&blocklisttype=uncommitted"}
	f.want("200", list)
	f.clock.advance(time.Second)
	f.want("404 BlobNotFound", list)
	// An ID of another length is no matter once the old ones are forgotten.
	f.want("201", call{method: "PUT", path: "/acct/c00/b?comp=block&blockid=AA==", body: "new"})
	if a := f.want("200", list); strings.Contains(a.body, blockID(0)) || !strings.Contains(a.body, "AA==") {
		t.Errorf("block list: %s", a.body)
	}
	if n := len(files(t, dir)); n != 1 {
		t.Errorf("%d files, want that of the new block", n)
	}
}

func TestBlocksAreReleased(t *testing.T) {
	dir := t.TempDir()
	f := newFixtureWith(t, openStore(t, dir), nil)
	f.container("c00")
	steps := []struct {
		name string
		do   func()
		want int // files
	}{
		{"two blocks", func() { f.stage("c00/b", 0, "0"); f.stage("c00/b", 1, "1") }, 2},
		{"one again", func() { f.stage("c00/b", 0, "0") }, 2},
		{"only one committed, twice", func() { f.commitBlocks("c00/b", 0, 0) }, 1},
		{"another", func() { f.stage("c00/b", 2, "2") }, 2},
		{"metadata", func() { f.want("200", call{method: "PUT", path: "/acct/c00/b?comp=metadata"}) }, 2},
		{"whole blob", func() { f.blob("c00/b", "x") }, 1},
		{"refused", func() {
			f.do(call{method: "PUT", path: "/acct/c00/b?comp=blocklist", body: "<BlockList><Latest>AA==</Latest></BlockList>"})
		}, 1},
		{"wrong hash", func() {
			f.do(call{method: "PUT", path: "/acct/c00/b", body: "x", header: []string{"x-ms-blob-type: BlockBlob", "Content-MD5: AAAAAAAAAAAAAAAAAAAAAA=="}})
		}, 1},
		{"waiting block", func() { f.stage("c00/b", 3, "3") }, 2},
		{"deleted", func() { f.want("202", call{method: "DELETE", path: "/acct/c00/b"}) }, 0},
	}
	for _, step := range steps {
		step.do()
		if n := len(files(t, dir)); n != step.want {
			t.Fatalf("after %s: %d files, want %d", step.name, n, step.want)
		}
	}
}

func TestDeletionDelay(t *testing.T) {
	f := newFixture(t, WithDeletionDelay(30*time.Second))
	f.container("c00")
	f.blob("c00/b", "hello")
	f.want("202", call{method: "DELETE", path: "/acct/c00?restype=container"})
	create := call{method: "PUT", path: "/acct/c00?restype=container"}
	f.want("409 ContainerBeingDeleted", create)
	if got := contents(t, f.store, "c00", "b"); got != "" {
		t.Errorf("a blob in a deleted container: %q", got)
	}
	f.clock.advance(30 * time.Second)
	f.want("404 ContainerNotFound", call{method: "GET", path: "/acct/c00/b"})
	f.want("201", create)
	f.want("404 BlobNotFound", call{method: "GET", path: "/acct/c00/b"})
}
