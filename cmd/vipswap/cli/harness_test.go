package cli

import (
	"bytes"
	"context"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/emulator"
	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/credentials"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// A user runs the program in a folder, with an environment.
type user struct {
	dir    string
	env    map[string]string
	stdout io.Writer        // hears the output as well; may be nil
	now    func() time.Time // nil is time.Now
}

// outcome is what a run came to.
type outcome struct {
	code           int
	stdout, stderr string
}

// newUser returns a user with an empty folder and environment.
func newUser(t *testing.T) *user {
	t.Helper()
	return &user{dir: t.TempDir(), env: map[string]string{}}
}

// run runs the program.
func (u *user) run(ctx context.Context, args ...string) outcome {
	var stdout, stderr bytes.Buffer
	out := io.Writer(&stdout)
	if u.stdout != nil {
		out = io.MultiWriter(&stdout, u.stdout)
	}
	code := Run(ctx, args, World{
		Stdin: strings.NewReader(""), Stdout: out, Stderr: &stderr,
		LookupEnv: func(name string) (string, bool) { v, ok := u.env[name]; return v, ok },
		ConfigDir: func() (string, error) { return filepath.Join(u.dir, "config"), nil },
		WorkDir:   func() (string, error) { return u.dir, nil },
		Now:       u.now,
	})
	return outcome{code, stdout.String(), stderr.String()}
}

// must runs the program and fails the test unless it exits with the code.
func (u *user) must(t *testing.T, code int, args ...string) outcome {
	t.Helper()
	got := u.run(t.Context(), args...)
	if got.code != code {
		t.Fatalf("vipswap %s: exit code %d, want %d\nstdout: %s\nstderr: %s", strings.Join(args, " "), got.code, code, got.stdout, got.stderr)
	}
	return got
}

// path returns a file of the user's folder.
func (u *user) path(name string) string { return filepath.Join(u.dir, name) }

// withEmulator connects the user to an emulator with an automatic clock, and puts
// the sample project into the folder.
func withEmulator(t *testing.T, more ...emulator.Option) (*user, *emulator.Emulator) {
	t.Helper()
	u := newUser(t)
	authority, err := credentials.Open(u.path("credentials"), credentials.WithSubscriptions(emulator.DefaultSubscription))
	if err != nil {
		t.Fatal(err)
	}
	e := emulator.Start(t, append(more, emulator.WithAuthority(authority), emulator.WithClock(cloud.AutoTime, 1))...)
	now, err := describeServing(e)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range connectionSettings(now) {
		u.env[s.name] = s.value
	}
	u.env[envPoll] = "1ms"
	if err := writeSample(u.dir); err != nil {
		t.Fatal(err)
	}
	return u, e
}

// golden compares text with a golden file, or rewrites the file.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", "golden", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s: mismatch (-want +got):\n%s", name, diff)
	}
}
