package cli

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWritable(t *testing.T) {
	tests := []struct {
		name, file string
		want       bool
		left       []string // in the folder
	}{
		{"new", "new.xml", true, []string{"dir", "old.xml"}},
		{"there", "old.xml", true, []string{"dir", "old.xml"}},
		{"in a new folder", "a/b/new.xml", true, []string{"a", "dir", "old.xml"}},
		{"a folder", "dir", false, []string{"dir", "old.xml"}},
		{"below a file", "old.xml/new.xml", false, []string{"dir", "old.xml"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			err := errors.Join(os.Mkdir(filepath.Join(dir, "dir"), 0o777), os.WriteFile(filepath.Join(dir, "old.xml"), []byte("old"), 0o666))
			if err != nil {
				t.Fatal(err)
			}
			if err := writable(filepath.Join(dir, test.file)); (err == nil) != test.want {
				t.Errorf("it came to %v", err)
			}
			if old, err := os.ReadFile(filepath.Join(dir, "old.xml")); err != nil || string(old) != "old" {
				t.Errorf("the file that was there has %q (%v)", old, err)
			}
			entries, err := os.ReadDir(dir)
			if err != nil {
				t.Fatal(err)
			}
			var left []string
			for _, e := range entries {
				left = append(left, e.Name())
			}
			if diff := cmp.Diff(test.left, left); diff != "" {
				t.Errorf("folder mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

// TestWriteReport wants a report that cannot be written to leave the exit code of what
// went wrong before, and to tell when nothing did.
func TestWriteReport(t *testing.T) {
	tests := []struct {
		name string
		err  error
		code int
	}{
		{"all went well", nil, exitFailed},
		{"refused", refused("look", "no"), exitRefused},
		{"usage", usage("", "what?"), exitUsage},
		{"failed", errors.New("it broke"), exitFailed},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := &program{began: true, telling: newTelling()}
			p.telling.flags.junit = t.TempDir() // a folder
			err := p.writeReport("vipswap swap", test.err)
			if err == nil {
				t.Fatal("no error")
			}
			if code := judge(err).code; code != test.code {
				t.Errorf("the exit code is %d, not %d", code, test.code)
			}
			if test.err != nil && !errors.Is(err, test.err) {
				t.Errorf("%v does not tell of %v", err, test.err)
			}
		})
	}
}
