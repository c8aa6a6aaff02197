package filelock

import (
	"os"
	"path/filepath"
	"testing"
)

// TestOpen takes a lock while somebody has it, and when that file was closed.
func TestOpen(t *testing.T) {
	tests := []struct {
		name        string
		have, want  bool // shared
		taken, free bool
	}{
		{"alone", false, false, false, true},
		{"beside readers", true, false, false, true},
		{"reading beside one", false, true, false, true},
		{"reading beside readers", true, true, true, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "lock")
			first := open(t, path, test.have, true)
			open(t, path, test.want, test.taken)
			if err := first.Close(); err != nil {
				t.Fatal(err)
			}
			open(t, path, test.want, test.free)
		})
	}
	if _, err := Open(filepath.Join(t.TempDir(), "nowhere", "lock"), false); err == nil {
		t.Error("a file was made in a folder that is not there")
	}
}

// open takes a lock, or not, as is wanted.
func open(t *testing.T, path string, shared, want bool) *os.File {
	t.Helper()
	file, err := Open(path, shared)
	if err != nil || (file != nil) != want {
		t.Fatalf("shared %v: got %v, %v; want it taken: %v", shared, file, err, want)
	}
	if file != nil {
		t.Cleanup(func() { file.Close() })
	}
	return file
}
