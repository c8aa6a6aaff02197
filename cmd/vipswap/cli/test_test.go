package cli

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// writeScript writes a script into the user's folder.
func (u *user) writeScript(t *testing.T, name, text string) string {
	t.Helper()
	if err := os.WriteFile(u.path(name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return u.path(name)
}

// TestKeepUntilInterrupted leaves universe and folder of a failure, and goes on
// serving them until the context ends.
func TestKeepUntilInterrupted(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	u := newUser(t)
	file := u.writeScript(t, "fails.txtar", "# it fails\nslots production=1.0.0\n")
	ctx, cancel := context.WithCancel(t.Context())
	kept := ""
	u.stdout = hear(func(text string) {
		if _, after, found := strings.Cut(text, "work folder "); found {
			kept, _, _ = strings.Cut(after, "\n")
		}
		if strings.Contains(text, "kept until you press Ctrl-C") {
			cancel()
		}
	})
	got := u.run(ctx, "test", file, "--keep")
	if got.code != exitFailed || !strings.Contains(got.stderr, "1 of 1 scripts failed") {
		t.Errorf("exit code %d: %s", got.code, got.stderr)
	}
	if _, err := os.Stat(filepath.Join(filepath.Dir(kept), "failed.universe")); err != nil {
		t.Error(err)
	}
}

// TestTestInterrupted begins nothing more.
func TestTestInterrupted(t *testing.T) {
	u := newUser(t)
	file := u.writeScript(t, "passes.txtar", "# it passes\nslots production=-\n")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, args := range [][]string{{"test", file}, {"test", file, "--faults", "each"}} {
		got := u.run(ctx, args...)
		if got.code != exitFailed || !strings.Contains(got.stderr, "interrupted") {
			t.Errorf("%v: exit code %d: %s", args, got.code, got.stderr)
		}
	}
}

// TestMatrixOfABrokenScript has no cells: it fails without faults.
func TestMatrixOfABrokenScript(t *testing.T) {
	u := newUser(t)
	file := u.writeScript(t, "fails.txtar", "# it fails\nslots production=1.0.0\n")
	got := u.must(t, exitFailed, "test", file, "--faults", "each", "--out", u.path("found"))
	if !strings.Contains(got.stdout, "it does not even pass without faults") {
		t.Errorf("stdout is %s", got.stdout)
	}
	if _, err := os.Stat(u.path("found")); err == nil {
		t.Error("scripts of combinations were written")
	}
}
