package linefile_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/internal/linefile"
)

func TestAppend(t *testing.T) {
	tests := map[string]struct {
		before, between string // what others write, before it is opened and after the first line
		want            string
	}{
		"a new file":          {"", "", "a\nb\n"},
		"whole lines":         {"x\ny\n", "", "x\ny\na\nb\n"},
		"a line cut short":    {"x\n{\"y", "", "x\n{\"y\na\nb\n"},
		"cut short meanwhile": {"x\n", "{\"y", "x\na\n{\"y\nb\n"},
		"nothing but a cut":   {"{", "{", "{\na\n{\nb\n"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "audit.jsonl")
			add(t, file, test.before)
			l, err := linefile.Append(file)
			if err != nil {
				t.Fatal(err)
			}
			say(t, l, "a\n")
			add(t, file, test.between)
			say(t, l, "b\n")
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
			got, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, string(got)); diff != "" {
				t.Errorf("mismatch (-want +got):\n%s", diff)
			}
			if info, err := os.Stat(file); test.before == "" && runtime.GOOS != "windows" && (err != nil || info.Mode().Perm() != 0o600) {
				t.Errorf("others may read it: %v, %v", info.Mode(), err)
			}
		})
	}
}

// say writes a line.
func say(t *testing.T, l *linefile.File, line string) {
	t.Helper()
	if n, err := l.Write([]byte(line)); n != len(line) || err != nil {
		t.Fatalf("%q: wrote %d, %v", line, n, err)
	}
}

// add appends text to a file as another process does, or a write that failed in the
// middle.
func add(t *testing.T, file, text string) {
	t.Helper()
	if text == "" {
		return
	}
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.WriteString(text)
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
}

// TestElsewhere: what is no file of lines is written to as it is.
func TestElsewhere(t *testing.T) {
	l, err := linefile.Append(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	say(t, l, "a\n")
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if _, err := l.Write([]byte("b\n")); !errors.Is(err, os.ErrClosed) {
		t.Errorf("after the end: got %v", err)
	}
	if _, err := linefile.Append(t.TempDir()); err == nil {
		t.Error("a folder was opened")
	}
	if _, err := linefile.Append(filepath.Join(t.TempDir(), "missing", "x")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("in a folder that is missing: got %v", err)
	}
}
