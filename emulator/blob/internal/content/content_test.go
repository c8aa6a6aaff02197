package content

import (
	"bytes"
	"crypto/md5"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// open returns a store that the test closes.
func open(t *testing.T, dir string, budget int64) *Store {
	t.Helper()
	s, err := Open(dir, budget)
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

// read returns all bytes of c, read through a handle.
func read(t *testing.T, c *Content) string {
	t.Helper()
	h, err := c.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	data, err := io.ReadAll(io.NewSectionReader(h, 0, c.Size()))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestWrite(t *testing.T) {
	big := strings.Repeat("0123456789abcdef", largest/16) + "x"
	tests := []struct {
		name   string
		dir    bool
		budget int64
		size   int64 // hint
		data   string
		onDisk bool
	}{
		{"small in memory", false, 100, 5, "hello", false},
		{"empty in memory", false, 100, 0, "", false},
		{"size unknown", false, largest, -1, "hello", false},
		{"hint too small", false, 100, 2, "hello", true},
		{"hint too large", false, 100, 50, "hello", false},
		{"over budget", false, 4, 5, "hello", true},
		{"too large for memory", false, 1 << 30, int64(len(big)), big, true},
		{"too large and size unknown", false, 1 << 30, -1, big, true},
		{"own folder", true, 100, 5, "hello", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := ""
			if tt.dir {
				dir = t.TempDir()
			}
			s := open(t, dir, tt.budget)
			hash := md5.New()
			c, err := s.Write(strings.NewReader(tt.data), tt.size, hash)
			if err != nil {
				t.Fatal(err)
			}
			if got := read(t, c); got != tt.data {
				t.Errorf("read %d bytes, want the %d written", len(got), len(tt.data))
			}
			want := md5.Sum([]byte(tt.data))
			if diff := cmp.Diff(want[:], hash.Sum(nil)); diff != "" {
				t.Errorf("tee mismatch (-want +got):\n%s", diff)
			}
			if onDisk := c.Name() != ""; onDisk != tt.onDisk {
				t.Errorf("on disk: %v, want %v", onDisk, tt.onDisk)
			}
			inMemory := int64(len(tt.data))
			if tt.onDisk {
				inMemory = 0
			}
			if used := s.used.Load(); used != inMemory {
				t.Errorf("memory used: %d, want %d", used, inMemory)
			}
			c.Release()
			if used := s.used.Load(); used != 0 {
				t.Errorf("memory used after release: %d, want 0", used)
			}
		})
	}
}

func TestCopyTo(t *testing.T) {
	for name, dir := range map[string]string{"memory": "", "file": t.TempDir()} {
		t.Run(name, func(t *testing.T) {
			c, err := open(t, dir, 100).Write(strings.NewReader("0123456789"), 10, io.Discard)
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			if err := c.CopyTo(&out, 3, 4); err != nil {
				t.Fatal(err)
			}
			if got := out.String(); got != "3456" {
				t.Errorf("copied %q, want %q", got, "3456")
			}
		})
	}
}

func TestFailedWriteLeavesNothing(t *testing.T) {
	cut := errors.New("cut")
	for name, size := range map[string]int64{"memory": 100, "file": 1 << 30} {
		t.Run(name, func(t *testing.T) {
			s := open(t, "", 1000)
			_, err := s.Write(io.MultiReader(strings.NewReader("some"), iotest.ErrReader(cut)), size, io.Discard)
			if !errors.Is(err, cut) {
				t.Fatalf("got error %v, want %v", err, cut)
			}
			if used := s.used.Load(); used != 0 {
				t.Errorf("memory used: %d, want 0", used)
			}
			if s.dir == "" {
				return
			}
			if names, err := s.names(); err != nil || len(names) != 0 {
				t.Errorf("files left: %v, %v", names, err)
			}
		})
	}
}

func TestReleaseRemovesFileWithLastReference(t *testing.T) {
	dir := t.TempDir()
	c, err := open(t, dir, 0).Write(strings.NewReader("hello"), 5, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	c.Retain()
	c.Release()
	if got := read(t, c); got != "hello" {
		t.Errorf("read %q after one of two releases", got)
	}
	h, err := c.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	c.Release()
	if _, err := os.Stat(filepath.Join(dir, c.Name())); !os.IsNotExist(err) {
		t.Errorf("the file is still there: %v", err)
	}
	if _, err := c.Open(); err == nil || strings.Contains(err.Error(), dir) {
		t.Errorf("open after the last release: %v, want an error without the folder's name", err)
	}
	buf := make([]byte, 5)
	if _, err := h.ReadAt(buf, 0); err != nil || string(buf) != "hello" {
		t.Errorf("an open handle read %q, %v", buf, err)
	}
}

func TestRestart(t *testing.T) {
	dir := t.TempDir()
	first := open(t, dir, 0)
	kept, err := first.Write(strings.NewReader("kept"), 4, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := first.Write(strings.NewReader("forgotten"), 9, io.Discard); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "00000000000000ff"+partSuffix), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}

	second := open(t, dir, 0)
	if err := second.Sweep(func(name string) bool { return name == kept.Name() }); err != nil {
		t.Fatal(err)
	}
	names, err := second.names()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{kept.Name()}, names); diff != "" {
		t.Errorf("files after the sweep mismatch (-want +got):\n%s", diff)
	}
	c, err := second.Reopen(kept.Name(), 4)
	if err != nil {
		t.Fatal(err)
	}
	if got := read(t, c); got != "kept" {
		t.Errorf("read %q", got)
	}
	fresh, err := second.Write(strings.NewReader("new"), 3, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if fresh.Name() == kept.Name() {
		t.Errorf("the name %s was given twice", kept.Name())
	}
}

func TestReopenRefuses(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, 0)
	c, err := s.Write(strings.NewReader("hello"), 5, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		size int64
		want string
	}{
		{"../escape", 5, "not a file name"},
		{"0000000000000bad", 5, "no such file"},
		{c.Name(), 6, "5 bytes, want 6"},
	}
	for _, tt := range tests {
		_, err := s.Reopen(tt.name, tt.size)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("Reopen(%q, %d): %v, want an error with %q", tt.name, tt.size, err, tt.want)
		}
	}
}

func TestCloseRemovesTemporaryFolder(t *testing.T) {
	s := open(t, "", 0)
	if _, err := s.Write(strings.NewReader("hello"), 5, io.Discard); err != nil {
		t.Fatal(err)
	}
	dir := s.dir
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("the temporary folder is still there: %v", err)
	}
}
